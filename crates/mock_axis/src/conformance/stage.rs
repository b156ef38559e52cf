//! What the checks work with: client objects, exchanges as they were shown, and a document on its way.

use std::collections::BTreeSet;

use axis::{MessageType, Secret};
use serde_json::{Map, Value};
use tokio::time::{Instant, interval};
use types::StatusCode;

use super::answers::Watched;
use super::{Party, Shown, Target};
use crate::sdk::{Draft, Letter, Reply, Request, Sdk};

/// Bytes of a request or an answer that are shown.
const SHOWN_BYTES: usize = 4096;
/// Between two looks at a list.
const LOOK: std::time::Duration = std::time::Duration::from_millis(200);

/// Why a check did not pass.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The rule was not held.
    Failed(String),
    /// The check could not be made.
    Skipped(String),
}

/// How a check ends.
pub(super) type Checked<T = ()> = Result<T, Trouble>;

pub(super) fn failed<T>(why: impl Into<String>) -> Checked<T> {
    Err(Trouble::Failed(why.into()))
}

pub(super) fn skipped<T>(why: impl Into<String>) -> Checked<T> {
    Err(Trouble::Skipped(why.into()))
}

pub(super) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { failed(why()) }
}

/// A document that was sent and is listed for its receiver.
#[derive(Clone, Debug)]
pub(super) struct Delivered {
    /// As `sendEdoc` gave it.
    pub(super) sent_id: String,
    /// As the list gives it.
    pub(super) received_id: String,
    pub(super) document_id: String,
    pub(super) packet: Vec<u8>,
    /// Its line of the list.
    pub(super) line: Value,
}

/// Everything that a check may use.
pub(super) struct Stage {
    pub(super) target: Target,
    /// The last exchange of the present check.
    pub(super) shown: Option<Shown>,
    pub(super) watched: Watched,
    count: u32,
    /// What waited before the first check: not ours.
    before: BTreeSet<String>,
    delivered: Option<Delivered>,
}

impl Stage {
    pub(super) fn new(target: Target) -> Self {
        let watched = Watched::new([target.sender.secret.clone(), target.receiver.secret.clone()]);
        Self { target, shown: None, watched, count: 0, before: BTreeSet::new(), delivered: None }
    }

    /// A client object of this party.
    pub(super) fn sdk(&self, party: &Party) -> Sdk {
        Sdk::new(self.target.endpoint.clone(), &party.system, party.secret.clone(), self.target.at)
    }

    pub(super) fn sender(&self) -> Sdk {
        self.sdk(&self.target.sender)
    }

    pub(super) fn receiver(&self) -> Sdk {
        self.sdk(&self.target.receiver)
    }

    /// Sends a request, and looks at the answer with the rules that hold for every answer.
    pub(super) async fn call(&mut self, sdk: &mut Sdk, request: Request) -> Checked<Reply> {
        let mut shown = Shown { request: shown_request(&request), answer: String::new() };
        let operation = operation(request.head());
        let reply = match sdk.exchange(request).await {
            Ok(reply) => reply,
            Err(error) => {
                self.shown = Some(shown);
                let mut why = error.to_string();
                let mut cause = std::error::Error::source(&error);
                while let Some(next) = cause {
                    why = format!("{why}: {next}");
                    cause = next.source();
                }
                return failed(format!("không có trả lời (no answer): {why}"));
            }
        };
        shown.answer = shown_answer(&reply);
        self.watched.see(&operation, &reply, &shown);
        self.shown = Some(shown);
        Ok(reply)
    }

    /// The cheapest signed call.
    pub(super) async fn probe(&mut self, sdk: &mut Sdk) -> Checked<Reply> {
        let request = sdk.post_request("countReceiveEdoc", "{}");
        self.call(sdk, request).await
    }

    /// An id that no other document has.
    pub(super) fn next_id(&mut self) -> String {
        self.count += 1;
        format!("kiem-thu-{}-{}", self.target.at.as_millis(), self.count)
    }

    /// A packet from the sender's agency to the receiver's, and its `DocumentId`.
    pub(super) fn packet(&mut self) -> Checked<(Vec<u8>, String)> {
        let (from, to) = (self.target.sender.agency.clone(), self.target.receiver.agency.clone());
        self.packet_of(&from, &to)
    }

    pub(super) fn packet_of(&mut self, from: &str, to: &str) -> Checked<(Vec<u8>, String)> {
        let id = self.next_id();
        let subject = format!("Kiểm thử liên thông {id}");
        let draft = Draft { from, to: &[to], id: &id, subject: &subject, at: self.target.at };
        match draft.packet() {
            Ok(packet) => Ok((packet, id)),
            Err(why) => skipped(format!("gói tin không viết được (cannot write the packet): {why}")),
        }
    }

