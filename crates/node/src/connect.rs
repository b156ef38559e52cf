//! Channels to neighbours: mutual TLS that follows a reload.

use std::sync::Arc;

use arc_swap::ArcSwap;
use hyper_util::rt::TokioIo;
use relay::{Reason, prepare_endpoint};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Uri};
use types::ErrorCode;

use crate::config::Address;

fn unavailable(error: &dyn std::fmt::Display) -> Reason {
    Reason::new(ErrorCode::PeerUnavailable, error.to_string())
}

/// Connects with the client identity of this moment; the certificate must carry the address's host.
pub(crate) async fn channel(tls: Arc<ArcSwap<ClientConfig>>, address: Address) -> Result<Channel, Reason> {
    let authority = if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
    // The scheme is `http` because TLS is this connector's work, not tonic's.
    let uri = format!("http://{authority}:{}", address.port);
    let endpoint = prepare_endpoint(Endpoint::from_shared(uri).map_err(|error| unavailable(&error))?);
    let connector = tower::service_fn(move |_: Uri| {
        let (tls, address) = (tls.load_full(), address.clone());
        async move {
            let name = ServerName::try_from(address.host.clone()).map_err(std::io::Error::other)?;
            let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
            stream.set_nodelay(true)?;
            let stream = TlsConnector::from(tls).connect(name, stream).await?;
            Ok::<_, std::io::Error>(TokioIo::new(stream))
        }
    });
    endpoint.connect_with_connector(connector).await.map_err(|error| unavailable(&Chain(&error)))
}

/// An error with its causes, in one line.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
