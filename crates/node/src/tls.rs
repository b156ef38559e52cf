//! Mutual TLS, in and out, from the configured files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::{AxisLink, Config};
use crate::material::{MaterialError, certificates, read};

/// The transport identity, as a server and as a client.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    /// For callers and nodes that dial us.
    pub(crate) server: Arc<ServerConfig>,
    /// For nodes that we dial.
    pub(crate) client: Arc<ClientConfig>,
}

impl Transport {
    /// Loads certificate, key and CAs; both sides ask for and show certificates.
    pub(crate) fn load(config: &Config) -> Result<Self, MaterialError> {
        let own = &config.tls.own;
        // Read once through our own parser too: it refuses EXAMPLE certificates and names the file.
        certificates(std::slice::from_ref(&own.certificate), config.example_certificates)?;
        certificates(&config.tls.ca, config.example_certificates)?;
        let chain = chain(&own.certificate)?;
        let key = || key(&own.key);
        let mut roots = RootCertStore::empty();
        for path in &config.tls.ca {
            for certificate in self::chain(path)? {
                roots.add(certificate).map_err(|error| failure(path, &error))?;
            }
        }
        let roots = Arc::new(roots);
        let provider = Arc::new(rustls::crypto::ring::default_provider());

        let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone());
        // A bearer token or a secret stands in for a certificate: such a caller may come without one.
        let has_others = config.systems.iter().any(|system| system.token.is_some() || system.axis.is_some());
        let verifier = if has_others { verifier.allow_unauthenticated() } else { verifier };
        let verifier = verifier.build().map_err(|error| failure(&own.certificate, &error))?;
        let mut server = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| failure(&own.certificate, &error))?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain.clone(), key()?)
            .map_err(|error| failure(&own.certificate, &error))?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];

        let mut client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failure(&own.certificate, &error))?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key()?)
            .map_err(|error| failure(&own.certificate, &error))?;
        client.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self { server: Arc::new(server), client: Arc::new(client) })
    }
}

/// TLS towards the axis: its CAs (the transport's unless it has its own), and a client certificate where it asks for one.
pub(crate) fn towards_axis(config: &Config, link: &AxisLink) -> Result<ClientConfig, MaterialError> {
    let mut roots = RootCertStore::empty();
    let authorities = if link.ca.is_empty() { &config.tls.ca } else { &link.ca };
    certificates(authorities, config.example_certificates)?;
    for path in authorities {
        for certificate in chain(path)? {
            roots.add(certificate).map_err(|error| failure(path, &error))?;
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failure(&config.tls.own.certificate, &error))?
        .with_root_certificates(roots);
    match &link.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(own) => builder
            .with_client_auth_cert(chain(&own.certificate)?, key(&own.key)?)
            .map_err(|error| failure(&own.certificate, &error)),
    }
}

/// Anchors of a TLS client, from files.
pub(crate) fn roots(config: &Config, files: &[PathBuf]) -> Result<RootCertStore, MaterialError> {
    certificates(files, config.example_certificates)?;
    let mut roots = RootCertStore::empty();
    for path in files {
        for certificate in chain(path)? {
            roots.add(certificate).map_err(|error| failure(path, &error))?;
        }
    }
    Ok(roots)
}

/// A TLS client that shows no certificate.
pub(crate) fn anonymous_client(config: &Config, roots: RootCertStore) -> Result<ClientConfig, MaterialError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failure(&config.tls.own.certificate, &error))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn failure(path: &Path, error: &dyn std::fmt::Display) -> MaterialError {
    MaterialError::Transport { path: path.to_owned(), reason: error.to_string() }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, MaterialError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(path)?).collect();
    found.map_err(|error| failure(path, &error))
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, MaterialError> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| failure(path, &error))
}
