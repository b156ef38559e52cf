//! The same tests over sled.
#![expect(clippy::duplicate_mod, reason = "each engine keeps the same promises")]

mod support {
    pub(super) use crate::store::tests::support::*;

    pub(super) type Bench = BenchOn<OnSled>;
    pub(super) const CUT_STEP: u64 = 9;
    pub(super) const CASES: u32 = 3;
}

#[path = "accepting.rs"]
mod accepting;
#[path = "checking.rs"]
mod checking;
#[path = "claiming.rs"]
mod claiming;
#[path = "crash.rs"]
mod crash;
#[path = "holds.rs"]
mod holds;
#[path = "inboxes.rs"]
mod inboxes;
#[path = "lists.rs"]
mod lists;
#[path = "orders.rs"]
mod orders;
#[path = "random.rs"]
mod random;
#[path = "recalls.rs"]
mod recalls;
#[path = "retention.rs"]
mod retention;
#[path = "sharing.rs"]
mod sharing;
