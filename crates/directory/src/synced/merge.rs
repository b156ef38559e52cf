//! The operator's own directory with the axis's list under it.

use std::collections::HashMap;

use types::AgencyCode;

use super::{SyncedList, circles};
use crate::builder;
use crate::draft::Entry;
use crate::problem::{Place, Problems};
use crate::{Agency, Directory, LoadError};

impl Directory {
    /// This directory with what `list` has beside it. An agency that this one names, by its code or by another of its
    /// codes in either generation, stays as it is here.
    ///
    /// # Errors
    /// `invalid_argument` when both do not go together; what is tolerable in a list never is a reason.
    pub fn with_synced(self, list: SyncedList) -> Result<Self, LoadError> {
        let own = self.agencies.len();
        // Where an agency of the list is one of ours under another code: who stands below it stands below ours.
        let mut ours: HashMap<AgencyCode, AgencyCode> = HashMap::new();
        let mut added: Vec<Agency> = Vec::with_capacity(list.agencies.len());
        for agency in list.agencies {
            let mut codes = std::iter::once(&agency.code).chain(&agency.aliases);
            match codes.find_map(|code| self.find(code)) {
                Some(known) => drop(ours.insert(agency.code, known.code.clone())),
                None => added.push(agency),
            }
        }
        for agency in &mut added {
            if let Some(own) = agency.parent.as_ref().and_then(|parent| ours.get(parent)) {
                agency.parent = Some(own.clone());
            }
        }
        let mut agencies = self.agencies;
        agencies.append(&mut added);
        circles::cut(&mut agencies, own);
        let place = |index: usize| Place::file("axis").on_line(index + 1);
        let entries = agencies.into_iter().enumerate().map(|(index, agency)| Entry { agency, place: place(index) });
        builder::build(entries.collect(), Problems::default())
    }
}
