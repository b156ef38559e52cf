//! Requests as bytes.

use axis::verify::PREFIX;
use tokio::io::AsyncRead;

use super::endpoint::Endpoint;
use super::signed::Signed;

/// `User-Agent` of SDK 2.0.x.
const USER_AGENT: &str = "JAVASDKAgent/1.0.0 XRoad/VPCP";
/// `XroadVnpt-version` of SDK 2.0.x.
const VERSION: &str = "3.0.201608";
/// Separates the parts of a form.
const BOUNDARY: &str = "----EdocFormBoundary7MA4YWxk";

/// A request about to be sent.
pub struct Request {
    /// Request line and headers, the empty line included.
    pub(super) head: Vec<u8>,
    pub(super) body: Body,
    pub(super) expect: Expect,
}

/// Whether the body waits for the server's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// `Expect: 100-continue`.
    Continue,
    Nothing,
}

/// A body of known length.
pub enum Body {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Read while it is sent.
    Stream {
        /// What is read.
        from: Box<dyn AsyncRead + Send + Unpin>,
        /// Bytes of it; fewer break the connection off.
        length: u64,
    },
}

impl Body {
    /// A file as `sendEdoc` sends it: a line end that is no part of it follows.
    #[must_use]
    pub fn file(mut file: Vec<u8>) -> Self {
        file.extend_from_slice(b"\r\n");
        Self::Bytes(file)
    }

    /// A file read while it is sent, and the line end.
    #[must_use]
    pub fn file_stream(file: impl AsyncRead + Send + Unpin + 'static, length: u64) -> Self {
        let from = Box::new(tokio::io::AsyncReadExt::chain(file, std::io::Cursor::new(b"\r\n")));
        Self::Stream { from, length: length + 2 }
    }

    /// Bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::Stream { length, .. } => *length,
        }
    }
}

/// One part of a form: its name, its file name where it is a file, its bytes.
pub type Part<'p> = (&'p str, Option<&'p str>, &'p [u8]);

