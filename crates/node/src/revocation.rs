//! Validation data for the command line: the same folder, rules and trust as the running node's.

use types::UnixMillis;
use validation_data::{Damaged, FOLDER, Keeper, Service, ShelfError};

use crate::config::Config;
use crate::material::{Material, MaterialError};
use crate::validation;

/// Why the validation data of a configuration cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// The trust stores.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// The folder.
    #[error("the folder of validation data")]
    Shelf(#[from] ShelfError),
}

/// Loads what is kept for a node, running or not. Blocking.
///
/// # Errors
/// The trust stores or the folder cannot be read.
pub fn keeper(config: &Config, now: UnixMillis) -> Result<(Keeper, Vec<Damaged>), RevocationError> {
    let material = Material::load(config)?;
    Ok(Keeper::open(&config.data_dir.join(FOLDER), validation::trust(&material), now)?)
}

/// A service over the folder of a node, running or not: for fetching once. Blocking.
///
/// # Errors
/// The trust stores, the CAs of https addresses or the folder cannot be read.
pub fn service(config: &Config) -> Result<Service, RevocationError> {
    let material = Material::load(config)?;
    Ok(validation::open(config, &material, validation::options(config)?)?)
}
