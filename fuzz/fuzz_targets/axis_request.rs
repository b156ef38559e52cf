//! The axis protocol's server: any request is answered, in one ASCII line with the three fields, or with the packet.
//!
//! Input: a byte that picks the operation, one that picks the dialect and the kind of body, header lines
//! (`name: value`), an empty line, the body. Most inputs are signed, so that what lies behind the signature is reached.

#![no_main]

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use axis::operation::Operation;
use axis::server::{Handled, Options, router};
use axis::{
    AgencyEntry, Caller, DocId, EdocContent, Failure, FileStream, MessageType, ReceivedEdoc, ReceivedQuery,
    Registration, Secret, SendEdoc, SentEdoc, SentQuery, Service, TransferState,
};
use axum::body::Body;
use futures_util::{StreamExt, stream};
use http::header::{HeaderName, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use libfuzzer_sys::fuzz_target;
use ring::hmac;
use tower::ServiceExt;

const SECRET: &[u8] = b"a secret";

fuzz_target!(|input: &[u8]| {
    let [which, flags, rest @ ..] = input else { return };
    let operation = Operation::ALL[usize::from(*which) % Operation::ALL.len()];
    let cut = rest.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = cut.map_or((rest, &[][..]), |cut| (&rest[..cut], &rest[cut + 2..]));
    let Some(request) = request(operation, *flags, head, body) else { return };
    static RUNTIME: LazyLock<tokio::runtime::Runtime> =
        LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));
    RUNTIME.block_on(async {
        let app = router(Arc::new(Echo), Options::default());
        let response = app.oneshot(request).await.unwrap_or_else(|never| match never {});
        let handled = response.extensions().get::<Handled>().expect("told what came of it").clone();
        let (status, is_packet) = (response.status(), response.headers()["content-type"] != "application/json");
        assert_eq!(is_packet, operation == Operation::DownloadEdoc && handled.description.is_empty());
        let declared = response.headers().get("content-length").cloned();
        let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
        if let Some(declared) = declared {
            assert_eq!(declared.to_str().expect("a number"), body.len().to_string());
        }
        if !is_packet {
            check(operation, status, &handled, &body);
        }
    });
});

fn check(operation: Operation, status: StatusCode, handled: &Handled, body: &[u8]) {
    assert!(body.is_ascii() && !body.contains(&b'\n'));
    let read: serde_json::Value = serde_json::from_slice(body).expect("one object");
    for field in ["status", "ErrorCode", "ErrorDesc"] {
        assert!(read[field].is_string(), "{field}");
    }
    assert_eq!(read["ErrorCode"], handled.code.to_string());
    assert!(operation != Operation::SendEdoc || read["DocId"].is_string());
    assert_eq!(status == StatusCode::NOT_FOUND, operation == Operation::DownloadEdoc);
}

