//! The certificates a check relies on.

use std::collections::{HashMap, HashSet};

use types::Digest;

use crate::certificate::{Certificate, CertificateError, Name, sha256};

/// Anchors, intermediates and known signers, loaded together and replaced together.
///
/// Anchors are trusted because the operator says so. Intermediates and signers are only found here, never
/// trusted for it: government signatures embed the leaf alone.
#[derive(Clone, Debug)]
pub struct TrustStore {
    anchors: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    signers: Vec<Certificate>,
    /// Positions by subject, so that a path costs the same in a store of three and of ten thousand.
    anchors_by_name: HashMap<Box<[u8]>, Vec<usize>>,
    intermediates_by_name: HashMap<Box<[u8]>, Vec<usize>>,
    version: String,
}

impl TrustStore {
    /// Store of these certificates.
    #[must_use]
    pub fn new(anchors: Vec<Certificate>, intermediates: Vec<Certificate>) -> Self {
        let store = Self {
            anchors_by_name: by_name(&anchors),
            intermediates_by_name: by_name(&intermediates),
            anchors,
            intermediates,
            signers: Vec::new(),
            version: String::new(),
        };
        store.versioned()
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
    pub fn with_signers(mut self, signers: Vec<Certificate>) -> Self {
        self.signers = signers;
        self.versioned()
    }

    /// The same store with more intermediates, which were fetched or came with documents; those that are there
    /// already are left out. They are no more trusted than any other.
    #[must_use]
    pub fn with_intermediates(mut self, more: impl IntoIterator<Item = Certificate>) -> Self {
        let mut known: HashSet<Digest> = self.intermediates.iter().map(Certificate::sha256).collect();
        self.intermediates.extend(more.into_iter().filter(|certificate| known.insert(certificate.sha256())));
        self.intermediates_by_name = by_name(&self.intermediates);
        self.versioned()
    }

    /// The trust anchors.
    #[must_use]
    pub fn anchors(&self) -> &[Certificate] {
        &self.anchors
    }

    /// The intermediates.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// Names this set of certificates: 16 hexadecimal digits of a digest over all of them, their order aside.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Certificates that may be a signer's.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Certificate> {
        self.signers.iter().chain(&self.intermediates)
    }

    /// Anchors with this subject.
    pub(crate) fn anchors_named(&self, name: &Name) -> impl Iterator<Item = &Certificate> {
        let positions = self.anchors_by_name.get(name.chain_key()).into_iter().flatten();
        positions.filter_map(|position| self.anchors.get(*position))
    }

    /// Intermediates with this subject.
    pub(crate) fn intermediates_named(&self, name: &Name) -> impl Iterator<Item = &Certificate> {
        let positions = self.intermediates_by_name.get(name.chain_key()).into_iter().flatten();
        positions.filter_map(|position| self.intermediates.get(*position))
    }

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
