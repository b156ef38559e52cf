//! Whole stories: real processes, real TLS, real sled, real files, on ports the system chooses.

mod directory;
mod examples_refused;
#[allow(dead_code)]
mod harness;
mod kill;
mod levels;
mod neighbour_down;
mod refusals;
mod shutdown;