/// The content type and the body of a form.
#[must_use]
pub fn multipart(parts: &[Part<'_>]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        body.extend_from_slice(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes());
        if let Some(file) = file {
            body.extend_from_slice(format!("; filename=\"{file}\"\r\nContent-Type: application/xml").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// Puts together a head.
struct Head(Vec<u8>);

impl Head {
    fn new(line: &str) -> Self {
        Self(format!("{line} HTTP/1.1\r\n").into_bytes())
    }

    fn line(&mut self, name: &str, value: impl AsRef<[u8]>) -> &mut Self {
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b": ");
        self.0.extend_from_slice(value.as_ref());
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// The three headers of the signature.
    fn signature(&mut self, signed: &Signed) -> &mut Self {
        self.line(&format!("{PREFIX}sign-header-key"), &signed.keys);
        self.line(&format!("{PREFIX}sign-header"), &signed.object);
        self.line(&format!("{PREFIX}hash-header"), &signed.hash)
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(b"\r\n");
        self.0
    }
}

impl Request {
    /// `sendEdoc`, which goes through `HttpURLConnection`.
    #[must_use]
    pub fn packet(endpoint: &Endpoint, signed: &Signed, body: Body) -> Self {
        Self::packet_of_type(endpoint, signed, "application/octet-stream", body)
    }

    /// `sendEdoc` with another content type.
    #[must_use]
    pub fn packet_of_type(endpoint: &Endpoint, signed: &Signed, content_type: &str, body: Body) -> Self {
        let mut head = Head::new(&format!("POST {}", endpoint.path("sendEdoc")));
        head.line("Content-Type", content_type);
        for (name, value) in &signed.headers {
            head.line(&format!("{PREFIX}{name}"), value);
        }
        head.signature(signed).line("User-Agent", USER_AGENT).line(&format!("{PREFIX}version"), VERSION);
        head.line("Cache-Control", "no-cache").line("Pragma", "no-cache").line("Host", endpoint.authority());
        head.line("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2").line("Connection", "keep-alive");
        head.line("Content-Length", body.length().to_string());
        Self { head: head.end(), body, expect: Expect::Nothing }
    }

    /// Every other `POST`, which goes through Apache HttpClient: a body that is not empty waits for 100.
    #[must_use]
    pub fn small(endpoint: &Endpoint, operation: &str, signed: &Signed, body: &str) -> Self {
        let expect = if body.is_empty() { Expect::Nothing } else { Expect::Continue };
        let mut head = Self::apache(&format!("POST {}", endpoint.path(operation)), signed);
        head.line("Content-Length", body.len().to_string());
        Self::connection(&mut head, endpoint, expect);
        Self { head: head.end(), body: Body::Bytes(body.as_bytes().to_vec()), expect }
    }

    /// `downloadEdoc`, and the counts as they are declared.
    #[must_use]
    pub fn get(endpoint: &Endpoint, operation: &str, signed: &Signed) -> Self {
        let mut head = Self::apache(&format!("GET {}", endpoint.path(operation)), signed);
        Self::connection(&mut head, endpoint, Expect::Nothing);
        Self { head: head.end(), body: Body::Bytes(Vec::new()), expect: Expect::Nothing }
    }

    /// The provincial dialect: a plain form, the secret in a header.
    #[must_use]
    pub fn provincial(endpoint: &Endpoint, operation: &str, system: &str, secret: &[u8], parts: &[Part<'_>]) -> Self {
        let (content_type, body) = multipart(parts);
        let mut head = Head::new(&format!("POST {}", endpoint.path(&format!("v1/{operation}"))));
        head.line("X-SystemId", system).line("X-SecretKey", secret).line("Content-Type", content_type);
        head.line("Content-Length", body.len().to_string()).line("Host", endpoint.authority());
        Self { head: head.end(), body: Body::Bytes(body), expect: Expect::Nothing }
    }

    /// Without the headers of the signature, or with others: the head is put together from what is given.
    #[must_use]
    pub fn unsigned(endpoint: &Endpoint, operation: &str, headers: &[(String, Vec<u8>)]) -> Self {
        let mut head = Head::new(&format!("POST {}", endpoint.path(operation)));
        for (name, value) in headers {
            head.line(&format!("{PREFIX}{name}"), value);
        }
        head.line("Content-Length", "0").line("Host", endpoint.authority());
        Self { head: head.end(), body: Body::Bytes(Vec::new()), expect: Expect::Nothing }
    }

    /// A head and a body as another client would write them; the head ends with an empty line.
    #[must_use]
    pub fn raw(head: &str, body: &[u8]) -> Self {
        let waits = head.to_ascii_lowercase().contains("\r\nexpect: 100-continue");
        let expect = if waits { Expect::Continue } else { Expect::Nothing };
        Self { head: head.as_bytes().to_vec(), body: Body::Bytes(body.to_vec()), expect }
    }

    fn apache(line: &str, signed: &Signed) -> Head {
        let mut head = Head::new(line);
        for (name, value) in &signed.headers {
            if name == "Content-Type" {
                head.line("Content-Type", value);
            }
            head.line(&format!("{PREFIX}{name}"), value);
        }
        head.signature(signed).line("User-Agent", USER_AGENT).line(&format!("{PREFIX}version"), VERSION);
        head
    }

    fn connection(head: &mut Head, endpoint: &Endpoint, expect: Expect) {
        head.line("Host", endpoint.authority()).line("Connection", "Keep-Alive");
        if expect == Expect::Continue {
            head.line("Expect", "100-continue");
        }
        head.line("Accept-Encoding", "gzip,deflate");
    }

    /// Changes the head, for what no real client would send.
    #[must_use]
    pub fn with_head(mut self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self {
        self.head = change(self.head);
        self
    }

    /// Request line and headers.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The whole request, where its body is held.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match &self.body {
            Body::Bytes(body) => Some([self.head.as_slice(), body].concat()),
            Body::Stream { .. } => None,
        }
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("body", &self.body.length()).finish_non_exhaustive()
    }
}
