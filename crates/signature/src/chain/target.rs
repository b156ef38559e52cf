//! What a path is for: the rules about its last certificate, and about the purposes of the CAs above.

use crate::certificate::{Certificate, Extensions};
use crate::oid;
use crate::reason::ChainReason;

/// The use of the certificate at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Signs documents: digitalSignature or nonRepudiation, no CA; an extended key usage, where there is one, names
    /// documents, e-mail or any purpose.
    DocumentSigner,
    /// Signs time-stamps: extended key usage timeStamping alone, critical (RFC 3161 2.3).
    TimestampAuthority,
    /// Signs revocation lists: cRLSign.
    CrlIssuer,
    /// Any use: only the path counts.
    Any,
}

/// documentSigning (RFC 9336), Microsoft's document signing, Adobe's authentic documents, emailProtection.
const DOCUMENT_PURPOSES: [&[u8]; 4] =
    [oid::FOR_DOCUMENTS, oid::FOR_DOCUMENTS_MICROSOFT, oid::FOR_DOCUMENTS_ADOBE, oid::FOR_EMAIL];

impl Target {
    /// Checks the last certificate of a path.
    pub(super) fn check(self, leaf: &Certificate) -> Result<(), ChainReason> {
        let subject = || leaf.subject().to_owned();
        let usage = leaf.extensions().usage;
        // The authority's own purpose has a stricter rule below.
        if self != Self::TimestampAuthority && !self.is_allowed_by(leaf.extensions()) {
            return Err(ChainReason::ExtendedKeyUsage { subject: subject() });
        }
        match self {
            Self::DocumentSigner | Self::TimestampAuthority if leaf.is_ca() => {
                Err(ChainReason::SignerIsCa { subject: subject() })
            }
            Self::DocumentSigner if !usage.is_some_and(|usage| usage.signs_documents) => {
                Err(ChainReason::KeyUsage { subject: subject() })
            }
            Self::TimestampAuthority => self.check_timestamp_authority(leaf),
            // RFC 5280 6.3.3 (f): only where the extension is there; CAs of other rules have none.
            Self::CrlIssuer if usage.is_some_and(|usage| !usage.signs_crls) => {
                Err(ChainReason::NoCrlSign { subject: subject() })
            }
            _ => Ok(()),
        }
    }

    fn check_timestamp_authority(self, leaf: &Certificate) -> Result<(), ChainReason> {
        let extensions = leaf.extensions();
        if extensions.usage.is_some_and(|usage| !usage.signs_documents) {
            return Err(ChainReason::KeyUsage { subject: leaf.subject().to_owned() });
        }
        match &extensions.purposes {
            Some(purposes) if purposes.is_critical && purposes.oids == [oid::FOR_TIMESTAMPS] => Ok(()),
            _ => Err(ChainReason::TimestampingPurpose { subject: leaf.subject().to_owned() }),
        }
    }

    /// Whether an extended key usage, of the certificate or of a CA above it, leaves room for this use; an absent
    /// one does.
    pub(super) fn is_allowed_by(self, extensions: &Extensions) -> bool {
        let Some(purposes) = &extensions.purposes else { return true };
        let wanted: &[&[u8]] = match self {
            Self::DocumentSigner => &DOCUMENT_PURPOSES,
            Self::TimestampAuthority => &[oid::FOR_TIMESTAMPS],
            Self::CrlIssuer | Self::Any => return true,
        };
        purposes.oids.iter().any(|purpose| purpose == oid::FOR_ANYTHING || wanted.contains(&purpose.as_slice()))
    }
}

#[cfg(test)]
mod tests;
