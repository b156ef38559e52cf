//! A client of the axis protocol with the habits of the operator's SDK 2.0.x, byte for byte: one object keeps the
//! headers of earlier calls, in its hash map's order; the file's hash has no leading zeros; the body of `sendEdoc`
//! ends with CR LF; bodies wait for `100 Continue`; answers are read as ASCII.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use ring::{digest, hmac};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;

use crate::harness::{World, base64, hex, text};
use crate::http::roots;

/// The order in which the client's hash map gives the names that calls use.
const ORDER: [&str; 14] = [
    "systemid",
    "AgencyCode",
    "servicetype",
    "messagetype",
    "hash-file",
    "docId",
    "docid",
    "filePath",
    "from",
    "to",
    "timestamp",
    "Content-Type",
    "status",
    "fromDate",
];
/// What a call may take when hundreds of megabytes move on a busy machine.
const SILENCE: Duration = Duration::from_secs(120);

/// One client object.
pub(crate) struct Sdk {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    pub(crate) secret: String,
    headers: BTreeMap<usize, String>,
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Sdk {
    /// A client object for a system that a running node of the world knows.
    pub(crate) fn new(world: &World, node: &str, system: &str, secret: &str) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(roots(world)).with_no_client_auth();
        let mut sdk = Self {
            address: world.nodes[node].address(),
            tls: Arc::new(tls),
            secret: secret.to_owned(),
            headers: BTreeMap::new(),
        };
        sdk.set("systemid", system);
        sdk.set("timestamp", "21112026T080020+0025");
        sdk
    }

