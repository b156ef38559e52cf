//! Makes the certificates themselves.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use time::{Date, Month, OffsetDateTime};

use super::extension::{self, Urls};
use super::{MARK, NodeSeat, PkiError, SystemSeat};

/// First and last second of a certificate.
#[derive(Clone, Copy)]
pub(super) struct Validity {
    year: i32,
    years: i32,
}

impl Validity {
    /// From the year before, so that a clock that is behind accepts it, for eleven years.
    pub(super) const fn around(year: i32) -> Self {
        Self { year: year - 1, years: 11 }
    }

    /// Over for good when this one begins.
    pub(super) const fn long_past(self) -> Self {
        Self { year: self.year - 5, years: 2 }
    }

    fn start_of(year: i32) -> Option<OffsetDateTime> {
        Date::from_calendar_date(year, Month::January, 1).ok().map(|day| day.midnight().assume_utc())
    }

    fn apply(self, name: &str, params: &mut CertificateParams) -> Result<(), PkiError> {
        let failed = || PkiError::Certificate { name: name.to_owned(), reason: format!("year {}", self.year) };
        params.not_before = Self::start_of(self.year).ok_or_else(failed)?;
        params.not_after = Self::start_of(self.year + self.years).ok_or_else(failed)?;
        Ok(())
    }
}

/// A certificate with its issuer, and its key.
pub(super) struct Holder {
    pub(super) chain_pem: String,
    pub(super) key_pem: String,
}

/// A CA that can issue.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    urls: Option<Urls>,
}

impl Authority {
    pub(super) fn root(name: &str, validity: Validity) -> Result<Self, PkiError> {
        let (params, key) = Self::prepare(name, validity, BasicConstraints::Constrained(1))?;
        let pem = params.self_signed(&key).map_err(|error| failed(name, &error))?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem, urls: None })
    }

    pub(super) fn subordinate(&self, name: &str, validity: Validity) -> Result<Self, PkiError> {
        let (mut params, key) = Self::prepare(name, validity, BasicConstraints::Constrained(0))?;
        params.use_authority_key_identifier_extension = true;
        params.custom_extensions = self.urls.iter().flat_map(Urls::extensions).collect();
        let pem = params.signed_by(&key, &self.issuer).map_err(|error| failed(name, &error))?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem, urls: None })
    }

    /// The same CA; what it issues from now on says where its revocation data is.
    pub(super) fn publishing(mut self, urls: Option<Urls>) -> Self {
        self.urls = urls;
        self
    }

    fn prepare(
        name: &str,
        validity: Validity,
        constraints: BasicConstraints,
    ) -> Result<(CertificateParams, KeyPair), PkiError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = subject(MARK, name);
        params.is_ca = IsCa::Ca(constraints);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        validity.apply(name, &mut params)?;
        Ok((params, key(name)?))
    }

    pub(super) fn issue(&self, leaf: &Leaf, validity: Validity) -> Result<Holder, PkiError> {
        let name = leaf.name.as_str();
        let mut params = CertificateParams::default();
        params.distinguished_name = leaf.subject.clone();
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages.clone_from(&leaf.key_usages);
        params.extended_key_usages.clone_from(&leaf.extended_key_usages);
        let urls = self.urls.iter().flat_map(Urls::extensions);
        params.custom_extensions = leaf.extensions.iter().cloned().chain(urls).collect();
        for text in &leaf.names {
            params.subject_alt_names.push(text.san(name)?);
        }
        validity.apply(name, &mut params)?;
        let key = key(name)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(|error| failed(name, &error))?;
        Ok(Holder { chain_pem: format!("{}{}", certificate.pem(), self.pem), key_pem: key.serialize_pem() })
    }

    pub(super) fn certificate_pem(&self) -> String {
        self.pem.clone()
    }

    pub(super) fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }
}