/// Flags: 1 the second dialect, 2 a form of parts, 4 an encoded form, 8 GET, 16 the first line is the signed object,
/// 32 a wrong secret.
fn request(operation: Operation, flags: u8, head: &[u8], body: &[u8]) -> Option<Request<Body>> {
    let has = |flag: u8| flags & flag != 0;
    let path = if has(1) { format!("/v1/{operation}") } else { format!("/{operation}") };
    let mut request = Request::builder().method(if has(8) { "GET" } else { "POST" }).uri(path);
    let headers = request.headers_mut()?;
    let mut lines: Vec<&[u8]> = head.split(|byte| *byte == b'\n').collect();
    let own = if has(16) && !lines.is_empty() { Some(lines.remove(0)) } else { None };
    let secret = if has(32) { b"another" } else { SECRET };
    let (mut names, mut object) = (Vec::new(), serde_json::Map::new());
    for line in lines {
        let cut = line.iter().position(|byte| *byte == b':')?;
        let name = std::str::from_utf8(&line[..cut]).ok()?;
        let value = HeaderValue::from_bytes(line[cut + 1..].trim_ascii()).ok()?;
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let header = if has(1) { name.to_owned() } else { format!("XroadVnpt-{name}") };
        headers.append(HeaderName::from_bytes(header.as_bytes()).ok()?, value);
        object.insert(header, text.into());
        names.push(name);
    }
    let kind = [("multipart/form-data; boundary=cut", 2), ("application/x-www-form-urlencoded", 4)];
    let kind = kind.into_iter().find(|(_, flag)| has(*flag)).map_or("application/json", |(kind, _)| kind);
    headers.insert("content-type", HeaderValue::from_static(kind));
    if has(1) {
        headers.insert("x-systemid", HeaderValue::from_static("s"));
        headers.insert("x-secretkey", HeaderValue::from_bytes(secret).ok()?);
    } else {
        let written = serde_json::to_vec(&object).ok()?;
        let signed = own.unwrap_or(&written);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed);
        let hash: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        headers.insert("xroadvnpt-sign-header-key", HeaderValue::from_bytes(names.join(";").as_bytes()).ok()?);
        headers.insert("xroadvnpt-sign-header", HeaderValue::from_bytes(signed).ok()?);
        headers.insert("xroadvnpt-hash-header", HeaderValue::try_from(hash).ok()?);
    }
    // Two chunks, as from a socket.
    let (one, two) = body.split_at(body.len() / 2);
    let chunks = [one.to_vec(), two.to_vec()].map(Ok::<_, std::convert::Infallible>);
    request.body(Body::from_stream(stream::iter(chunks))).ok()
}

/// Says back what it was asked.
struct Echo;

#[async_trait]
impl Service for Echo {
    fn secrets(&self, _: &str) -> Vec<Secret> {
        vec![Secret::new(SECRET)]
    }

    fn file_bytes_max(&self, _: &Caller) -> u64 {
        4096
    }

    async fn send_edoc(&self, _: &Caller, _: SendEdoc, mut file: FileStream) -> Result<DocId, Failure> {
        let mut length = 0;
        while let Some(chunk) = file.next().await {
            length += chunk?.len();
        }
        assert!(length <= 4096);
        Ok(length.to_string().parse().expect("digits"))
    }

    async fn received_edocs(&self, _: &Caller, query: ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
        Ok(vec![ReceivedEdoc { status_desc: format!("{query:?}"), ..ReceivedEdoc::default() }])
    }

    async fn open_edoc(&self, _: &Caller, doc_id: &DocId) -> Result<EdocContent, Failure> {
        let bytes = doc_id.to_string().into_bytes();
        Ok(EdocContent { length: bytes.len() as u64, bytes: stream::once(async { Ok(bytes.into()) }).boxed() })
    }

    async fn update_status(&self, _: &Caller, doc_id: &DocId, state: TransferState) -> Result<(), Failure> {
        Err(Failure::of(types::ErrorCode::NotFound, &format!("{doc_id} {state:?}")))
    }

    async fn sent_edocs(&self, _: &Caller, query: SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        Ok(vec![SentEdoc { title: format!("{query:?}"), ..SentEdoc::default() }])
    }

    async fn count_received(&self, _: &Caller, _: MessageType) -> Result<u64, Failure> {
        Ok(0)
    }

    fn agencies(&self, _: &Caller) -> Result<Box<dyn Iterator<Item = AgencyEntry> + Send>, Failure> {
        Ok(Box::new([AgencyEntry::default(), AgencyEntry::default()].into_iter()))
    }

    async fn register_agency(&self, _: &Caller, agency: Registration) -> Result<(), Failure> {
        Err(Failure::of(types::ErrorCode::InvalidArgument, &format!("{agency:?}")))
    }

    async fn delete_agency(&self, _: &Caller, code: &str) -> Result<(), Failure> {
        Err(Failure::of(types::ErrorCode::NotFound, code))
    }
}
