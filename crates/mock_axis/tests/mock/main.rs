//! The mock axis over real sockets, driven by the protocol's client.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what went wrong by panicking")]

mod exchange;
mod faults;
mod samples;
mod scenarios;
mod stage;
mod traffic;
