//! The node's side of its links: what it sends over them, and what it takes from them.

mod claims;
mod inbound;
mod outbound;
mod partial;

pub(crate) use claims::{extended, next_claims, opened};
pub(crate) use inbound::Receiving;
pub(crate) use outbound::Sending;
