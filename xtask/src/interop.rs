//! Cross-checks with other programs: `cargo run -p xtask -- interop [--all | --install]`.
//!
//! What is checked stands in `xtask/interop/*.checks`; the form is in the README beside them.

mod own;
mod script;
mod stage;
mod tools;

use std::fs;
use std::path::Path;

use script::Check;
use stage::Stage;
use tools::{Tool, Tools};

/// What to do about a program that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Its checks are skipped, and said so.
    Skipped,
    /// A failure.
    Refused,
}

const FILES: [(&str, Tool); 4] = [
    ("openssl.checks", Tool::OpenSsl),
    ("xmlsec1.checks", Tool::XmlSec),
    ("pyhanko.checks", Tool::Python),
    ("certomancer.checks", Tool::Python),
];

/// The checks of one file.
fn checks(file: &str) -> Result<Vec<Check>, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop").join(file);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    script::read(file, &text)
}

/// Makes the Python environment of the checks.
///
/// # Errors
/// pip's.
pub(crate) fn install() -> Result<String, String> {
    tools::install().map(|place| format!("interop: {}", place.display()))
}

/// Runs every check and gives the totals as text.
///
/// # Errors
/// Every check that failed, with what the programs said.
pub(crate) fn run(missing: Missing) -> Result<String, String> {
    let tools = Tools::find();
    let stage = Stage::new(&tools)?;
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    let (mut passed, mut skipped) = (0, 0);
    for (file, tool) in FILES {
        let checks = checks(file)?;
        let Some(version) = tools.version(tool) else {
            skipped += checks.len();
            let line = format!("{file}: {} checks NOT RUN: {}", checks.len(), tool.absence());
            if missing == Missing::Refused {
                problems.push(line);
            } else {
                lines.push(line);
            }
            continue;
        };
        lines.push(format!("{file}: {} checks with {version}", checks.len()));
        for check in &checks {
            match stage.run(check) {
                Ok(()) => passed += 1,
                Err(why) => problems.push(format!("{file}: {}: {why}", Check::name(check))),
            }
        }
    }
    lines.push(format!("interop: {passed} checks passed, {} failed, {skipped} not run", problems.len()));
    let text = lines.join("\n");
    if problems.is_empty() { Ok(text) } else { Err(format!("{text}\n{}", problems.join("\n"))) }
}
