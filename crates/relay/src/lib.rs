//! The link between two nodes, both ends: `proto/lienthong/relay/v1/relay.proto` over one gRPC stream.
//!
//! [`Links`] holds every link of a node. A link comes up because a [`Dialer`] dialled or because
//! [`RelayServer`] was dialled; from then on both are the same: claimed items of the [`Outbox`] are offered
//! to the neighbour, its offers go to [`Inbound`], and each item is settled exactly once.
//!
//! What the frames mean is decided in [`LinkState`](state::LinkState), which is pure: frames in, actions out. The tasks
//! around it only move bytes.

mod backoff;
mod convert;
mod dialer;
mod limits;
mod link;
mod links;
mod offer;
mod outcome;
mod pace;
mod ports;
mod schedule;
mod server;
pub mod state;
mod status;

pub use backoff::Backoff;
pub use dialer::{Dialer, prepare_endpoint};
pub use limits::Limits;
pub use link::{Halves, LinkEnd};
pub use links::Links;
pub use offer::{About, ENVELOPE_PART_MAX, HOPS_MAX, Hop, Offer, OfferKind, RECIPIENTS_MAX};
pub use outcome::{Acceptance, Reason, RecipientRefusal, Refusal, TransferOutcome};
pub use ports::{Content, Inbound, IncomingContent, OfferDecision, Outbox, Outgoing, Room};
pub use server::{PeerIdentity, RelayServer};
pub use status::{LinkStatus, PaceStatus, Presence};
