//! Trust stores, loaded together: a bad file changes nothing and says why.

use std::fs;
use std::path::{Path, PathBuf};

use signature::{Certificate, CertificateError, Policy, SignError, TrustStore};
use token::TokenError;
use types::ErrorCode;

use crate::config::{Config, ExampleCertificates, SecretError};

/// What signatures are made and checked with.
#[derive(Debug)]
pub(crate) struct Material {
    /// Anchors of document signatures.
    pub(crate) documents: TrustStore,
    /// Anchors of other nodes' receipts.
    pub(crate) nodes: TrustStore,
    /// What receipts of other nodes have to fulfil.
    pub(crate) policy: Policy,
    /// What signatures of manifests have to fulfil.
    pub(crate) envelopes: Policy,
}

/// Why keys or certificates are not usable.
#[derive(Debug, thiserror::Error)]
pub enum MaterialError {
    /// A file cannot be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds no usable certificates.
    #[error("certificates in {}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CertificateError,
    },
    /// The signing key does not read, or it and its certificate do not work together.
    #[error("signing key {place}")]
    Signer {
        /// Where the key is.
        place: String,
        /// Why.
        source: SignError,
    },
    /// Others than its owner can read the key.
    #[error(
        "khóa ký {} để người khác đọc được (quyền {mode:04o}): chạy chmod 600 {} và đổi khóa nếu máy có người dùng khác \
         (others can read the signing key; run chmod 600, and replace the key where others use the machine)",
        path.display(),
        path.display()
    )]
    Mode {
        /// The key's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The token that holds the signing key.
    #[error("signing key {place}")]
    Token {
        /// Where the key is, or its PIN.
        place: String,
        /// Why.
        source: TokenError,
    },
    /// The passphrase or the PIN of the signing key.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The transport key and its certificates do not work together.
    #[error("transport identity {}", path.display())]
    Transport {
        /// The certificate's or the CA's file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A certificate is marked EXAMPLE and the configuration does not allow such.
    #[error(
        "{} holds an EXAMPLE certificate ({subject}); its key is public. Use your own, or set \
         node.allow_example_certificates = true for a demonstration",
        path.display()
    )]
    Example {
        /// The file.
        path: PathBuf,
        /// The certificate's subject.
        subject: String,
    },
}

impl MaterialError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        let _ = self;
        ErrorCode::Internal
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, MaterialError> {
    fs::read(path).map_err(|source| MaterialError::Read { path: path.to_owned(), source })
}

impl Material {
    /// Loads everything that the configuration names, and refuses EXAMPLE certificates unless they are allowed.
    pub(crate) fn load(config: &Config) -> Result<Self, MaterialError> {
        let allowed = config.example_certificates;
        let trust = &config.trust;
        let named = &config.policy.named;
        let policy = Policy { rsa_bits_min: named.signatures.rsa_bits_min, ..Policy::envelope() };
        Ok(Self {
            documents: TrustStore::new(
                certificates(&trust.document_anchors, allowed)?,
                certificates(&trust.document_intermediates, allowed)?,
            ),
            nodes: TrustStore::new(certificates(&trust.node_anchors, allowed)?, Vec::new()),
            policy,
            envelopes: named.envelopes(),
        })
    }
}

/// Every certificate of the files.
pub(crate) fn certificates(files: &[PathBuf], allowed: ExampleCertificates) -> Result<Vec<Certificate>, MaterialError> {
    let mut all = Vec::new();
    for path in files {
        let found = Certificate::parse_all(&read(path)?)
            .map_err(|source| MaterialError::Certificate { path: path.clone(), source })?;
        refuse_examples(path, &found, allowed)?;
        all.extend(found);
    }
    Ok(all)
}

pub(crate) fn refuse_examples(
    path: &Path,
    certificates: &[Certificate],
    allowed: ExampleCertificates,
) -> Result<(), MaterialError> {
    match (allowed, certificates.iter().find(|certificate| certificate.is_example())) {
        (ExampleCertificates::Refused, Some(example)) => {
            Err(MaterialError::Example { path: path.to_owned(), subject: example.subject().to_owned() })
        }
        _ => Ok(()),
    }
}
