//! Generators and suites of this repository: `cargo run -p xtask -- docs` writes what is made from code,
//! `cargo run -p xtask -- pkits` runs NIST's certification path suite, `cargo run -p xtask -- interop` cross-checks with
//! other programs.

mod documents;
mod interop;
mod pkits;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["pkits"] => pkits::run(None).map(|totals| say(&totals)),
        ["pkits", directory] => pkits::run(Some(directory)).map(|totals| say(&totals)),
        ["interop"] => interop::run(interop::Missing::Skipped).map(|totals| say(&totals)),
        ["interop", "--all"] => interop::run(interop::Missing::Refused).map(|totals| say(&totals)),
        ["interop", "--install"] => interop::install().map(|place| say(&place)),
        ["docs"] => documents::write(),
        ["docs", "--check"] => documents::check(),
        _ => Err("usage: cargo run -p xtask -- docs [--check] | pkits [DIR] | interop [--all | --install]".to_owned()),
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

#[expect(clippy::print_stdout, reason = "this is a command")]
fn say(text: &str) {
    println!("{text}");
}
