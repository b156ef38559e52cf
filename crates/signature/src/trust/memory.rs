//! What checks remember from one document to the next.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use types::Digest;

use crate::certificate::Certificate;

/// Certificates remembered: every signer that a node hears of in a day. About 6 KiB each.
const CERTIFICATES_MAX: usize = 4096;

/// Certificates as they were parsed, and who issued whom.
///
/// Kept are facts of bytes and numbers alone: these bytes are this certificate, this signature verifies with that key.
/// No policy, no time and no revocation can change them, so nothing here can be out of date, and every path is judged
/// anew: an expired or revoked certificate, another policy, other anchors are seen at once.
///
/// Only certificates of paths that lead to an anchor are kept: who has none cannot push others out.
#[derive(Debug)]
pub(super) struct Memory(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    certificates: Recent<Digest, Certificate>,
    /// Certificate and issuer.
    issued: Recent<(Digest, Digest), ()>,
}

impl Memory {
    pub(super) fn new() -> Self {
        let (certificates, issued) = (Recent::new(CERTIFICATES_MAX), Recent::new(CERTIFICATES_MAX));
        Self(Mutex::new(Kept { certificates, issued }))
    }

    /// The certificate of these bytes, by their digest.
    pub(super) fn certificate(&self, sha256: Digest) -> Option<Certificate> {
        self.kept().certificates.get(&sha256)
    }

    /// Whether the signature on a certificate is known to verify with the key of this issuer.
    pub(super) fn is_issued(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.kept().issued.get(&(certificate.sha256(), issuer.sha256())).is_some()
    }

    /// Keeps a path that leads to an anchor: each certificate is signed by the next.
    pub(super) fn keep(&self, path: &[&Certificate]) {
        let mut kept = self.kept();
        for pair in path.windows(2) {
            let [certificate, issuer] = pair else { continue };
            kept.issued.put((certificate.sha256(), issuer.sha256()), ());
            kept.certificates.put(certificate.sha256(), (*certificate).clone());
        }
    }

    /// A thread that died in the middle left nothing wrong behind: every entry is a fact of its own.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A map that forgets what was not asked for lately: at most `max` entries, in two halves. When the younger half is
/// full, it takes the place of the older one.
#[derive(Debug)]
struct Recent<K, V> {
    younger: HashMap<K, V>,
    older: HashMap<K, V>,
    half: usize,
}

impl<K: Eq + Hash + Copy, V: Clone> Recent<K, V> {
    fn new(max: usize) -> Self {
        Self { younger: HashMap::new(), older: HashMap::new(), half: max / 2 }
    }

    fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.younger.get(key) {
            return Some(value.clone());
        }
        let value = self.older.remove(key)?;
        self.put(*key, value.clone());
        Some(value)
    }

    fn put(&mut self, key: K, value: V) {
        if self.younger.len() >= self.half && !self.younger.contains_key(&key) {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(key, value);
    }
}

#[cfg(test)]
mod tests;
