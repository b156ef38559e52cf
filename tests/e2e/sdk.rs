//! The protocol's client for stories: [`mock_axis::sdk`], which writes what the operator's SDK 2.0.x writes, driven call
//! by call. Answers are read as ASCII.

use std::sync::Arc;

use axis::{MessageType, Secret};
use mock_axis::sdk::{self, Body, Request, unpadded_hash};
use rustls::ClientConfig;
use serde_json::Value;
use tokio::runtime::Runtime;
use types::UnixMillis;

use crate::harness::{World, base64, text};
use crate::http::roots;

/// Bytes of an answer that are kept: `getEdoc` of the largest packet of a story.
const KEPT_BYTES_MAX: usize = 1 << 30;

/// One client object.
pub(crate) struct Sdk {
    client: sdk::Sdk,
    runtime: Runtime,
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
        let endpoint: sdk::Endpoint = format!("https://{}/axis", world.nodes[node].address()).parse().unwrap();
        let secret = Secret::new(secret.as_bytes());
        let mut client =
            sdk::Sdk::new(endpoint.with_tls(Arc::new(tls)), system, secret, UnixMillis::new(1_795_222_820_025));
        client.keep(KEPT_BYTES_MAX);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { client, runtime }
    }

    /// Sets a header; it stays for every later call.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.client.set(name, value);
    }

    fn ask(&mut self, request: Request) -> Answer {
        let reply = self.runtime.block_on(self.client.exchange(request)).unwrap();
        assert_eq!(u64::try_from(reply.body.len()).unwrap(), reply.length);
        Answer { status: reply.status, body: reply.body }
    }

    /// Sends a head and a body that another client would write.
    pub(crate) fn raw(&mut self, head: &str, body: &[u8]) -> Answer {
        self.ask(Request::raw(head, body))
    }

    fn post(&mut self, operation: &str, body: &str) -> Value {
        let request = self.client.post_request(operation, body);
        self.ask(request).json()
    }

    fn typed(&mut self, message_type: &str) {
        self.set("servicetype", "eDoc");
        self.set("messagetype", message_type);
    }

    /// `sendEdoc`; the whole answer.
    pub(crate) fn send(&mut self, from: &str, message_type: &str, file: &[u8]) -> Value {
        self.send_hashed(from, message_type, file, &unpadded_hash(file))
    }

    pub(crate) fn send_hashed(&mut self, from: &str, message_type: &str, file: &[u8], hash: &str) -> Value {
        let message_type: MessageType = message_type.parse().unwrap();
        self.client.about(from, message_type, hash);
        let request = self.client.packet_request(Body::file(file.to_vec()));
        let answer = self.ask(request).json();
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
        let request = self.client.get_request("downloadEdoc");
        self.ask(request)
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
