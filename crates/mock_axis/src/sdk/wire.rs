//! One connection, over TCP or TLS: requests written as they are, answers read as HTTP/1.1.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ring::digest::{Context, SHA256};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::endpoint::{Endpoint, Scheme};
use super::request::{Body, Expect, Request};

/// Wait for `100 Continue` before the body goes out all the same, as Apache HttpClient does.
const CONTINUE_WAIT: Duration = Duration::from_secs(3);
/// Wait for a connection, and for the next bytes of an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Look at a connection before it is used again.
const STALE_LOOK: Duration = Duration::from_millis(1);
/// Bytes of an answer's head, and of a line in it.
const HEAD_BYTES_MAX: u64 = 64 * 1024;
/// Bytes read or written at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// No connection.
    #[error("connect to {endpoint}")]
    Connect {
        /// Where.
        endpoint: String,
        /// Why.
        source: io::Error,
    },
    /// The connection broke, or nothing came in time.
    #[error("the connection broke")]
    Broke(#[from] io::Error),
    /// What came is no HTTP answer.
    #[error("not an HTTP/1.1 answer: {0}")]
    Malformed(String),
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// One connection.
pub struct Connection {
    stream: BufStream<Box<dyn Duplex>>,
    carried: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Closed,
}

/// Whether the server said `100 Continue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continued {
    /// The request did not ask.
    NotAsked,
    /// It did, before the body was sent.
    Yes,
    /// It said nothing for three seconds: the body was sent all the same.
    Silent,
    /// It answered at once, and the body was not sent.
    Answered,
}

/// An answer as bytes.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header names as sent, and values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, or its beginning.
    pub body: Vec<u8>,
    /// Bytes of the whole body.
    pub length: u64,
    /// SHA-256 of the whole body.
    pub digest: [u8; 32],
    /// What became of `Expect: 100-continue`.
    pub continued: Continued,
}

impl Reply {
    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// Whether another request may follow on the same connection.
    #[must_use]
    pub fn keeps_alive(&self) -> bool {
        let closes = self.header("Connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
        // Without a length the end of the connection is the end of the answer.
        let is_framed = self.header("Content-Length").is_some() || self.is_chunked();
        !closes && is_framed && self.continued != Continued::Answered
    }

    fn is_chunked(&self) -> bool {
        self.header("Transfer-Encoding").is_some_and(|value| value.to_ascii_lowercase().ends_with(b"chunked"))
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// [`WireError::Connect`].
    pub async fn open(endpoint: &Endpoint) -> Result<Self, WireError> {
        let failed = |source| WireError::Connect { endpoint: endpoint.to_string(), source };
        let late = |_| failed(io::ErrorKind::TimedOut.into());
        let opened = timeout(PATIENCE, dial(endpoint)).await.map_err(late)?.map_err(failed)?;
        let stream = BufStream::with_capacity(PIECE_BYTES, PIECE_BYTES, opened);
        Ok(Self { stream, carried: 0, state: State::Open })
    }

    /// Whether a further request may be written.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether the server has closed it since the last answer: one look of a millisecond, as Apache HttpClient takes.
    pub async fn is_stale(&mut self) -> bool {
        // Between two answers nothing comes: what ends the wait is the end of the connection.
        timeout(STALE_LOOK, self.stream.fill_buf()).await.is_ok()
    }

    /// Requests carried so far.
    #[must_use]
    pub const fn carried(&self) -> u64 {
        self.carried
    }

    /// Sends a request and reads the answer; of its body, `kept_max` bytes are kept.
    ///
    /// # Errors
    /// The connection broke, or no HTTP came.
    pub async fn exchange(&mut self, request: Request, kept_max: usize) -> Result<Reply, WireError> {
        self.state = State::Closed;
        let Request { head, body, expect } = request;
        let is_head_only = head.starts_with(b"HEAD ");
        self.stream.write_all(&head).await?;
        let mut early = None;
        let continued = match expect {
            Expect::Nothing => Continued::NotAsked,
            Expect::Continue => {
                self.stream.flush().await?;
                match timeout(CONTINUE_WAIT, self.head()).await {
                    Err(_) => Continued::Silent,
                    Ok(head) => match head? {
                        (100, _) => Continued::Yes,
                        other => {
                            early = Some(other);
                            Continued::Answered
                        }
                    },
                }
            }
        };
        // A server may refuse and close while the body is on its way: its answer counts, not the broken pipe.
        let sent = if early.is_none() { self.send(body).await } else { Ok(()) };
        let answered = match early {
            Some(early) => Ok(early),
            None => self.final_head().await,
        };
        let (status, headers) = match (sent, answered) {
            (_, Ok(answered)) => answered,
            (Err(error), Err(_)) => return Err(error.into()),
            (Ok(()), Err(error)) => return Err(error),
        };
        let (length, digest) = (0, [0; 32]);
        let mut reply = Reply { status, headers, body: Vec::new(), length, digest, continued };
        let mut kept = Kept { bytes: Vec::new(), max: kept_max, length: 0, context: Context::new(&SHA256) };
        if !is_head_only && status != 204 && status != 304 {
            self.body(&reply, &mut kept).await?;
        }
        reply.digest.copy_from_slice(kept.context.finish().as_ref());
        (reply.body, reply.length) = (kept.bytes, kept.length);
        self.carried += 1;
        self.state = if reply.keeps_alive() { State::Open } else { State::Closed };
        Ok(reply)
    }

    async fn send(&mut self, body: Body) -> io::Result<()> {
        match body {
            Body::Bytes(bytes) => self.stream.write_all(&bytes).await?,
            Body::Stream { from, length } => {
                let copied = tokio::io::copy(&mut from.take(length), &mut self.stream).await?;
                if copied < length {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was"));
                }
            }
        }
        self.stream.flush().await
    }

    /// The head of the answer, interim answers passed over.
    async fn final_head(&mut self) -> Result<(u16, Vec<(String, Vec<u8>)>), WireError> {
        loop {
            let (status, headers) = self.head().await?;
            if !(100..200).contains(&status) {
                return Ok((status, headers));
            }
        }
    }

    async fn head(&mut self) -> Result<(u16, Vec<(String, Vec<u8>)>), WireError> {
        let line = self.line().await?;
        let text = String::from_utf8_lossy(&line).into_owned();
        let malformed = || WireError::Malformed(text.chars().take(80).collect());
        let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).ok_or_else(malformed)?;
        let status = status.parse().map_err(|_| malformed())?;
        let (mut headers, mut bytes) = (Vec::new(), 0_u64);
        loop {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok((status, headers));
            }
            bytes += u64::try_from(line.len()).unwrap_or(u64::MAX);
            let colon = line.iter().position(|byte| *byte == b':').filter(|_| bytes <= HEAD_BYTES_MAX);
            let colon = colon.ok_or_else(|| WireError::Malformed(String::from_utf8_lossy(&line).into_owned()))?;
            let (name, value) = line.split_at(colon);
            let value = value.get(1..).unwrap_or_default().trim_ascii().to_vec();
            headers.push((String::from_utf8_lossy(name).into_owned(), value));
        }
    }

