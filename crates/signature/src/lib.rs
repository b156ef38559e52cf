//! Signatures of packets: the manifest, its detached CMS or JWS signature, certificate paths, reports.
//!
//! Pure: time is an argument, certificates, lists and responses come as bytes, nothing is fetched. What a check did
//! not look at, its report says.
//!
//! In: [`verify_envelope`] takes the bytes that travelled and gives a [`Report`] in ETSI EN 319 102-1 terms and,
//! only when everything passed, a [`VerifiedManifest`]; [`Manifest::matches`] then compares it with the packet.
//! Time: [`verify_timestamp`] and [`TimestampRequest`] for RFC 3161 tokens; those on a CMS signature are checked with it.
//! Out: [`sign_envelope_cms`], [`sign_envelope_jws`], and [`sign_detached`] for receipts,
//! with any [`SigningKey`].

mod algorithm;
mod budget;
mod cades;
mod canonical;
mod certificate;
mod chain;
mod cms;
mod covered;
mod der;
mod embedded;
mod envelope;
mod jws;
mod manifest;
mod oid;
mod pdf;
#[cfg(test)]
mod pki;
mod policy;
mod provider;
mod reason;
mod receipt;
mod report;
mod revocation;
pub mod ruling;
mod sign;
mod time;
mod timestamp;
mod trust;
mod verdict;
mod wanted;
mod xml;

pub use algorithm::{Legacy, SignatureAlgorithm};
pub use budget::{Budget, BudgetLimits, Work};
pub use cades::{Content, verify_cms};
pub use canonical::{CanonicalError, canonical_json};
pub use certificate::{Certificate, CertificateError};
pub use chain::{PathRequest, Target, ValidPath, validate_path};
pub use envelope::{
    Envelope, EnvelopeSignature, Verification, VerifiedManifest, verify_envelope, verify_envelope_with,
};
pub use manifest::{
    MANIFEST_BYTES_MAX, MANIFEST_DOMAIN, Manifest, ManifestError, ManifestMismatch, ManifestTime, PARTS_MAX,
    PacketDigest, PacketFacts, Part, RECIPIENTS_MAX,
};
pub use oid::{ObjectId, ObjectIdError};
pub use pdf::{
    ActiveContent, Change, ChangeReport, CopyForm, Coverage, PdfFont, PdfImage, PdfLimits, PdfOptions, PdfPage,
    PdfPlace, PdfRectangle, PdfReport, PdfRole, PdfSignError, PdfSignOptions, PdfSignature, PdfSignatureFormat,
    PreparedPdf, TIMESTAMP_ROOM_BYTES, TrueType, ValidationData, add_validation_data, prepare_pdf_signature,
    prepare_pdf_timestamp, sign_pdf, verify_pdf, verify_pdf_with,
};
pub use policy::{
    AnchorRule, CertificatePolicies, Initial, LegacyRule, LegacyUse, LocalTime, Period, Policy, Revocation,
};
pub use provider::provider_name;
pub use reason::{
    AlgorithmReason, ChainReason, CmsReason, JwsReason, PdfReason, Reason, RevocationReason, TimestampReason, XmlReason,
};
pub use receipt::{
    MANIFEST_TYPE, RECEIPT_BATCH_MAX, RECEIPT_TYPE, receipt_certificate, sign_detached, sign_detached_together,
    verify_detached,
};
pub use report::{
    Indication, NotChecked, Quirk, Report, Signatory, SignatureFormat, SignatureKind, SignatureReport, SubIndication,
    TimestampKind, TimestampReport, Unchecked,
};
pub use revocation::{
    Answered, Crl, NONCE_BYTES, OcspQuestion, OcspRequest, OcspResponse, RevocationError, RevocationEvidence,
    RevocationSource, RevocationState, RevocationStatus, StandingError, ocsp_request, verify_crl, verify_response,
};
pub use sign::{
    CertStatus, CrlContents, CrlReason, CrlReasonError, FileKey, KeyKind, OcspRefusal, OcspSigning, ResponseNonce,
    RevokedCertificate, RsaPadding, SignError, Signer, SigningKey, Stamping, add_signature_timestamp,
    octet_string_content, refuse_ocsp, rsa_public_key, sign_cms, sign_crl, sign_envelope_cms, sign_envelope_jws,
    sign_ocsp_response, sign_pdf_cms, sign_xml, signature_value, stamp,
};
pub use timestamp::{Timestamp, TimestampRequest, verify_timestamp};
pub use trust::TrustStore;
pub use wanted::Wanted;
pub use xml::{verify_xml, verify_xml_with};
