//! Object identifiers, as the content bytes of their DER.

macro_rules! oids {
    ($($name:ident = $bytes:expr;)*) => { $(pub(crate) const $name: &[u8] = &$bytes;)* };
}

oids! {
    // 1.2.840.113549.1.1: PKCS #1
    RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    SHA1_WITH_RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5];
    MGF1 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
    RSA_PSS = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    SHA256_WITH_RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    SHA384_WITH_RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12];
    SHA512_WITH_RSA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13];
    // 1.2.840.113549.1.7: PKCS #7
    DATA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    SIGNED_DATA = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    // 1.2.840.113549.1.9: PKCS #9
    CONTENT_TYPE = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
    MESSAGE_DIGEST = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
    SIGNING_TIME = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 5];
    COUNTER_SIGNATURE = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 6];
    SIGNING_CERTIFICATE = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 12];
    TST_INFO = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
    SIGNATURE_TIMESTAMP = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 14];
    ESC_TIMESTAMP = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 25];
    CERT_CRL_TIMESTAMP = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 26];
    ARCHIVE_TIMESTAMP = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 27];
    ARCHIVE_TIMESTAMP_V2 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 48];
    CERTIFICATE_VALUES = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 23];
    REVOCATION_VALUES = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 24];
    CONTENT_TIMESTAMP = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 20];
    SIGNING_CERTIFICATE_V2 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 47];
    ALGORITHM_PROTECTION = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 52];
    // 0.4.0.1733.2.4: ETSI EN 319 122-1
    ARCHIVE_TIMESTAMP_V3 = [0x04, 0, 0x8d, 0x45, 2, 4];
    // 1.2.840.10045: ANSI X9.62
    EC_PUBLIC_KEY = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    P256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    ECDSA_SHA1 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    ECDSA_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    ECDSA_SHA384 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
    // 2.5.29: certificate and CRL extensions
    SUBJECT_KEY = [0x55, 0x1d, 14];
    KEY_USAGE = [0x55, 0x1d, 15];
    SUBJECT_NAMES = [0x55, 0x1d, 17];
    BASIC_CONSTRAINTS = [0x55, 0x1d, 19];
    CRL_NUMBER = [0x55, 0x1d, 20];
    CRL_REASON = [0x55, 0x1d, 21];
    INVALIDITY_DATE = [0x55, 0x1d, 24];
    DELTA_CRL = [0x55, 0x1d, 27];
    ISSUING_POINT = [0x55, 0x1d, 28];
    CERTIFICATE_ISSUER = [0x55, 0x1d, 29];
    NAME_CONSTRAINTS = [0x55, 0x1d, 30];
    DISTRIBUTION_POINTS = [0x55, 0x1d, 31];
    POLICIES = [0x55, 0x1d, 32];
    ANY_POLICY = [0x55, 0x1d, 32, 0];
    POLICY_MAPPINGS = [0x55, 0x1d, 33];
    AUTHORITY_KEY = [0x55, 0x1d, 35];
    POLICY_CONSTRAINTS = [0x55, 0x1d, 36];
    EXTENDED_KEY_USAGE = [0x55, 0x1d, 37];
    FRESHEST_CRL = [0x55, 0x1d, 46];
    FOR_ANYTHING = [0x55, 0x1d, 37, 0];
    EXPIRED_CERTIFICATES = [0x55, 0x1d, 60];
    INHIBIT_ANY_POLICY = [0x55, 0x1d, 54];
    // 1.3.6.1.5.5.7.3, 1.3.6.1.4.1.311, 1.2.840.113583: purposes
    FOR_EMAIL = [0x2b, 6, 1, 5, 5, 7, 3, 4];
    FOR_TIMESTAMPS = [0x2b, 6, 1, 5, 5, 7, 3, 8];
    FOR_OCSP = [0x2b, 6, 1, 5, 5, 7, 3, 9];
    AUTHORITY_ACCESS = [0x2b, 6, 1, 5, 5, 7, 1, 1];
    ACCESS_OCSP = [0x2b, 6, 1, 5, 5, 7, 48, 1];
    ACCESS_ISSUERS = [0x2b, 6, 1, 5, 5, 7, 48, 2];
    // In the `crls` of CMS: RFC 5940
    OCSP_IN_CMS = [0x2b, 6, 1, 5, 5, 7, 16, 2];
    OCSP_BASIC = [0x2b, 6, 1, 5, 5, 7, 48, 1, 1];
    OCSP_NONCE = [0x2b, 6, 1, 5, 5, 7, 48, 1, 2];
    OCSP_NO_CHECK = [0x2b, 6, 1, 5, 5, 7, 48, 1, 5];
    FOR_DOCUMENTS = [0x2b, 6, 1, 5, 5, 7, 3, 36];
    FOR_DOCUMENTS_MICROSOFT = [0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 12];
    ADOBE_REVOCATION = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x2f, 1, 1, 8];
    FOR_DOCUMENTS_ADOBE = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x2f, 1, 1, 5];
    // 1.3.132.0.34
    P384 = [0x2b, 0x81, 4, 0, 34];
    // 1.3.101.112
    ED25519 = [0x2b, 101, 112];
    // 1.3.14.3.2.26
    SHA1 = [0x2b, 14, 3, 2, 26];
    // 2.16.840.1.101.3.4.2
    SHA256 = [0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 1];
    SHA384 = [0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 2];
    SHA512 = [0x60, 0x86, 0x48, 1, 101, 3, 4, 2, 3];
}

