//! Generators and suites of this repository: `cargo run -p xtask -- docs` writes what is made from code,
//! `cargo run -p xtask -- pkits` runs NIST's certification path suite, `cargo run -p xtask -- interop` cross-checks with
//! other programs, `cargo run -p xtask -- faults` runs the fault harness.

mod documents;
mod faults;
mod interop;
mod pkits;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo run -p xtask -- docs [--check] | pkits [DIR] | interop [--all | --install] | \
                     faults [--minutes N] [--seed S] [--only NAME] [--engine NAME]";

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
        ["faults", options @ ..] => faults::run(options),
        _ => Err(USAGE.to_owned()),
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
