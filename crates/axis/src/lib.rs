//! The national axis's HTTP protocol (trục liên thông văn bản quốc gia): what the operator's SDK 2.0.x speaks.
//!
//! Server and client share the words of this crate's root: codes, records, secrets. [`Service`] is what a server
//! offers through it: the node to agency software, the mock axis to integrators.

pub mod answer;
pub mod client;
mod code;
pub mod connector;
mod failure;
pub mod file_hash;
mod ids;
pub mod operation;
pub mod parameters;
mod records;
mod scan;
mod secret;
pub mod server;
mod service;
pub mod sign;
pub mod verify;

pub use code::AxisCode;
pub use failure::Failure;
pub use ids::{DocId, IdError, MessageType, TransferState};
pub use records::{AgencyEntry, ReceivedEdoc, Registration, SentEdoc};
pub use secret::Secret;
pub use service::{Caller, EdocContent, FileStream, ReceivedQuery, SendEdoc, SentQuery, Service};
