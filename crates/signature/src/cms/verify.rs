//! The rules for one signer, in order; each has its own reason.

use super::attributes::Attributes;
use super::{SignedData, SignerInfo};
use crate::algorithm::{self, EcdsaForm, Hash, Legacy};
use crate::certificate::Certificate;
use crate::covered::Covered;
use crate::oid;
use crate::policy::Policy;
use crate::provider::DigestValue;
use crate::reason::{CmsReason, Reason};
use crate::report::Quirk;
use crate::trust::TrustStore;
use crate::verdict::Findings;

/// Where the signed content is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    /// Outside, and it has to be: these bytes.
    Detached(&'a [u8]),
    /// Inside, and of this type: a time-stamp token's TSTInfo.
    Token,
    /// Outside, in pieces one after another.
    Pieces(&'a [&'a [u8]]),
    /// Outside: a part of a file that other signatures cover too.
    Covered(Covered<'a>),
    /// Inside, of whatever type.
    Attached,
}

/// Whether an attribute has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    Required,
    Optional,
}

/// What a signer is checked against.
pub(crate) struct Request<'a> {
    pub(crate) content: Content<'a>,
    /// The signing-certificate attribute.
    pub(crate) reference: Requirement,
    /// With [`Legacy::ByAnchor`] the path has to be held to the rule of its anchor.
    pub(crate) legacy: Legacy,
    /// The certificates of the structure.
    pub(crate) embedded: &'a [Certificate],
    pub(crate) trust: &'a TrustStore,
    pub(crate) policy: &'a Policy,
}

/// Checks one signer's signature: everything but the path and the claimed time.
pub(crate) fn verify_signer(
    data: &SignedData<'_>,
    signer: &SignerInfo<'_>,
    request: &Request<'_>,
    findings: &mut Findings,
) -> Result<(), Reason> {
    let mut certificates = request.embedded.iter().chain(request.trust.known());
    let certificate = certificates.find(|other| signer.id.names(other)).ok_or(CmsReason::CertificateMissing)?;
    findings.certificate = Some(certificate.clone());
    let attributes = Attributes::read(signer.signed_attributes.ok_or(CmsReason::NoSignedAttributes)?)?;
    findings.claimed = attributes.signing_time()?;
    check_content_type(data, &attributes, request)?;
    let hash = Hash::read_for(&signer.digest_algorithm, request.legacy)?;
    if content_digest(data, request, hash)?.as_ref() != attributes.message_digest()? {
        return Err(CmsReason::DigestMismatch.into());
    }
    let is_named = attributes.names_certificate(certificate)?;
    if !is_named && request.reference == Requirement::Required {
        return Err(CmsReason::AttributeMissing { name: "signingCertificateV2" }.into());
    }
    attributes.protects(&signer.digest_algorithm, &signer.algorithm)?;
    let algorithm = algorithm::resolve(&signer.algorithm, certificate.key(), Some(hash))?;
    findings.algorithm = Some(algorithm);
    algorithm::permit_for(request.policy, algorithm, certificate.key(), request.legacy)?;
    request.trust.budget().take_check()?;
    let verifies =
        |signed: &[u8]| algorithm::verifies(algorithm, EcdsaForm::Asn1, certificate.key(), signed, signer.signature);
    if verifies(&attributes.as_travelled()) {
        return Ok(());
    }
    // Rule 9: some tools sort while signing and not while writing.
    match attributes.sorted() {
        Some(sorted) if verifies(&sorted) => findings.quirks.push(Quirk::AttributesReordered),
        _ => return Err(CmsReason::SignatureWrong.into()),
    }
    Ok(())
}

fn check_content_type(
    data: &SignedData<'_>,
    attributes: &Attributes<'_>,
    request: &Request<'_>,
) -> Result<(), CmsReason> {
    let attribute = attributes.content_type()?;
    // A detached signature here is over plain data: a time-stamp token's or any other type's is refused.
    let is_plain = match request.content {
        Content::Detached(_) | Content::Pieces(_) | Content::Covered(_) => data.content_type == oid::DATA,
        Content::Token => data.content_type == oid::TST_INFO,
        Content::Attached => true,
    };
    if attribute == data.content_type && is_plain {
        return Ok(());
    }
    Err(CmsReason::ContentTypeMismatch { attribute: oid::text(attribute), content: oid::text(data.content_type) })
}

fn content_digest(data: &SignedData<'_>, request: &Request<'_>, hash: Hash) -> Result<DigestValue, Reason> {
    let one;
    let pieces = match (request.content, data.content) {
        (Content::Detached(_) | Content::Pieces(_) | Content::Covered(_), Some(_)) => {
            return Err(CmsReason::ContentAttached.into());
        }
        (Content::Covered(covered), None) => return covered.digest(hash, request.trust.budget()),
        (Content::Pieces(pieces), None) => pieces,
        (Content::Detached(bytes), None) | (Content::Token | Content::Attached, Some(bytes)) => {
            one = [bytes];
            &one
        }
        (Content::Token | Content::Attached, None) => return Err(CmsReason::ContentMissing.into()),
    };
    request.trust.budget().take_bytes(pieces.iter().map(|piece| piece.len()).sum())?;
    Ok(hash.of_pieces(pieces))
}
