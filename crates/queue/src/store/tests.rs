//! One behaviour per test, over a fake engine that loses what was not flushed, and over each real one.

mod accepting;
mod checking;
mod claiming;
mod crash;
mod deadlines;
mod durability;
mod holds;
mod inboxes;
mod lists;
mod orders;
mod over_fjall;
mod over_sled;
mod power;
mod random;
mod recalls;
mod retention;
mod sharing;
pub(crate) mod support;
