//! What was registered, changed, deleted and locked: one JSON file, replaced as a whole.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use axis::{AgencyEntry, AxisCode, Failure};
use serde::{Deserialize, Serialize};
use types::AgencyCode;

use super::Gate;
use crate::clock;

/// The file in the data folder.
const FILE: &str = "agencies.json";
/// Changes kept at most: a program that registers without end must not fill the memory.
const CHANGES_MAX: usize = 100_000;

/// Why a change was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// The file cannot be read or written.
    #[error("{}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The code is no code.
    #[error("{0:?} is not an agency code")]
    Code(String),
    /// Too many.
    #[error("{CHANGES_MAX} agencies are registered already")]
    Full,
}

impl ChangesError {
    pub(crate) fn into_failure(self) -> Failure {
        tracing::warn!(error = %self, "an agency could not be changed");
        let code = match self {
            Self::File { .. } => AxisCode::Internal,
            Self::Code(_) | Self::Full => AxisCode::Unprocessable,
        };
        Failure::new(code, "Không ghi được danh bạ (the directory could not be changed)")
    }
}

/// One agency that differs from the generated country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Change {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Code of its parent.
    pub parent: String,
    /// Its address for mail.
    pub mail: String,
    /// The system that registered it; empty when an operator did.
    pub system: String,
    /// Whether it is gone.
    pub deleted: bool,
    /// How often it changed.
    pub version: i64,
    /// When, `yyyy-MM-dd HH:mm:ss`, Vietnam.
    pub modify_date: String,
    /// Lock or unlock it; only read from an operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
}

/// All of them, by canonical code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    path: PathBuf,
    kept: Kept,
    /// Agencies that a system of the command line names and nobody registered; not written.
    adopted: BTreeMap<String, Change>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    agencies: BTreeMap<String, Change>,
    locked: BTreeMap<String, Gate>,
}

impl Changes {
    /// Reads the file in `folder`; a missing one is no changes.
    ///
    /// # Errors
    /// The file cannot be read, or is not ours.
    pub(super) fn open(folder: &Path) -> Result<Self, ChangesError> {
        let path = folder.join(FILE);
        let kept = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kept::default()),
            Err(error) => Err(error),
        };
        let kept = kept.map_err(|source| ChangesError::File { file: path.clone(), source })?;
        Ok(Self { path, kept, adopted: BTreeMap::new() })
    }

    pub(super) fn get(&self, code: &AgencyCode) -> Option<&Change> {
        self.kept.agencies.get(code.canonical()).or_else(|| self.adopted.get(code.canonical()))
    }

    pub(super) fn has(&self, canonical: &str) -> bool {
        self.kept.agencies.contains_key(canonical)
    }

    pub(super) fn gate(&self, code: &AgencyCode) -> Gate {
        self.kept.locked.get(code.canonical()).copied().unwrap_or_default()
    }

    pub(super) fn adopt(&mut self, code: &AgencyCode, system: &str) {
        let change = Change {
            code: code.to_string(),
            name: format!("Cơ quan {code}"),
            system: system.to_owned(),
            version: 1,
            modify_date: "2025-07-01 00:00:00".to_owned(),
            ..Change::default()
        };
        self.adopted.insert(code.canonical().to_owned(), change);
    }

    pub(super) fn set_gate(&mut self, code: &AgencyCode, gate: Gate) -> Result<(), ChangesError> {
        let mut kept = self.kept.clone();
        match gate {
            Gate::Open => drop(kept.locked.remove(code.canonical())),
            Gate::Locked => drop(kept.locked.insert(code.canonical().to_owned(), gate)),
        }
        self.replace(kept)
    }

    pub(super) fn put(&mut self, code: &AgencyCode, change: Change) -> Result<(), ChangesError> {
        let mut kept = self.kept.clone();
        let version = kept.agencies.get(code.canonical()).map_or(1, |known| known.version + 1);
        let modify_date = clock::vietnam(clock::now(), 0);
        kept.agencies
            .insert(code.canonical().to_owned(), Change { version, modify_date, gate: None, deleted: false, ..change });
        self.replace(kept)
    }

    pub(super) fn delete(&mut self, code: &AgencyCode) -> Result<(), ChangesError> {
        let name = self.get(code).map(|known| known.name.clone()).unwrap_or_default();
        self.delete_as(code, name)
    }

    /// Marks an agency as gone; one of the generated country takes its name from there.
    pub(super) fn delete_as(&mut self, code: &AgencyCode, name: String) -> Result<(), ChangesError> {
        let known = self.get(code).cloned().unwrap_or_else(|| Change { name, ..Change::default() });
        let mut kept = self.kept.clone();
        let gone = Change {
            code: code.to_string(),
            deleted: true,
            version: known.version + 1,
            modify_date: clock::vietnam(clock::now(), 0),
            ..known
        };
        kept.agencies.insert(code.canonical().to_owned(), gone);
        self.replace(kept)
    }

    /// The changed agencies as the lists show them, without their ids.
    pub(super) fn into_entries(self) -> impl Iterator<Item = AgencyEntry> + Send {
        let own: BTreeMap<_, _> = self.adopted.into_iter().chain(self.kept.agencies).collect();
        own.into_values().map(|change| {
            let old = change.code.parse::<AgencyCode>().ok().and_then(|code| code.as_qcvn2016());
            AgencyEntry {
                id: String::new(),
                pid: String::new(),
                name: change.name,
                mail: change.mail,
                old_code: old.clone().unwrap_or_default(),
                code102: old.unwrap_or_default(),
                version: change.version,
                center_code: change.system,
                deleted: change.deleted,
                modify_date: change.modify_date,
                is_agency: true,
                code: change.code,
            }
        })
    }

    /// Writes the file beside the old one and takes its place; in memory only after that.
    fn replace(&mut self, kept: Kept) -> Result<(), ChangesError> {
        if kept.agencies.len() > CHANGES_MAX {
            return Err(ChangesError::Full);
        }
        write(&self.path, &kept).map_err(|source| ChangesError::File { file: self.path.clone(), source })?;
        self.kept = kept;
        Ok(())
    }
}

fn write(path: &Path, kept: &Kept) -> io::Result<()> {
    let new = path.with_extension("json.new");
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec_pretty(kept)?)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
