//! The axis's list of agencies: fetched, compared with what is in use, and put in its place as one file.
//!
//! The list lies in the data folder beside the store, in the directory's CSV form. The operator's own file is never
//! written: at every load the list goes under it ([`directory::Directory::with_synced`]).

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use axis::AgencyEntry;
use axis::client::{AgencyList, CallError};
use directory::{Directory, ListChanges, ListTally, ListedAgency, LoadError, SyncedList, TooManyRemoved};
use serde::Deserialize;

use crate::axis_link;
pub use crate::axis_link::DialError;
use crate::config::{Config, Neighbour};

/// The list's file, in the data folder.
const FILE: &str = "axis-agencies.csv";
/// Bytes of a list given as a file: five times the national one.
const GIVEN_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Why a list was not fetched, read or applied.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The configuration has no such axis.
    #[error("không có [[neighbour]] kind = \"axis\"{} / there is no such neighbour of kind \"axis\"", name.as_ref().map(|name| format!(" id = {name:?}")).unwrap_or_default())]
    NoAxis {
        /// The name that was asked for.
        name: Option<String>,
    },
    /// The axis cannot be spoken to.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The axis did not give its list.
    #[error("{0}; {action_vi} / {action_en}", action_vi = .0.action_vi(), action_en = .0.action_en())]
    Call(#[from] CallError),
    /// A list given as a file cannot be read.
    #[error("{}: not a list of agencies as the axis gives it", path.display())]
    Given {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The list in use cannot be read.
    #[error("the list in use")]
    InUse(#[source] LoadError),
    /// The list in its place cannot be read or written.
    #[error("{}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The list takes away too much.
    #[error(transparent)]
    TooManyRemoved(#[from] TooManyRemoved),
    /// The list and the operator's directory do not go together.
    #[error("the list does not go together with the directory's file")]
    Directory(#[source] LoadError),
}

/// Whether the guard against lists that take away too much holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// It refuses them.
    Holds,
    /// The operator has looked.
    Overridden,
}

/// A new list and what it changes.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The list.
    pub list: SyncedList,
    /// What of it could not be used as it came.
    pub tally: ListTally,
    /// What it changes of the list in use.
    pub changes: ListChanges,
}

/// The axis of a configuration: the one of this name, or the only one.
///
/// # Errors
/// There is none.
pub fn axis_of<'a>(config: &'a Config, name: Option<&str>) -> Result<&'a Neighbour, SyncError> {
    let mut axes = config.neighbours.iter().filter(|neighbour| neighbour.axis.is_some());
    let found = axes.find(|neighbour| name.is_none_or(|name| neighbour.id.as_str() == name));
    found.ok_or_else(|| SyncError::NoAxis { name: name.map(str::to_owned) })
}

/// Fetches the list from the axis and compares it with the one in use. Agencies that the axis marks as deleted are left out.
///
/// # Errors
/// The axis cannot be reached or refuses; a list that broke off is none.
pub async fn fetch(config: &Config, name: Option<&str>) -> Result<Proposal, SyncError> {
    let axis = axis_of(config, name)?;
    let Some(link) = &axis.axis else { return Err(SyncError::NoAxis { name: name.map(str::to_owned) }) };
    let mut list = axis_link::client(config, link)?.agencies(AgencyList::All).await?;
    let mut lines = Vec::new();
    while let Some(entry) = list.next().await? {
        lines.extend(listed(entry));
    }
    propose(config, lines)
}

/// Reads a list as the axis gives it from a file: the whole answer, or its `data` alone.
///
/// # Errors
/// The file cannot be read, or is no such list.
pub fn from_file(config: &Config, path: &Path) -> Result<Proposal, SyncError> {
    let failed = |source: io::Error| SyncError::Given { path: path.to_owned(), source };
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(GIVEN_BYTES_MAX + 1).read_to_end(&mut text).map_err(failed)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > GIVEN_BYTES_MAX {
        return Err(failed(io::Error::other(format!("more than {GIVEN_BYTES_MAX} bytes"))));
    }
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
    let is_bare = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let entries = if is_bare {
        serde_json::from_slice::<Vec<AgencyEntry>>(text)
    } else {
        serde_json::from_slice::<Answer>(text).map(|answer| answer.data)
    };
    propose(config, entries.map_err(|error| failed(error.into()))?.into_iter().filter_map(listed))
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<AgencyEntry>,
}

fn listed(entry: AgencyEntry) -> Option<ListedAgency> {
    (!entry.deleted).then(|| ListedAgency {
        id: entry.id,
        parent_id: entry.pid,
        code: entry.code,
        name: entry.name,
        mail: entry.mail,
        other_codes: vec![entry.old_code, entry.code102],
    })
}

fn propose(config: &Config, lines: impl IntoIterator<Item = ListedAgency>) -> Result<Proposal, SyncError> {
    let (list, tally) = SyncedList::of(lines);
    let in_use = in_use(&config.data_dir)?.unwrap_or_default();
    let changes = in_use.changes_to(&list);
    Ok(Proposal { list, tally, changes })
}

/// Puts a list in its place: all of it is on disk when this returns, or what was there before. A running node takes it
/// from there by itself.
///
/// # Errors
/// It takes away too much and the guard holds; it does not go together with the operator's file; the disk's.
pub fn apply(config: &Config, proposal: &Proposal, guard: Guard) -> Result<(), SyncError> {
    if guard == Guard::Holds {
        proposal.changes.guard()?;
    }
    let own = Directory::load(&config.directory_file).map_err(SyncError::Directory)?;
    own.with_synced(proposal.list.clone()).map_err(SyncError::Directory)?;
    let path = file(&config.data_dir);
    let failed = |source| SyncError::File { path: path.clone(), source };
    let write = || -> io::Result<()> {
        fs::create_dir_all(&config.data_dir)?;
        // Apart from any other writer's: of two at once, one whole list stays.
        let new = path.with_extension(format!("csv.{}.new", std::process::id()));
        let mut out = BufWriter::with_capacity(1 << 16, File::create(&new)?);
        proposal.list.write(&mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&new, &path)?;
        File::open(&config.data_dir)?.sync_all()
    };
    write().map_err(failed)
}

/// Where the list in use lies.
pub(crate) fn file(data_dir: &Path) -> PathBuf {
    data_dir.join(FILE)
}

fn in_use(data_dir: &Path) -> Result<Option<SyncedList>, SyncError> {
    let path = file(data_dir);
    match File::open(&path) {
        Ok(source) => {
            let list = SyncedList::read(BufReader::with_capacity(1 << 16, source), &path.display().to_string());
            list.map(Some).map_err(SyncError::InUse)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SyncError::File { path, source }),
    }
}

/// The operator's directory, with the axis's list under it where there is one. A list that cannot be used is told in the
/// log and left out: it is no reason not to run.
///
/// # Errors
/// Those of the operator's file.
pub(crate) fn load_directory(config: &Config) -> Result<Directory, LoadError> {
    let own = Directory::load(&config.directory_file)?;
    if axis_of(config, None).is_err() {
        return Ok(own);
    }
    let merged = match in_use(&config.data_dir) {
        Ok(None) => return Ok(own),
        Ok(Some(list)) => own.with_synced(list).map_err(SyncError::Directory),
        Err(error) => Err(error),
    };
    merged.or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "the axis's list of agencies is left out");
        Directory::load(&config.directory_file)
    })
}
