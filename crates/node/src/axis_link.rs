//! The node's side of its connection to the national axis: what it takes from there and what it sends there.
//!
//! The connector's loops are `axis::connector`'s; here are its ports, over the same intake, store and evidence as every
//! other door. The axis is no node: it gives and understands no receipts. What it takes is proved by this node's
//! `RelayToNonERDS`, what comes from it by `ReceivedFromNonERDS`, each with the axis's own id of the transfer.

mod dial;
mod follow_up;
mod inbound;
mod outbound;
mod refusals;
mod returned;
mod run;
mod sync;

pub use dial::DialError;
pub(crate) use dial::client;
pub(crate) use returned::tell_returned;
pub(crate) use run::{State, spawn};
