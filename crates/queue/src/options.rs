//! How a store is opened.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use delivery::fair::Weights;
use delivery::{LaneSchedule, Patience, Retry, Ttl};

/// Which embedded engine keeps the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineKind {
    /// sled 0.34, with our own sync of its file.
    #[default]
    Sled,
    /// fjall 3, a log-structured merge tree: takes more in, gives space back.
    Fjall,
}

impl EngineKind {
    /// Every engine.
    pub const ALL: [Self; 2] = [Self::Sled, Self::Fjall];

    /// Its name, as in the configuration and in the data directory.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Fjall => "fjall",
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No engine has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no engine is called {0:?}: sled, fjall")]
pub struct UnknownEngine(String);

impl FromStr for EngineKind {
    type Err = UnknownEngine;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| UnknownEngine(name.to_owned()))
    }
}

/// Space of a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Free for this process.
    pub free: u64,
    /// In all.
    pub total: u64,
}

/// Answers how much space the file system of a path has.
pub type SpaceProbe = Arc<dyn Fn(&Path) -> io::Result<Space> + Send + Sync>;

/// The most that one sender may have in quarantine: one whose revocation data is away must not fill the disk for all. A
/// sender that has nothing there may always have one document, however large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldQuota {
    /// Entries.
    pub documents: u64,
    /// Bytes of their packets, with what is kept beside them.
    pub bytes: u64,
}

impl Default for HoldQuota {
    /// 10,000 documents, which is more than a ministry sends in three days, and 16 GiB.
    fn default() -> Self {
        Self { documents: 10_000, bytes: 16 << 30 }
    }
}

/// Options of a store.
#[derive(Clone)]
pub struct StoreOptions {
    /// The data directory; created when absent. The store owns all of it.
    pub directory: PathBuf,
    /// The engine.
    pub engine: EngineKind,
    /// The engine's page cache in bytes. Default 64 MiB: measured to cost no speed, and keeps RSS near 90 MB.
    pub cache_bytes: u64,
    /// Intake stops below this share of the file system, in percent, 0 to 90. Default 5.
    pub reserve_percent: u8,
    /// What one sender may have in quarantine.
    pub hold_quota: HoldQuota,
    /// Waits between attempts.
    pub retry: Retry,
    /// Times to live.
    pub ttl: Ttl,
    /// Choice of the lane to claim from.
    pub schedule: LaneSchedule,
    /// Shares of senders in a lane; 1 each by default.
    pub weights: Weights,
    /// How far a deadline moves a document among those of its sender. What waits already keeps its place.
    pub patience: Patience,
    /// How free space is asked for; the default asks the file system. Tests pass their own.
    pub space: SpaceProbe,
}

impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("directory", &self.directory)
            .field("engine", &self.engine)
            .field("cache_bytes", &self.cache_bytes)
            .field("reserve_percent", &self.reserve_percent)
            .finish_non_exhaustive()
    }
}

/// Measured: at this load a larger cache gains nothing, and RSS stays near 90 MB.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

impl StoreOptions {
    /// The defaults for a store in `directory`.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            engine: EngineKind::Sled,
            cache_bytes: CACHE_BYTES,
            reserve_percent: 5,
            hold_quota: HoldQuota::default(),
            retry: Retry::default(),
            ttl: Ttl::default(),
            schedule: LaneSchedule::default(),
            weights: Weights::default(),
            patience: Patience::default(),
            space: Arc::new(file_system_space),
        }
    }
}

fn file_system_space(path: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(path)?;
    Ok(Space {
        free: found.f_bavail.saturating_mul(found.f_frsize),
        total: found.f_blocks.saturating_mul(found.f_frsize),
    })
}
