//! An HTTP server that does as it is told.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

type Maker = Arc<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// What happens on a path.
#[derive(Clone)]
pub(crate) enum Answer {
    Bytes(Vec<u8>),
    Made(Maker),
    Status(u16),
    Never,
}

#[derive(Clone, Default)]
struct Paths(Arc<Mutex<HashMap<String, (Answer, usize)>>>);

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    paths: Paths,
    serving: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let paths = Paths::default();
        let (address, serving) = serve("127.0.0.1:0".parse().unwrap(), paths.clone());
        Self { address, paths, serving }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        let mut paths = self.paths.0.lock().unwrap();
        let asked = paths.get(path).map_or(0, |(_, asked)| *asked);
        paths.insert(path.to_owned(), (answer, asked));
    }

    pub(crate) fn make(&self, path: &str, maker: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) {
        self.answer(path, Answer::Made(Arc::new(maker)));
    }

    /// How often a path was asked.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.paths.0.lock().unwrap().get(path).map_or(0, |(_, asked)| *asked)
    }

    /// Goes away; the address stays its own.
    pub(crate) async fn leave(&mut self) {
        self.serving.abort();
        drop((&mut self.serving).await);
    }

    pub(crate) fn come_back(&mut self) {
        (_, self.serving) = serve(self.address, self.paths.clone());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn serve(address: SocketAddr, paths: Paths) -> (SocketAddr, JoinHandle<()>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    let listener: TcpListener = socket.listen(64).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let paths = paths.clone();
            let service = service_fn(move |request| respond(request, paths.clone()));
            tokio::spawn(async move {
                // A client that has seen enough hangs up.
                drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
            });
        }
    });
    (address, serving)
}

async fn respond(request: Request<Incoming>, paths: Paths) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let answer = {
        let mut paths = paths.0.lock().unwrap();
        let known = paths.entry(path).or_insert((Answer::Status(404), 0));
        known.1 += 1;
        known.0.clone()
    };
    let (status, body) = match answer {
        Answer::Bytes(bytes) => (200, bytes),
        Answer::Made(maker) => (200, maker(&body)),
        Answer::Status(status) => (status, Vec::new()),
        Answer::Never => std::future::pending().await,
    };
    Ok(Response::builder().status(status).body(Full::new(body.into())).unwrap())
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let waited = async {
        loop {
            ticks.tick().await;
            if let Some(answer) = ask() {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waited).await.unwrap_or_else(|_| panic!("waited for: {what}"))
}
