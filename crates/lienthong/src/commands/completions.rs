//! `completions`: shell completions.

use clap::Args;
use clap_complete::Shell;

use crate::cli;
use crate::failure::Failure;
use crate::output::Output;

/// Options of `completions`.
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// bash, zsh, fish, powershell, elvish (the shell)
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, output: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli::command(), "lienthong", &mut script);
    output.raw(&script)
}
