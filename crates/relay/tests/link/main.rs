//! Two ends of a link, in process: over gRPC on loopback, or over channels with a tap on every frame.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ending;
mod fakes;
mod grpc;
mod outcomes;
mod pair;
mod transfers;
