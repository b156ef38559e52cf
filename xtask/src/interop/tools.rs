//! Which programs are on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that is not ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tool {
    OpenSsl,
    XmlSec,
    Python,
}

impl Tool {
    /// What to say when it is not there.
    pub(super) const fn absence(self) -> &'static str {
        match self {
            Self::OpenSsl => "no openssl (apt-get install openssl, or LIENTHONG_OPENSSL)",
            Self::XmlSec => "no xmlsec1 (apt-get install xmlsec1, or LIENTHONG_XMLSEC1)",
            Self::Python => "no Python with pyHanko and certomancer (xtask interop --install, or LIENTHONG_PYTHON)",
        }
    }
}

/// The programs that were found, with what they say of their version.
pub(super) struct Tools(Vec<(Tool, PathBuf, String)>);

impl Tools {
    pub(super) fn find() -> Self {
        let named = |name: &str, plain: &str| PathBuf::from(std::env::var_os(name).unwrap_or_else(|| plain.into()));
        let python = std::env::var_os("LIENTHONG_PYTHON").map_or_else(|| venv().join("bin/python3"), PathBuf::from);
        let imports = "import pyhanko, certomancer, importlib.metadata as m; \
                       print('pyHanko', m.version('pyHanko'), 'certomancer', m.version('certomancer'))";
        let wanted = [
            (Tool::OpenSsl, named("LIENTHONG_OPENSSL", "openssl"), vec!["version"]),
            (Tool::XmlSec, named("LIENTHONG_XMLSEC1", "xmlsec1"), vec!["--version"]),
            (Tool::Python, python, vec!["-c", imports]),
        ];
        let found = wanted.into_iter().filter_map(|(tool, path, arguments)| {
            let output = Command::new(&path).args(arguments).output().ok().filter(|output| output.status.success())?;
            let version = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
            Some((tool, path, version))
        });
        Self(found.collect())
    }

    pub(super) fn version(&self, tool: Tool) -> Option<&str> {
        self.0.iter().find(|(known, ..)| *known == tool).map(|(.., version)| version.as_str())
    }

    /// The program of a name in the checks.
    pub(super) fn path(&self, name: &str) -> Option<&Path> {
        let tool = match name {
            "openssl" => Tool::OpenSsl,
            "xmlsec1" => Tool::XmlSec,
            "python" => Tool::Python,
            _ => return None,
        };
        self.0.iter().find(|(known, ..)| *known == tool).map(|(_, path, _)| path.as_path())
    }
}

/// Where everything of the checks is made.
pub(super) fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from).join("interop")
}

fn venv() -> PathBuf {
    folder().join("venv")
}

/// Makes the Python environment, where it is not there yet.
pub(super) fn install() -> Result<PathBuf, String> {
    let venv = venv();
    let run = |program: PathBuf, arguments: &[&str]| {
        let status = Command::new(&program).args(arguments).status();
        let status = status.map_err(|error| format!("{}: {error}", program.display()))?;
        if status.success() { Ok(()) } else { Err(format!("{} {}: failed", program.display(), arguments.join(" "))) }
    };
    run("python3".into(), &["-m", "venv", &venv.to_string_lossy()])?;
    let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/requirements.txt");
    let pip = ["-m", "pip", "install", "--quiet", "--only-binary=:all:", "--requirement", requirements];
    run(venv.join("bin/python3"), &pip)?;
    Ok(venv)
}
