//! What is kept, and by which rules: verified first, the newest of each line, on disk before it is used.

mod error;
mod holding;
mod judging;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use signature::{Certificate, Crl, OcspResponse, Policy, RevocationEvidence, StandingError, TrustStore};
use types::{Digest, UnixMillis};

pub use error::KeepError;
pub(crate) use error::iso;
pub(crate) use holding::sha256;
pub use holding::{HeldCrl, HeldIssuer, HeldResponse};
pub(crate) use judging::read_crl;

use crate::shelf::{Kind, Shelf, ShelfError};
use crate::source::{Source, SourcesFile};

/// Bytes of one list, as `signature` takes them.
pub(crate) const CRL_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of one response.
pub(crate) const RESPONSE_BYTES_MAX: usize = 128 * 1024;
/// Bytes of an issuer's certificate, or of a file of several.
pub(crate) const ISSUER_BYTES_MAX: usize = 256 * 1024;
/// Lists kept: one for each CA of the country, with room.
const CRLS_MAX: usize = 1_000;
/// Responses kept; past it, the one that was asked for longest ago goes.
const RESPONSES_MAX: usize = 20_000;
/// Issuers' certificates kept.
const ISSUERS_MAX: usize = 1_000;

/// What became of something that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// There was none of its line.
    Added,
    /// It took the place of an older one.
    Replaced {
        /// When that one was issued.
        this_update: UnixMillis,
        /// Its number, hexadecimal, where it had one.
        number: Option<String>,
    },
    /// It was there already.
    Unchanged,
}

/// A file that could not be used at the start.
#[derive(Clone, Debug)]
pub struct Damaged {
    /// Where it lies now.
    pub path: PathBuf,
    /// What was wrong with it.
    pub why: String,
    /// Whether it was moved away, or only is not used while the trust store is as it is.
    pub is_set_aside: bool,
}

/// The certificates and rules that everything kept is held against.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Anchors and intermediates.
    pub store: Arc<TrustStore>,
    /// Algorithms, sizes and clock tolerance.
    pub policy: Arc<Policy>,
}

/// Lists, responses and issuers in memory, and the shelf behind them. Blocking throughout.
#[derive(Debug)]
pub struct Keeper {
    shelf: Shelf,
    trust: Trust,
    /// The trust store with the issuers that were fetched.
    extended: TrustStore,
    crls: BTreeMap<Digest, HeldCrl>,
    responses: HashMap<Digest, HeldResponse>,
    issuers: BTreeMap<Digest, HeldIssuer>,
}

impl Keeper {
    /// Loads what lies in `dir`, made when absent. What cannot be read, or was altered, is set aside and named; what the
    /// trust store does not vouch for stays where it is, unused and named.
    ///
    /// # Errors
    /// The disk's.
    pub fn open(dir: &Path, trust: Trust, now: UnixMillis) -> Result<(Self, Vec<Damaged>), ShelfError> {
        let mut keeper = Self {
            shelf: Shelf::open(dir)?,
            extended: TrustStore::clone(&trust.store),
            trust,
            crls: BTreeMap::new(),
            responses: HashMap::new(),
            issuers: BTreeMap::new(),
        };
        let damaged = keeper.load(now)?;
        Ok((keeper, damaged))
    }

    /// Takes up what another process put on the shelf.
    pub(crate) fn reread(&mut self, now: UnixMillis) -> Result<Vec<Damaged>, ShelfError> {
        self.load(now)
    }

    /// Holds everything against other certificates and rules; what they do not vouch for is not used any more.
    pub(crate) fn retrust(&mut self, trust: Trust, now: UnixMillis) -> Result<Vec<Damaged>, ShelfError> {
        self.extended = TrustStore::clone(&trust.store);
        self.trust = trust;
        self.crls.clear();
        self.responses.clear();
        self.issuers.clear();
        self.load(now)
    }

    /// Everything, for checks.
    #[must_use]
    pub fn evidence(&self) -> RevocationEvidence {
        let evidence = self.crls.values().fold(RevocationEvidence::new(), |all, held| all.with_crl(held.crl.clone()));
        self.responses.values().fold(evidence, |all, held| all.with_response(held.response.clone()))
    }

    /// The lists.
    pub fn crls(&self) -> impl Iterator<Item = &HeldCrl> {
        self.crls.values()
    }

    /// The responses.
    pub fn responses(&self) -> impl Iterator<Item = &HeldResponse> {
        self.responses.values()
    }

    /// Issuers' certificates that were fetched or imported.
    pub fn issuers(&self) -> impl Iterator<Item = &HeldIssuer> {
        self.issuers.values()
    }

