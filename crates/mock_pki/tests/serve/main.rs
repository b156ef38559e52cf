//! A PKI that is made, served over HTTP, asked, and believed or not by the verifier.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod faults;
mod http;
mod right;
mod stage;
