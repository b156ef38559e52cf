//! The servers over a real listener with real TLS, and a fake node behind them.

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
