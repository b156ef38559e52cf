//! The national axis on an integrator's desk: the complete server side of its protocol over a durable store, with
//! faults on demand, a page that shows each request, and record and replay of traffic.
//!
//! [`Mock::start`] serves one; everything that the command line sets is in [`Options`].

mod admin;
mod agencies;
mod clock;
pub mod conformance;
mod faults;
mod intake;
mod listener;
mod mock;
mod page;
pub mod pdf;
mod replay;
mod samples;
pub mod scenario;
pub mod sdk;
mod service;
mod summary;
mod system;
mod traffic;

pub use agencies::{Change, ChangesError, Gate};
pub use faults::{Away, ErrorFault, FaultError, Faults, Latency, Maintenance, Rotation};
pub use listener::TlsError;
pub use mock::{Data, Mock, Options, Running, Samples, StartError, TlsFiles};
pub use replay::{ReplayError, ReplayOptions, ReplayOutcome, Replayed, replay};
pub use system::{Scope, System, SystemError, defaults, read_file};
pub use traffic::{PageAccess, Recorded, RecordedAnswer, RecordedBody, TrafficOptions};
