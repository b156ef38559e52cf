//! One behaviour per test, over the fake engine unless it is about sled or its files.

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
mod power;
mod random;
mod recalls;
mod retention;
mod sharing;
pub(crate) mod support;