/// An object identifier, read from dotted text, for example `2.16.704.1.1.1.1.1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Vec<u8>);

/// A text that is no object identifier. Code: `invalid_argument`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an object identifier in dotted form")]
pub struct ObjectIdError;

impl ObjectId {
    /// The content bytes of its DER.
    pub(crate) fn content(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text(&self.0))
    }
}

impl std::str::FromStr for ObjectId {
    type Err = ObjectIdError;

    fn from_str(text: &str) -> Result<Self, ObjectIdError> {
        from_text(text).map(Self).ok_or(ObjectIdError)
    }
}

/// Dotted text of an identifier, for messages; `?` where the bytes are not one.
pub(crate) fn text(content: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc: u64 = 0;
    for byte in content.iter().take(64) {
        arc = (arc << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            arcs.push(arc);
            arc = 0;
        }
    }
    let Some((first, rest)) = arcs.split_first() else { return "?".to_owned() };
    let root = (first / 40).min(2);
    let head = [root, first - root * 40];
    head.iter().chain(rest).map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// Content bytes of an identifier in dotted text; `None` when it is not one.
pub(crate) fn from_text(dotted: &str) -> Option<Vec<u8>> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().ok()).collect::<Option<_>>()?;
    let [root @ 0..=2, second, rest @ ..] = arcs.as_slice() else { return None };
    if *root < 2 && *second > 39 {
        return None;
    }
    let first = second.checked_add(root * 40)?;
    let mut content = Vec::new();
    for arc in [first].iter().chain(rest) {
        let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let septet = u8::try_from((arc >> (group * 7)) & 0x7f).ok()?;
            content.push(if group == 0 { septet } else { septet | 0x80 });
        }
    }
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_from_dotted_text() {
        for name in ["2.16.704.1.1.1.1.1", "1.2.840.113549.1.1.11", "2.5.29.32.0", "0.39", "2.999.4294967295"] {
            assert_eq!(name.parse::<ObjectId>().unwrap().to_string(), name);
        }
        for bad in ["", "1", "3.1", "1.40", "1.2.x", "1..2"] {
            assert_eq!(bad.parse::<ObjectId>(), Err(ObjectIdError), "{bad}");
        }
    }

    #[test]
    fn identifiers_print_dotted() {
        assert_eq!(text(SHA256_WITH_RSA), "1.2.840.113549.1.1.11");
        assert_eq!(text(P384), "1.3.132.0.34");
        assert_eq!(text(SHA512), "2.16.840.1.101.3.4.2.3");
        assert_eq!(text(SIGNING_CERTIFICATE_V2), "1.2.840.113549.1.9.16.2.47");
        assert_eq!(text(&[]), "?");
    }

    #[test]
    fn dotted_text_becomes_the_same_bytes() {
        for oid in [SHA256_WITH_RSA, P384, SHA512, SIGNING_CERTIFICATE_V2, ARCHIVE_TIMESTAMP_V3] {
            assert_eq!(from_text(&text(oid)).as_deref(), Some(oid));
        }
        for wrong in ["", "1", "3.1", "1.40", "1..2", "1.2.x", "1.2.-3"] {
            assert_eq!(from_text(wrong), None, "{wrong}");
        }
    }
}