    /// Sets a header; it stays for every later call.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let place = ORDER.iter().position(|known| *known == name).unwrap();
        self.headers.insert(place, value.to_owned());
    }

    fn signed(&self) -> String {
        let pairs = || self.headers.iter().map(|(place, value)| (ORDER[*place], value));
        let mut lines = String::new();
        for (name, value) in pairs() {
            if name == "Content-Type" {
                write!(lines, "Content-Type: {value}\r\n").unwrap();
            }
            write!(lines, "XroadVnpt-{name}: {value}\r\n").unwrap();
        }
        let names: Vec<&str> = pairs().map(|(name, _)| name).collect();
        let members: Vec<String> = pairs()
            .map(|(name, value)| format!("\"XroadVnpt-{name}\":{}", serde_json::to_string(value).unwrap()))
            .collect();
        let json = format!("{{{}}}", members.join(","));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let hash = hex(hmac::sign(&key, json.as_bytes()).as_ref());
        write!(lines, "XroadVnpt-sign-header-key: {}\r\nXroadVnpt-sign-header: {json}\r\n", names.join(";")).unwrap();
        write!(lines, "XroadVnpt-hash-header: {hash}\r\nUser-Agent: JAVASDKAgent/1.0.0 XRoad/VPCP\r\n").unwrap();
        write!(lines, "XroadVnpt-version: 3.0.201608\r\n").unwrap();
        lines
    }

    fn open(&self) -> StreamOwned<ClientConnection, TcpStream> {
        let tcp = TcpStream::connect(self.address).unwrap();
        tcp.set_read_timeout(Some(SILENCE)).unwrap();
        StreamOwned::new(ClientConnection::new(self.tls.clone(), ServerName::from(self.address.ip())).unwrap(), tcp)
    }

    /// Sends a head and, once it is wanted, a body.
    pub(crate) fn raw(&self, head: &str, body: &[&[u8]]) -> Answer {
        let mut stream = BufReader::new(self.open());
        stream.get_mut().write_all(head.as_bytes()).unwrap();
        let mut first = None;
        if head.contains("Expect: 100-continue") {
            let found = read_head(&mut stream);
            if found.starts_with("HTTP/1.1 100 ") {
                body.iter().for_each(|piece| stream.get_mut().write_all(piece).unwrap());
            } else {
                first = Some(found);
            }
        } else {
            body.iter().for_each(|piece| stream.get_mut().write_all(piece).unwrap());
        }
        stream.get_mut().flush().unwrap();
        let head = first.unwrap_or_else(|| read_head(&mut stream));
        let field = |name: &str| {
            head.lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix(name).map(|value| value.trim().to_owned()))
        };
        let mut body = Vec::new();
        match field("content-length:") {
            Some(length) => {
                body.resize(length.parse().unwrap(), 0);
                stream.read_exact(&mut body).unwrap();
            }
            None => {
                assert_eq!(field("transfer-encoding:").as_deref(), Some("chunked"), "{head}");
                while let Some(length) = chunk(&mut stream) {
                    let start = body.len();
                    body.resize(start + length, 0);
                    stream.read_exact(&mut body[start..]).unwrap();
                    stream.read_exact(&mut [0; 2]).unwrap();
                }
            }
        }
        Answer { status: head[9..12].parse().unwrap(), body }
    }

    fn post(&mut self, operation: &str, body: &str) -> Value {
        self.set("Content-Type", "application/json");
        let expect = if body.is_empty() { "" } else { "Expect: 100-continue\r\n" };
        let head = format!(
            "POST /axis/{operation} HTTP/1.1\r\n{}Content-Length: {}\r\nHost: {}\r\nConnection: Keep-Alive\r\n{expect}\
             Accept-Encoding: gzip,deflate\r\n\r\n",
            self.signed(),
            body.len(),
            self.address
        );
        self.raw(&head, &[body.as_bytes()]).json()
    }

    fn typed(&mut self, message_type: &str) {
        self.set("servicetype", "eDoc");
        self.set("messagetype", message_type);
    }

    /// `sendEdoc`; the whole answer.
    pub(crate) fn send(&mut self, from: &str, message_type: &str, file: &[u8]) -> Value {
        let digest = digest::digest(&digest::SHA256, file);
        let unpadded = digest.as_ref().iter().fold(String::new(), |mut hash, byte| {
            write!(hash, "{byte:x}").unwrap();
            hash
        });
        self.send_hashed(from, message_type, file, &unpadded)
    }

    pub(crate) fn send_hashed(&mut self, from: &str, message_type: &str, file: &[u8], hash: &str) -> Value {
        self.typed(message_type);
        self.set("hash-file", hash);
        self.set("from", from);
        self.set("Content-Type", "application/octet-stream");
        let head = format!(
            "POST /axis/sendEdoc HTTP/1.1\r\n{}Cache-Control: no-cache\r\nPragma: no-cache\r\nHost: {}\r\n\
             Accept: text/html, image/gif, image/jpeg, */*; q=0.2\r\nConnection: keep-alive\r\nContent-Length: {}\r\n\r\n",
            self.signed(),
            self.address,
            file.len() + 2
        );
        let answer = self.raw(&head, &[file, b"\r\n"]).json();
        assert!(answer["DocId"].is_string(), "{answer}");
        answer
    }

    /// `sendEdoc` that has to succeed; the id.
    pub(crate) fn sent(&mut self, from: &str, message_type: &str, file: &[u8]) -> String {
        let answer = self.send(from, message_type, file);
        assert_eq!((text(&answer["status"]), text(&answer["ErrorCode"])), ("OK", "0"), "{answer}");
        text(&answer["DocId"]).to_owned()
    }

    /// `getReceivedEdocList`.
    pub(crate) fn received(&mut self, message_type: &str) -> Vec<Value> {
        self.typed(message_type);
        data(&self.post("getReceivedEdocList", "")).to_vec()
    }

    /// `getEdoc`; the whole answer.
    pub(crate) fn get(&mut self, doc_id: &str) -> Value {
        self.set("servicetype", "eDoc");
        self.set("docId", doc_id);
        self.set("filePath", "store");
        self.post("getEdoc", "{}")
    }

    /// `getEdoc` that has to succeed; the file.
    pub(crate) fn file(&mut self, doc_id: &str) -> Vec<u8> {
        let answer = self.get(doc_id);
        assert_eq!(text(&answer["ErrorCode"]), "0", "{answer}");
        base64(text(&answer["data"]))
    }

    /// `downloadEdoc`.
    pub(crate) fn download(&mut self, doc_id: &str) -> Answer {
        self.set("docId", doc_id);
        self.set("Content-Type", "application/json");
        let head = format!(
            "GET /axis/downloadEdoc HTTP/1.1\r\n{}Host: {}\r\nConnection: Keep-Alive\r\n\
             Accept-Encoding: gzip,deflate\r\n\r\n",
            self.signed(),
            self.address
        );
        self.raw(&head, &[])
    }

    /// `updateStatus`; the code.
    pub(crate) fn update(&mut self, doc_id: &str, status: &str) -> String {
        self.set("docid", doc_id);
        self.set("status", status);
        code(&self.post("updateStatus", "{}"))
    }

    /// `getSentEdocList` of one document.
    pub(crate) fn sent_list(&mut self, message_type: &str, doc_id: &str) -> Vec<Value> {
        self.typed(message_type);
        self.set("docId", doc_id);
        data(&self.post("getSentEdocList", "")).to_vec()
    }

    /// `countReceiveEdoc` or `countReceiveStatus`.
    pub(crate) fn count(&mut self, operation: &str) -> Value {
        self.set("servicetype", "eDoc");
        self.post(operation, "{}")["count"].clone()
    }

    /// One of the three lists of agencies.
    pub(crate) fn agencies(&mut self, operation: &str) -> Vec<Value> {
        data(&self.post(operation, "")).to_vec()
    }

    /// `registerAgency`; the code.
    pub(crate) fn register(&mut self, parent: &str, agency: &str, name: &str) -> String {
        let body =
            format!("{{\"id\":\"\",\"pcode\":{parent:?},\"code\":{agency:?},\"name\":{name:?},\"mail\":\"a@b.vn\"}}");
        code(&self.post("registerAgency", &body))
    }

    /// `deleteAgency`; the code.
    pub(crate) fn delete(&mut self, agency: &str) -> String {
        self.set("AgencyCode", agency);
        code(&self.post("deleteAgency", "{}"))
    }
}

