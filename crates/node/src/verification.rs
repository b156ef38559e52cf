//! Signatures inside packets and their files, checked in processes of their own.
//!
//! A worker is this program, started with `verify-worker`: it reads orders on its standard input and answers on its
//! standard output, holds itself to the limits it is given, and never writes anything else. What goes wrong in it costs
//! the one file that it was checking.

mod confine;
mod examine;
mod examiner;
mod kind;
mod pool;
mod process;
mod protocol;
mod quota;
mod worker;

pub(crate) use examine::{Exhibit, FilePlace, Findings, Look};
pub use examiner::Examiner;
pub(crate) use kind::{HEAD_BYTES, may_be_signed};
pub(crate) use pool::{Client, Pool};
pub(crate) use protocol::Setup;
pub use worker::{WorkerError, run as run_worker};
