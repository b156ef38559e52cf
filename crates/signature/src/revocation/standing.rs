//! Lists and responses judged on their own, before they are kept: who signed them, and may that be.
//!
//! A check of a signature judges them again, on its own path. This keeps out what could never be of use: the lists of
//! strangers, altered ones, answers about something else.

use types::{ErrorCode, UnixMillis};

use super::check::Context;
use super::{Crl, OcspResponse, RevocationEvidence, ocsp};
use crate::certificate::{Certificate, is_signed, permitted};
use crate::chain::{PathRequest, Target, validate_path};
use crate::policy::{Policy, Revocation};
use crate::reason::Reason;
use crate::trust::TrustStore;

/// Why a list or a response is not kept. Codes: `certificate_untrusted`, `signature_invalid`, `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StandingError {
    /// No certificate of this issuer is in the store, or none that may sign it.
    #[error("no certificate in the trust store may sign for {issuer}: {why}")]
    Issuer {
        /// The issuer it names.
        issuer: String,
        /// What was wrong with the last certificate looked at.
        why: String,
    },
    /// The issuer is known, and the signature is not its.
    #[error("the signature is not that of {issuer}")]
    Signature {
        /// The issuer it names.
        issuer: String,
    },
    /// A response that says nothing of the certificates of this issuer.
    #[error("the response speaks of no certificate of {issuer}")]
    OtherIssuer {
        /// The issuer's subject.
        issuer: String,
    },
    /// A response whose signer may not answer, or an algorithm that is not taken.
    #[error(transparent)]
    Signer(Reason),
}

impl StandingError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Issuer { .. } | Self::Signer(_) => ErrorCode::CertificateUntrusted,
            Self::Signature { .. } => ErrorCode::SignatureInvalid,
            Self::OtherIssuer { .. } => ErrorCode::InvalidArgument,
        }
    }
}

/// What a response says of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Serial number of the certificate, hexadecimal.
    pub serial: String,
    /// When that was known to be so.
    pub this_update: UnixMillis,
    /// When newer information is due; a response without it is never current.
    pub next_update: Option<UnixMillis>,
    /// When it was revoked; `None` for a good one.
    pub revoked_at: Option<UnixMillis>,
}

/// The certificate whose key signed a list: a CA of the store, or an issuer of lists that chains to one of its anchors,
/// valid at `at` (UTC). Revocation of the issuer itself is not looked at.
///
/// # Errors
/// [`StandingError::Issuer`], [`StandingError::Signature`].
pub fn verify_crl<'a>(
    list: &Crl,
    trust: &'a TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> Result<&'a Certificate, StandingError> {
    let issuer = || list.issuer().to_owned();
    let name = list.issuer_name();
    let policy = &Policy { revocation: Revocation::Off, ..policy.clone() };
    let mut error = StandingError::Issuer { issuer: issuer(), why: "there is none".to_owned() };
    for (is_anchor, certificate) in
        trust.anchors_named(name).map(|one| (true, one)).chain(trust.intermediates_named(name).map(|one| (false, one)))
    {
        if certificate.extensions().usage.is_some_and(|usage| !usage.signs_crls) {
            error = StandingError::Issuer { issuer: issuer(), why: "its key usage lacks cRLSign".to_owned() };
            continue;
        }
        let is_signed = permitted(list.der(), certificate.key(), policy)
            .and_then(|()| is_signed(list.der(), list.tbs.clone(), certificate.key(), policy));
        match is_signed {
            Ok(true) => {}
            Ok(false) => {
                error = StandingError::Signature { issuer: issuer() };
                continue;
            }
            Err(reason) => {
                error = StandingError::Issuer { issuer: issuer(), why: reason.to_string() };
                continue;
            }
        }
        let request = PathRequest::new(certificate, trust, policy, at).for_target(Target::CrlIssuer);
        match if is_anchor { Ok(()) } else { validate_path(&request).map(|_| ()) } {
            Ok(()) => {
                list.verified_by.get_or_init(|| certificate.sha256());
                return Ok(certificate);
            }
            Err(reason) => error = StandingError::Issuer { issuer: issuer(), why: reason.to_string() },
        }
    }
    Err(error)
}

/// What a response says of the certificates of `issuer`, once `issuer` or a responder that it certified signed it.
/// `issuer` is an anchor of the store, or chains to one at `at` (UTC).
///
/// # Errors
/// [`StandingError::OtherIssuer`], [`StandingError::Issuer`], [`StandingError::Signer`].
pub fn verify_response(
    response: &OcspResponse,
    issuer: &Certificate,
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> Result<Vec<Answered>, StandingError> {
    let answers = response.answers_of(issuer);
    if answers.is_empty() {
        return Err(StandingError::OtherIssuer { issuer: issuer.subject().to_owned() });
    }
    let policy = &Policy { revocation: Revocation::Off, ..policy.clone() };
    let request = &PathRequest::new(issuer, trust, policy, at).for_target(Target::Any);
    if !trust.anchors().iter().any(|anchor| anchor.sha256() == issuer.sha256()) {
        validate_path(request)
            .map_err(|reason| StandingError::Issuer { issuer: issuer.subject().to_owned(), why: reason.to_string() })?;
    }
    let evidence = &RevocationEvidence::new();
    let context = Context { request, evidence, policy, at, proved: None, depth: 0, grade: Revocation::Off };
    ocsp::signer(response, issuer, &context).map_err(StandingError::Signer)?;
    Ok(answers)
}

#[cfg(test)]
mod tests;