impl Answer {
    /// The answer as the client reads it: ASCII, and nothing missing that it throws on.
    pub(crate) fn json(&self) -> Value {
        assert!(self.body.is_ascii(), "a byte beyond ASCII: {}", String::from_utf8_lossy(&self.body));
        let answer: Value = serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: HTTP {} {}", self.status, String::from_utf8_lossy(&self.body)));
        for member in ["status", "ErrorCode", "ErrorDesc"] {
            assert!(answer[member].is_string(), "{member} in {answer}");
        }
        answer
    }
}

/// The `data` of an answer that has to be a success.
fn data(answer: &Value) -> &[Value] {
    assert_eq!(text(&answer["ErrorCode"]), "0", "{answer}");
    answer["data"].as_array().unwrap_or_else(|| panic!("{answer}"))
}

pub(crate) fn code(answer: &Value) -> String {
    text(&answer["ErrorCode"]).to_owned()
}

fn read_head(stream: &mut impl std::io::BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).unwrap(), 0, "the answer ended in its head: {head}");
    }
    head
}

/// Bytes of the next chunk; none at the end.
fn chunk(stream: &mut impl std::io::BufRead) -> Option<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let length = usize::from_str_radix(line.trim(), 16).unwrap();
    if length == 0 {
        stream.read_line(&mut line).unwrap();
    }
    (length > 0).then_some(length)
}

/// A document as old producers write it: CR LF, tabs, the default namespace on the root only, no envelope beside it.
pub(crate) fn document(from: &str, to: &[&str], number: &str, content: &str) -> Vec<u8> {
    let receivers: String =
        to.iter().map(|code| format!("\t\t\t<edXML:To><edXML:OrganId>{code}</edXML:OrganId></edXML:To>\n")).collect();
    let file = crate::http::base64(content.as_bytes());
    let packet = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">
\t<edXML:edXMLEnvelope xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">
\t<edXML:edXMLHeader>
\t\t<edXML:MessageHeader>
\t\t\t<edXML:From><edXML:OrganId>{from}</edXML:OrganId><edXML:OrganName>Ủy ban nhân dân</edXML:OrganName></edXML:From>
{receivers}\t\t\t<edXML:DocumentId>{from},2026/11/21,{number}/UBND</edXML:DocumentId>
\t\t\t<edXML:Code><edXML:CodeNumber>{number}</edXML:CodeNumber><edXML:CodeNotation>UBND</edXML:CodeNotation></edXML:Code>
\t\t\t<edXML:PromulgationInfo><edXML:Place>Quảng Ngãi</edXML:Place><edXML:PromulgationDate>2026/11/21</edXML:PromulgationDate></edXML:PromulgationInfo>
\t\t\t<edXML:DocumentType><edXML:Type>1</edXML:Type><edXML:TypeName>Công văn</edXML:TypeName></edXML:DocumentType>
\t\t\t<edXML:Subject>Về việc kết nối trục, số {number}</edXML:Subject>
\t\t</edXML:MessageHeader>
\t</edXML:edXMLHeader>
\t<edXML:edXMLBody><edXML:edXMLManifest version=\"1.0\"><edXML:Reference><edXML:ContentId>cid:1</edXML:ContentId>\
<edXML:ContentType>application/pdf</edXML:ContentType><edXML:AttachmentName>1.pdf</edXML:AttachmentName></edXML:Reference>\
</edXML:edXMLManifest></edXML:edXMLBody>
\t</edXML:edXMLEnvelope>
\t<AttachmentEncoded><Attachment><ContentId>cid:1</ContentId><AttachmentName>1.pdf</AttachmentName>\
<ContentType>application/pdf</ContentType><ContentTransferEncoded>{file}</ContentTransferEncoded></Attachment></AttachmentEncoded>
</edXML>
"
    );
    packet.replace('\n', "\r\n").into_bytes()
}

/// A status of `from` about a document of `about`.
pub(crate) fn status(from: &str, about: &str, document_id: &str, code: &str) -> Vec<u8> {
    let packet = format!(
        "<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"><edXMLEnvelope><edXMLHeader><MessageHeader>
<From><OrganId>{from}</OrganId></From>
<ResponseFor><OrganId>{about}</OrganId><DocumentId>{document_id}</DocumentId></ResponseFor>
<StatusCode>{code}</StatusCode><Description>Đã tiếp nhận</Description><Timestamp>2026/11/21 09:00:00</Timestamp>
</MessageHeader></edXMLHeader></edXMLEnvelope></edXML>"
    );
    packet.replace('\n', "\r\n").into_bytes()
}
