//! A server under test and what it saw.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use gateway::{Extra, Limits, Options, app, serve};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use wire::exchange_v1::exchange_service_client::ExchangeServiceClient;

use crate::client::{self, Answer, Http};
use crate::fake::{Fake, Registered, SYSTEM, Seen};
use crate::pki::Pki;

/// No condition of these tests takes so long on any machine.
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Started {
    pub(crate) address: SocketAddr,
    pub(crate) pki: Pki,
    pub(crate) tls: Arc<ArcSwap<ServerConfig>>,
    pub(crate) fake: Arc<Fake>,
    pub(crate) stop: CancellationToken,
    pub(crate) server: JoinHandle<()>,
    seen: mpsc::UnboundedReceiver<Seen>,
}

pub(crate) async fn start() -> Started {
    start_with(|_, _| {}).await
}

pub(crate) async fn start_with(change: impl FnOnce(&mut Options, &mut Limits)) -> Started {
    start_beside(Router::new(), change).await
}

/// Starts with other services beside the exchange.
pub(crate) async fn start_beside(extra: Router, change: impl FnOnce(&mut Options, &mut Limits)) -> Started {
    let (mut options, mut limits) = (Options::default(), Limits::default());
    change(&mut options, &mut limits);
    let (sender, seen) = mpsc::unbounded_channel();
    let fake = Arc::new(Fake { seen: sender, inbox: watch::Sender::new(0), gate: watch::Sender::new(false) });
    let (stop, tasks) = (options.stop.clone(), options.tasks.clone());
    let router = app(fake.clone(), Arc::new(Registered), Extra { grpc: extra, http: Router::new() }, options);
    let pki = Pki::new();
    let tls = Arc::new(ArcSwap::from_pointee(pki.server()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, tls.clone(), router, limits, stop.clone(), tasks));
    Started { address, pki, tls, fake, stop, server, seen }
}

impl Started {
    pub(crate) async fn http1(&self) -> Http {
        Http::one(self.address, self.pki.client(Some(SYSTEM), b"http/1.1")).await
    }

    pub(crate) async fn http2(&self) -> Http {
        Http::two(self.address, self.pki.client(Some(SYSTEM), b"h2")).await
    }

    pub(crate) async fn grpc(&self) -> ExchangeServiceClient<Channel> {
        client::grpc(self.address, self.pki.client(Some(SYSTEM), b"h2")).await
    }

    /// Asks once over HTTP/1.1.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.http1().await.answer(client::get(path)).await
    }

    /// What the node saw next.
    pub(crate) async fn seen(&mut self) -> Seen {
        within(self.seen.recv()).await.expect("the fake is still there")
    }

    /// The next call that is no upload, as text.
    pub(crate) async fn call(&mut self) -> String {
        match self.seen().await {
            Seen::Call(text) => text,
            other => panic!("not a call: {other:?}"),
        }
    }
}

/// Waits for a condition, but not for ever.
pub(crate) async fn within<T>(condition: impl Future<Output = T>) -> T {
    timeout(DEADLINE, condition).await.expect("it comes about in time")
}
