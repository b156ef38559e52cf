//! What a client certificate says of its holder.

use ring::digest::{SHA256, digest};
use types::Digest;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::PeerCertificate;

/// Names read of one certificate; more are an attack on the table of callers.
const NAMES_MAX: usize = 64;

/// Reads the names and the fingerprint; `None` for bytes that are no certificate.
pub(super) fn read(der: &[u8]) -> Option<PeerCertificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    let sans = names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some((*uri).to_owned()),
        // The prefix keeps a host name from passing for the URI of a system or a node.
        GeneralName::DNSName(host) => Some(format!("dns:{host}")),
        _ => None,
    });
    let sha256 = Digest::try_from(digest(&SHA256, der).as_ref()).ok()?;
    Some(PeerCertificate { sans: sans.take(NAMES_MAX).collect(), sha256 })
}
