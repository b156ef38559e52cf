//! What becomes of a delivery: its state machine, retry, lanes, turns of senders, circuits and windows, and the order of its statuses.
//!
//! Pure: nothing here reads a clock, a disk or a socket, or draws a random number. Time is a [`types::UnixMillis`] and
//! jitter a seed, both passed in; decisions come back as values that the caller carries out.
//!
//! One document to many agencies is one [`Delivery`] per agency, each with its own state: a slow agency delays no other.

mod circuit;
mod concurrency;
pub mod fair;
mod forecast;
mod lanes;
mod order;
mod quota;
pub mod recall;
mod retry;
mod state;
mod status_order;

pub use circuit::{Circuit, CircuitError, CircuitRule, CircuitState, Permit};
pub use concurrency::{Window, WindowError, WindowRule};
pub use forecast::Forecast;
pub use lanes::{Heads, LaneSchedule, LaneScheduleError};
pub use order::{Patience, PatienceError};
pub use quota::Quota;
pub use retry::{Retry, RetryError, Ttl, TtlError};
pub use state::{Action, Delivery, Event, ParkReason, Snapshot, SnapshotError, State, Step};
pub use status_order::{StatusVerdict, Word, check, check_words};
