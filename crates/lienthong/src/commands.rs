//! One module per command.

pub(crate) mod agency;
pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod fetch;
pub(crate) mod inbox;
pub(crate) mod items;
pub(crate) mod list;
pub(crate) mod mock_axis;
pub(crate) mod node;
pub(crate) mod packet;
pub(crate) mod pki;
pub(crate) mod policy;
pub(crate) mod quarantine;
pub(crate) mod receipts;
pub(crate) mod revocation;
pub(crate) mod send;
pub(crate) mod serve;
pub(crate) mod sign;
pub(crate) mod signatures;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod token;
pub(crate) mod track;
pub(crate) mod verify;
pub(crate) mod verify_worker;

use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use types::UnixMillis;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::output::{Form, Output};

/// Runs the command that was parsed.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let form = if cli.json { Form::Json } else { Form::Text };
    dispatch(cli.command, &mut Output::standard(form))
}

fn dispatch(command: Command, output: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::serve(&args, output),
        Command::CheckConfig(args) => serve::check(&args, output),
        Command::Demo(args) => demo::run(&args, output),
        Command::Bench(args) => bench::run(&args, output),
        Command::Simulate(args) => simulate::run(&args, output),
        Command::Send(args) => wait(send::run(&args, output)),
        Command::Inbox(args) => wait(inbox::run(&args, output)),
        Command::Fetch(args) => wait(fetch::run(&args, output)),
        Command::Lease(args) => wait(items::lease(&args, output)),
        Command::Confirm(args) => wait(items::confirm(&args, output)),
        Command::GiveBack(args) => wait(items::give_back(&args, output)),
        Command::Status(args) => wait(status::run(&args, output)),
        Command::Track(args) => wait(track::run(&args, output)),
        Command::List(args) => wait(list::run(&args, output)),
        Command::Receipts(args) => wait(receipts::run(&args, output)),
        Command::Agency(command) => wait(agency::run(&command, output)),
        Command::Revocation(command) => wait(revocation::run(&command, output)),
        Command::Node(args) => wait(node::run(&args, output)),
        Command::Quarantine(command) => wait(quarantine::run(&command, output)),
        Command::MockAxis(args) => mock_axis::run(&args, output),
        Command::Packet(command) => packet::run(&command, output),
        Command::Sign(command) => sign::run(&command, output),
        Command::Pki(command) => pki::run(&command, output),
        Command::Store(command) => store::run(&command, output),
        Command::Token(command) => token::run(&command, output),
        Command::Verify(args) => verify::run(&args, output),
        Command::VerifyWorker => verify_worker::run(),
        Command::Policy(command) => policy::run(&command, output),
        Command::Completions(args) => completions::run(&args, output),
    }
}

/// Runs one conversation with a node; one connection needs no second thread.
fn wait(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Internal(error.to_string()))?.block_on(work)
}

/// The time of this machine.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
