//! The closed vocabularies of a report.

use serde::{Deserialize, Serialize};

/// What was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignatureKind {
    /// The manifest of a packet.
    Envelope,
    /// A receipt of a node.
    Receipt,
    /// A PDF document.
    Document,
    /// The XML of a packet.
    Packet,
    /// A file of any kind, whose signature was handed in with it.
    File,
}

/// How it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SignatureFormat {
    /// Detached CMS, CAdES-B-B.
    CmsDetached,
    /// CMS with its content inside.
    CmsAttached,
    /// Detached JWS, RFC 7515 with RFC 7797.
    JwsDetached,
    /// CMS inside a PDF: ISO 32000-2 clause 12.8, EN 319 142-1.
    Pdf,
    /// RFC 3161 token inside a PDF: a document time-stamp.
    PdfTimestamp,
    /// XMLDSig inside the packet.
    XmlDsig,
}

/// Status indication. Source: ETSI EN 319 102-1 clause 5.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Indication {
    /// Every check that the policy asks for passed.
    TotalPassed,
    /// Neither proved nor disproved.
    Indeterminate,
    /// Disproved.
    TotalFailed,
}

impl Indication {
    /// Its name in ETSI EN 319 102-1, as reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL_PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL_FAILED",
        }
    }

    /// The indication of this name; `None` for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::TotalPassed, Self::Indeterminate, Self::TotalFailed].into_iter().find(|one| one.as_str() == name)
    }
}

/// Sub-indication. Source: ETSI EN 319 102-1 clause 5.1.3, tables 5 and 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubIndication {
    /// Not built as its format says.
    FormatFailure,
    /// The signed digest is not the content's.
    HashFailure,
    /// The signature value does not verify.
    SigCryptoFailure,
    /// Signed after the certificate expired, and that is proved.
    Expired,
    /// Signed before the certificate became valid.
    NotYetValid,
    /// The policy's rules about the signature are not met.
    SigConstraintsFailure,
    /// The policy's rules about the path are not met.
    ChainConstraintsFailure,
    /// A path exists and a certificate of it does not verify.
    CertificateChainGeneralFailure,
    /// An algorithm or a key size is not taken.
    CryptoConstraintsFailure,
    /// The signer's certificate was not found.
    NoSigningCertificateFound,
    /// No path to an anchor was found.
    NoCertificateChainFound,
    /// The certificate is outside its validity, and nothing proves that the signature is older.
    OutOfBoundsNoPoe,
    /// The signed content was not handed in.
    SignedDataNotFound,
    /// Signed after the certificate was revoked, and that is proved.
    Revoked,
    /// The signer's certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// A CA's certificate is revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// What is missing, the revocation status for example, may be had later.
    TryLater,
    /// Time-stamps contradict each other.
    TimestampOrderFailure,
}

impl SubIndication {
    /// The indication that this sub-indication belongs to.
    #[must_use]
    pub const fn indication(self) -> Indication {
        match self {
            Self::FormatFailure
            | Self::HashFailure
            | Self::SigCryptoFailure
            | Self::Expired
            | Self::NotYetValid
            | Self::Revoked => Indication::TotalFailed,
            Self::SigConstraintsFailure
            | Self::ChainConstraintsFailure
            | Self::CertificateChainGeneralFailure
            | Self::CryptoConstraintsFailure
            | Self::NoSigningCertificateFound
            | Self::NoCertificateChainFound
            | Self::OutOfBoundsNoPoe
            | Self::TimestampOrderFailure
            | Self::SignedDataNotFound
            | Self::RevokedNoPoe
            | Self::RevokedCaNoPoe
            | Self::TryLater => Indication::Indeterminate,
        }
    }
}

/// What a time-stamp is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TimestampKind {
    /// Bytes that were handed in with it.
    Data,
    /// The content, before it was signed: the signature is younger.
    Content,
    /// The signature value: the signature is older.
    Signature,
    /// A signature with its evidence; recognised, not checked.
    Archive,
}

/// An oddity that was tolerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quirk {
    /// The signed attributes verify only in DER order, not in the order in which they travelled.
    AttributesReordered,
    /// BER where DER is expected.
    Ber,
    /// The claimed time is Vietnamese time marked as UTC.
    LocalTimeAsUtc,
    /// SHA-1 in the signature or its path, which the rule of the anchor takes for what is proved to be old.
    Sha1,
}

/// What a check did not look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unchecked {
    /// CRL and OCSP.
    Revocation,
    /// Signatures inside attached PDF files.
    PdfSignatures,
    /// XML signatures inside the packet.
    XmlSignatures,
    /// RFC 3161 timestamps.
    Timestamps,
    /// Signatures on signatures, in the unsigned attributes of CMS.
    CounterSignatures,
}

impl Unchecked {
    /// What the check of an envelope may leave out.
    pub const ALL: [Self; 4] = [Self::Revocation, Self::PdfSignatures, Self::XmlSignatures, Self::Timestamps];

    /// Why it was not looked at, in Vietnamese.
    #[must_use]
    pub const fn why_vi(self) -> &'static str {
        match self {
            Self::Revocation => {
                "Chưa kiểm tra trạng thái thu hồi (CRL, OCSP) của mọi chứng thư: chính sách tắt bước này hoặc không có dữ liệu"
            }
            Self::PdfSignatures => "Chưa kiểm tra chữ ký số trong tệp PDF đính kèm",
            Self::XmlSignatures => "Chưa kiểm tra chữ ký XML trong gói tin",
            Self::CounterSignatures => {
                "Chưa kiểm tra chữ ký xác nhận (counter-signature); không được coi là có giá trị"
            }
            Self::Timestamps => "Chưa kiểm tra dấu thời gian; thời điểm ký chỉ là lời khai của người ký",
        }
    }

    /// Why it was not looked at, in English.
    #[must_use]
    pub const fn why_en(self) -> &'static str {
        match self {
            Self::Revocation => {
                "revocation (CRL, OCSP) was not checked for every certificate: the policy turns it off, or there was no data"
            }
            Self::PdfSignatures => "signatures inside attached PDF files were not checked",
            Self::XmlSignatures => "XML signatures inside the packet were not checked",
            Self::CounterSignatures => "counter-signatures were not checked, and nothing follows from them",
            Self::Timestamps => "timestamps were not checked; the signing time is the signer's claim",
        }
    }
}

/// Digests as hexadecimal text.
pub(crate) mod digest {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use types::Digest;

    pub(crate) fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(digest)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// Public codes as text; a code of a later version reads as `unsupported`.
pub(crate) mod code {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use types::ErrorCode;

    pub(crate) fn serialize<S: Serializer>(code: &Option<ErrorCode>, serializer: S) -> Result<S::Ok, S::Error> {
        code.map(ErrorCode::as_str).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ErrorCode>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.map(|text| ErrorCode::from_text(&text).unwrap_or(ErrorCode::Unsupported)))
    }
}
