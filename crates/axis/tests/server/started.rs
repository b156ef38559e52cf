//! A server on a port of its own, and a socket to it.

use std::sync::Arc;
use std::time::Duration;

use axis::server::{Handled, Options, router};
use axum::extract::Request;
use axum::middleware::{self, Next};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::shelf::Shelf;

/// Far beyond anything a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Started {
    pub(crate) shelf: Arc<Shelf>,
    port: u16,
    handled: mpsc::UnboundedReceiver<Handled>,
    _folder: TempDir,
}

impl Started {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default(), |_| {}).await
    }

    pub(crate) async fn with(options: Options, set: impl FnOnce(&mut Shelf)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut shelf = Shelf::new(folder.path());
        set(&mut shelf);
        let shelf = Arc::new(shelf);
        let (sender, handled) = mpsc::unbounded_channel();
        let seen = middleware::from_fn(move |request: Request, next: Next| {
            let sender = sender.clone();
            async move {
                let response = next.run(request).await;
                drop(sender.send(response.extensions().get::<Handled>().unwrap().clone()));
                response
            }
        });
        let app = axum::Router::new().nest("/axis", router(Arc::clone(&shelf) as _, options)).layer(seen);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { shelf, port, handled, _folder: folder }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/axis", self.port)
    }

    pub(crate) async fn connect(&self) -> Connection {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        Connection(BufReader::new(stream))
    }

    /// One request over a connection of its own.
    pub(crate) async fn ask(&self, request: &[u8]) -> Answer {
        let mut connection = self.connect().await;
        connection.write(request).await;
        connection.answer().await
    }

    pub(crate) async fn handled(&mut self) -> Handled {
        timeout(PATIENCE, self.handled.recv()).await.unwrap().unwrap()
    }
}

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    /// The status line and the headers, in lower case.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = timeout(PATIENCE, self.0.read_line(&mut head)).await.unwrap().unwrap();
            assert_ne!(read, 0, "the connection ended after {head:?}");
        }
        head.to_ascii_lowercase()
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        let head = self.head().await;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = Vec::new();
        match length {
            Some(length) => {
                body.resize(length, 0);
                timeout(PATIENCE, self.0.read_exact(&mut body)).await.unwrap().unwrap();
            }
            None => {
                assert!(head.contains("transfer-encoding: chunked"), "{head}");
                while let Some(chunk) = self.chunk().await {
                    body.extend_from_slice(&chunk);
                }
            }
        }
        Answer { head, body }
    }

    async fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut size = String::new();
        timeout(PATIENCE, self.0.read_line(&mut size)).await.unwrap().unwrap();
        let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        timeout(PATIENCE, self.0.read_exact(&mut chunk)).await.unwrap().unwrap();
        chunk.truncate(size);
        if chunk.is_empty() { None } else { Some(chunk) }
    }

    /// All that comes until the server closes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset ends it as well as an orderly close.
        drop(timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.unwrap());
        rest
    }
}

pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The line, read as the operator's clients read it: ASCII, three fields that are never missing.
    pub(crate) fn json(&self) -> Value {
        assert!(self.body.is_ascii(), "{}", String::from_utf8_lossy(&self.body));
        assert!(!self.body.contains(&b'\n'));
        assert!(self.head.contains("content-type: application/json\r\n"), "{}", self.head);
        let read: Value = serde_json::from_slice(&self.body).unwrap();
        for field in ["status", "ErrorCode", "ErrorDesc"] {
            assert!(read[field].is_string(), "{field} in {read}");
        }
        assert_eq!(read["status"] == "OK", read["ErrorCode"] == "0");
        read
    }

    /// `ErrorCode`.
    pub(crate) fn code(&self) -> String {
        self.json()["ErrorCode"].as_str().unwrap().to_owned()
    }
}
