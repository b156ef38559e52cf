//! A fresh folder with an example PKI that is served, and the commands that run in it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::own;
use super::script::{Check, Outcome, Step};
use super::tools::{self, Tools};

/// How much of an output a failure shows, in characters.
const SHOWN: usize = 700;
/// A document to sign.
const DOCUMENT: &str = "Về việc liên thông văn bản (EXAMPLE)\n";

/// The folder, the server, and where the programs are.
pub(super) struct Stage<'a> {
    tools: &'a Tools,
    folder: PathBuf,
    lienthong: PathBuf,
    host: String,
    server: Child,
}

impl<'a> Stage<'a> {
    pub(super) fn new(tools: &'a Tools) -> Result<Self, String> {
        let lienthong = program()?;
        let folder = tools::folder().join("work");
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        fs::write(folder.join("document.txt"), DOCUMENT).map_err(failed)?;
        fs::write(folder.join("altered.txt"), DOCUMENT.replace("EXAMPLE", "ALTERED")).map_err(failed)?;
        // The certificates say the URL before the server has the port; nobody else asks for one in between.
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).map_err(failed)?;
        let url = format!("http://{free}");
        let example =
            Command::new(&lienthong).args(["pki", "example", "pki", "--url", &url]).current_dir(&folder).output();
        let example = example.map_err(failed)?;
        if !example.status.success() {
            return Err(String::from_utf8_lossy(&example.stderr).into_owned());
        }
        let mut server = Command::new(&lienthong);
        server.args(["pki", "serve", "--dir", "pki", "--json", "--listen", &free.to_string()]);
        let mut server = server.current_dir(&folder).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut ready = String::new();
        let read = server.stdout.as_mut().map(|stdout| BufReader::new(stdout).read_line(&mut ready));
        let stage = Self { tools, folder, lienthong, host: free.to_string(), server };
        match read {
            Some(Ok(length)) if length > 0 => Ok(stage),
            _ => Err("lienthong pki serve ended early".to_owned()),
        }
    }

    /// Runs a check to its first step that does not end as it has to.
    pub(super) fn run(&self, check: &Check) -> Result<(), String> {
        check.steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&self, step: &Step) -> Result<(), String> {
        let words: Vec<String> = step.words.iter().map(|word| self.filled(word)).collect();
        let line = words.join(" ");
        let (is_success, printed) = self.execute(&words).map_err(|error| format!("{line}: {error}"))?;
        let failed = |why: &str| {
            let end: String = printed.chars().rev().take(SHOWN).collect::<Vec<_>>().into_iter().rev().collect();
            Err(format!("{why}\n    {line}\n    {}", end.trim().replace('\n', "\n    ")))
        };
        match (step.outcome, is_success) {
            (Outcome::Success, false) => return failed("did not succeed"),
            (Outcome::Failure, true) => return failed("did not fail"),
            _ => {}
        }
        match step.printed.iter().find(|text| !printed.contains(self.filled(text).as_str())) {
            Some(text) => failed(&format!("did not print {text:?}")),
            None => Ok(()),
        }
    }

    /// Whether a command succeeded, and what it printed.
    fn execute(&self, words: &[String]) -> Result<(bool, String), String> {
        let borrowed: Vec<&str> = words.iter().map(String::as_str).collect();
        if let Some(outcome) = own::run(&self.folder, &borrowed) {
            return Ok(outcome.map_or_else(|why| (false, why), |text| (true, text)));
        }
        let [program, arguments @ ..] = borrowed.as_slice() else { return Err("an empty command".to_owned()) };
        let program = match *program {
            "lienthong" => self.lienthong.as_path(),
            other => self.tools.path(other).ok_or("not one of the programs")?,
        };
        let output = Command::new(program).args(arguments).current_dir(&self.folder).stdin(Stdio::null()).output();
        let output = output.map_err(|error| error.to_string())?;
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        Ok((output.status.success(), printed))
    }

    fn filled(&self, text: &str) -> String {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");
        let url = format!("http://{}", self.host);
        text.replace("${URL}", &url).replace("${HOST}", &self.host).replace("${HERE}", here)
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // Gone already, or gone now: either is what is wanted.
        let _killed = self.server.kill();
        let _waited = self.server.wait();
    }
}

/// The program itself, built by the same cargo into the folder of this one.
fn program() -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--package", "lienthong", "--manifest-path", manifest])
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err("cargo build --package lienthong failed".to_owned()),
        Err(error) => return Err(format!("cargo: {error}")),
    }
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.parent().unwrap_or(Path::new(".")).join("lienthong"))
}
