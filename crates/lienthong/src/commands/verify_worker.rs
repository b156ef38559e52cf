//! `verify-worker`: what the node starts to check signatures in; not for people.

use crate::failure::Failure;

pub(crate) fn run() -> Result<(), Failure> {
    let ended = node::run_worker(std::io::stdin().lock(), std::io::stdout().lock());
    ended.map_err(|error| Failure::Internal(format!("{error}: {}", cause(&error))))
}

fn cause(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}
