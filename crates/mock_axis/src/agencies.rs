//! The directory of the mock: the generated country, and what systems and operators changed in it.

mod changes;
mod national;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axis::{AgencyEntry, Failure, Registration};
use serde::{Deserialize, Serialize};
use types::{AgencyCode, ErrorCode};

use crate::system::Systems;
use changes::Changes;
pub use changes::{Change, ChangesError};
pub(crate) use national::National;

/// The directory.
#[derive(Debug)]
pub(crate) struct Agencies {
    national: Arc<National>,
    changes: Mutex<Changes>,
}

/// An agency that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its name.
    pub(crate) name: String,
    /// The system that registered it, `None` for one of the generated country.
    pub(crate) registrar: Option<String>,
    /// Whether it takes anything.
    pub(crate) gate: Gate,
}

/// Whether an agency takes anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// It does.
    #[default]
    Open,
    /// It is locked: code 23.
    Locked,
}

impl Agencies {
    /// The country of `national`, with the changes kept in `folder`, the agencies that `systems` name, and the locks.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(crate) fn open(
        folder: &Path,
        national: National,
        systems: &Systems,
        locked: &[AgencyCode],
    ) -> Result<Self, ChangesError> {
        let mut changes = Changes::open(folder)?;
        for system in systems.all() {
            for code in system.named().filter(|code| national.find(code).is_none()) {
                changes.adopt(code, &system.id);
            }
        }
        for code in locked {
            changes.set_gate(code, Gate::Locked)?;
        }
        Ok(Self { national: Arc::new(national), changes: Mutex::new(changes) })
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The agency with this code, unless it is deleted or merged into another.
    pub(crate) fn find(&self, code: &AgencyCode) -> Option<Known> {
        let changes = self.changes();
        let gate = changes.gate(code);
        if let Some(change) = changes.get(code) {
            let registrar = (!change.system.is_empty()).then(|| change.system.clone());
            return (!change.deleted).then(|| Known { name: change.name.clone(), registrar, gate });
        }
        let generated = self.national.find(code).filter(|generated| !generated.ended)?;
        Some(Known { name: generated.name, registrar: None, gate })
    }

    /// How many agencies the generated country has.
    pub(crate) fn count(&self) -> u32 {
        self.national.count()
    }

    /// Every agency at this moment, those gone marked as deleted.
    pub(crate) fn entries(&self) -> Box<dyn Iterator<Item = AgencyEntry> + Send> {
        let changes = self.changes().clone();
        let replaced = changes.clone();
        let generated = Arc::clone(&self.national).entries();
        let own = (u64::from(self.national.count()) + 1..).zip(changes.into_entries());
        let own = own.map(|(id, mut entry)| {
            entry.id = id.to_string();
            entry
        });
        Box::new(generated.filter(move |entry| !replaced.has(&entry.code)).chain(own))
    }

    /// Registers an agency for a system, or changes one of its own. On disk when this returns. Blocking.
    pub(crate) fn register(&self, system: &str, wanted: &Registration) -> Result<(), Failure> {
        let code = parse(&wanted.code)?;
        if wanted.name.trim().is_empty() {
            return Err(Failure::of(ErrorCode::InvalidArgument, "name: tên cơ quan để trống (the name is empty)"));
        }
        let known = self.find(&code);
        match known.map(|known| known.registrar) {
            Some(None) => return Err(taken(&code, "có sẵn trong danh bạ (part of the built-in directory)")),
            Some(Some(owner)) if owner != system => return Err(taken(&code, "của hệ thống khác (another system's)")),
            Some(Some(_)) | None => {}
        }
        let change = Change {
            code: code.to_string(),
            name: wanted.name.clone(),
            parent: wanted.pcode.clone(),
            mail: wanted.mail.clone(),
            system: system.to_owned(),
            ..Change::default()
        };
        self.changes().put(&code, change).map_err(|error| error.into_failure())
    }

    /// Deletes an agency that this system registered. On disk when this returns. Blocking.
    pub(crate) fn delete(&self, system: &str, text: &str) -> Result<(), Failure> {
        let code = parse(text)?;
        let own = self.find(&code).filter(|known| known.registrar.as_deref() == Some(system));
        if own.is_none() {
            let detail = format!("AgencyCode {code}: không do hệ thống này đăng ký (not registered by this system)");
            return Err(Failure::of(ErrorCode::NotFound, &detail));
        }
        self.changes().delete(&code).map_err(|error| error.into_failure())
    }

    /// An operator's change: any agency may be added, renamed, deleted. Blocking.
    pub(crate) fn change(&self, change: Change) -> Result<(), ChangesError> {
        let code = AgencyCode::opaque(&change.code).map_err(|_| ChangesError::Code(change.code.clone()))?;
        let mut changes = self.changes();
        if let Some(gate) = change.gate {
            changes.set_gate(&code, gate)?;
        }
        if change.deleted {
            return changes.delete_as(&code, self.national.find(&code).map(|found| found.name).unwrap_or_default());
        }
        if change.name.is_empty() { Ok(()) } else { changes.put(&code, change) }
    }
}

fn parse(text: &str) -> Result<AgencyCode, Failure> {
    AgencyCode::opaque(text.trim()).map_err(|error| Failure::of(ErrorCode::MalformedCode, &format!("code: {error}")))
}

fn taken(code: &AgencyCode, whose: &str) -> Failure {
    Failure::of(ErrorCode::PermissionDenied, &format!("code {code}: {whose}"))
}

#[cfg(test)]
mod tests;
