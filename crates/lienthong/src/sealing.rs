//! Signing what is sent: the manifest and its envelope.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use signature::{
    EnvelopeSignature, Manifest, ManifestTime, PacketDigest, Part, Signer, sign_envelope_cms, sign_envelope_jws,
};
use types::{AgencyCode, BusinessType, DocumentId, ExchangeId, PacketKind, UnixMillis};
use uuid::Uuid;
use wire::exchange_v1::DocumentHeader;
use wire::types_v1::{Envelope, envelope};

use crate::failure::{Failure, chain};
use crate::files::{LocalFile, read_small};
use crate::profile::Profile;
pub(crate) use crate::signing_key::SignerArgs;

/// Bytes of a manifest file, as the signature's own limit says.
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;

/// Options that say whether and how to sign.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SealArgs {
    /// Gửi không ký số (send without a signature)
    #[arg(long, conflicts_with_all = ["signing_key", "signing_cert", "pkcs11_module"])]
    no_sign: bool,
    #[command(flatten)]
    key: KeyArgs,
}

/// The signer's files and the form it signs in.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    signer: SignerArgs,
    /// Dạng chữ ký: cms hoặc jws (form of the signature)
    #[arg(long, value_enum, default_value_t)]
    format: SealFormat,
}

/// Form of the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SealFormat {
    /// CAdES-B-B (detached CMS)
    #[default]
    Cms,
    /// RFC 7515 (detached JWS)
    Jws,
}

impl SealArgs {
    /// The seal to use; `None` with `--no-sign`.
    pub(crate) fn seal(&self, profile: &Profile) -> Result<Option<Seal>, Failure> {
        if self.no_sign { Ok(None) } else { self.key.seal(profile).map(Some) }
    }
}

impl KeyArgs {
    /// The seal of the options' signer, or of the profile's.
    pub(crate) fn seal(&self, profile: &Profile) -> Result<Seal, Failure> {
        Ok(Seal { signer: self.signer.signer(profile)?, format: self.format })
    }
}

/// A signature that was made elsewhere, for example with a VGCA token.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct EnvelopeFiles {
    /// Chữ ký tách rời của bản kê: .p7s (CMS) hoặc .jws (detached signature of the manifest)
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Bản kê đã ký, mặc định FILE.manifest cạnh gói tin (the signed manifest; beside the packet by default)
    #[arg(long, value_name = "FILE", requires = "signature")]
    manifest: Option<PathBuf>,
}

/// `FILE.ending`.
fn beside(packet: &Path, ending: &str) -> PathBuf {
    let mut name = packet.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Bytes of a signature file: twice what a node takes, so that the node's own limit speaks first.
const SIGNATURE_BYTES_MAX: u64 = 1024 * 1024;

impl EnvelopeFiles {
    pub(crate) fn is_given(&self) -> bool {
        self.signature.is_some()
    }

    /// Reads both files; `None` when no signature was named.
    pub(crate) fn read(&self, packet: &Path) -> Result<Option<signature::Envelope>, Failure> {
        let Some(path) = &self.signature else { return Ok(None) };
        let bytes = read_small(path, SIGNATURE_BYTES_MAX)?;
        let signature = if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jws")) {
            let text = String::from_utf8(bytes).map_err(|error| Failure::file(path, error))?;
            EnvelopeSignature::Jws(text.trim().to_owned())
        } else {
            EnvelopeSignature::Cms(bytes)
        };
        let manifest = self.manifest.clone().unwrap_or_else(|| beside(packet, "manifest"));
        Ok(Some(signature::Envelope { manifest: read_small(&manifest, MANIFEST_BYTES_MAX)?, signature }))
    }

    /// The same; where no signature was named, the one that lies beside the packet with its manifest.
    pub(crate) fn read_or_beside(&self, packet: &Path) -> Result<Option<signature::Envelope>, Failure> {
        if self.is_given() || !beside(packet, "manifest").is_file() {
            return self.read(packet);
        }
        let found = ["p7s", "jws"].into_iter().map(|ending| beside(packet, ending)).find(|path| path.is_file());
        Self { signature: found, manifest: None }.read(packet)
    }
}

