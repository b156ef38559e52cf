//! Private keys from files.

use pkcs8::der::pem::PemLabel as _;
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

use super::{KeyKind, RsaPadding, SignError, SigningKey};
use crate::provider::{Active, PrivateKey, Provider};

/// First line of an encrypted key (RFC 7468 11).
const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
/// Its last one.
const ENCRYPTED_END: &str = "-----END ENCRYPTED PRIVATE KEY-----";

/// A private key from a file. Prints without its secret.
pub struct FileKey(<Active as Provider>::PrivateKey);

impl FileKey {
    /// Reads a private key in PEM: PKCS #8, or PKCS #1 for RSA.
    ///
    /// Keys: ECDSA on P-256 and P-384, Ed25519, RSA of 2048 bits or more.
    ///
    /// # Errors
    /// `invalid_argument` for anything else, an encrypted key among it.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SignError> {
        let bad = |why: &str| SignError::Key { why: why.to_owned() };
        if pem.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED.as_bytes()) {
            return Err(bad("it is encrypted, and no passphrase was given"));
        }
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|error| bad(&error.to_string()))?;
        match &der {
            PrivateKeyDer::Pkcs8(key) => Self::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => {
                let key = PrivateKey::from_pkcs1(key.secret_pkcs1_der());
                key.map(Self).ok_or_else(|| bad("not RSA of 2048 bits or more"))
            }
            _ => Err(bad("not PKCS#8; convert it with: openssl pkcs8 -topk8 -nocrypt")),
        }
    }

    /// Reads a private key in PEM that may be encrypted with this passphrase (`ENCRYPTED PRIVATE KEY`, PKCS #8 with PBES2:
    /// AES in CBC mode, the key derived by PBKDF2 with SHA-2 or by scrypt; RFC 8018).
    ///
    /// # Errors
    /// `invalid_argument` when it does not open with the passphrase, is encrypted in another way, or holds another key than
    /// [`FileKey::from_pem`] takes. Nothing of the passphrase is told.
    pub fn from_encrypted_pem(pem: &[u8], passphrase: &[u8]) -> Result<Self, SignError> {
        let bad = |why: &str| SignError::Key { why: why.to_owned() };
        let text = std::str::from_utf8(pem).map_err(|_| bad("not PEM"))?;
        let Some(begin) = text.find(ENCRYPTED) else { return Self::from_pem(pem) };
        // Tools write remarks before and after a key (RFC 7468 2).
        let end = text.find(ENCRYPTED_END).map(|end| end + ENCRYPTED_END.len());
        let text = end.and_then(|end| text.get(begin..end)).ok_or_else(|| bad("it is cut off"))?;
        let (label, der) = SecretDocument::from_pem(text).map_err(|error| bad(&error.to_string()))?;
        EncryptedPrivateKeyInfoRef::validate_pem_label(label).map_err(|error| bad(&error.to_string()))?;
        let info = der.decode_msg::<EncryptedPrivateKeyInfoRef<'_>>().map_err(|error| bad(&error.to_string()))?;
        let opened = info.decrypt(passphrase).map_err(|_| {
            bad("it does not open with the passphrase, or is not encrypted with PBES2 (openssl pkcs8 -topk8 -v2 aes-256-cbc)")
        })?;
        Self::from_pkcs8(opened.as_bytes())
    }

    /// Reads a private key in the DER of PKCS #8, not encrypted.
    ///
    /// # Errors
    /// `invalid_argument` when it is not one of the keys that [`FileKey::from_pem`] takes.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SignError> {
        let key = PrivateKey::from_pkcs8(der);
        key.map(Self)
            .ok_or_else(|| SignError::Key { why: "not RSA of 2048 bits or more, P-256, P-384 or Ed25519".to_owned() })
    }
}

impl SigningKey for FileKey {
    fn kind(&self) -> KeyKind {
        self.0.kind()
    }

    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, SignError> {
        self.0.sign(message, padding).ok_or(SignError::Refused)
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileKey({})", self.kind().as_str())
    }
}
