//! The servers over a real listener with real TLS, and a fake node behind them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod client;
mod fake;
mod pki;
mod started;

mod content;
mod grpc;
mod inbox;
mod problems;
mod routes;
mod server;
mod submit;
mod unary;
