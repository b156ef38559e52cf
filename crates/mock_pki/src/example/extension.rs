//! Extensions that rcgen has no name for.

use rcgen::CustomExtension;

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
/// GeneralName of a URI, `[6]`.
const URI: u8 = 0x86;

/// id-kp-timeStamping, 1.3.6.1.5.5.7.3.8.
const FOR_TIMESTAMPS: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 3, 8];
/// id-ad-ocsp and id-ad-caIssuers, 1.3.6.1.5.5.7.48.1 and .2.
const OCSP: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 48, 1];
const CA_ISSUERS: [u8; 8] = [0x2b, 6, 1, 5, 5, 7, 48, 2];

/// Where a CA publishes what it knows of its certificates.
#[derive(Clone, Debug)]
pub(crate) struct Urls {
    pub(crate) ocsp: String,
    pub(crate) issuer: String,
    pub(crate) crl: String,
}

impl Urls {
    /// The places of `pki serve` below `base`, by the file name of the CA.
    pub(crate) fn below(base: &str, authority: &str) -> Self {
        let base = base.trim_end_matches('/');
        Self {
            ocsp: format!("{base}/ocsp"),
            issuer: format!("{base}/pki/pub/crt/{authority}.crt"),
            crl: format!("{base}/pki/pub/crl/{authority}.crl"),
        }
    }

    /// authorityInfoAccess and cRLDistributionPoints (RFC 5280 4.2.2.1, 4.2.1.13).
    pub(crate) fn extensions(&self) -> Vec<CustomExtension> {
        let access =
            |method: &[u8], url: &str| tlv(SEQUENCE, &[tlv(OBJECT_ID, method), tlv(URI, url.as_bytes())].concat());
        let access = [access(&OCSP, &self.ocsp), access(&CA_ISSUERS, &self.issuer)].concat();
        vec![
            CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], tlv(SEQUENCE, &access)),
            CustomExtension::from_oid_content(&[2, 5, 29, 31], tlv(SEQUENCE, &point(&self.crl))),
        ]
    }
}

/// A DistributionPoint with one URL.
fn point(url: &str) -> Vec<u8> {
    tlv(SEQUENCE, &tlv(0xa0, &tlv(0xa0, &tlv(URI, url.as_bytes()))))
}

/// The one purpose timeStamping, critical, as RFC 3161 2.3 asks.
pub(crate) fn for_timestamps() -> CustomExtension {
    let purposes = tlv(SEQUENCE, &tlv(OBJECT_ID, &FOR_TIMESTAMPS));
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
    extension.set_criticality(true);
    extension
}

/// id-pkix-ocsp-nocheck (RFC 6960 4.2.2.2.1): the value is NULL.
pub(crate) fn no_check() -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 48, 1, 5], vec![5, 0])
}

/// One DER value; the contents here stay below 64 KiB.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).expect("an extension is short");
    let [high, low] = length.to_be_bytes();
    let mut out = match (high, low) {
        (0, 0..=0x7f) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    out.extend_from_slice(content);
    out
}

/// certificatePolicies with the government's policy, 2.16.704.1.1.1.1.1.
pub(crate) fn government_policy() -> CustomExtension {
    const POLICY: [u8; 8] = [0x60, 0x85, 0x40, 1, 1, 1, 1, 1];
    let policies = tlv(SEQUENCE, &tlv(SEQUENCE, &tlv(OBJECT_ID, &POLICY)));
    CustomExtension::from_oid_content(&[2, 5, 29, 32], policies)
}

/// keyUsage with nonRepudiation alone, and basicConstraints of no CA, neither critical: as the government's CA does.
pub(crate) fn government_leaf() -> [CustomExtension; 2] {
    let usage = CustomExtension::from_oid_content(&[2, 5, 29, 15], vec![0x03, 0x02, 0x06, 0x40]);
    [usage, CustomExtension::from_oid_content(&[2, 5, 29, 19], tlv(SEQUENCE, &[]))]
}
