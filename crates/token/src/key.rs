//! A key in a token, as a signing key.

use std::fmt;
use std::time::Duration;

use signature::{Certificate, CertificateError, KeyKind, RsaPadding, SignError, SigningKey};

use crate::workers::{Description, Workers};
use crate::{KeyAddress, Pin, TokenError, module};

/// Sessions of a key, each with a thread: enough that one hanging call does not stop the others.
const SESSIONS: usize = 2;
/// Longest wait for the device. A network HSM answers in milliseconds, a USB token in less than two seconds.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// A private key in a token or a hardware security module. It never leaves the device.
///
/// When the token was taken out and put back, the next signature logs in again. A PIN that the token refused is not tried
/// again: a few wrong ones lock the token.
pub struct TokenKey {
    address: KeyAddress,
    description: Description,
    workers: Workers,
}

impl TokenKey {
    /// Loads the module, logs in and finds the key. Waits for the device, 10 s at most.
    ///
    /// # Errors
    /// `invalid_argument` for what is to be corrected: the module, the PIN, the key's name; `key_unavailable` for a device
    /// that is not there or does not answer.
    pub fn open(address: KeyAddress, pin: Option<Pin>) -> Result<Self, TokenError> {
        let context = module::load(&address.module)?;
        let workers = Workers::start(context, address.clone(), pin, SESSIONS, ANSWER_MAX)?;
        let description = workers.describe()?;
        Ok(Self { address, description, workers })
    }

    /// Certificates that the token keeps with the key.
    ///
    /// # Errors
    /// `invalid_argument` when one does not read.
    pub fn certificates(&self) -> Result<Vec<Certificate>, CertificateError> {
        self.description.certificates.iter().map(|der| Certificate::parse(der)).collect()
    }
}

impl SigningKey for TokenKey {
    fn kind(&self) -> KeyKind {
        self.description.kind
    }

    fn public_key(&self) -> &[u8] {
        &self.description.public_key
    }

    fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, SignError> {
        Ok(self.workers.sign(message, padding)?)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({}, {})", self.address, self.kind().as_str())
    }
}
