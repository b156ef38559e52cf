//! HTTP and gRPC clients, one connection each.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::task::AbortOnDropHandle;
use tonic::transport::{Channel, Endpoint};
use wire::exchange_v1::exchange_service_client::ExchangeServiceClient;

pub(crate) async fn connect(address: SocketAddr, tls: Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    TlsConnector::from(tls).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

pub(crate) async fn grpc(address: SocketAddr, tls: Arc<ClientConfig>) -> ExchangeServiceClient<Channel> {
    let connector = tower::service_fn(move |_| {
        let tls = tls.clone();
        async move { connect(address, tls).await.map(TokioIo::new) }
    });
    let endpoint = Endpoint::from_static("http://localhost");
    ExchangeServiceClient::new(endpoint.connect_with_connector(connector).await.unwrap())
}

enum Sender {
    One(hyper::client::conn::http1::SendRequest<Body>),
    Two(hyper::client::conn::http2::SendRequest<Body>),
}

/// A connection; dropping it cuts it.
pub(crate) struct Http {
    sender: Sender,
    _connection: AbortOnDropHandle<()>,
}

impl Http {
    pub(crate) async fn one(address: SocketAddr, tls: Arc<ClientConfig>) -> Self {
        let io = TokioIo::new(connect(address, tls).await.unwrap());
        let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        let task = tokio::spawn(async move { drop(connection.await) });
        Self { sender: Sender::One(sender), _connection: AbortOnDropHandle::new(task) }
    }

    pub(crate) async fn two(address: SocketAddr, tls: Arc<ClientConfig>) -> Self {
        let io = TokioIo::new(connect(address, tls).await.unwrap());
        let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        let task = tokio::spawn(async move { drop(connection.await) });
        Self { sender: Sender::Two(sender), _connection: AbortOnDropHandle::new(task) }
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> hyper::Result<Response<Incoming>> {
        match &mut self.sender {
            Sender::One(sender) => {
                request.headers_mut().insert("host", "localhost".parse().unwrap());
                sender.send_request(request).await
            }
            Sender::Two(sender) => {
                let target = format!("https://localhost{}", request.uri());
                *request.uri_mut() = target.parse().unwrap();
                sender.send_request(request).await
            }
        }
    }

    pub(crate) async fn answer(&mut self, request: Request<Body>) -> Answer {
        Answer::of(self.send(request).await.unwrap()).await
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) async fn of(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The code of a problem, after checking that it is one.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["requestId"], self.header("x-request-id"));
        assert!(problem["requestId"].as_str().unwrap().len() == 36);
        problem["code"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header("content-type", content_type).body(body.into()).unwrap()
}
