//! One list, response or certificate that is kept, and the loading of all of them.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use signature::{Answered, Certificate, Crl, OcspResponse, StandingError};
use types::{Digest, UnixMillis};

use super::{Damaged, KeepError, Keeper};
use crate::shelf::{Kind, ShelfError};

/// A list that is kept.
#[derive(Clone, Debug)]
pub struct HeldCrl {
    /// The list.
    pub crl: Arc<Crl>,
    /// The subject of the certificate that signed it.
    pub signer: String,
}

impl HeldCrl {
    pub(super) fn name(&self) -> String {
        let kind = if self.crl.is_delta() { "the delta list" } else { "the list" };
        format!("{kind} of {}", self.crl.issuer())
    }
}

/// A response that is kept.
#[derive(Clone, Debug)]
pub struct HeldResponse {
    /// The response.
    pub response: Arc<OcspResponse>,
    /// Its bytes, as they came.
    pub(crate) der: Box<[u8]>,
    /// Whose status it tells; `None` when it came from a file.
    pub certificate: Option<Certificate>,
    /// The issuer of that certificate.
    pub issuer: Certificate,
    /// What it says.
    pub answer: Answered,
    /// When somebody last needed it.
    pub asked_at: UnixMillis,
}

impl HeldResponse {
    /// Names a certificate's status: a digest over its issuer's certificate and its serial number.
    pub(crate) fn key_of(issuer: &Certificate, serial: &str) -> Digest {
        let mut all = issuer.sha256().as_bytes().to_vec();
        all.extend_from_slice(serial.as_bytes());
        sha256(&all)
    }

    pub(crate) fn key(&self) -> Digest {
        Self::key_of(&self.issuer, &self.answer.serial)
    }

    pub(super) fn name(&self) -> String {
        let serial = &self.answer.serial;
        format!("the response about certificate {serial} of {}", self.issuer.subject())
    }

    pub(crate) fn is_over(&self, now: UnixMillis) -> bool {
        self.answer.next_update.is_none_or(|next| next < now)
    }

    /// When a newer one is asked for ahead of time.
    pub(super) fn refresh_at(&self) -> UnixMillis {
        let next = self.answer.next_update.unwrap_or(self.answer.this_update);
        self.answer.this_update + next.since(self.answer.this_update) * 4 / 5
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let file = ResponseFile {
            certificate: self.certificate.as_ref().map(|certificate| STANDARD.encode(certificate.der())),
            issuer: STANDARD.encode(self.issuer.der()),
            serial: self.answer.serial.clone(),
            response: STANDARD.encode(&self.der),
            asked_at_ms: self.asked_at.as_millis(),
        };
        serde_json::to_vec_pretty(&file).unwrap_or_default()
    }
}

/// A certificate of a CA that was fetched or imported.
#[derive(Clone, Debug)]
pub struct HeldIssuer {
    /// The certificate.
    pub certificate: Certificate,
}

/// A kept response, as its file has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResponseFile {
    certificate: Option<String>,
    issuer: String,
    serial: String,
    response: String,
    asked_at_ms: u64,
}

/// What is wrong with a file.
enum Fault {
    /// It is not what it was when it was written.
    Damage(String),
    /// It does not hold against the trust store as it is.
    Unvouched(String),
    /// It is over, and of no further use.
    Over,
}

impl From<KeepError> for Fault {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Malformed(_)
            | KeepError::Certificate(_)
            | KeepError::Standing(StandingError::Signature { .. } | StandingError::OtherIssuer { .. }) => {
                Self::Damage(error.to_string())
            }
            other => Self::Unvouched(other.to_string()),
        }
    }
}

