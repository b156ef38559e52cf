//! Makes the certificates of the cast.

use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SubjectPublicKeyInfo,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::cast::{By, GOVERNMENT, GovernmentFile, Key, Made, ROOT_G2_KEY, SUB_G1, SUB_G1_KEY, SUB_G2_KEY, Shape};
use super::{Government, PkiError};
use crate::example::MARK;
use crate::example::extension::{self, Urls};

/// Validity of both CAs of the second generation.
const G2: (OffsetDateTime, OffsetDateTime) = (datetime!(2018-08-22 0:00 UTC), datetime!(2048-08-14 0:00 UTC));
const YEAR: Duration = Duration::days(365);

/// Certificate and key, PEM.
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// The CAs, and what they write into certificates.
pub(super) struct Mint {
    at: OffsetDateTime,
    url: String,
    root_g2: Issuer<'static, KeyPair>,
    sub_g2: Issuer<'static, KeyPair>,
    sub_g1: Issuer<'static, KeyPair>,
    official: Issuer<'static, KeyPair>,
}

impl Mint {
    pub(super) fn new(government: &Government) -> Result<Self, PkiError> {
        let failed = |error: rcgen::Error| failed("the CAs", &error);
        let at = i64::try_from(government.at.as_seconds()).ok();
        let at = at.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
        let late = || PkiError::Certificate { name: "the CAs".to_owned(), reason: "the time is too late".to_owned() };
        let official = GOVERNMENT.iter().find(|file| matches!(file.made, Made::Leaf { key: Key::Rsa(_), .. }));
        let (Some(official), [root, sub, ..]) = (official, GOVERNMENT) else { return Err(late()) };
        let Made::Leaf { key: Key::Rsa(official_key), .. } = official.made else { return Err(late()) };
        let issuer = |params, key| Ok(Issuer::new(params, KeyPair::from_pem(key).map_err(failed)?));
        Ok(Self {
            at: at.ok_or_else(late)?,
            url: government.url.clone(),
            root_g2: issuer(ca_params(root, None), ROOT_G2_KEY)?,
            sub_g2: issuer(ca_params(sub, Some(0)), SUB_G2_KEY)?,
            sub_g1: Issuer::from_ca_cert_pem(SUB_G1, KeyPair::from_pem(SUB_G1_KEY).map_err(failed)?).map_err(failed)?,
            official: issuer(params(official), official_key)?,
        })
    }

    /// Makes one of the cast.
    pub(super) fn make(&self, file: &GovernmentFile) -> Result<Pair, PkiError> {
        let failed = |error: rcgen::Error| failed(file.name, &error);
        match file.made {
            Made::Fixed { certificate, key } => Ok(Pair { certificate: unmarked(certificate), key: unmarked(key) }),
            Made::Root(key) => {
                let certificate = ca_params(file, None).self_signed(self.root_g2.key()).map_err(failed)?;
                Ok(Pair { certificate: certificate.pem(), key: unmarked(key) })
            }
            Made::Sub(key) => {
                let mut params = ca_params(file, Some(0));
                params.use_authority_key_identifier_extension = true;
                params.custom_extensions = Urls::below(&self.url, "rootcag2").extensions();
                params.custom_extensions.push(extension::government_policy());
                let certificate = params.signed_by(self.sub_g2.key(), &self.root_g2).map_err(failed)?;
                Ok(Pair { certificate: certificate.pem(), key: unmarked(key) })
            }
            Made::Leaf { issuer, key, years, shape } => {
                let params = self.leaf_params(file, issuer, years, shape)?;
                match key {
                    Key::Rsa(pem) => {
                        let key = KeyPair::from_pem(pem).map_err(failed)?;
                        Ok(Pair { certificate: self.sign(file, &params, &key, issuer)?, key: unmarked(pem) })
                    }
                    Key::P256 => {
                        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
                        Ok(Pair { certificate: self.sign(file, &params, &key, issuer)?, key: key.serialize_pem() })
                    }
                    Key::Weak(pem, public) => {
                        let public = SubjectPublicKeyInfo::from_pem(public).map_err(failed)?;
                        Ok(Pair { certificate: self.sign(file, &params, &public, issuer)?, key: unmarked(pem) })
                    }
                }
            }
        }
    }

    fn sign(
        &self,
        file: &GovernmentFile,
        params: &CertificateParams,
        key: &impl PublicKeyData,
        issuer: By,
    ) -> Result<String, PkiError> {
        let issuer = match issuer {
            By::SubG2 => &self.sub_g2,
            By::SubG1 => &self.sub_g1,
            By::Official => &self.official,
        };
        params.signed_by(key, issuer).map(|made| made.pem()).map_err(|error| failed(file.name, &error))
    }

    fn leaf_params(
        &self,
        file: &GovernmentFile,
        issuer: By,
        years: (i32, i32),
        shape: Shape,
    ) -> Result<CertificateParams, PkiError> {
        let mut params = params(file);
        let late = || PkiError::Certificate { name: file.name.to_owned(), reason: "the time is too late".to_owned() };
        params.not_before = self.at.checked_add(YEAR * years.0).ok_or_else(late)?;
        params.not_after = self.at.checked_add(YEAR * years.1).ok_or_else(late)?;
        params.use_authority_key_identifier_extension = true;
        let authority = match issuer {
            By::SubG2 | By::Official => "cpcag2",
            By::SubG1 => "cpcag1",
        };
        params.custom_extensions = Urls::below(&self.url, authority).extensions();
        params.custom_extensions.push(extension::government_policy());
        match shape {
            Shape::Signer => params.custom_extensions.extend(extension::government_leaf()),
            Shape::Encipherment => params.key_usages = vec![KeyUsagePurpose::KeyEncipherment],
            Shape::Server => {
                params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            }
            Shape::Timestamps => with_usage(&mut params, extension::for_timestamps()),
            Shape::TimestampsNotCritical => {
                let mut purpose = extension::for_timestamps();
                purpose.set_criticality(false);
                with_usage(&mut params, purpose);
            }
            Shape::Ocsp => {
                with_usage(&mut params, extension::no_check());
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
            }
        }
        Ok(params)
    }
}

fn with_usage(params: &mut CertificateParams, extension: CustomExtension) {
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params.custom_extensions.push(extension);
}

fn ca_params(file: &GovernmentFile, path_length: Option<u8>) -> CertificateParams {
    let mut params = params(file);
    params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = G2;
    params
}

/// Subject: the country as PrintableString, all else as UTF8String.
fn params(file: &GovernmentFile) -> CertificateParams {
    let mut subject = DistinguishedName::new();
    let country = PrintableString::try_from("VN").expect("two letters");
    subject.push(DnType::CountryName, DnValue::PrintableString(country));
    subject.push(DnType::OrganizationName, format!("{} (EXAMPLE)", file.organisation));
    subject.push(DnType::OrganizationalUnitName, MARK);
    subject.push(DnType::CommonName, format!("{} (EXAMPLE)", file.common_name));
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    params
}

/// A file of the source without its first line: every file is marked anew when it is written.
fn unmarked(pem: &str) -> String {
    pem.split_once('\n').map_or(pem, |(_, rest)| rest).to_owned()
}

fn failed(name: &str, error: &rcgen::Error) -> PkiError {
    PkiError::Certificate { name: name.to_owned(), reason: error.to_string() }
}
