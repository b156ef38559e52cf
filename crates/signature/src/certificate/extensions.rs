//! Extensions of a certificate that this crate evaluates, and the ones it refuses.

use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, ParsedExtension};
use x509_parser::prelude::X509Certificate;

/// BasicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Basic {
    pub(crate) is_ca: bool,
    pub(crate) path_length: Option<u32>,
}

/// KeyUsage, the three bits that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) signs_documents: bool,
    pub(crate) signs_certificates: bool,
}

/// ExtendedKeyUsage, seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// At least one purpose that documents are signed under.
    Documents,
    /// Only other purposes.
    Other,
}

/// ExtendedKeyUsage, seen by a check of time-stamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stamping {
    /// There is no such extension.
    #[default]
    Unsaid,
    /// Only other purposes.
    Excluded,
    /// timeStamping, or any purpose, among others or without being critical.
    Allowed,
    /// timeStamping alone, and critical: what RFC 3161 2.3 asks of an authority's certificate.
    Exactly,
}

/// What the extensions say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    pub(crate) version: u32,
    pub(crate) basic: Option<Basic>,
    pub(crate) usage: Option<Usage>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) stamping: Stamping,
    pub(crate) subject_key: Option<Vec<u8>>,
    pub(crate) authority_key: Option<Vec<u8>>,
    pub(crate) uris: Vec<String>,
    pub(crate) dns_names: Vec<String>,
    pub(crate) emails: Vec<String>,
    /// Object identifier of one that constrains and is not evaluated here.
    pub(crate) unevaluated: Option<String>,
}

/// documentSigning (RFC 9336), Microsoft's document signing, Adobe's authentic documents.
const DOCUMENT_PURPOSES: [&str; 3] = ["1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5"];

/// SKI, KU, SAN, BC, NC, AKI, EKU: these must read. Others may be odd while they are not critical; government
/// certificates of 2015 carry an empty issuerAltName.
const EVALUATED: [&str; 7] =
    ["2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.30", "2.5.29.35", "2.5.29.37"];

impl Extensions {
    pub(super) fn read(certificate: &X509Certificate<'_>) -> Result<Self, String> {
        certificate.extensions_map().map_err(|_| "an extension occurs twice".to_owned())?;
        let mut found = Self { version: certificate.version().0 + 1, ..Self::default() };
        for extension in certificate.extensions() {
            let oid = extension.oid.to_id_string();
            if let ParsedExtension::ParseError { error } = extension.parsed_extension()
                && (extension.critical || EVALUATED.contains(&oid.as_str()))
            {
                return Err(format!("the extension {oid} is broken: {error}"));
            }
            if let ParsedExtension::ExtendedKeyUsage(usage) = extension.parsed_extension() {
                found.stamping = stamping(usage, extension.critical);
            }
            let is_evaluated = found.take(extension.parsed_extension());
            // Name constraints bind whether or not their CA marked them critical, as RFC 5280 says it must.
            let constrains = matches!(extension.parsed_extension(), ParsedExtension::NameConstraints(_));
            if constrains || (extension.critical && !is_evaluated) {
                found.unevaluated = Some(oid);
            }
        }
        Ok(found)
    }

    /// Keeps what one extension says; false when it is not evaluated here.
    fn take(&mut self, extension: &ParsedExtension<'_>) -> bool {
        match extension {
            ParsedExtension::BasicConstraints(basic) => {
                self.basic = Some(Basic { is_ca: basic.ca, path_length: basic.path_len_constraint });
            }
            ParsedExtension::KeyUsage(usage) => {
                self.usage = Some(Usage {
                    signs_documents: usage.digital_signature() || usage.non_repudiation(),
                    signs_certificates: usage.key_cert_sign(),
                });
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let named = usage.other.iter().any(|oid| DOCUMENT_PURPOSES.contains(&oid.to_id_string().as_str()));
                let is_for_documents = usage.any || usage.email_protection || named;
                self.purpose = Some(if is_for_documents { Purpose::Documents } else { Purpose::Other });
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            ParsedExtension::SubjectAlternativeName(name) => self.take_names(&name.general_names),
            // Without a required policy, policies and inhibitAnyPolicy change nothing (RFC 5280 6.1.5 g).
            ParsedExtension::CertificatePolicies(_) | ParsedExtension::InhibitAnyPolicy(_) => {}
            _ => return false,
        }
        true
    }

    fn take_names(&mut self, names: &[GeneralName<'_>]) {
        for name in names {
            match name {
                GeneralName::URI(text) => self.uris.push((*text).to_owned()),
                GeneralName::DNSName(text) => self.dns_names.push((*text).to_owned()),
                GeneralName::RFC822Name(text) => self.emails.push((*text).to_owned()),
                _ => {}
            }
        }
    }
}

fn stamping(usage: &ExtendedKeyUsage<'_>, is_critical: bool) -> Stamping {
    let has_others = usage.any
        || usage.server_auth
        || usage.client_auth
        || usage.code_signing
        || usage.email_protection
        || usage.ocsp_signing
        || !usage.other.is_empty();
    match (usage.time_stamping, is_critical && !has_others) {
        (true, true) => Stamping::Exactly,
        (true, false) => Stamping::Allowed,
        (false, _) if usage.any => Stamping::Allowed,
        (false, _) => Stamping::Excluded,
    }
}
