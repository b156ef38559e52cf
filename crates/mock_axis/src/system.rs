//! Systems (centres) that may call: id, secret, and the agencies that they speak for.

use std::path::Path;
use std::str::FromStr;

use axis::Secret;
use serde::Deserialize;
use types::{AgencyCode, NeighbourId};

/// Why a system cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// The text is not `ID:SECRET[:AGENCY,…]`.
    #[error("system {0:?}: write ID:SECRET or ID:SECRET:AGENCY,AGENCY")]
    Shape(String),
    /// The id has other characters than `A–Z a–z 0–9 . _ -`, or more than 48 of them.
    #[error("system id {0:?}: 1 to 48 of A-Z a-z 0-9 . _ -")]
    Id(String),
    /// A code is no code.
    #[error("system {system}: agency {agency:?} is not a code")]
    Agency {
        /// The system.
        system: String,
        /// The code.
        agency: String,
    },
    /// A system that is no agency, and speaks for none.
    #[error("system {0}: name the agencies that it speaks for, as the id is no agency code")]
    Silent(String),
    /// The same id or agency twice.
    #[error("{what} {name} is given to two systems")]
    Twice {
        /// `system id` or `agency`.
        what: &'static str,
        /// Which.
        name: String,
    },
    /// The file cannot be read.
    #[error("read {file}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// Why, with the place.
        reason: String,
    },
}

/// What a system speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This agency.
    Agency(AgencyCode),
    /// This agency and everything below it.
    Below(AgencyCode),
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Agency(code) => write!(f, "{code}"),
            Self::Below(code) => write!(f, "{}.*", code.canonical()),
        }
    }
}

/// A system (centre) that may call.
#[derive(Clone, Debug)]
pub struct System {
    /// `systemid`, as it is sent. 1–48 of `A–Z a–z 0–9 . _ -`.
    pub id: String,
    /// Its secret before any rotation.
    pub secret: Secret,
    /// The agencies that it speaks for.
    pub scopes: Vec<Scope>,
}

/// Characters of a system's id at most: its inbox is named after it, in a code of 64.
const ID_MAX: usize = 48;

impl System {
    /// A system; without agencies it speaks for the one that its id names, and everything below.
    ///
    /// An agency ends in `.*` to stand for itself and everything below: `H48.*`.
    ///
    /// # Errors
    /// An id or code of a wrong shape; no agency at all.
    pub fn new(id: &str, secret: &str, agencies: &[String]) -> Result<Self, SystemError> {
        if id.len() > ID_MAX || id.parse::<NeighbourId>().is_err() {
            return Err(SystemError::Id(id.to_owned()));
        }
        let scopes = match agencies {
            [] => {
                let own = id.parse::<AgencyCode>().map_err(|_| SystemError::Silent(id.to_owned()))?;
                vec![Scope::Below(own)]
            }
            listed => listed.iter().map(|agency| scope(id, agency)).collect::<Result<_, _>>()?,
        };
        Ok(Self { id: id.to_owned(), secret: Secret::new(secret.as_bytes()), scopes })
    }

    /// The code of this system's inbox in the store.
    pub(crate) fn inbox(&self) -> AgencyCode {
        AgencyCode::opaque(&format!("system:{}", self.id)).expect("48 characters of a system id fit an opaque code")
    }

    /// Agencies that it names, without those below them.
    pub(crate) fn named(&self) -> impl Iterator<Item = &AgencyCode> {
        self.scopes.iter().map(|scope| match scope {
            Scope::Agency(code) | Scope::Below(code) => code,
        })
    }
}

fn scope(system: &str, text: &str) -> Result<Scope, SystemError> {
    let wrong = |_| SystemError::Agency { system: system.to_owned(), agency: text.to_owned() };
    match text.trim().strip_suffix(".*") {
        Some(above) => AgencyCode::opaque(above).map(Scope::Below).map_err(wrong),
        None => AgencyCode::opaque(text.trim()).map(Scope::Agency).map_err(wrong),
    }
}

impl FromStr for System {
    type Err = SystemError;

