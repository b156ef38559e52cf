//! The answers of the PKI: lists, statuses, time-stamps, right or wrong on demand.

use std::time::Duration;

use signature::{
    CertStatus, CrlContents, OcspRefusal, OcspRequest, OcspSigning, ResponseNonce, RevokedCertificate, SignError,
    Signer, Stamping, refuse_ocsp, sign_crl, sign_ocsp_response, stamp,
};
use types::UnixMillis;

use crate::faults::Fault;
use crate::pki::{Authority, OpenError, Pki, Revocations};

/// How long a list is good for.
const LIST_FOR: Duration = Duration::from_secs(24 * 3600);
/// How long a status is good for.
const STATUS_FOR: Duration = Duration::from_secs(3600);
/// What a delta list adds to: the complete list of the last midnight, UTC.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How far a fault puts a time-stamp into the past.
const STAMPED_BEFORE: Duration = Duration::from_secs(600);
/// The policy of the time-stamps, of the arc for examples (2.999).
const STAMP_POLICY: &str = "2.999.1";
/// INTEGER and OCTET STRING.
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// What was revoked cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A key refused.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The folder has nobody for it.
    #[error("no certificate and key for this in the folder")]
    Nobody,
}

/// Which list of a CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    Complete,
    Delta,
}

impl Pki {
    /// The list of a CA as of `now`, DER.
    pub(crate) fn list(
        &self,
        authority: &Authority,
        extent: Extent,
        now: UnixMillis,
        faults: &[Fault],
    ) -> Result<Vec<u8>, AnswerError> {
        self.list_of(authority, extent, now, faults, &self.revocations()?)
    }

    /// The same, of these revocations.
    pub(crate) fn list_of(
        &self,
        authority: &Authority,
        extent: Extent,
        now: UnixMillis,
        faults: &[Fault],
        revocations: &Revocations,
    ) -> Result<Vec<u8>, AnswerError> {
        let authority = if faults.contains(&Fault::WrongSigner) { self.another(authority)? } else { authority };
        let issued_at = if faults.contains(&Fault::Expired) { before(now, 2 * LIST_FOR) } else { now };
        let midnight = UnixMillis::new(issued_at.as_millis() / millis(DAY) * millis(DAY));
        let mut revoked = self.revoked_by(authority, revocations);
        revoked.retain(|entry| entry.at <= issued_at && (extent == Extent::Complete || entry.at >= midnight));
        let contents = CrlContents {
            this_update: issued_at,
            next_update: issued_at + LIST_FOR,
            number: self.next_number(issued_at),
            base: (extent == Extent::Delta).then_some(midnight.as_millis()),
            indirect_point: None,
            freshest: None,
            revoked,
        };
        Ok(sign_crl(&authority.signer, &contents)?)
    }

    fn revoked_by(&self, authority: &Authority, revocations: &Revocations) -> Vec<RevokedCertificate> {
        let own = self.issued().iter().filter(|issued| issued.certificate.names_issuer(authority.certificate()));
        let entry = |issued: &crate::pki::Issued| {
            let revocation = revocations.find(&issued.name)?;
            let serial = issued.certificate.serial().to_vec();
            Some(RevokedCertificate { serial, at: revocation.at, reason: revocation.reason, issuer: None })
        };
        own.filter_map(entry).collect()
    }

