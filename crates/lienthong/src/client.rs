//! The connection to a node.

mod tls;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use wire::admin_v1::quarantine_service_client::QuarantineServiceClient;
use wire::exchange_v1::exchange_service_client::ExchangeServiceClient;

use crate::failure::{Answer, Failure};
use crate::profile::Profile;

pub(crate) use tls::{config as tls_config, roots};

/// A node that does not answer a connection for so long is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than the idle time after which provincial firewalls forget a connection.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// Then the other side is gone.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Tracking of 10,000 recipients with their receipts fits; nothing larger is an answer.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of a token file.
const TOKEN_BYTES_MAX: usize = 4096;

/// The generated client over our connection.
pub(crate) type Stub = ExchangeServiceClient<InterceptedService<Channel, Bearer>>;

/// A connected client.
pub(crate) struct Client {
    pub(crate) stub: Stub,
    address: String,
}

impl Client {
    /// Connects as the profile says.
    pub(crate) async fn connect(profile: &Profile) -> Result<Self, Failure> {
        let address = address(profile)?;
        let channel = channel(&address, profile).await?;
        let bearer = Bearer(profile.token_file.as_deref().map(token).transpose()?);
        let stub = ExchangeServiceClient::with_interceptor(channel, bearer).max_decoding_message_size(ANSWER_BYTES_MAX);
        Ok(Self { stub, address })
    }

    /// What a failed call means.
    pub(crate) fn failed(&self, status: Status) -> Failure {
        failure(&self.address, status)
    }
}

/// A connected client of the interface for operators.
pub(crate) struct AdminClient {
    pub(crate) stub: QuarantineServiceClient<Channel>,
    address: String,
}

impl AdminClient {
    /// Connects as the profile says; only the certificate counts.
    pub(crate) async fn connect(profile: &Profile) -> Result<Self, Failure> {
        let address = address(profile)?;
        let stub = QuarantineServiceClient::new(channel(&address, profile).await?);
        Ok(Self { stub: stub.max_decoding_message_size(ANSWER_BYTES_MAX), address })
    }

    /// What a failed call means.
    pub(crate) fn failed(&self, status: Status) -> Failure {
        failure(&self.address, status)
    }
}

fn address(profile: &Profile) -> Result<String, Failure> {
    profile.node.clone().ok_or_else(|| {
        Failure::usage("thiếu địa chỉ nút: --node https://HOST:PORT hoặc --profile (node address missing)")
    })
}

fn failure(address: &str, status: Status) -> Failure {
    let answer = Answer::of(&status);
    // A broken connection surfaces as a status of the client library, without our code.
    if answer.code_text().is_none() && matches!(status.code(), Code::Unavailable | Code::Unknown) {
        return Failure::Unreachable { node: address.to_owned(), source: Box::new(status) };
    }
    Failure::Answer(Box::new(answer))
}

/// A field that the interface promises and the answer lacks.
pub(crate) fn expected<T>(field: Option<T>, name: &str) -> Result<T, Failure> {
    field.ok_or_else(|| Failure::Internal(format!("nút trả lời thiếu {name} (the answer lacks {name})")))
}

async fn channel(address: &str, profile: &Profile) -> Result<Channel, Failure> {
    let wrong = |what: &str| Failure::usage(format!("địa chỉ nút {address}: {what} (node address)"));
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(|error| wrong(&error.to_string()))?;
    let uri = endpoint.uri().clone();
    if uri.scheme_str() != Some("https") {
        return Err(wrong("cần https:// (https is required)"));
    }
    // An IPv6 address stands in brackets, which neither the resolver nor the certificate knows.
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = uri.port_u16().unwrap_or(443);
    let name = ServerName::try_from(host.clone()).map_err(|error| wrong(&error.to_string()))?;
    let tls = TlsConnector::from(Arc::new(tls::config(profile)?));
    let connector = tower::service_fn(move |_| connect(host.clone(), port, name.clone(), tls.clone()));
    endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .http2_adaptive_window(true)
        .connect_with_connector(connector)
        .await
        .map_err(|error| Failure::Unreachable { node: address.to_owned(), source: Box::new(error) })
}

async fn connect(
    host: String,
    port: u16,
    name: ServerName<'static>,
    tls: TlsConnector,
) -> std::io::Result<TokioIo<TlsStream<TcpStream>>> {
    let tcp = TcpStream::connect((host.as_str(), port)).await?;
    tcp.set_nodelay(true)?;
    Ok(TokioIo::new(tls.connect(name, tcp).await?))
}

fn token(path: &Path) -> Result<MetadataValue<Ascii>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, error))?;
    let text = text.trim();
    if text.is_empty() || text.len() > TOKEN_BYTES_MAX {
        return Err(Failure::file(path, "không phải mã truy cập (not a token)"));
    }
    let mut value: MetadataValue<Ascii> = format!("Bearer {text}").parse().map_err(|error| {
        let error: tonic::metadata::errors::InvalidMetadataValue = error;
        Failure::file(path, error)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Adds the bearer token to every call, where there is one.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests;
