//! Generators of this repository: `cargo run -p xtask -- docs` writes what is made from code.

mod documents;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["docs"] => documents::write(),
        ["docs", "--check"] => documents::check(),
        _ => Err("usage: cargo run -p xtask -- docs [--check]".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            report(&problem);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is a command")]
fn report(problem: &str) {
    eprintln!("xtask: {problem}");
}