    /// `ID:SECRET` or `ID:SECRET:AGENCY,…`. A secret with a colon goes into a file.
    fn from_str(text: &str) -> Result<Self, SystemError> {
        let mut parts = text.split(':');
        let shape = || SystemError::Shape(text.split(':').next().unwrap_or_default().to_owned());
        let (id, secret) = (parts.next().ok_or_else(shape)?, parts.next().filter(|secret| !secret.is_empty()));
        let agencies: Vec<String> = parts.next().map(list).unwrap_or_default();
        if parts.next().is_some() {
            return Err(shape());
        }
        Self::new(id, secret.ok_or_else(shape)?, &agencies)
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').filter(|agency| !agency.is_empty()).map(str::to_owned).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemsFile {
    system: Vec<SystemEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemEntry {
    id: String,
    secret: String,
    #[serde(default)]
    agencies: Vec<String>,
}

/// Reads a TOML file of `[[system]]` with `id`, `secret` and `agencies`.
///
/// # Errors
/// The file, its place and what is wrong there.
pub fn read_file(path: &Path) -> Result<Vec<System>, SystemError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| SystemError::Read { file: file.clone(), source })?;
    // The message of the parser quotes the line, which may hold a secret: only its place is told.
    let parsed: SystemsFile = toml::from_str(&text).map_err(|error| SystemError::File {
        reason: format!("{}{}", error.message(), place(&text, error.span())),
        file,
    })?;
    parsed.system.iter().map(|entry| System::new(&entry.id, &entry.secret, &entry.agencies)).collect()
}

fn place(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    before.map_or_else(String::new, |before| format!(" (line {})", before.matches('\n').count() + 1))
}

/// The systems of a mock that was told of none: three provinces, the Government Office, and a centre with an odd id.
/// Their secrets are made up, and the same everywhere.
#[must_use]
pub fn defaults() -> Vec<System> {
    let system = |id, secret, agencies: &[&str]| {
        let agencies: Vec<String> = agencies.iter().map(|&agency| agency.to_owned()).collect();
        System::new(id, secret, &agencies).expect("the default systems are written as systems are")
    };
    vec![
        system("000.00.00.H48", "mock-secret-h48/With+Base64==", &[]),
        system("000.00.00.G22", "mock-secret-g22", &[]),
        system("000.00.00.H41", "mock-secret-h41", &[]),
        system("vxp.saas.02", "mock-secret-saas", &["H17.*", "H49.*"]),
    ]
}

/// Which system speaks for which agency.
#[derive(Clone, Debug)]
pub(crate) struct Systems {
    systems: Vec<System>,
}

impl Systems {
    /// # Errors
    /// An id or an agency that two systems have.
    pub(crate) fn new(systems: Vec<System>) -> Result<Self, SystemError> {
        let mut seen = std::collections::BTreeSet::new();
        for system in &systems {
            if !seen.insert(("system id", system.id.clone())) {
                return Err(SystemError::Twice { what: "system id", name: system.id.clone() });
            }
            for agency in system.named() {
                if !seen.insert(("agency", agency.canonical().to_owned())) {
                    return Err(SystemError::Twice { what: "agency", name: agency.to_string() });
                }
            }
        }
        Ok(Self { systems })
    }

    pub(crate) fn all(&self) -> &[System] {
        &self.systems
    }

    pub(crate) fn find(&self, id: &str) -> Option<&System> {
        self.systems.iter().find(|system| system.id == id)
    }

    /// The system that speaks for this agency: the one that names it, then the one that names the nearest above it.
    pub(crate) fn serving(&self, agency: &AgencyCode) -> Option<&System> {
        let wanted = agency.canonical();
        let weight = |scope: &Scope| match scope {
            Scope::Agency(code) if code.canonical() == wanted => Some(usize::MAX),
            Scope::Below(code) if is_below(wanted, code.canonical()) => Some(code.canonical().len()),
            Scope::Agency(_) | Scope::Below(_) => None,
        };
        let best = |system: &&System| system.scopes.iter().filter_map(weight).max();
        self.systems.iter().filter(|system| best(system).is_some()).max_by_key(best)
    }
}

/// Whether a canonical code is `above` or starts with it and a dot.
fn is_below(code: &str, above: &str) -> bool {
    code.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests;
