//! Agencies that connected systems registered over the axis's protocol: kept in one small file beside the store.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use directory::{Agency, Directory, LoadError, Reach};
use serde::{Deserialize, Serialize};
use types::{AgencyCode, Level, SystemId};

use crate::config::Config;

/// The file, in the data folder.
const FILE: &str = "registered-agencies.json";
/// Bytes of the file: [`REGISTERED_MAX`] agencies with names of the greatest length.
const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Agencies that all systems together may register: a province has some thousands of units.
pub(crate) const REGISTERED_MAX: usize = 20_000;

/// One agency that a system registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Registered {
    /// The system, which speaks for it from then on.
    pub(crate) system: String,
    /// Its code, as given.
    pub(crate) code: String,
    /// Code of the body above it.
    pub(crate) parent: String,
    /// Its name.
    pub(crate) name: String,
    /// Its address for mail; may be empty.
    pub(crate) mail: String,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// It cannot be read or written.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is none of this node's.
    #[error("{} is not a list of registered agencies: put the node's own file back", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

/// The registered agencies, by canonical code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registry(BTreeMap<AgencyCode, Registered>);

impl Registry {
    /// Reads the file; none of it when there is no file.
    pub(crate) fn load(data_dir: &Path) -> Result<Self, RegistryError> {
        let path = data_dir.join(FILE);
        let mut text = Vec::new();
        match File::open(&path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(RegistryError::File { path, source }),
        }
        let list: Vec<Registered> =
            serde_json::from_slice(&text).map_err(|source| RegistryError::Form { path, source })?;
        Ok(Self(list.into_iter().filter_map(|one| Some((AgencyCode::opaque(&one.code).ok()?, one))).collect()))
    }

    /// Replaces the file: either all of it is on disk when this returns, or what was there before.
    pub(crate) fn save(&self, data_dir: &Path) -> Result<(), RegistryError> {
        let path = data_dir.join(FILE);
        let new = data_dir.join(format!("{FILE}.new"));
        let write = || -> io::Result<()> {
            let list: Vec<&Registered> = self.0.values().collect();
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec_pretty(&list)?)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            File::open(data_dir)?.sync_all()
        };
        write().map_err(|source| RegistryError::File { path, source })
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn get(&self, code: &AgencyCode) -> Option<&Registered> {
        self.0.get(code)
    }

    /// The list with this agency in it.
    pub(crate) fn with(&self, code: AgencyCode, agency: Registered) -> Self {
        let mut list = self.0.clone();
        list.insert(code, agency);
        Self(list)
    }

    /// The list without this agency.
    pub(crate) fn without(&self, code: &AgencyCode) -> Self {
        let mut list = self.0.clone();
        list.remove(code);
        Self(list)
    }

    /// The agencies that each system speaks for: those of the configuration, and those it registered.
    pub(crate) fn spoken_for(&self, config: &Config) -> BTreeMap<SystemId, BTreeSet<AgencyCode>> {
        let configured = config.systems.iter();
        let mut all: BTreeMap<SystemId, BTreeSet<AgencyCode>> =
            configured.map(|system| (system.id.clone(), system.agencies.iter().cloned().collect())).collect();
        for (code, one) in &self.0 {
            if let Some(agencies) = one.system.parse().ok().and_then(|system: SystemId| all.get_mut(&system)) {
                agencies.insert(code.clone());
            }
        }
        all
    }

    /// The directory with the registered agencies in it. What the directory lists itself counts.
    ///
    /// # Errors
    /// Those of [`Directory::from_agencies`].
    pub(crate) fn added_to(&self, directory: Directory) -> Result<Directory, LoadError> {
        let mut levels: BTreeMap<AgencyCode, Level> = BTreeMap::new();
        let mut open: Vec<(&AgencyCode, &Registered)> =
            self.0.iter().filter(|(code, _)| directory.find(code).is_none()).collect();
        if open.is_empty() {
            return Ok(directory);
        }
        let mut added = Vec::with_capacity(open.len());
        // One round for each level of registered agencies below registered agencies.
        loop {
            let before = open.len();
            open.retain(|(code, one)| {
                let Ok(parent) = AgencyCode::opaque(&one.parent) else { return true };
                let listed = directory.find(&parent).map(|above| (above.code.clone(), above.level));
                let above = listed.or_else(|| levels.get(&parent).map(|level| (parent, *level)));
                let Some((parent, level)) = above else { return true };
                levels.insert((*code).clone(), level);
                added.push(agency((*code).clone(), one, parent, level));
                false
            });
            if open.is_empty() || open.len() == before {
                break;
            }
        }
        for (code, one) in open {
            tracing::warn!(agency.code = %code, agency.parent = one.parent, "a registered agency is left out: the body above it is not listed");
        }
        Directory::from_agencies(directory.iter().cloned().chain(added))
    }
}

fn agency(code: AgencyCode, one: &Registered, parent: AgencyCode, level: Level) -> Agency {
    Agency {
        code,
        level,
        parent: Some(parent),
        name: one.name.as_str().into(),
        short_name: None,
        aliases: Vec::new(),
        valid_from: None,
        valid_until: None,
        succession: None,
        mail: (!one.mail.is_empty()).then(|| one.mail.as_str().into()),
        reach: Reach::Unstated,
    }
}

#[cfg(test)]
mod tests;