    /// A status of the receiver about a document of the sender.
    pub(super) fn status(&self, document_id: &str) -> Checked<Vec<u8>> {
        let letter = Letter {
            from: &self.target.receiver.agency,
            about: &self.target.sender.agency,
            id: document_id,
            status: StatusCode::Registered,
            at: self.target.at,
        };
        letter.packet().or_else(skipped)
    }

    /// Sends a packet of the sender's, as the real client does.
    pub(super) async fn send(&mut self, sdk: &mut Sdk, message_type: MessageType, packet: Vec<u8>) -> Checked<Reply> {
        let from = match message_type {
            MessageType::Edoc => self.target.sender.agency.clone(),
            MessageType::Status => self.target.receiver.agency.clone(),
        };
        let request = sdk.send_request(&from, message_type, packet);
        self.call(sdk, request).await
    }

    /// The lines that wait for a party.
    pub(super) async fn list(&mut self, sdk: &mut Sdk, message_type: MessageType) -> Checked<Vec<Value>> {
        sdk.set("servicetype", "eDoc").set("messagetype", message_type.as_str());
        let request = sdk.post_request("getReceivedEdocList", "");
        let reply = self.call(sdk, request).await?;
        accepted(&reply)?;
        match members(&reply)?.get("data") {
            Some(Value::Array(lines)) => Ok(lines.clone()),
            _ => failed("data không phải mảng (data is no array)"),
        }
    }

    /// Remembers what waits already.
    pub(super) async fn begin(&mut self) {
        let mut sdk = self.receiver();
        for message_type in [MessageType::Edoc, MessageType::Status] {
            // A server that cannot list fails its own check.
            if let Ok(lines) = self.list(&mut sdk, message_type).await {
                self.before.extend(lines.iter().map(|line| word(line, "docId").to_owned()));
            }
        }
    }

    /// The lines of ours that wait: from the sender's agency, and not there before the first check.
    pub(super) async fn ours(&mut self, sdk: &mut Sdk, message_type: MessageType) -> Checked<Vec<Value>> {
        let lines = self.list(sdk, message_type).await?;
        Ok(lines.into_iter().filter(|line| !self.before.contains(word(line, "docId"))).collect())
    }

    /// Waits until a line comes that was not among `known`.
    pub(super) async fn arrival(
        &mut self,
        sdk: &mut Sdk,
        message_type: MessageType,
        known: &BTreeSet<String>,
    ) -> Checked<Value> {
        let (deadline, mut look) = (Instant::now() + self.target.patience, interval(LOOK));
        loop {
            look.tick().await;
            let lines = self.list(sdk, message_type).await?;
            let full = lines.len() >= 500;
            if let Some(line) = lines.into_iter().find(|line| !known.contains(word(line, "docId"))) {
                return Ok(line);
            }
            if full {
                return skipped("danh sách chờ của nơi nhận đã đầy (the receiver's list is full): confirm what waits");
            }
            if Instant::now() >= deadline {
                let patience = self.target.patience.as_secs();
                return failed(format!("gói tin đã gửi không vào danh sách sau {patience} s (sent, and not listed)"));
            }
        }
    }

    /// Ids that wait for a party now.
    pub(super) async fn waiting(&mut self, sdk: &mut Sdk, message_type: MessageType) -> Checked<BTreeSet<String>> {
        Ok(self.list(sdk, message_type).await?.iter().map(|line| word(line, "docId").to_owned()).collect())
    }

    /// A document that waits at the receiver; the same one until it is used up.
    pub(super) async fn delivered(&mut self) -> Checked<Delivered> {
        if let Some(delivered) = &self.delivered {
            return Ok(delivered.clone());
        }
        let fresh = self.deliver().await.map_err(|trouble| match trouble {
            Trouble::Failed(why) => {
                Trouble::Skipped(format!("không có văn bản để thử (no document to try it on): {why}"))
            }
            skipped @ Trouble::Skipped(_) => skipped,
        })?;
        self.delivered = Some(fresh.clone());
        Ok(fresh)
    }

    /// Forgets the document: it is no longer on the list.
    pub(super) fn used_up(&mut self) {
        self.delivered = None;
    }

    /// Sends a document, and waits until its receiver has it on its list.
    pub(super) async fn deliver(&mut self) -> Checked<Delivered> {
        let (packet, document_id) = self.packet()?;
        let (mut sender, mut receiver) = (self.sender(), self.receiver());
        let known = self.waiting(&mut receiver, MessageType::Edoc).await?;
        let reply = self.send(&mut sender, MessageType::Edoc, packet.clone()).await?;
        accepted(&reply)?;
        let sent_id = doc_id(&reply)?;
        let line = self.arrival(&mut receiver, MessageType::Edoc, &known).await?;
        let received_id = word(&line, "docId").to_owned();
        Ok(Delivered { sent_id, received_id, document_id, packet, line })
    }

