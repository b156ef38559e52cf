//! Configuration, composition and running of one node: the only crate that knows all the others.
//!
//! [`config::Config::load`] reads and checks the file, [`start`] builds the node of it, [`Running::stop`] ends it.

pub mod agency_sync;
mod axis_door;
mod axis_link;
mod clock;
pub mod config;
mod connect;
mod core;
mod deadlines;
mod exchange;
mod identity;
mod intake;
mod links;
mod material;
mod quarantine;
mod quota;
mod record;
mod registry;
mod reload;
mod reports;
pub mod revocation;
mod run;
mod signing;
mod stamping;
mod tls;
mod tracking;
mod validation;
mod verification;

pub use intake::Signers;
pub use material::MaterialError;
pub use registry::RegistryError;
pub use run::{Checked, Running, StartError, check, start};
pub use verification::{Examiner, WorkerError, run_worker};