    /// The anchors and intermediates, with the issuers that were fetched.
    #[must_use]
    pub const fn trust(&self) -> &TrustStore {
        &self.extended
    }

    /// Keeps a list, DER or PEM.
    ///
    /// # Errors
    /// [`KeepError`]; what was kept before stays.
    pub fn keep_crl(&mut self, bytes: &[u8], now: UnixMillis) -> Result<(HeldCrl, Keeping), KeepError> {
        self.keep_read_crl(read_crl(bytes)?, now)
    }

    /// [`Self::keep_crl`] of a list that was read already: reading a large one takes longer than everything else here.
    pub(crate) fn keep_read_crl(&mut self, crl: Arc<Crl>, now: UnixMillis) -> Result<(HeldCrl, Keeping), KeepError> {
        let held = self.judge_crl(crl, now)?;
        let line = held.crl.line();
        if self.crls.len() >= CRLS_MAX && !self.crls.contains_key(&line) {
            return Err(KeepError::Full { max: CRLS_MAX });
        }
        let path = self.shelf.path(Kind::Crl, &line.to_string());
        let _lock = self.shelf.lock()?;
        // Another process may have put one here that this one has not seen.
        let on_disk = self.shelf.read(&path)?;
        let in_memory = self.crls.get(&line).map(|kept| kept.crl.clone());
        let known = on_disk.as_deref().map(sha256);
        let kept = match in_memory {
            Some(kept) if known == Some(kept.sha256()) => Some(kept),
            _ => on_disk.and_then(|bytes| Crl::parse(&bytes).ok()).map(Arc::new),
        };
        let keeping = match kept {
            Some(kept) if kept.sha256() == held.crl.sha256() => Keeping::Unchanged,
            Some(kept) if held.crl.is_older_than(&kept) => {
                let what = held.name();
                return Err(KeepError::Older { what, offered: held.crl.this_update(), kept: kept.this_update() });
            }
            Some(kept) => Keeping::Replaced { this_update: kept.this_update(), number: kept.number_hex() },
            None => Keeping::Added,
        };
        if keeping != Keeping::Unchanged {
            self.shelf.write(&path, held.crl.der())?;
        }
        let in_use = self.crls.entry(line).or_insert_with(|| held.clone());
        if in_use.crl.sha256() != held.crl.sha256() {
            *in_use = held;
        }
        Ok((in_use.clone(), keeping))
    }

    /// Keeps a response about one certificate of `issuer`.
    ///
    /// # Errors
    /// [`KeepError`]; what was kept before stays.
    pub fn keep_response(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        der: &[u8],
        now: UnixMillis,
    ) -> Result<(HeldResponse, Keeping), KeepError> {
        let response = Arc::new(OcspResponse::parse(der)?);
        let answers = self.judge_response(&response, issuer, now)?;
        let serial = certificate.serial_hex();
        let answer = answers
            .into_iter()
            .find(|answer| answer.serial == serial && certificate.issuer() == issuer.subject())
            .ok_or_else(|| KeepError::OtherCertificate { subject: certificate.subject().to_owned() })?;
        let held = HeldResponse {
            response,
            der: der.into(),
            certificate: Some(certificate.clone()),
            issuer: issuer.clone(),
            answer,
            asked_at: now,
        };
        self.put_response(held, now)
    }

    /// Keeps a response from a file: about whichever certificates of known CAs it speaks of, one result for each.
    ///
    /// # Errors
    /// [`KeepError`] when it speaks of none.
    pub fn keep_given_response(
        &mut self,
        der: &[u8],
        now: UnixMillis,
    ) -> Result<Vec<(HeldResponse, Keeping)>, KeepError> {
        let response = Arc::new(OcspResponse::parse(der)?);
        let cas = self.extended.anchors().iter().chain(self.extended.intermediates());
        let mut error = KeepError::from(StandingError::OtherIssuer { issuer: "a CA of the trust store".to_owned() });
        let mut found = Vec::new();
        for issuer in cas.cloned().collect::<Vec<_>>() {
            match self.judge_response(&response, &issuer, now) {
                Ok(answers) => found.extend(answers.into_iter().map(|answer| (issuer.clone(), answer))),
                Err(KeepError::Standing(StandingError::OtherIssuer { .. })) => {}
                Err(other) => error = other,
            }
        }
        if found.is_empty() {
            return Err(error);
        }
        let response = |(issuer, answer)| HeldResponse {
            response: response.clone(),
            der: der.into(),
            certificate: None,
            issuer,
            answer,
            asked_at: now,
        };
        found.into_iter().map(response).map(|held| self.put_response(held, now)).collect()
    }