impl Keeper {
    /// Takes up every file that is not in memory as it is on disk.
    pub(super) fn load(&mut self, now: UnixMillis) -> Result<Vec<Damaged>, ShelfError> {
        let mut damaged = Vec::new();
        // Issuers first: the others may hang on them; twice, because they may hang on each other.
        for kind in [Kind::Issuer, Kind::Issuer, Kind::Crl, Kind::Response] {
            for path in self.shelf().files(kind)? {
                let Some(bytes) = self.shelf().read(&path)? else { continue };
                let taken = match kind {
                    Kind::Issuer => self.take_issuer(&bytes, now),
                    Kind::Crl => self.take_crl(&bytes, now),
                    Kind::Response => self.take_response(&bytes, now),
                };
                match taken {
                    Ok(()) => {}
                    Err(Fault::Over) => self.shelf().remove(&path)?,
                    Err(Fault::Damage(why)) => {
                        damaged.push(Damaged { path: self.shelf().set_aside(&path)?, why, is_set_aside: true });
                    }
                    Err(Fault::Unvouched(why)) => note(&mut damaged, &path, why),
                }
            }
        }
        // What hung on a later file was found on the second round.
        let issuers: Vec<_> =
            self.issuers.keys().map(|digest| self.shelf().path(Kind::Issuer, &digest.to_string())).collect();
        damaged.retain(|one| one.is_set_aside || !issuers.contains(&one.path));
        Ok(damaged)
    }

    fn take_issuer(&mut self, bytes: &[u8], now: UnixMillis) -> Result<(), Fault> {
        let certificate = Certificate::parse(bytes).map_err(KeepError::from)?;
        let digest = certificate.sha256();
        if self.issuers.contains_key(&digest) {
            return Ok(());
        }
        self.judge_issuer(&certificate, now)?;
        self.issuers.insert(digest, HeldIssuer { certificate });
        self.extend();
        Ok(())
    }

    fn take_crl(&mut self, bytes: &[u8], now: UnixMillis) -> Result<(), Fault> {
        let digest = sha256(bytes);
        if self.crls.values().any(|held| held.crl.sha256() == digest) {
            return Ok(());
        }
        let crl = Crl::parse(bytes).map_err(KeepError::from)?;
        let held = self.judge_crl(Arc::new(crl), now)?;
        let line = held.crl.line();
        if self.crls.get(&line).is_none_or(|kept| !held.crl.is_older_than(&kept.crl)) {
            self.crls.insert(line, held);
        }
        Ok(())
    }

    fn take_response(&mut self, bytes: &[u8], now: UnixMillis) -> Result<(), Fault> {
        let damage = |why: &dyn std::fmt::Display| Fault::Damage(why.to_string());
        let file: ResponseFile = serde_json::from_slice(bytes).map_err(|error| damage(&error))?;
        let der = |text: &str| STANDARD.decode(text).map_err(|error| damage(&error));
        let certificate = |text: &str| Certificate::parse(&der(text)?).map_err(|error| damage(&error));
        let issuer = certificate(&file.issuer)?;
        let key = HeldResponse::key_of(&issuer, &file.serial);
        let bytes = der(&file.response)?;
        if self.responses.get(&key).is_some_and(|held| *held.der == *bytes) {
            return Ok(());
        }
        let response = OcspResponse::parse(&bytes).map_err(|error| damage(&error))?;
        let answers = self.judge_response(&response, &issuer, now)?;
        let Some(answer) = answers.into_iter().find(|answer| answer.serial == file.serial) else {
            return Err(Fault::Damage(format!("the response does not speak of certificate {}", file.serial)));
        };
        let held = HeldResponse {
            response: Arc::new(response),
            der: bytes.into(),
            certificate: file.certificate.as_deref().map(certificate).transpose()?,
            issuer,
            answer,
            asked_at: UnixMillis::new(file.asked_at_ms),
        };
        if held.is_over(now) {
            return Err(Fault::Over);
        }
        self.responses.insert(key, held);
        Ok(())
    }
}

fn note(damaged: &mut Vec<Damaged>, path: &Path, why: String) {
    if !damaged.iter().any(|known| known.path == path) {
        damaged.push(Damaged { path: path.to_owned(), why, is_set_aside: false });
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    Digest::new(out)
}
