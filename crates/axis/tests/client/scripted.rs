//! A server that answers as a test says, down to the byte.

use std::sync::{Arc, Mutex};

use axis::Secret;
use axis::client::{Client, ClientOptions, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The last segment of the path.
    pub(crate) fn operation(&self) -> &str {
        self.head.split(' ').nth(1).unwrap().rsplit('/').next().unwrap()
    }

    /// A signed parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let object = self.head.lines().find_map(|line| line.strip_prefix("xroadvnpt-sign-header: ")).unwrap();
        let object: serde_json::Value = serde_json::from_str(object).unwrap();
        object[format!("XroadVnpt-{name}")].as_str().map(str::to_owned)
    }
}

/// What is answered, and what becomes of the connection.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// These bytes; the connection stays.
    Keep(Vec<u8>),
    /// These bytes and the end.
    Close(Vec<u8>),
    /// These bytes, and nothing more.
    Hang(Vec<u8>),
}

/// A JSON answer with HTTP 200.
pub(crate) fn json(body: impl AsRef<str>) -> Reply {
    Reply::Keep(http("200 OK", body.as_ref()))
}

/// An answer with a length.
pub(crate) fn http(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub(crate) const OK: &str = r#"{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":[]}"#;

#[derive(Clone)]
pub(crate) struct Scripted {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    /// Answers each request as `script` says.
    pub(crate) async fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let scripted = Self { port: listener.local_addr().unwrap().port(), seen: Arc::default() };
        let (script, seen) = (Arc::new(script), Arc::clone(&scripted.seen));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&seen)));
            }
        });
        scripted
    }

    /// Always the same answer.
    pub(crate) async fn always(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// How often an operation was called.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.seen().iter().filter(|request| request.operation() == operation).count()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(options(self.port)).unwrap()
    }
}

/// Options for a server on this machine, with the patience of a test.
pub(crate) fn options(port: u16) -> ClientOptions {
    ClientOptions {
        endpoint: format!("http://127.0.0.1:{port}/axis/").parse().unwrap(),
        system: crate::shelf::SYSTEM.to_owned(),
        secret: Secret::new(crate::shelf::SECRETS[0].as_bytes()),
        proxy: None,
        tls: None,
        timeouts: Timeouts::default(),
        idle_connections: 4,
    }
}

async fn serve(mut stream: TcpStream, script: Arc<impl Fn(&Request) -> Reply>, seen: Arc<Mutex<Vec<Request>>>) {
    while let Some(request) = read(&mut stream).await {
        seen.lock().unwrap().push(request.clone());
        let (bytes, is_kept) = match script(&request) {
            Reply::Keep(bytes) => (bytes, true),
            Reply::Close(bytes) => (bytes, false),
            Reply::Hang(bytes) => {
                // A client that has given up may have closed already.
                drop(stream.write_all(&bytes).await);
                std::future::pending::<()>().await;
                return;
            }
        };
        if stream.write_all(&bytes).await.is_err() || !is_kept {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { head, body })
}