enum AlternativeName {
    Uri(String),
    Dns(&'static str),
    Address([u8; 4]),
    AddressV6(u128),
}

impl AlternativeName {
    fn san(&self, name: &str) -> Result<SanType, PkiError> {
        Ok(match self {
            Self::Uri(text) => SanType::URI(text.as_str().try_into().map_err(|error| failed(name, &error))?),
            Self::Dns(text) => SanType::DnsName((*text).try_into().map_err(|error| failed(name, &error))?),
            Self::Address(bytes) => SanType::IpAddress((*bytes).into()),
            Self::AddressV6(bits) => SanType::IpAddress(std::net::Ipv6Addr::from_bits(*bits).into()),
        })
    }
}

/// What an end-entity certificate says.
pub(super) struct Leaf {
    name: String,
    subject: DistinguishedName,
    names: Vec<AlternativeName>,
    key_usages: Vec<KeyUsagePurpose>,
    extended_key_usages: Vec<ExtendedKeyUsagePurpose>,
    extensions: Vec<CustomExtension>,
}

impl Leaf {
    pub(super) fn node_transport(seat: &NodeSeat) -> Self {
        Self {
            name: format!("node {}", seat.id),
            subject: subject(MARK, seat.id),
            names: vec![
                AlternativeName::Uri(format!("urn:lienthong:node:{}", seat.id)),
                AlternativeName::Dns("localhost"),
                // Compose and Kubernetes reach a node by its id.
                AlternativeName::Dns(seat.id),
                AlternativeName::Address([127, 0, 0, 1]),
                AlternativeName::AddressV6(1),
            ],
            key_usages: vec![KeyUsagePurpose::DigitalSignature],
            extended_key_usages: vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth],
            extensions: Vec::new(),
        }
    }

    pub(super) fn system_transport(seat: &SystemSeat) -> Self {
        Self {
            name: format!("system {}", seat.id),
            subject: subject(MARK, seat.id),
            names: vec![AlternativeName::Uri(format!("urn:lienthong:system:{}", seat.id))],
            key_usages: vec![KeyUsagePurpose::DigitalSignature],
            extended_key_usages: vec![ExtendedKeyUsagePurpose::ClientAuth],
            extensions: Vec::new(),
        }
    }

    /// Signs receipts.
    pub(super) fn node_signing(seat: &NodeSeat) -> Self {
        let uri = AlternativeName::Uri(format!("urn:lienthong:node:{}", seat.id));
        Self::signing(format!("receipts of {}", seat.id), seat.operator, &format!("Receipts {}", seat.id), uri)
    }

    /// Signs documents.
    pub(super) fn document_signing(seat: &SystemSeat) -> Self {
        let uri = AlternativeName::Uri(format!("urn:lienthong:agency:{}", seat.agency));
        Self::signing(format!("documents of {}", seat.agency), seat.name, &format!("{} (EXAMPLE)", seat.name), uri)
    }

    fn signing(name: String, organisation: &str, common_name: &str, uri: AlternativeName) -> Self {
        let mut subject = subject(organisation, common_name);
        subject.push(DnType::OrganizationalUnitName, MARK);
        Self {
            name,
            subject,
            names: vec![uri],
            // As the government's CA does: no extended usage, so that nothing may require one.
            key_usages: vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment],
            extended_key_usages: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// Answers OCSP requests for its issuer (RFC 6960 4.2.2.2).
    pub(super) fn responder() -> Self {
        Self {
            name: "OCSP responder".to_owned(),
            subject: subject(MARK, "Lien Thong EXAMPLE OCSP"),
            names: Vec::new(),
            key_usages: vec![KeyUsagePurpose::DigitalSignature],
            extended_key_usages: vec![ExtendedKeyUsagePurpose::OcspSigning],
            extensions: vec![extension::no_check()],
        }
    }

    /// Signs time-stamps (RFC 3161 2.3).
    pub(super) fn timestamps() -> Self {
        Self {
            name: "time-stamping authority".to_owned(),
            subject: subject(MARK, "Lien Thong EXAMPLE TSA"),
            names: Vec::new(),
            key_usages: vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment],
            extended_key_usages: Vec::new(),
            extensions: vec![extension::for_timestamps()],
        }
    }
}

fn subject(organisation: &str, common_name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CountryName, "VN");
    subject.push(DnType::OrganizationName, organisation);
    subject.push(DnType::CommonName, common_name);
    subject
}

fn key(name: &str) -> Result<KeyPair, PkiError> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|error| failed(name, &error))
}

fn failed(name: &str, error: &rcgen::Error) -> PkiError {
    PkiError::Certificate { name: name.to_owned(), reason: error.to_string() }
}
