//! What was found out about one certificate's revocation.

use serde::{Deserialize, Serialize};
use types::UnixMillis;

/// The revocation of one certificate of a path, as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevocationStatus {
    /// Whose certificate: its subject.
    pub subject: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// What was found out.
    pub state: RevocationState,
    /// From what; absent when nothing answered.
    pub source: Option<RevocationSource>,
    /// Who signed it: the subject of the list's or the response's signer.
    pub source_issuer: Option<String>,
    /// Number of the list, hexadecimal.
    pub number: Option<String>,
    /// When that was known to be so.
    #[serde(with = "crate::time::optional_text")]
    pub this_update: Option<UnixMillis>,
    /// When newer information is due.
    #[serde(with = "crate::time::optional_text")]
    pub next_update: Option<UnixMillis>,
    /// When it was revoked.
    #[serde(with = "crate::time::optional_text")]
    pub revoked_at: Option<UnixMillis>,
    /// CRLReason (RFC 5280 5.3.1), by number; absent when not revoked.
    pub reason: Option<u8>,
    /// Why nothing was found out, in English; absent otherwise.
    pub why: Option<String>,
}

/// Whether a certificate is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RevocationState {
    /// Not revoked, says something that was verified.
    Good,
    /// Revoked.
    Revoked,
    /// Not found out.
    Unknown,
}

/// Where a status comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RevocationSource {
    /// A certificate revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
}
