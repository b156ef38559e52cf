//! The fault harness: builds the programs that it needs, in the profile of this one, and runs it.

use std::path::Path;
use std::process::Command;

/// The node, the harness, and the library that it preloads.
const PACKAGES: [&str; 3] = ["lienthong", "faults", "fault_shim"];

/// Runs the harness with these options.
///
/// # Errors
/// What cargo or the harness found; each has printed it.
pub(crate) fn run(options: &[&str]) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| format!("this program's path: {error}"))?;
    let folder = own.parent().ok_or("this program is in no folder")?;
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--locked"]).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    for package in PACKAGES {
        build.args(["-p", package]);
    }
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    let built = build.status().map_err(|error| format!("run cargo: {error}"))?;
    if !built.success() {
        return Err("the harness could not be built".to_owned());
    }
    let mut harness = Command::new(folder.join("faults"));
    let status = harness.args(options).status().map_err(|error| format!("run the harness: {error}"))?;
    if status.success() { Ok(()) } else { Err("faults: see above".to_owned()) }
}
