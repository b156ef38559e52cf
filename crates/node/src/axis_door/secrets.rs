//! The secrets of systems, read from where the configuration says.

use std::collections::BTreeMap;

use axis::Secret;

use crate::config::{Config, SecretError};

/// Secrets by `systemid`: the one in force first, then the one before it.
#[derive(Debug, Default)]
pub(crate) struct Secrets(BTreeMap<Box<str>, Vec<Secret>>);

impl Secrets {
    /// Reads them all, or none.
    pub(crate) fn load(config: &Config) -> Result<Self, SecretError> {
        let mut all = BTreeMap::new();
        for axis in config.systems.iter().filter_map(|system| system.axis.as_ref()) {
            let places = std::iter::once(&axis.secret).chain(&axis.previous);
            all.insert(axis.id.clone(), places.map(crate::config::SecretRef::read).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self(all))
    }

    /// Those of a system; none for an unknown one.
    pub(crate) fn of(&self, system: &str) -> Vec<Secret> {
        self.0.get(system).cloned().unwrap_or_default()
    }
}