    /// One line without its end.
    async fn line(&mut self) -> Result<Vec<u8>, WireError> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(HEAD_BYTES_MAX);
        timed(limited.read_until(b'\n', &mut line)).await?;
        if line.pop() != Some(b'\n') {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(line)
    }

    async fn body(&mut self, reply: &Reply, kept: &mut Kept) -> Result<(), WireError> {
        if reply.is_chunked() {
            loop {
                let line = self.line().await?;
                let text = String::from_utf8_lossy(&line).into_owned();
                let size = text.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(size, 16).map_err(|_| WireError::Malformed(text.clone()))?;
                if size == 0 {
                    // Trailers, and the empty line.
                    while !self.line().await?.is_empty() {}
                    return Ok(());
                }
                self.exactly(size, kept).await?;
                if !self.line().await?.is_empty() {
                    return Err(WireError::Malformed("a chunk that does not end".to_owned()));
                }
            }
        }
        let Some(length) = reply.header("Content-Length") else {
            while self.piece(u64::MAX, kept).await? > 0 {}
            return Ok(());
        };
        let length = String::from_utf8_lossy(length).into_owned();
        let length = length.parse().map_err(|_| WireError::Malformed(format!("Content-Length: {length}")))?;
        self.exactly(length, kept).await
    }

    async fn exactly(&mut self, length: u64, kept: &mut Kept) -> Result<(), WireError> {
        let mut left = length;
        while left > 0 {
            match self.piece(left, kept).await? {
                0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                read => left -= read,
            }
        }
        Ok(())
    }

    /// The next bytes, `max` at most; 0 at the end.
    async fn piece(&mut self, max: u64, kept: &mut Kept) -> Result<u64, WireError> {
        let available = timed(self.stream.fill_buf()).await?;
        let read = available.len().min(usize::try_from(max).unwrap_or(usize::MAX));
        kept.add(available.get(..read).unwrap_or_default());
        self.stream.consume(read);
        Ok(u64::try_from(read).unwrap_or(u64::MAX))
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("carried", &self.carried).finish_non_exhaustive()
    }
}

/// A body as it is read.
struct Kept {
    bytes: Vec<u8>,
    max: usize,
    length: u64,
    context: Context,
}

impl Kept {
    fn add(&mut self, piece: &[u8]) {
        self.context.update(piece);
        self.length += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        let room = self.max.saturating_sub(self.bytes.len()).min(piece.len());
        self.bytes.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
}

async fn timed<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn dial(endpoint: &Endpoint) -> io::Result<Box<dyn Duplex>> {
    let host = endpoint.host.trim_start_matches('[').trim_end_matches(']');
    let tcp = TcpStream::connect((host, endpoint.port)).await?;
    tcp.set_nodelay(true)?;
    match (endpoint.scheme, &endpoint.tls) {
        (Scheme::Http, _) => Ok(Box::new(tcp)),
        (Scheme::Https, None) => Err(io::Error::new(io::ErrorKind::InvalidInput, "https without trusted CAs")),
        (Scheme::Https, Some(tls)) => {
            let name = rustls_pki_types::ServerName::try_from(host.to_owned())
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            Ok(Box::new(TlsConnector::from(Arc::clone(tls)).connect(name, tcp).await?))
        }
    }
}
