//! The conformance checks: a mock passes all of them, and a server that breaks rules fails just those.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what went wrong by panicking")]

mod broken;
mod client;
mod server;
mod stage;
