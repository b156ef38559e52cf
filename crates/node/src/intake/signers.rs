//! On behalf of whom a certificate signs.

use directory::{Agency, Directory, name_key};
use signature::Signatory;
use signature::ruling::{BoundBy, Capacity, Role};
use types::AgencyCode;

use crate::config::SignerEntry;

/// Prefix of the alternative name by which a certificate names its agency.
const AGENCY_URN: &str = "urn:lienthong:agency:";

/// What is known about signers: the operator's list, then what the certificate says, then names.
#[derive(Clone, Copy, Debug)]
pub struct Signers<'a> {
    /// Agencies.
    pub directory: &'a Directory,
    /// The operator's list.
    pub entries: &'a [SignerEntry],
    /// The sender, to whose name, and whose parent's, names are compared. Nobody else is looked up by name.
    pub sender: Option<&'a Agency>,
}

impl Signers<'_> {
    /// The body that the directory lists above the sender.
    #[must_use]
    pub fn above(&self) -> Vec<AgencyCode> {
        self.parent().map(|parent| parent.code.clone()).into_iter().collect()
    }

    fn parent(&self) -> Option<&Agency> {
        self.sender?.parent.as_ref().and_then(|parent| self.directory.find(parent))
    }

    /// On behalf of whom this certificate signs, and how that is known.
    #[must_use]
    pub fn capacity(&self, signer: &Signatory) -> Option<Capacity> {
        self.listed(signer).or_else(|| self.by_alternative_name(signer)).or_else(|| self.by_name(signer))
    }

    fn listed(&self, signer: &Signatory) -> Option<Capacity> {
        let entry = self.entries.iter().find(|entry| entry.certificate == signer.sha256)?;
        Some(Capacity { agency: self.code(&entry.agency), role: entry.role, bound_by: BoundBy::Configuration })
    }

    fn by_alternative_name(&self, signer: &Signatory) -> Option<Capacity> {
        let mut codes = signer.uris.iter().filter_map(|uri| uri.strip_prefix(AGENCY_URN));
        // Of a certificate that names two agencies nobody can say for which of them it signs.
        let (Some(text), None) = (codes.next(), codes.next()) else { return None };
        let code = text.parse().or_else(|_| AgencyCode::opaque(text)).ok()?;
        let role = match self.directory.find(&code) {
            Some(agency) if !names(signer.common_name.as_deref(), agency) => Role::Leader,
            // A certificate of the agency itself, without a person.
            Some(_) | None => Role::Seal,
        };
        Some(Capacity { agency: self.code(&code), role, bound_by: BoundBy::AlternativeName })
    }

    fn by_name(&self, signer: &Signatory) -> Option<Capacity> {
        self.sender.into_iter().chain(self.parent()).find_map(|agency| {
            let is_in = signer.organisations.iter().any(|name| names(Some(name), agency));
            let role = match names(signer.common_name.as_deref(), agency) {
                true => Role::Seal,
                false if is_in => Role::Leader,
                false => return None,
            };
            // Communes of one name are many: a name that is not one agency's binds to none.
            let is_unique = self.directory.iter().filter(|other| other.name == agency.name).take(2).count() == 1;
            is_unique.then(|| Capacity { agency: agency.code.clone(), role, bound_by: BoundBy::Name })
        })
    }

    /// The code as the directory lists it, so that both generations are one agency.
    fn code(&self, code: &AgencyCode) -> AgencyCode {
        self.directory.find(code).map_or_else(|| code.clone(), |agency| agency.code.clone())
    }
}

/// What certificates for tests and demonstrations have behind their names; no other node takes them.
const EXAMPLE: &str = " (EXAMPLE)";

/// Whether a text of a certificate is the agency's official name.
fn names(text: Option<&str>, agency: &Agency) -> bool {
    text.is_some_and(|text| name_key(text.strip_suffix(EXAMPLE).unwrap_or(text)) == name_key(&agency.name))
}

#[cfg(test)]
mod tests;