    /// The answer to an OCSP request, DER.
    pub(crate) fn status(&self, request: &[u8], now: UnixMillis, faults: &[Fault]) -> Result<Vec<u8>, AnswerError> {
        if faults.contains(&Fault::Refuse) {
            return Ok(refuse_ocsp(OcspRefusal::TryLater));
        }
        let Ok(request) = OcspRequest::parse(request) else { return Ok(refuse_ocsp(OcspRefusal::MalformedRequest)) };
        let is_asked = |authority: &&Authority| {
            request.questions().iter().any(|question| question.is_of_issuer(authority.certificate()))
        };
        let Some(authority) = self.authorities().iter().find(is_asked) else {
            return Ok(refuse_ocsp(OcspRefusal::Unauthorized));
        };
        let revocations = self.revocations()?;
        let status = |question: &signature::OcspQuestion| {
            let is_known = question.is_of_issuer(authority.certificate()) && !faults.contains(&Fault::Unknown);
            let mut issued = self.issued().iter();
            let found = issued.find(|issued| {
                issued.certificate.serial() == question.serial()
                    && issued.certificate.names_issuer(authority.certificate())
            });
            match found.filter(|_| is_known).map(|issued| revocations.find(&issued.name)) {
                None => CertStatus::Unknown,
                Some(Some(revocation)) if revocation.at <= now => {
                    CertStatus::Revoked { at: revocation.at, reason: revocation.reason }
                }
                Some(_) => CertStatus::Good,
            }
        };
        let statuses: Vec<CertStatus> = request.questions().iter().map(status).collect();
        let known_at = if faults.contains(&Fault::Expired) { before(now, 2 * STATUS_FOR) } else { now };
        let nonce = if faults.contains(&Fault::WrongNonce) { ResponseNonce::Other } else { ResponseNonce::Repeated };
        let signing = OcspSigning {
            produced_at: known_at,
            this_update: known_at,
            next_update: Some(known_at + STATUS_FOR),
            nonce,
        };
        let signer = match &authority.responder {
            _ if faults.contains(&Fault::WrongSigner) => self.stamper(None).ok_or(AnswerError::Nobody)?,
            Some(responder) => responder,
            None => &authority.signer,
        };
        Ok(sign_ocsp_response(signer, &request, &statuses, &signing)?)
    }

    /// The answer to a time-stamp request, DER. `name` is a time-stamping authority of the folder, or the first.
    pub(crate) fn time_stamp(
        &self,
        name: Option<&str>,
        request: &[u8],
        now: UnixMillis,
        faults: &[Fault],
    ) -> Result<Vec<u8>, AnswerError> {
        let mut request = request.to_vec();
        for fault in faults {
            match fault {
                Fault::Refuse => request.clear(),
                Fault::WrongImprint => change_last(&mut request, &[OCTET_STRING]),
                Fault::WrongNonce => change_last(&mut request, &[INTEGER]),
                _ => {}
            }
        }
        let time = if faults.contains(&Fault::Expired) { before(now, STAMPED_BEFORE) } else { now };
        let stamping =
            Stamping { policy: STAMP_POLICY.to_owned(), serial: self.next_number(now), time, accuracy_seconds: 1 };
        let signer: Option<&Signer> = if faults.contains(&Fault::WrongSigner) {
            self.authorities().iter().find_map(|authority| authority.responder.as_ref())
        } else {
            self.stamper(name)
        };
        Ok(stamp(signer.ok_or(AnswerError::Nobody)?, &request, &stamping)?)
    }

    /// A CA other than this one.
    fn another(&self, authority: &Authority) -> Result<&Authority, AnswerError> {
        let other = self.authorities().iter().find(|other| other.name() != authority.name());
        other.ok_or(AnswerError::Nobody)
    }
}

fn before(now: UnixMillis, by: Duration) -> UnixMillis {
    UnixMillis::new(now.as_millis().saturating_sub(millis(by)))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Turns the last bit of the last value with one of these tags in a TimeStampReq (RFC 3161 2.4.1): the digest is its
/// only OCTET STRING, the nonce its last INTEGER. A request that does not read stays as it is, and is refused.
fn change_last(request: &mut [u8], tags: &[u8]) {
    let Some(mut place) = content_of(request, 0).map(|content| content.start) else { return };
    let mut last = None;
    while let Some(content) = content_of(request, place) {
        let is_tag = |place: usize| request.get(place).is_some_and(|tag| tags.contains(tag));
        if is_tag(place) {
            last = content.clone().last();
        }
        // The imprint is the one SEQUENCE: its parts are looked at too.
        let is_imprint = request.get(place) == Some(&0x30) && tags == [OCTET_STRING];
        place = if is_imprint { content.start } else { content.end };
    }
    if let Some(byte) = last.and_then(|last| request.get_mut(last)) {
        *byte ^= 1;
    }
}

/// Where the content of the DER value at `place` lies; lengths of one byte, or two.
fn content_of(bytes: &[u8], place: usize) -> Option<std::ops::Range<usize>> {
    let (start, length) = match bytes.get(place + 1..)? {
        [length @ 0..=0x7f, ..] => (place + 2, usize::from(*length)),
        [0x81, length, ..] => (place + 3, usize::from(*length)),
        _ => return None,
    };
    (start + length <= bytes.len()).then_some(start..start + length)
}

#[cfg(test)]
mod tests;
