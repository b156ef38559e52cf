//! The directory as the axis's three lists tell it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use axis::AgencyEntry;
use directory::{Agency, Day, Directory};
use types::{AgencyCode, Generation, Level, UnixMillis};

use super::words;
use crate::core::Core;

/// Every agency of one state of the directory, made while it is read.
pub(super) struct Agencies {
    directory: Arc<Directory>,
    next: usize,
    /// `systemid` of the system here that speaks for an agency by this protocol.
    centers: BTreeMap<AgencyCode, String>,
    today: Day,
    /// When the directory's file was written, seconds since 1970 and in words: the version of all its records.
    version: i64,
    modify_date: String,
}

impl Agencies {
    pub(super) fn of(core: &Core) -> Self {
        let spoken_for = core.registry.load().spoken_for(&core.config);
        let centers = spoken_for.into_iter().filter_map(|(system, agencies)| {
            let id = core.system(&system)?.axis.as_ref()?.id.to_string();
            Some(agencies.into_iter().map(move |agency| (agency, id.clone())))
        });
        let written = std::fs::metadata(&core.config.directory_file).and_then(|file| file.modified()).ok();
        let since = written.and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or_default();
        Self {
            directory: core.directory.load_full(),
            next: 0,
            centers: centers.flatten().collect(),
            today: Day::in_vietnam(crate::clock::now()),
            version: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            modify_date: words::time(UnixMillis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))),
        }
    }

    fn entry(&self, agency: &Agency) -> AgencyEntry {
        let earlier = agency.aliases.iter().find(|alias| alias.generation() == Generation::Qcvn2016);
        let earlier = earlier.map(ToString::to_string);
        let qcvn = agency.code.as_qcvn2016();
        AgencyEntry {
            id: agency.code.canonical().to_owned(),
            pid: agency.parent.as_ref().map(|parent| parent.canonical().to_owned()).unwrap_or_default(),
            code: agency.code.to_string(),
            name: agency.name.to_string(),
            mail: agency.mail.as_deref().unwrap_or_default().to_owned(),
            old_code: earlier.clone().or_else(|| qcvn.clone()).unwrap_or_default(),
            code102: qcvn.or(earlier).unwrap_or_default(),
            version: self.version,
            center_code: self.centers.get(&agency.code).cloned().unwrap_or_default(),
            deleted: agency.is_dissolved_on(self.today),
            modify_date: self.modify_date.clone(),
            is_agency: agency.level != Level::Other,
        }
    }
}

impl Iterator for Agencies {
    type Item = AgencyEntry;

    fn next(&mut self) -> Option<AgencyEntry> {
        // A slice's iterator goes to its nth item at once.
        let entry = self.entry(self.directory.iter().nth(self.next)?);
        self.next += 1;
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.directory.len().saturating_sub(self.next);
        (left, Some(left))
    }
}
