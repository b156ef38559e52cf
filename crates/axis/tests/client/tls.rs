//! Calls over TLS: the server's certificate checked, the client's shown.

use std::sync::Arc;

use axis::MessageType;
use axis::client::{Client, ClientOptions, OptionsError};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::scripted::options;
use crate::started::Started;

/// An authority of one test.
pub(crate) struct Pki(CertifiedIssuer<'static, KeyPair>);

impl Pki {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }

    fn issued(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    /// Options of a client that trusts this authority and has a certificate of it.
    pub(crate) fn client(&self) -> Arc<ClientConfig> {
        let (chain, key) = self.issued("client.example");
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_root_certificates(self.roots()).with_client_auth_cert(chain, key).unwrap())
    }

    /// Ends TLS for `name` before a plain server; clients need a certificate.
    pub(crate) async fn terminate(&self, name: &str, plain: u16) -> u16 {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(self.roots(), Arc::clone(&provider)).build();
        let (chain, key) = self.issued(name);
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_client_cert_verifier(verifier.unwrap()).with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut plain = TcpStream::connect(("127.0.0.1", plain)).await.unwrap();
                    drop(copy_bidirectional(&mut stream, &mut plain).await);
                });
            }
        });
        port
    }
}

fn over_tls(port: u16, tls: Option<Arc<ClientConfig>>) -> Result<Client, OptionsError> {
    let endpoint = format!("https://localhost:{port}/axis").parse().unwrap();
    Client::new(ClientOptions { endpoint, tls, ..options(port) })
}

#[tokio::test]
async fn a_call_over_tls_is_answered() {
    let (started, pki) = (Started::new().await, Pki::new());
    let port = pki.terminate("localhost", started.port).await;
    let client = over_tls(port, Some(pki.client())).unwrap();
    assert_eq!(client.count(MessageType::Edoc).await.unwrap(), 0);
}

#[tokio::test]
async fn a_certificate_of_another_name_or_authority_is_refused() {
    let (started, pki) = (Started::new().await, Pki::new());
    let other_name = pki.terminate("elsewhere.example", started.port).await;
    let error = over_tls(other_name, Some(pki.client())).unwrap().count(MessageType::Edoc).await.unwrap_err();
    assert!(error.to_string().contains("TLS with localhost"), "{error}");
    let port = pki.terminate("localhost", started.port).await;
    assert!(over_tls(port, Some(Pki::new().client())).unwrap().count(MessageType::Edoc).await.is_err());
}

#[tokio::test]
async fn https_without_trust_anchors_is_refused_at_once() {
    assert!(matches!(over_tls(443, None), Err(OptionsError::Tls(_))));
}
