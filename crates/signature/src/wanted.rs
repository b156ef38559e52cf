//! What a path lacks, and where its certificates say that it may be had.

use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;

/// A certificate whose revocation status, or whose issuer, was not known when it was needed.
///
/// Addresses are as the certificate states them, unchecked: whoever fetches holds them to an allow-list.
/// JSON in camelCase, DER in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// DER of the certificate.
    #[serde(with = "bytes")]
    pub certificate: Vec<u8>,
    /// DER of its issuer's; `None` when the issuer is what is lacking.
    #[serde(with = "optional_bytes")]
    pub issuer: Option<Vec<u8>>,
    /// Where its distribution points are (RFC 5280 4.2.1.13).
    pub crl_urls: Vec<String>,
    /// Where responders answer for it (RFC 5280 4.2.2.1, id-ad-ocsp).
    pub ocsp_urls: Vec<String>,
    /// Where its issuer's certificate is (RFC 5280 4.2.2.1, id-ad-caIssuers).
    pub issuer_urls: Vec<String>,
}

impl Wanted {
    /// The status of a certificate of this issuer.
    pub(crate) fn status(certificate: &Certificate, issuer: &Certificate) -> Self {
        Self { issuer: Some(issuer.der().to_vec()), ..Self::issuer(certificate) }
    }

    /// The issuer of a certificate.
    pub(crate) fn issuer(certificate: &Certificate) -> Self {
        Self {
            certificate: certificate.der().to_vec(),
            issuer: None,
            crl_urls: certificate.crl_urls(),
            ocsp_urls: certificate.ocsp_urls().to_vec(),
            issuer_urls: certificate.issuer_urls().to_vec(),
        }
    }
}

/// Adds those that are not there yet.
pub(crate) fn merge(into: &mut Vec<Wanted>, more: Vec<Wanted>) {
    for wanted in more {
        if !into.contains(&wanted) {
            into.push(wanted);
        }
    }
}

mod bytes {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

mod optional_bytes {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| STANDARD.encode(bytes)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text).map_err(D::Error::custom)).transpose()
    }
}
