//! TLS of a client: the node's CA, this system's certificate.

use std::path::Path;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::failure::Failure;
use crate::profile::Profile;

pub(crate) fn config(profile: &Profile) -> Result<ClientConfig, Failure> {
    let ca =
        profile.ca.as_deref().ok_or_else(|| Failure::usage("thiếu --ca: CA của nút (the node's CA is missing)"))?;
    let builder = ClientConfig::builder().with_root_certificates(roots(ca)?);
    let mut config = match (profile.cert.as_deref(), profile.key.as_deref()) {
        (Some(cert), Some(key)) => {
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| Failure::file(key, error))?;
            builder.with_client_auth_cert(certificates(cert)?, secret).map_err(|error| Failure::file(cert, error))?
        }
        (None, None) => builder.with_no_client_auth(),
        _ => return Err(Failure::usage("--cert và --key phải đi cùng nhau (one needs the other)")),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// The CAs in a PEM file.
pub(crate) fn roots(ca: &Path) -> Result<RootCertStore, Failure> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(ca)? {
        roots.add(certificate).map_err(|error| Failure::file(ca, error))?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let failed = |error| Failure::file(path, error);
    let found: Vec<_> =
        CertificateDer::pem_file_iter(path).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    if found.is_empty() {
        return Err(Failure::file(path, "không có chứng thư PEM nào (no PEM certificate)"));
    }
    Ok(found)
}
