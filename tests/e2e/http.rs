//! The HTTP door, from outside: plain requests over TLS, as any language can make them.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use crate::harness::{AXIS, World, send_args, text};

/// A system of the axis that speaks HTTP/1.1 and nothing more.
struct Http {
    world: World,
    tls: Arc<ClientConfig>,
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Http {
    fn new() -> Self {
        let world = World::with(&[AXIS]);
        let own = world.scene.pki().join("systems/vpcp");
        let chain =
            CertificateDer::pem_file_iter(own.join("transport.pem")).unwrap().collect::<Result<_, _>>().unwrap();
        let key = PrivateKeyDer::from_pem_file(own.join("transport.key.pem")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(roots(&world)).with_client_auth_cert(chain, key).unwrap();
        Self { world, tls: Arc::new(tls) }
    }

    fn open(&self, request: &str, headers: &[(&str, &str)], body: &[u8]) -> Stream {
        self.open_with(self.tls.clone(), request, headers, body)
    }

    fn open_with(&self, tls: Arc<ClientConfig>, request: &str, headers: &[(&str, &str)], body: &[u8]) -> Stream {
        let address = self.world.nodes[AXIS].address();
        let name = ServerName::from(address.ip());
        let connection = ClientConnection::new(tls, name).unwrap();
        let mut stream = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
        let mut head = format!("{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        headers.iter().for_each(|(name, value)| write!(head, "{name}: {value}\r\n").unwrap());
        if !body.is_empty() {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    fn ask(&self, request: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let (mut stream, mut all) = (self.open(request, headers, body), Vec::new());
        stream.read_to_end(&mut all).unwrap();
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(all[..end].to_vec()).unwrap().to_ascii_lowercase();
        let body = all[end + 4..].to_vec();
        let body = if head.contains("transfer-encoding: chunked") { unchunked(&body) } else { body };
        Answer { status: head[9..12].parse().unwrap(), head, body }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path}"), &[], &[])
    }

    /// Something in the inbox of G22; its exchange id.
    fn send(&self, number: &str, content: &str) -> String {
        let file = self.world.file("a.txt", content);
        text(&self.world.send("vpcp", number, &["G22"], &file)["exchangeId"]).to_owned()
    }
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        plain.extend(&body[end + 2..end + 2 + length]);
        body = &body[end + 4 + length..];
    }
    plain
}

#[test]
fn the_interface_describes_itself() {
    let answer = Http::new().get("/openapi.json");
    assert_eq!((answer.status, text(&answer.json()["openapi"])), (200, "3.1.0"));
    assert!(answer.json()["paths"]["/v1/packets"]["post"].is_object());
}

#[test]
fn a_packet_is_posted_as_it_is_and_comes_back_as_it_was() {
    let http = Http::new();
    let file = http.world.file("a.txt", "nội dung");
    let path = http.world.path("packet.edxml");
    let mut args = vec!["packet", "build", "--sign", "--output", path.to_str().unwrap()];
    let built = send_args("1", &["G22"], &file);
    args.extend(&built[1..]);
    http.world.ok("vpcp", &args);
    let encoded = |end: &str| base64(&fs::read(format!("{}.{end}", path.display())).unwrap());
    let (manifest, signature) = (encoded("manifest"), encoded("p7s"));
    let packet = fs::read(&path).unwrap();
    let headers = [
        ("Content-Type", "application/xml"),
        ("Lienthong-Manifest", manifest.as_str()),
        ("Lienthong-Signature", signature.as_str()),
    ];
    let answer = http.ask("POST /v1/packets", &headers, &packet);
    assert_eq!(answer.status, 201, "{answer:?}");
    let acceptance = &answer.json()["acceptance"];
    let exchange = text(&acceptance["exchangeId"]);
    assert_eq!(http.get(&format!("/v1/documents/{exchange}/packet")).body, packet);
    let again = http.ask("POST /v1/packets", &headers, &packet);
    assert_eq!((again.status, &again.json()["acceptance"]["duplicate"]), (200, &Value::Bool(true)), "{again:?}");
}

#[test]
fn a_long_poll_answers_when_something_arrives() {
    let http = Http::new();
    std::thread::scope(|scope| {
        let begun = Instant::now();
        let poll = scope.spawn(|| http.get("/v1/agencies/G22/inbox?waitSeconds=50"));
        let exchange = http.send("1", "nội dung");
        let answer = poll.join().unwrap();
        assert_eq!(answer.json()["items"][0]["document"]["exchangeId"], exchange.as_str());
        assert!(begun.elapsed() < Duration::from_secs(40), "it waits for the document, not for the clock");
    });
}

#[test]
fn an_event_stream_tells_of_what_arrives_and_goes_on_after_the_last_event() {
    let http = Http::new();
    let next = |after: &str| {
        let mut stream = http.open("GET /v1/agencies/G22/inbox/watch", &[("Last-Event-ID", after)], &[]);
        let (mut told, mut piece) = (String::new(), [0; 4096]);
        while !(told.contains("\ndata:") && told.ends_with("\n\n\r\n")) {
            let read = stream.read(&mut piece).unwrap();
            assert_ne!(read, 0, "{told}");
            told.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        }
        let line = |name: &str| told.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        let data: Value = serde_json::from_str(&line("data:")).unwrap();
        (line("id:"), text(&data["item"]["document"]["exchangeId"]).to_owned())
    };
    let first = http.send("1", "nội dung");
    let (id, exchange) = next("0");
    assert_eq!(exchange, first);
    let second = http.send("2", "nội dung khác");
    assert_eq!(next(&id).1, second);
}

#[test]
fn a_part_of_a_file_is_answered_with_206() {
    let http = Http::new();
    let exchange = http.send("1", "0123456789");
    let path = format!("GET /v1/documents/{exchange}/attachments/0");
    let part = http.ask(&path, &[("Range", "bytes=3-6")], &[]);
    assert_eq!((part.status, part.body.as_slice()), (206, b"3456".as_slice()));
    assert!(part.head.contains("content-range: bytes 3-6/10"), "{}", part.head);
    let beyond = http.ask(&path, &[("Range", "bytes=10-")], &[]);
    assert_eq!(beyond.status, 416);
}

#[test]
fn a_refusal_is_a_problem_with_its_code() {
    let http = Http::new();
    for (path, status, code) in [
        ("/v1/agencies/H48/inbox", 403, "agency_not_spoken_for"),
        ("/v1/documents/00000000-0000-7000-8000-000000000000", 404, "not_found"),
        ("/v1/nothing", 404, "not_found"),
        ("/v1/agencies/G22/inbox?waitSeconds=x", 400, "invalid_argument"),
    ] {
        let answer = http.get(path);
        assert_eq!((answer.status, text(&answer.json()["code"])), (status, code), "{path}: {answer:?}");
        assert!(answer.head.contains("content-type: application/problem+json"), "{path}: {}", answer.head);
    }
}

#[test]
fn a_caller_without_a_certificate_does_not_get_through_the_handshake() {
    let http = Http::new();
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots(&http.world));
    let mut stream = http.open_with(Arc::new(tls.with_no_client_auth()), "GET /v1/node", &[], &[]);
    let refused = stream.read(&mut [0]).unwrap_err();
    assert!(refused.to_string().contains("CertificateRequired"), "{refused}");
}

pub(crate) fn roots(world: &World) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(world.scene.pki().join("ca/root.pem")).unwrap()).unwrap();
    roots
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * place) & 63) as usize]);
            text.push(if place <= group.len() { letter } else { '=' });
        }
    }
    text
}
