//! The client and the connector over real sockets: against this crate's server, and against scripted answers that no
//! server of good will gives.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what went wrong by panicking")]

mod away;
mod fetching;
mod hostile;
mod operations;
mod ports;
mod proxy;
mod scripted;
mod sending;
#[path = "../server/shelf.rs"]
#[allow(dead_code, reason = "what the server's tests use of it and these do not")]
mod shelf;
mod started;
mod tls;
