//! `lienthong`: the node, its operator's and its integrator's commands.

mod cli;
mod client;
mod commands;
mod exit;
mod failure;
mod files;
mod header;
mod output;
mod packet_file;
pub use mock_pki as pki;
mod profile;
pub mod scene;
mod sealing;
mod signing_key;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::FromArgMatches as _;

pub use profile::Profile;

use crate::cli::Cli;
use crate::exit::Exit;

/// Parses the command line of this process, runs the command, reports its failure; the exit codes are in `docs/cli.md`.
#[must_use]
pub fn run() -> ExitCode {
    // Fails only when one is installed already, which is as good.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let cli = match cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let json = cli.json;
    match commands::run(cli) {
        Ok(()) => ExitCode::from(Exit::Success.number()),
        Err(failure) => {
            let exit = failure.exit();
            let told = if exit == Exit::Success { Ok(()) } else { failure.report(json, &mut io::stderr()) };
            // With standard error gone too, the exit code is all that is left to tell with.
            ExitCode::from(told.map_or(exit, |()| exit).number())
        }
    }
}

/// Help and version end well, everything else is a wrong command line.
fn usage(error: &clap::Error) -> ExitCode {
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Success };
    if exit == Exit::Usage && writeln!(io::stderr(), "lỗi: sai cú pháp lệnh (wrong command line)").is_err() {
        return ExitCode::from(exit.number());
    }
    ExitCode::from(error.print().map_or(Exit::LocalFile, |()| exit).number())
}
