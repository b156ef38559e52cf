//! Extensions of a certificate that this crate evaluates, and the ones it refuses.

use x509_parser::extensions::{ParsedExtension, X509Extension};
use x509_parser::prelude::X509Certificate;

use super::GeneralName;
use super::constraints::{self, NameConstraints, PolicyConstraints, PolicyMapping};
use crate::der::{DerError, single, tag};
use crate::oid;
use crate::revocation::Point;

/// BasicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Basic {
    pub(crate) is_ca: bool,
    pub(crate) path_length: Option<u32>,
}

/// KeyUsage, the bits that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) signs_documents: bool,
    pub(crate) signs_certificates: bool,
    pub(crate) signs_crls: bool,
}

/// ExtendedKeyUsage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Purposes {
    pub(crate) is_critical: bool,
    /// Object identifiers, at least one.
    pub(crate) oids: Vec<Vec<u8>>,
}

/// What the extensions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    pub(crate) version: u32,
    pub(crate) basic: Option<Basic>,
    pub(crate) usage: Option<Usage>,
    pub(crate) purposes: Option<Purposes>,
    pub(crate) subject_key: Option<Vec<u8>>,
    pub(crate) authority_key: Option<Vec<u8>>,
    pub(crate) names: Vec<GeneralName>,
    pub(crate) uris: Vec<String>,
    pub(crate) dns_names: Vec<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) name_constraints: Option<NameConstraints>,
    /// Object identifiers; `None` without the extension.
    pub(crate) policies: Option<Vec<Vec<u8>>>,
    pub(crate) policy_mappings: Vec<PolicyMapping>,
    pub(crate) policy_constraints: PolicyConstraints,
    pub(crate) inhibit_any_policy: Option<u32>,
    /// Where lists of revoked certificates are published, and which.
    pub(crate) points: Vec<Point>,
    /// Where responders answer for it.
    pub(crate) ocsp_urls: Vec<String>,
    /// Where its issuer's certificate is.
    pub(crate) issuer_urls: Vec<String>,
    /// True for a responder whose own revocation is not to be asked for (RFC 6960 4.2.2.2.1).
    pub(crate) has_no_check: bool,
    /// Object identifier of a critical one that is not evaluated here.
    pub(crate) unevaluated: Option<String>,
}

impl Extensions {
    pub(super) fn read(certificate: &X509Certificate<'_>) -> Result<Self, String> {
        certificate.extensions_map().map_err(|_| "an extension occurs twice".to_owned())?;
        let mut found = Self { version: certificate.version().0 + 1, ..Self::default() };
        for extension in certificate.extensions() {
            let name = extension.oid.to_id_string();
            let broken = |error: String| format!("the extension {name} is broken: {error}");
            // Extensions that are not evaluated may be odd: certificates of 2015 carry an empty issuerAltName.
            let is_evaluated = found.take(extension).map_err(broken)?;
            if extension.critical && !is_evaluated {
                found.unevaluated = Some(name);
            }
        }
        Ok(found)
    }

    /// Keeps what one extension says; false when it is not evaluated here.
    fn take(&mut self, extension: &X509Extension<'_>) -> Result<bool, String> {
        if let Some(result) = self.take_raw(extension) {
            return result.map(|()| true).map_err(|error| error.to_string());
        }
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(basic) => {
                self.basic = Some(Basic { is_ca: basic.ca, path_length: basic.path_len_constraint });
            }
            ParsedExtension::KeyUsage(usage) => {
                self.usage = Some(Usage {
                    signs_documents: usage.digital_signature() || usage.non_repudiation(),
                    signs_certificates: usage.key_cert_sign(),
                    signs_crls: usage.crl_sign(),
                });
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            ParsedExtension::ParseError { error } if EVALUATED.contains(&extension.oid.as_bytes()) => {
                return Err(error.to_string());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The extensions read here from their bytes; `None` for any other.
    fn take_raw(&mut self, extension: &X509Extension<'_>) -> Option<Result<(), DerError>> {
        let value = extension.value;
        let result = match extension.oid.as_bytes() {
            oid::SUBJECT_NAMES => self.take_names(value),
            oid::NAME_CONSTRAINTS => NameConstraints::read(value).map(|read| self.name_constraints = Some(read)),
            oid::POLICIES => constraints::policies(value).map(|read| self.policies = Some(read)),
            oid::POLICY_MAPPINGS => constraints::mappings(value).map(|read| self.policy_mappings = read),
            oid::POLICY_CONSTRAINTS => PolicyConstraints::read(value).map(|read| self.policy_constraints = read),
            oid::INHIBIT_ANY_POLICY => constraints::inhibit_any(value).map(|read| self.inhibit_any_policy = Some(read)),
            oid::DISTRIBUTION_POINTS => Point::read_all(value).map(|read| self.points = read),
            // A hint for whoever fetches: a broken one hints at nothing.
            oid::AUTHORITY_ACCESS => {
                if let Ok((ocsp, issuers)) = access(value) {
                    (self.ocsp_urls, self.issuer_urls) = (ocsp, issuers);
                }
                return None;
            }
            oid::OCSP_NO_CHECK => {
                self.has_no_check = true;
                Ok(())
            }
            oid::EXTENDED_KEY_USAGE => self.take_purposes(value, extension.critical),
            _ => return None,
        };
        Some(result)
    }

    fn take_purposes(&mut self, value: &[u8], is_critical: bool) -> Result<(), DerError> {
        let mut inside = single(value, tag::SEQUENCE)?.inside();
        let mut oids = Vec::new();
        while !inside.is_empty() {
            oids.push(inside.expect(tag::OBJECT_ID)?.content.to_vec());
        }
        if oids.is_empty() {
            return Err(DerError::Value);
        }
        self.purposes = Some(Purposes { is_critical, oids });
        Ok(())
    }

    fn take_names(&mut self, value: &[u8]) -> Result<(), DerError> {
        self.names = GeneralName::read_all(single(value, tag::SEQUENCE)?.inside())?;
        for name in &self.names {
            match name {
                GeneralName::Uri(text) => self.uris.push(text.clone()),
                GeneralName::Dns(text) => self.dns_names.push(text.clone()),
                GeneralName::Email(text) => self.emails.push(text.clone()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Addresses of one certificate's AuthorityInfoAccess.
const URLS_MAX: usize = 16;

/// The addresses of responders and of issuers' certificates in an AuthorityInfoAccess.
fn access(value: &[u8]) -> Result<(Vec<String>, Vec<String>), DerError> {
    let (mut ocsp, mut issuers) = (Vec::new(), Vec::new());
    for description in single(value, tag::SEQUENCE)?.inside().all()?.iter().take(URLS_MAX) {
        let mut inside = description.inside();
        let method = inside.expect(tag::OBJECT_ID)?.content;
        let GeneralName::Uri(url) = GeneralName::read(&inside.next()?)? else { continue };
        match method {
            oid::ACCESS_OCSP => ocsp.push(url),
            oid::ACCESS_ISSUERS => issuers.push(url),
            _ => {}
        }
    }
    Ok((ocsp, issuers))
}

/// Those read by the parser that must read, critical or not.
const EVALUATED: [&[u8]; 4] = [oid::SUBJECT_KEY, oid::KEY_USAGE, oid::BASIC_CONSTRAINTS, oid::AUTHORITY_KEY];
