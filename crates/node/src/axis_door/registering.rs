//! `registerAgency` and `deleteAgency`: agencies below those that a system speaks for.

use std::sync::{Arc, MutexGuard, PoisonError};

use axis::{Failure, Registration};
use gateway::Caller;
use queue::EntryKind;
use types::{AgencyCode, ErrorCode};

use super::{AxisDoor, failed};
use crate::core;
use crate::registry::{REGISTERED_MAX, Registered, Registry};

/// Bytes of a name and of a mail address, as in the directory's file.
const NAME_MAX: usize = 500;
const MAIL_MAX: usize = 254;

impl AxisDoor {
    /// Registers an agency below one of the system's, or changes one that the system registered. On disk when this
    /// answers; the system speaks for it from the next call on.
    pub(super) fn register(&self, caller: &Caller, asked: &Registration) -> Result<(), Failure> {
        let _one = self.alone();
        let registry = self.core.registry.load_full();
        let code = code(&asked.code, "code")?;
        let parent = code_of_parent(&asked.pcode)?;
        let name = text(&asked.name, "name", NAME_MAX)?;
        let mail = if asked.mail.is_empty() { String::new() } else { text(&asked.mail, "mail", MAIL_MAX)? };
        match registry.get(&code) {
            Some(known) if known.system != caller.system.as_str() => return Err(taken(&code)),
            None if self.core.directory.load().find(&code).is_some() => return Err(taken(&code)),
            None if registry.len() >= REGISTERED_MAX => {
                let detail = format!("{REGISTERED_MAX} agencies are registered here already");
                return Err(Failure::of(ErrorCode::LimitExceeded, &detail));
            }
            Some(_) | None => {}
        }
        self.check_parent(caller, &code, &parent)?;
        let system = caller.system.to_string();
        let agency = Registered { system, code: asked.code.clone(), parent: parent.to_string(), name, mail };
        self.replace(registry.with(code.clone(), agency))?;
        tracing::info!(system.id = %caller.system, agency.code = %code, agency.parent = %parent, "registered an agency");
        Ok(())
    }

    /// Deletes an agency that the system registered, when nothing waits for it and nothing is registered below it.
    pub(super) fn unregister(&self, caller: &Caller, text: &str) -> Result<(), Failure> {
        let _one = self.alone();
        let registry = self.core.registry.load_full();
        let code = code(text, "AgencyCode")?;
        let is_own = registry.get(&code).is_some_and(|known| known.system == caller.system.as_str());
        if !is_own {
            let detail =
                format!("AgencyCode = {code}: not registered by this system; only such an agency can be deleted");
            return Err(Failure::of(ErrorCode::NotFound, &detail));
        }
        if self.core.directory.load().children(&code).next().is_some() {
            let detail = format!("AgencyCode = {code}: agencies are registered below it; delete those first");
            return Err(Failure::of(ErrorCode::InvalidArgument, &detail));
        }
        // First off the routes, so that nothing more comes while its inbox is looked at.
        let without = registry.without(&code);
        let routes = self.core.topology.load_full();
        self.core.topology.store(Arc::new(core::topology(&self.core.config, &without)));
        let done = self.waiting(&code).and_then(|waiting| match waiting {
            0 => self.replace(without),
            _ => {
                let detail = format!("AgencyCode = {code}: {waiting} packets wait for it; take and confirm them first");
                Err(Failure::of(ErrorCode::InvalidArgument, &detail))
            }
        });
        if done.is_err() {
            self.core.topology.store(routes);
        } else {
            tracing::info!(system.id = %caller.system, agency.code = %code, "deleted a registered agency");
        }
        done
    }

    fn waiting(&self, code: &AgencyCode) -> Result<u64, Failure> {
        let kinds = [EntryKind::Document, EntryKind::Status].into_iter();
        kinds.map(|kind| self.core.store.inbox_count(code, kind).map_err(failed)).sum()
    }

    /// The body above must be one of the system's own, or below one.
    fn check_parent(&self, caller: &Caller, code: &AgencyCode, parent: &AgencyCode) -> Result<(), Failure> {
        let directory = self.core.directory.load();
        let Some(above) = directory.find(parent) else {
            return Err(Failure::of(
                ErrorCode::UnknownSender,
                &format!("pcode = {parent}: no agency of the directory"),
            ));
        };
        let mut line = std::iter::once(above).chain(directory.superiors(parent));
        if above.code == *code || directory.superiors(parent).any(|above| above.code == *code) {
            let detail = format!("pcode = {parent} lies below {code} itself");
            return Err(Failure::of(ErrorCode::InvalidArgument, &detail));
        }
        if line.any(|above| caller.speaks_for(&above.code)) {
            return Ok(());
        }
        let detail = format!("pcode = {parent}: neither one of the agencies of system {} nor below one", caller.system);
        Err(Failure::of(ErrorCode::AgencyNotSpokenFor, &detail))
    }

    /// Puts a new list on disk, then in use. Nothing changes when any of it fails.
    fn replace(&self, registry: Registry) -> Result<(), Failure> {
        let core = &self.core;
        let refused = |error: &(dyn std::error::Error + 'static)| {
            tracing::error!(error, "the registered agencies could not be changed");
            Failure::of(ErrorCode::Internal, "the node could not change its directory; ask its operator")
        };
        let base = crate::agency_sync::load_directory(&core.config).map_err(|error| refused(&error))?;
        let directory = registry.added_to(base).map_err(|error| refused(&error))?;
        registry.save(&core.config.data_dir).map_err(|error| refused(&error))?;
        core.topology.store(Arc::new(core::topology(&core.config, &registry)));
        core.directory.store(Arc::new(directory));
        self.identities.speak(&core.config, &registry);
        core.registry.store(Arc::new(registry));
        Ok(())
    }

    /// One change of the directory at a time, reloads included.
    fn alone(&self) -> MutexGuard<'_, ()> {
        self.core.replacing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn code(text: &str, field: &str) -> Result<AgencyCode, Failure> {
    AgencyCode::opaque(text).map_err(|error| Failure::of(ErrorCode::InvalidArgument, &format!("{field}: {error}")))
}

fn code_of_parent(text: &str) -> Result<AgencyCode, Failure> {
    if text.is_empty() {
        return Err(Failure::of(ErrorCode::InvalidArgument, "pcode: name the agency above it"));
    }
    code(text, "pcode")
}

fn text(text: &str, field: &str, max: usize) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.len() > max || text.contains(char::is_control) {
        let detail = format!("{field}: 1 to {max} bytes without control characters");
        return Err(Failure::of(ErrorCode::InvalidArgument, &detail));
    }
    Ok(text.to_owned())
}

fn taken(code: &AgencyCode) -> Failure {
    let detail = format!("code = {code}: the directory lists it already; only its operator changes it");
    Failure::of(ErrorCode::InvalidArgument, &detail)
}