    /// `updateStatus` of the receiver.
    pub(super) async fn update(&mut self, id: &str, state: &str) -> Checked<Reply> {
        let mut sdk = self.receiver();
        sdk.set("docid", id).set("status", state);
        let request = sdk.post_request("updateStatus", "{}");
        self.call(&mut sdk, request).await
    }

    /// Confirms everything of ours that still waits, so that nothing is left behind.
    pub(super) async fn clear(&mut self) {
        let parties = [self.target.receiver.clone(), self.target.sender.clone()];
        let pairs = parties.iter().zip([MessageType::Edoc, MessageType::Status]);
        for (party, message_type) in pairs {
            let mut sdk = self.sdk(party);
            let Ok(lines) = self.ours(&mut sdk, message_type).await else { continue };
            let others = |line: &&Value| {
                let from = word(line, "from");
                [&self.target.sender.agency, &self.target.receiver.agency].into_iter().any(|ours| from == ours)
            };
            let ids: Vec<String> = lines.iter().filter(others).map(|line| word(line, "docId").to_owned()).collect();
            for id in ids {
                sdk.set("docid", id).set("status", "done");
                let request = sdk.post_request("updateStatus", "{}");
                // What cannot be confirmed has failed a check already.
                drop(self.call(&mut sdk, request).await);
            }
        }
    }

    /// The secrets, for checks that sign by hand.
    pub(super) fn secret(&self) -> Secret {
        self.target.sender.secret.clone()
    }
}

/// The object of an answer, read with more patience than the real client has: its rules have their own checks.
pub(super) fn members(reply: &Reply) -> Checked<Map<String, Value>> {
    let body = reply.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&reply.body);
    match serde_json::from_str(&String::from_utf8_lossy(body)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => failed("trả lời không phải đối tượng JSON (the answer is no JSON object)"),
        Err(error) => failed(format!("trả lời không phải JSON (the answer is no JSON): {error}")),
    }
}

/// `ErrorCode`, as a string or a number.
pub(super) fn code(reply: &Reply) -> Checked<String> {
    Ok(match members(reply)?.get("ErrorCode") {
        Some(Value::String(code)) => code.clone(),
        Some(Value::Number(code)) => code.to_string(),
        other => return failed(format!("ErrorCode = {}", other.unwrap_or(&Value::Null))),
    })
}

/// Code 0.
pub(super) fn accepted(reply: &Reply) -> Checked {
    let code = code(reply)?;
    ensure(code == "0", || format!("chờ mã 0, nhận {code} (expected code 0, got {code})"))
}

/// This code.
pub(super) fn refused(reply: &Reply, expected: &str) -> Checked {
    let code = code(reply)?;
    ensure(code == expected, || format!("chờ mã {expected}, nhận {code} (expected code {expected}, got {code})"))
}

/// Any code but 0.
pub(super) fn refused_somehow(reply: &Reply) -> Checked {
    let code = code(reply)?;
    ensure(code != "0", || "chờ FAIL với một mã lỗi, nhận mã 0 (expected FAIL with a code, got 0)".to_owned())
}

/// `DocId` of an answer of `sendEdoc`.
pub(super) fn doc_id(reply: &Reply) -> Checked<String> {
    match members(reply)?.get("DocId") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        other => failed(format!("DocId = {}", other.unwrap_or(&Value::Null))),
    }
}

/// A member as text; empty where it is none.
pub(super) fn word<'l>(line: &'l Value, member: &str) -> &'l str {
    line.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn operation(head: &[u8]) -> String {
    let line = String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
    let path = line.split(' ').nth(1).unwrap_or_default();
    let is_provincial = path.contains("/v1/");
    let name = path.rsplit('/').next().unwrap_or_default();
    if is_provincial { format!("v1/{name}") } else { name.to_owned() }
}

/// The beginning of a text; secrets left out.
fn shown_request(request: &Request) -> String {
    let bytes = request.bytes().unwrap_or_else(|| request.head().to_vec());
    let text = beginning(&bytes);
    let hidden = text.lines().map(|line| match line.split_once(": ") {
        Some((name, _)) if name.eq_ignore_ascii_case("X-SecretKey") => format!("{name}: (ẩn/hidden)"),
        _ => line.to_owned(),
    });
    hidden.collect::<Vec<_>>().join("\n")
}

fn shown_answer(reply: &Reply) -> String {
    let mut text = format!("HTTP/1.1 {}\n", reply.status);
    for (name, value) in &reply.headers {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
    }
    text.push('\n');
    text.push_str(&beginning(&reply.body));
    text
}

fn beginning(bytes: &[u8]) -> String {
    let shown = bytes.get(..SHOWN_BYTES.min(bytes.len())).unwrap_or_default();
    let more = if bytes.len() > SHOWN_BYTES { format!("… ({} byte)", bytes.len()) } else { String::new() };
    String::from_utf8_lossy(shown).replace("\r\n", "\n") + &more
}
