//! The certificates a check relies on.

mod memory;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use types::Digest;

use crate::budget::Budget;
use crate::certificate::{Certificate, CertificateError, Name, sha256};
use memory::Memory;

/// Anchors, intermediates and known signers, loaded together and replaced together.
///
/// Anchors are trusted because the operator says so. Intermediates and signers are only found here, never
/// trusted for it: government signatures embed the leaf alone.
///
/// A copy shares the certificates, and what checks remember of them ([`TrustStore::within`] makes one).
#[derive(Clone, Debug)]
pub struct TrustStore {
    store: Arc<Store>,
    budget: Budget,
}

#[derive(Clone, Debug)]
struct Store {
    anchors: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    signers: Vec<Certificate>,
    /// Positions by subject, so that a path costs the same in a store of three and of ten thousand.
    anchors_by_name: HashMap<Box<[u8]>, Vec<usize>>,
    intermediates_by_name: HashMap<Box<[u8]>, Vec<usize>>,
    version: String,
    memory: Arc<Memory>,
}

impl TrustStore {
    /// Store of these certificates.
    #[must_use]
    pub fn new(anchors: Vec<Certificate>, intermediates: Vec<Certificate>) -> Self {
        let store = Store {
            anchors_by_name: by_name(&anchors),
            intermediates_by_name: by_name(&intermediates),
            anchors,
            intermediates,
            signers: Vec::new(),
            version: String::new(),
            memory: Arc::new(Memory::new()),
        };
        Self { store: Arc::new(store.versioned()), budget: Budget::unlimited() }
    }

    /// Store of the certificates of two files, each PEM with any number of blocks, or DER with one
    /// certificate. `intermediates` may be empty.
    ///
    /// # Errors
    /// `invalid_argument` when a file has a broken certificate, or `anchors` has none.
    pub fn from_pem(anchors: &[u8], intermediates: &[u8]) -> Result<Self, CertificateError> {
        let anchors = Certificate::parse_all(anchors)?;
        let intermediates =
            if intermediates.trim_ascii().is_empty() { Vec::new() } else { Certificate::parse_all(intermediates)? };
        Ok(Self::new(anchors, intermediates))
    }

    /// The same store with signers that a signature may name without bringing them (`x5t#S256`, CMS
    /// without certificates).
    #[must_use]
    pub fn with_signers(self, signers: Vec<Certificate>) -> Self {
        self.changed(|store| store.signers = signers)
    }

    /// The same store with more intermediates, which were fetched or came with documents; those that are there
    /// already are left out. They are no more trusted than any other.
    #[must_use]
    pub fn with_intermediates(self, more: impl IntoIterator<Item = Certificate>) -> Self {
        self.changed(|store| {
            let mut known: HashSet<Digest> = store.intermediates.iter().map(Certificate::sha256).collect();
            store.intermediates.extend(more.into_iter().filter(|certificate| known.insert(certificate.sha256())));
            store.intermediates_by_name = by_name(&store.intermediates);
        })
    }

    /// The same store for the checks of one document: their work is counted against `budget`. Costs nothing.
    #[must_use]
    pub fn within(&self, budget: &Budget) -> Self {
        Self { store: Arc::clone(&self.store), budget: budget.clone() }
    }

    /// The trust anchors.
    #[must_use]
    pub fn anchors(&self) -> &[Certificate] {
        &self.store.anchors
    }

    /// The intermediates.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.store.intermediates
    }

    /// Names this set of certificates: 16 hexadecimal digits of a digest over all of them, their order aside.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.store.version
    }

    /// Certificates that may be a signer's.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Certificate> {
        self.store.signers.iter().chain(&self.store.intermediates)
    }

    /// Anchors with this subject.
    pub(crate) fn anchors_named(&self, name: &Name) -> impl Iterator<Item = &Certificate> {
        let positions = self.store.anchors_by_name.get(name.chain_key()).into_iter().flatten();
        positions.filter_map(|position| self.store.anchors.get(*position))
    }

    /// Intermediates with this subject.
    pub(crate) fn intermediates_named(&self, name: &Name) -> impl Iterator<Item = &Certificate> {
        let positions = self.store.intermediates_by_name.get(name.chain_key()).into_iter().flatten();
        positions.filter_map(|position| self.store.intermediates.get(*position))
    }

    /// What the checks of a document may cost.
    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Reads a certificate that came with a signature, or remembers it.
    pub(crate) fn read(&self, der: &[u8]) -> Result<Certificate, CertificateError> {
        match self.store.memory.certificate(sha256(der)) {
            Some(certificate) => Ok(certificate),
            None => Certificate::parse(der),
        }
    }

    /// Whether the signature on a certificate is remembered to verify with the key of this issuer.
    pub(crate) fn is_issued(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.store.memory.is_issued(certificate, issuer)
    }

    /// Remembers a path from a certificate to one of the anchors, every signature of which verified.
    pub(crate) fn remember(&self, path: &[&Certificate]) {
        self.store.memory.keep(path);
    }

    fn changed(self, change: impl FnOnce(&mut Store)) -> Self {
        let mut store = Arc::unwrap_or_clone(self.store);
        change(&mut store);
        Self { store: Arc::new(store.versioned()), budget: self.budget }
    }
}

impl Store {
    fn versioned(mut self) -> Self {
        let mut all = Vec::new();
        for (kind, list) in [(b'a', &self.anchors), (b'i', &self.intermediates), (b's', &self.signers)] {
            let mut digests: Vec<Digest> = list.iter().map(Certificate::sha256).collect();
            digests.sort_unstable();
            for digest in digests {
                all.push(kind);
                all.extend_from_slice(digest.as_bytes());
            }
        }
        self.version = sha256(&all).to_string().chars().take(16).collect();
        self
    }
}

fn by_name(certificates: &[Certificate]) -> HashMap<Box<[u8]>, Vec<usize>> {
    let mut positions: HashMap<Box<[u8]>, Vec<usize>> = HashMap::new();
    for (position, certificate) in certificates.iter().enumerate() {
        positions.entry(certificate.subject_name().chain_key().into()).or_default().push(position);
    }
    positions
}
