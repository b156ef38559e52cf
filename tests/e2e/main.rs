//! Whole stories: real processes, real TLS, real sled, real files, on ports the system chooses.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints what it measured"
)]

mod axis_conformance;
mod axis_door;
mod axis_examples;
mod axis_link;
mod cut_upload;
mod demo;
mod directory;
mod examples_refused;
mod fairness;
mod harness;
mod http;
mod kill;
mod large;
mod levels;
mod living_pki;
mod mock_axis;
mod neighbour_down;
mod province;
mod quarantine;
mod recall;
mod refusals;
mod revocation;
mod scenarios;
mod sdk;
mod shutdown;
mod signing_keys;
mod timestamps;
mod verification;
