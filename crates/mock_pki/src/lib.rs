//! An example PKI on an integrator's desk, and what a PKI runs: an OCSP responder, revocation lists, a time-stamping
//! authority.
//!
//! [`Example`] and [`Government`] write certificates into a folder, [`Pki`] opens such a folder and answers with its keys,
//! [`Server`] serves the answers over HTTP, with faults on demand. Everything is marked EXAMPLE: the keys are public.

mod answer;
mod example;
mod faults;
mod government;
mod pki;
mod server;

pub use example::{Example, Existing, MARK, NODES, NodeSeat, PkiError, SYSTEMS, SystemSeat, write_example};
pub use faults::{Fault, FaultError, Faults, Service};
pub use government::{GOVERNMENT, Government, GovernmentFile, Verdict};
pub use pki::{Authority, Issued, OpenError, Pki, RevokeError};
pub use server::{Bound, Running, Server, StartError};
