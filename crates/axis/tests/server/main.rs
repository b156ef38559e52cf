//! The server over a real socket: requests written byte by byte as the operator's client writes them, and a service
//! that keeps packets as files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod shelf;
mod started;
mod written;

mod agencies;
mod breaking;
mod client_object;
mod fetch;
mod hostile;
mod limits;
mod our_client;
mod provincial;
mod send;
