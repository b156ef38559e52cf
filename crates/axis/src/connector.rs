//! The connector: a node as a client of the axis, both ways, for as long as the node runs.
//!
//! What it needs of the node are the ports [`Inbox`] (packets that wait at the axis go there) and [`Outbox`] (items for
//! the axis come from there). The axis is told `done` only after the node has a packet on disk.

mod ports;

pub use ports::{Inbox, Known, Outbox, Outgoing, Reason, RefusedBefore, Room, SendOutcome, SentState, Taken, Waiting};
