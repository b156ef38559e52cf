//! A small PKI and what it publishes; every certificate says EXAMPLE.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, CustomExtension, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use signature::{
    CertStatus, Certificate, CrlContents, CrlReason, OcspRequest, OcspSigning, PathRequest, Policy, ResponseNonce,
    Revocation, RevocationEvidence, RevokedCertificate, Signer, TrustStore, sign_crl, sign_ocsp_response,
    validate_path,
};
use types::UnixMillis;
use validation_data::Trust;

pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap())
}

/// One certificate with its key.
pub(crate) struct Entity {
    params: CertificateParams,
    key: KeyPair,
    pub(crate) pem: String,
}

impl Entity {
    pub(crate) fn certificate(&self) -> Certificate {
        Certificate::parse_all(self.pem.as_bytes()).unwrap().remove(0)
    }

    pub(crate) fn signer(&self) -> Signer {
        Signer::from_pem(self.key.serialize_pem().as_bytes(), self.pem.as_bytes()).unwrap()
    }

    pub(crate) fn issue(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let pem = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap().pem();
        Self { params, key, pem }
    }

    /// A list with this number, issued `age` ago and good for a day.
    pub(crate) fn list(&self, number: u64, age: Duration, revoked: &[&Certificate]) -> Vec<u8> {
        self.list_until(number, age, now() - age + DAY, revoked)
    }

    pub(crate) fn list_until(
        &self,
        number: u64,
        age: Duration,
        next_update: UnixMillis,
        revoked: &[&Certificate],
    ) -> Vec<u8> {
        let entry = |certificate: &&Certificate| RevokedCertificate {
            serial: serial(certificate),
            at: now() - age - HOUR,
            reason: CrlReason::KeyCompromise,
            issuer: None,
        };
        let contents = CrlContents {
            this_update: now() - age,
            next_update,
            number,
            base: None,
            indirect_point: None,
            freshest: None,
            revoked: revoked.iter().map(entry).collect(),
        };
        sign_crl(&self.signer(), &contents).unwrap()
    }

    /// A response to a request, good for an hour.
    pub(crate) fn answer(&self, request: &[u8], status: CertStatus, nonce: ResponseNonce) -> Vec<u8> {
        self.answer_until(request, status, nonce, Some(now() + HOUR))
    }

    pub(crate) fn answer_until(
        &self,
        request: &[u8],
        status: CertStatus,
        nonce: ResponseNonce,
        next_update: Option<UnixMillis>,
    ) -> Vec<u8> {
        let at = now() - Duration::from_secs(1);
        let signing = OcspSigning { produced_at: at, this_update: at, next_update, nonce };
        sign_ocsp_response(&self.signer(), &OcspRequest::parse(request).unwrap(), &[status], &signing).unwrap()
    }
}

fn serial(certificate: &Certificate) -> Vec<u8> {
    let hex = certificate.serial_hex();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::OrganizationName, "EXAMPLE");
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params
}

pub(crate) fn ca_params(name: &str, crl_url: Option<&str>) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    with_point(params, crl_url)
}

/// A signer whose certificate names these addresses.
pub(crate) fn leaf_params(
    crl_url: Option<&str>,
    ocsp_url: Option<&str>,
    issuer_url: Option<&str>,
) -> CertificateParams {
    let mut params = params("EXAMPLE Official");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let ways = [(ocsp_url, 1_u8), (issuer_url, 2)];
    let access: Vec<u8> = ways.into_iter().filter_map(|(url, way)| Some(access(way, url?))).flatten().collect();
    if !access.is_empty() {
        let oid = [1, 3, 6, 1, 5, 5, 7, 1, 1];
        params.custom_extensions.push(CustomExtension::from_oid_content(&oid, tlv(0x30, &access)));
    }
    with_point(params, crl_url)
}

/// A time-stamping authority: the one purpose, critical (RFC 3161 2.3).
pub(crate) fn authority_params() -> CertificateParams {
    let mut params = params("EXAMPLE TSA");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let purposes = tlv(0x30, &[0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8]);
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
    params
}

fn with_point(mut params: CertificateParams, crl_url: Option<&str>) -> CertificateParams {
    params.crl_distribution_points =
        crl_url.into_iter().map(|url| CrlDistributionPoint { uris: vec![url.to_owned()] }).collect();
    params
}

/// AccessDescription of id-ad-ocsp (1) or id-ad-caIssuers (2).
fn access(way: u8, url: &str) -> Vec<u8> {
    let method = [0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, way];
    tlv(0x30, &[method.as_slice(), &tlv(0x86, url.as_bytes())].concat())
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    let head = if length < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
    [head, content.to_vec()].concat()
}

pub(crate) fn root(name: &str) -> Entity {
    let (params, key) = (ca_params(name, None), KeyPair::generate().unwrap());
    let pem = params.self_signed(&key).unwrap().pem();
    Entity { params, key, pem }
}

pub(crate) fn trust(anchors: &[&Entity], intermediates: &[&Entity]) -> Trust {
    let all = |entities: &[&Entity]| entities.iter().map(|one| one.certificate()).collect();
    Trust { store: Arc::new(TrustStore::new(all(anchors), all(intermediates))), policy: Arc::new(Policy::envelope()) }
}

/// The rule that a path of this signer breaks where every status has to be known; `None` when it holds.
pub(crate) fn judged(
    certificate: &Certificate,
    trust: &TrustStore,
    evidence: &RevocationEvidence,
) -> Option<&'static str> {
    let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
    let request = PathRequest::new(certificate, trust, &policy, now()).with_evidence(evidence);
    validate_path(&request).err().map(|reason| reason.rule())
}
