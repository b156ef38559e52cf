//! A small PKI for tests: every certificate says EXAMPLE.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use types::UnixMillis;

use crate::certificate::Certificate;
use crate::manifest::{Manifest, ManifestTime, PacketDigest, Part};
use crate::sign::Signer;

/// 2026-11-21T03:00:00Z: when everything here is checked.
pub(crate) const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);
/// A key of RSA-2048 that everybody knows.
pub(crate) const RSA_KEY: &str = include_str!("../fixtures/EXAMPLE-rsa2048.key.pem");

/// One certificate with its key.
pub(crate) struct Entity {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) pem: String,
}

impl Entity {
    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::parse_all(self.pem.as_bytes()).unwrap().remove(0)
    }

    /// A signer that brings its own certificate and these.
    pub(crate) fn signer(&self, others: &[&Self]) -> Signer {
        let mut chain = self.pem.clone();
        others.iter().for_each(|other| chain.push_str(&other.pem));
        Signer::from_pem(self.key.serialize_pem().as_bytes(), chain.as_bytes()).unwrap()
    }

    /// A certificate issued by this one.
    pub(crate) fn issue(&self, params: CertificateParams) -> Self {
        self.issue_to(params, key())
    }

    pub(crate) fn issue_to(&self, params: CertificateParams, key: KeyPair) -> Self {
        let issuer = Issuer::from_params(&self.params, &self.key);
        let pem = params.signed_by(&key, &issuer).unwrap().pem();
        Self { params, key, pem }
    }
}

/// Since when a list or a response is so, and until when.
#[derive(Clone, Copy)]
pub(crate) struct Span(pub(crate) UnixMillis, pub(crate) UnixMillis);

/// From an hour before [`AT`], for a week.
pub(crate) fn this_week() -> Span {
    let hour = std::time::Duration::from_secs(3600);
    Span(AT - hour, AT + 7 * 24 * hour)
}

/// A list of the issuer's that revokes these, with the time of each.
pub(crate) fn list(issuer: &Entity, span: Span, revoked: &[(&Entity, UnixMillis)]) -> Vec<u8> {
    let entry = |(entity, at): &(&Entity, UnixMillis)| crate::RevokedCertificate {
        serial: entity.certificate().serial().to_vec(),
        at: *at,
        reason: crate::CrlReason::Superseded,
        issuer: None,
    };
    let contents = crate::CrlContents {
        this_update: span.0,
        next_update: span.1,
        number: 7,
        base: None,
        indirect_point: None,
        freshest: None,
        revoked: revoked.iter().map(entry).collect(),
    };
    crate::sign_crl(&issuer.signer(&[]), &contents).unwrap()
}

/// An OCSPResponse by `responder` about a certificate of the issuer's.
pub(crate) fn answer(
    responder: &Entity,
    issuer: &Entity,
    about: &Entity,
    span: Span,
    status: crate::CertStatus,
) -> Vec<u8> {
    let request = crate::ocsp_request(&about.certificate(), &issuer.certificate(), None);
    let request = crate::OcspRequest::parse(&request).unwrap();
    let nonce = crate::ResponseNonce::LeftOut;
    let signing = crate::OcspSigning { produced_at: span.0, this_update: span.0, next_update: Some(span.1), nonce };
    crate::sign_ocsp_response(&responder.signer(&[]), &request, &[status], &signing).unwrap()
}

pub(crate) fn key() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

pub(crate) fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::OrganizationName, "EXAMPLE");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2031, 1, 1);
    params.use_authority_key_identifier_extension = true;
    params
}

pub(crate) fn ca_params(name: &str, path_length: Option<u8>) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

pub(crate) fn leaf_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params
}

pub(crate) fn purposes(mut params: CertificateParams, purposes: &[ExtendedKeyUsagePurpose]) -> CertificateParams {
    params.extended_key_usages = purposes.to_vec();
    params
}

pub(crate) fn critical(mut params: CertificateParams, oid: &[u64], content: Vec<u8>) -> CertificateParams {
    let mut extension = CustomExtension::from_oid_content(oid, content);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
    params
}

pub(crate) fn root_of(params: CertificateParams) -> Entity {
    let key = key();
    let pem = params.self_signed(&key).unwrap().pem();
    Entity { params, key, pem }
}

pub(crate) fn root() -> Entity {
    root_of(ca_params("EXAMPLE Root", None))
}

/// A manifest made an hour before [`AT`].
pub(crate) fn manifest() -> Manifest {
    Manifest {
        message: "0190f3a2-7b1c-7cc0-8f00-000000000001".parse().unwrap(),
        from: "H48.20".parse().unwrap(),
        to: vec!["H48.21".parse().unwrap(), "000.00.22.H48".parse().unwrap()],
        created: ManifestTime::new(UnixMillis::new(AT.as_millis() - 3_600_000)),
        document_id: "000.00.00.H48,2026/11/21,15/UBND-VX".parse().unwrap(),
        kind: types::PacketKind::Document,
        business_type: types::BusinessType::New,
        subject: Some("V/v thử nghiệm \"liên thông\"".to_owned()),
        reply_to: None,
        nonce: "EXAMPLE-nonce-0001".to_owned(),
        packet: Some(PacketDigest { length: 4096, sha256: crate::certificate::sha256(b"packet") }),
        parts: vec![Part {
            name: "Công văn.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            length: 11,
            sha256: crate::certificate::sha256(b"hello world"),
        }],
    }
}
