//! Comparing what was signed with what arrived.

use std::collections::BTreeSet;
use std::fmt::Display;

use types::{AgencyCode, BusinessType, DocumentId, ErrorCode, PacketKind};

use super::{Manifest, PacketDigest, Part};

/// What the node found in the packet itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketFacts {
    /// The packet's sender.
    pub from: AgencyCode,
    /// The packet's receivers, in any order.
    pub to: Vec<AgencyCode>,
    /// The packet's `DocumentId`.
    pub document_id: DocumentId,
    /// Document or status.
    pub kind: PacketKind,
    /// The packet's business type, [`BusinessType::New`] for a status.
    pub business_type: BusinessType,
    /// Length and digest of the packet's bytes.
    pub packet: PacketDigest,
    /// The decoded files, in the order of the packet.
    pub parts: Vec<Part>,
}

/// One member in which the signed manifest and the packet differ. Code: `manifest_mismatch`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: signed {signed}, packet {found}")]
pub struct ManifestMismatch {
    /// The manifest's member, for example `parts[2].sha256`.
    pub field: String,
    /// What was signed.
    pub signed: String,
    /// What the packet holds.
    pub found: String,
}

impl ManifestMismatch {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::ManifestMismatch
    }
}

/// Codes named in a mismatch of receivers; the count says how many more there are.
const NAMED_MAX: usize = 5;

impl Manifest {
    /// Compares the manifest with the packet: sender, receivers as a set, document id, kind, business
    /// type, the packet's digest where one was signed, and every part in order.
    ///
    /// # Errors
    /// `manifest_mismatch`, naming the first member that differs with both values.
    pub fn matches(&self, facts: &PacketFacts) -> Result<(), ManifestMismatch> {
        same("from", &self.from, &facts.from)?;
        self.same_receivers(facts)?;
        same("documentId", &self.document_id, &facts.document_id)?;
        same("kind", &kind(self.kind), &kind(facts.kind))?;
        same("businessType", &self.business_type.as_number(), &facts.business_type.as_number())?;
        if let Some(signed) = &self.packet {
            same("packet.length", &signed.length, &facts.packet.length)?;
            same("packet.sha256", &signed.sha256, &facts.packet.sha256)?;
        }
        same("parts.length", &self.parts.len(), &facts.parts.len())?;
        for (index, (signed, found)) in self.parts.iter().zip(&facts.parts).enumerate() {
            same(&format!("parts[{index}].name"), &signed.name, &found.name)?;
            if !signed.media_type.eq_ignore_ascii_case(&found.media_type) {
                same(&format!("parts[{index}].mediaType"), &signed.media_type, &found.media_type)?;
            }
            same(&format!("parts[{index}].length"), &signed.length, &found.length)?;
            same(&format!("parts[{index}].sha256"), &signed.sha256, &found.sha256)?;
        }
        Ok(())
    }

    fn same_receivers(&self, facts: &PacketFacts) -> Result<(), ManifestMismatch> {
        let signed: BTreeSet<&AgencyCode> = self.to.iter().collect();
        let found: BTreeSet<&AgencyCode> = facts.to.iter().collect();
        if signed == found {
            return Ok(());
        }
        let only = |a: &BTreeSet<&AgencyCode>, b: &BTreeSet<&AgencyCode>| {
            let codes: Vec<&str> = a.difference(b).map(|code| code.as_str()).collect();
            let named = codes.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
            format!("{} codes, of which only here: [{named}] ({})", a.len(), codes.len())
        };
        Err(ManifestMismatch { field: "to".to_owned(), signed: only(&signed, &found), found: only(&found, &signed) })
    }
}

fn same<T: PartialEq + Display>(field: &str, signed: &T, found: &T) -> Result<(), ManifestMismatch> {
    if signed == found {
        return Ok(());
    }
    Err(ManifestMismatch { field: field.to_owned(), signed: signed.to_string(), found: found.to_string() })
}

const fn kind(kind: PacketKind) -> &'static str {
    match kind {
        PacketKind::Document => "document",
        PacketKind::Status => "status",
    }
}
