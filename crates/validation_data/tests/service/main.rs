//! The service against servers that answer, lie, dawdle and go away: real sockets, real files.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod import;
mod keeping;
mod obtaining;
mod pki;
mod refreshing;
mod server;
mod stamping;