    /// Keeps an issuer's certificate, once it chains to an anchor.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn keep_issuer(
        &mut self,
        certificate: &Certificate,
        now: UnixMillis,
    ) -> Result<(HeldIssuer, Keeping), KeepError> {
        self.judge_issuer(certificate, now)?;
        let held = HeldIssuer { certificate: certificate.clone() };
        let digest = certificate.sha256();
        let known = self.extended.anchors().iter().chain(self.extended.intermediates());
        if known.into_iter().any(|known| known.sha256() == digest) {
            return Ok((held, Keeping::Unchanged));
        }
        if self.issuers.len() >= ISSUERS_MAX {
            return Err(KeepError::Full { max: ISSUERS_MAX });
        }
        let _lock = self.shelf.lock()?;
        self.shelf.write(&self.shelf.path(Kind::Issuer, &digest.to_string()), certificate.der())?;
        self.issuers.insert(digest, held.clone());
        self.extend();
        Ok((held, Keeping::Added))
    }

    /// Forgets responses that are over; gives how many.
    pub(crate) fn forget_over(&mut self, now: UnixMillis) -> Result<usize, ShelfError> {
        let over: Vec<Digest> =
            self.responses.iter().filter(|(_, held)| held.is_over(now)).map(|(key, _)| *key).collect();
        for key in &over {
            self.drop_response(*key)?;
        }
        Ok(over.len())
    }

    /// Notes that a status was needed, so that it is refreshed ahead from then on; gives whether a current one is kept.
    pub(crate) fn has_current(&mut self, key: Digest, now: UnixMillis) -> bool {
        let held = self.responses.get_mut(&key);
        held.is_some_and(|held| {
            held.asked_at = now;
            !held.is_over(now)
        })
    }

    /// Certificates whose status is asked for again ahead of time: four fifths of the response's life are over, and
    /// somebody needed it since `asked_since`. At most `max`, the ones that end first.
    pub(crate) fn due_responses(
        &self,
        asked_since: UnixMillis,
        now: UnixMillis,
        max: usize,
    ) -> Vec<(Certificate, Certificate)> {
        let mut due: Vec<_> = self
            .responses
            .values()
            .filter(|held| held.asked_at >= asked_since && held.refresh_at() <= now)
            .filter_map(|held| Some((held.answer.next_update, held.certificate.as_ref()?, &held.issuer)))
            .filter(|(_, certificate, _)| now <= certificate.not_after())
            .collect();
        due.sort_by_key(|(next_update, _, _)| *next_update);
        due.into_iter().take(max).map(|(_, certificate, issuer)| (certificate.clone(), issuer.clone())).collect()
    }

    /// The sources as the node last wrote them, for showing; empty when it never ran.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        let read = std::fs::read(self.shelf.states()).ok();
        read.and_then(|bytes| serde_json::from_slice::<SourcesFile>(&bytes).ok()).unwrap_or_default().sources
    }

    pub(crate) const fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    fn put_response(&mut self, held: HeldResponse, now: UnixMillis) -> Result<(HeldResponse, Keeping), KeepError> {
        let what = || held.name();
        let next_update = held.answer.next_update.ok_or_else(|| KeepError::Endless { what: what() })?;
        if next_update < now {
            return Err(KeepError::Over { what: what(), next_update });
        }
        self.refuse_ahead(what(), held.answer.this_update, now)?;
        let key = held.key();
        let keeping = match self.responses.get(&key) {
            Some(kept) if kept.der == held.der => Keeping::Unchanged,
            Some(kept) if held.answer.this_update < kept.answer.this_update => {
                let (offered, kept) = (held.answer.this_update, kept.answer.this_update);
                return Err(KeepError::Older { what: what(), offered, kept });
            }
            Some(kept) => Keeping::Replaced { this_update: kept.answer.this_update, number: None },
            None => Keeping::Added,
        };
        if keeping == Keeping::Added && self.responses.len() >= RESPONSES_MAX {
            let longest = self.responses.iter().min_by_key(|(_, kept)| kept.asked_at).map(|(key, _)| *key);
            longest.map_or(Ok(()), |key| self.drop_response(key))?;
        }
        if keeping != Keeping::Unchanged {
            let _lock = self.shelf.lock()?;
            self.shelf.write(&self.shelf.path(Kind::Response, &key.to_string()), &held.to_json())?;
        }
        self.responses.insert(key, held.clone());
        Ok((held, keeping))
    }

    fn drop_response(&mut self, key: Digest) -> Result<(), ShelfError> {
        self.responses.remove(&key);
        let path = self.shelf.path(Kind::Response, &key.to_string());
        match self.shelf.remove(&path) {
            Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}