/// The envelope as the interface carries it.
pub(crate) fn wire_envelope(envelope: signature::Envelope) -> Envelope {
    let signature = match envelope.signature {
        EnvelopeSignature::Cms(bytes) => envelope::Signature::Cms(bytes),
        EnvelopeSignature::Jws(text) => envelope::Signature::Jws(text),
    };
    Envelope { manifest: envelope.manifest, signature: Some(signature) }
}

/// A signer and the form it signs in.
pub(crate) struct Seal {
    signer: Signer,
    format: SealFormat,
}

impl Seal {
    /// The form it signs in.
    pub(crate) fn format(&self) -> SealFormat {
        self.format
    }

    /// Signs a manifest as of `now`.
    pub(crate) fn sign(&self, manifest: &Manifest, now: UnixMillis) -> Result<Envelope, Failure> {
        let bytes = manifest
            .to_bytes()
            .map_err(|error| Failure::Unverified { code: error.code(), detail: error.to_string() })?;
        let failed = |error: signature::SignError| Failure::Unverified { code: error.code(), detail: chain(&error) };
        let signature = match self.format {
            SealFormat::Cms => envelope::Signature::Cms(sign_envelope_cms(&self.signer, &bytes, now).map_err(failed)?),
            SealFormat::Jws => envelope::Signature::Jws(sign_envelope_jws(&self.signer, &bytes, now).map_err(failed)?),
        };
        Ok(Envelope { manifest: bytes, signature: Some(signature) })
    }
}

/// What makes a manifest one of a kind.
pub(crate) struct Fresh {
    message: ExchangeId,
    nonce: String,
    now: UnixMillis,
}

impl Fresh {
    /// A new message id and nonce, as of `now`.
    pub(crate) fn new(now: UnixMillis) -> Self {
        Self {
            message: ExchangeId::from_bytes(*Uuid::now_v7().as_bytes()),
            nonce: Uuid::new_v4().simple().to_string(),
            now,
        }
    }
}

/// The manifest of a document that the node is to pack: its facts and its files.
pub(crate) fn manifest_of_files(
    header: &DocumentHeader,
    files: &[LocalFile],
    fresh: Fresh,
) -> Result<Manifest, Failure> {
    let from = header.from.as_ref().map(|from| from.code.as_str()).unwrap_or_default();
    let to: Result<_, _> = header.to.iter().map(|to| code(&to.code)).collect();
    Ok(Manifest {
        message: fresh.message,
        from: code(from)?,
        to: to?,
        created: ManifestTime::new(fresh.now),
        document_id: document_id(&header.document_id)?,
        kind: PacketKind::Document,
        business_type: header.business_type().into(),
        subject: Some(header.subject.clone()),
        reply_to: None,
        nonce: fresh.nonce,
        packet: None,
        parts: files.iter().map(part).collect(),
    })
}

/// Facts of a ready-made packet that its manifest states.
pub(crate) struct PacketOutline {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) document_id: DocumentId,
    pub(crate) kind: PacketKind,
    pub(crate) business_type: BusinessType,
    pub(crate) subject: Option<String>,
    pub(crate) packet: PacketDigest,
    pub(crate) parts: Vec<Part>,
}

/// The manifest of a ready-made packet: its facts, its bytes and its files.
pub(crate) fn manifest_of_packet(outline: PacketOutline, fresh: Fresh) -> Result<Manifest, Failure> {
    let to: Result<_, _> = outline.to.iter().map(|to| code(to)).collect();
    Ok(Manifest {
        message: fresh.message,
        from: code(&outline.from)?,
        to: to?,
        created: ManifestTime::new(fresh.now),
        document_id: outline.document_id,
        kind: outline.kind,
        business_type: outline.business_type,
        subject: outline.subject,
        reply_to: None,
        nonce: fresh.nonce,
        packet: Some(outline.packet),
        parts: outline.parts,
    })
}

fn part(file: &LocalFile) -> Part {
    Part { name: file.name.clone(), media_type: file.content_type.clone(), length: file.length, sha256: file.sha256 }
}

/// The node knows which codes are registered; here only the shape that any code has is asked for.
fn code(text: &str) -> Result<AgencyCode, Failure> {
    AgencyCode::opaque(text).map_err(|error| Failure::usage(error.to_string()))
}

fn document_id(text: &str) -> Result<DocumentId, Failure> {
    text.parse().map_err(|error: types::IdError| Failure::usage(error.to_string()))
}

#[cfg(test)]
mod tests;
