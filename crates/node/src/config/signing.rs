//! Which key signs receipts.

use std::path::PathBuf;

use token::KeyAddress;

use super::SecretRef;

/// The key in use and, while one takes over from another, the next one.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    /// Signs until the next one takes over.
    pub current: SigningIdentity,
    /// Signs once its certificate is valid.
    pub next: Option<SigningIdentity>,
}

/// A certificate chain and where its key is.
#[derive(Clone, Debug)]
pub struct SigningIdentity {
    /// PEM, leaf first, then intermediates.
    pub certificate: PathBuf,
    /// The key.
    pub key: KeySource,
}

/// Where a key is.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file that only its owner can read.
    File {
        /// PEM.
        path: PathBuf,
        /// What opens it, when it is encrypted.
        passphrase: Option<SecretRef>,
    },
    /// A token or a hardware security module.
    Token {
        /// Module, token and key.
        address: KeyAddress,
        /// Its PIN; none for a reader with its own keys.
        pin: Option<SecretRef>,
    },
}
