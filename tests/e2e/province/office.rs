//! Agency software of one side: sends its documents, fetches what comes, reports, and remembers what it saw.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axis::client::{CallError, CallErrorKind, Client, SentPacket};
use axis::{AxisCode, DocId, MessageType, ReceivedEdoc, TransferState};
use ring::digest::{SHA256, digest};
use tokio::time::interval;
use types::{Digest, Lane, StatusCode};

use super::packets::{self, Draft, Word, document_id};
use crate::harness::Random;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// The axis tells times in seconds: what is to be later there comes later by more.
const LATER: Duration = Duration::from_millis(1_200);

/// A packet as its receiver sees it: once for each of the receivers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sight {
    pub(super) to: String,
    pub(super) word: Word,
}

/// A document that a side sends.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) number: usize,
    /// The number of the earlier document, and what its sender waits for before it updates it.
    pub(super) updates: Option<(usize, After)>,
}

/// What an update waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// The document is with the axis; its receiver may not have seen it.
    Sent,
    /// Every receiver reported it.
    Reported,
}

/// What a side has seen and done; shared with the test.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// In the order in which the reader saw them, with the id under which the node gave them.
    pub(super) seen: Vec<(Sight, String)>,
    /// SHA-256 of the packets sent, by their `DocumentId`, and the node's ids of them.
    pub(super) documents: BTreeMap<String, (Vec<u8>, DocId)>,
    /// SHA-256 of documents fetched, by the sight of them.
    pub(super) fetched: BTreeMap<Sight, Vec<u8>>,
    pub(super) statuses_sent: usize,
    /// Calls that failed and were made again.
    pub(super) failures: usize,
}

impl Notes {
    pub(super) fn has(&self, to: &str, from: &str, id: &str, status: Option<&str>) -> bool {
        self.seen.iter().any(|(sight, _)| {
            let word = &sight.word;
            sight.to == to && word.from == from && word.document_id == id && word.status.as_deref() == status
        })
    }
}

/// A packet to be sent when its time has come.
struct Pending {
    packet: Vec<u8>,
    from: String,
    message_type: MessageType,
    /// What has to be with the axis before.
    behind: Option<(MessageType, DocId)>,
    /// When that was seen there.
    since: Option<Instant>,
    /// What to send once this is there.
    then: Option<Box<Pending>>,
}

pub(super) struct Office {
    client: Client,
    plan: Vec<Planned>,
    pub(super) notes: Arc<Mutex<Notes>>,
    pending: Vec<Pending>,
    /// Ids of what is done with.
    done: HashMap<String, Sight>,
    random: Random,
}

impl Office {
    pub(super) fn new(client: Client, plan: Vec<Planned>, seed: u64) -> Self {
        Self { client, plan, notes: Arc::default(), pending: Vec::new(), done: HashMap::new(), random: Random(seed) }
    }

    /// Works until it is dropped.
    pub(super) async fn run(mut self) {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            for _ in 0..8 {
                let Some(next) = self.plan.iter().position(|planned| self.is_due(planned)) else { break };
                let planned = self.plan.remove(next);
                self.send_document(planned).await;
            }
            for message_type in [MessageType::Edoc, MessageType::Status] {
                if let Err(error) = self.fetch_all(message_type).await {
                    self.failed(&error);
                }
            }
            if let Err(error) = self.send_pending().await {
                self.failed(&error);
            }
        }
    }

    fn failed(&self, error: &CallError) {
        assert!(error.is_retryable(), "{error}");
        self.notes.lock().unwrap().failures += 1;
    }

    fn is_due(&self, planned: &Planned) -> bool {
        let Some((earlier, after)) = planned.updates else { return true };
        let (notes, id) = (self.notes.lock().unwrap(), document_id(&planned.from, earlier));
        match after {
            // Told apart when it is sent: see `send_document`.
            After::Sent => notes.documents.contains_key(&id),
            After::Reported => planned.to.iter().all(|to| notes.has(&planned.from, to, &id, Some("03"))),
        }
    }

    async fn send_document(&mut self, planned: Planned) {
        let updated = planned.updates.map(|(earlier, _)| document_id(&planned.from, earlier));
        let draft = Draft {
            from: &planned.from,
            to: &planned.to,
            number: planned.number,
            updates: updated.as_deref(),
            lane: Lane::Normal,
        };
        let length = usize::try_from(self.random.below(20_000)).unwrap();
        let attachment: Vec<u8> = (0..length).map(|_| u8::try_from(self.random.below(256)).unwrap()).collect();
        let packet = packets::write_document(Vec::new(), &draft, attachment.as_slice());
        let id = document_id(&planned.from, planned.number);
        let behind =
            updated.map(|earlier| (MessageType::Edoc, self.notes.lock().unwrap().documents[&earlier].1.clone()));
        let sha256 = digest(&SHA256, &packet).as_ref().to_vec();
        let pending =
            Pending { packet, from: planned.from, message_type: MessageType::Edoc, behind, since: None, then: None };
        if pending.behind.is_some() {
            // Its id is known once it is sent.
            self.pending.push(pending);
            let unsent = "unsent".parse().unwrap();
            self.notes.lock().unwrap().documents.insert(id, (sha256, unsent));
            return;
        }
        let doc_id = self.send(&pending).await;
        self.notes.lock().unwrap().documents.insert(id, (sha256, doc_id));
    }

    /// Sends until the node has it.
    async fn send(&self, pending: &Pending) -> DocId {
        let mut tries = interval(LOOK_EVERY);
        loop {
            tries.tick().await;
            let packet = &pending.packet;
            let sent = SentPacket {
                from: pending.from.clone(),
                to: None,
                message_type: pending.message_type,
                length: packet.len() as u64,
                digest: Digest::new(digest(&SHA256, packet).as_ref().try_into().unwrap()),
            };
            match self.client.send_edoc(sent, Cursor::new(packet.clone())).await {
                Ok(doc_id) => return doc_id.unwrap(),
                Err(error) => self.failed(&error),
            }
        }
    }

    /// Sends what has waited for something before it, once that is with the axis and a second is over.
    async fn send_pending(&mut self) -> Result<(), CallError> {
        let mut left = Vec::new();
        let mut error = None;
        for mut pending in std::mem::take(&mut self.pending) {
            if pending.since.is_none() && error.is_none() {
                match self.is_with_the_axis(pending.behind.as_ref()).await {
                    Ok(true) => pending.since = Some(Instant::now()),
                    Ok(false) => {}
                    Err(failed) => error = Some(failed),
                }
            }
            if pending.since.is_none_or(|since| since.elapsed() < LATER) {
                left.push(pending);
                continue;
            }
            let doc_id = self.send(&pending).await;
            if pending.message_type == MessageType::Status {
                self.notes.lock().unwrap().statuses_sent += 1;
            } else {
                let id = packets::read(&pending.packet).document_id;
                self.notes.lock().unwrap().documents.get_mut(&id).unwrap().1 = doc_id.clone();
            }
            if let Some(mut then) = pending.then {
                then.behind = Some((pending.message_type, doc_id));
                left.push(*then);
            }
        }
        self.pending = left;
        error.map_or(Ok(()), Err)
    }

    async fn is_with_the_axis(&self, behind: Option<&(MessageType, DocId)>) -> Result<bool, CallError> {
        let Some((message_type, doc_id)) = behind else { return Ok(true) };
        let lines = self.client.sent_edocs(*message_type, Some(doc_id)).await?;
        Ok(lines.iter().all(|line| line.send_status == "sent"))
    }

    async fn fetch_all(&mut self, message_type: MessageType) -> Result<(), CallError> {
        for line in self.client.received_edocs(message_type, None, None).await? {
            self.fetch(&line).await?;
        }
        Ok(())
    }

    async fn fetch(&mut self, line: &ReceivedEdoc) -> Result<(), CallError> {
        let doc_id: DocId = line.doc_id.parse().unwrap();
        if !self.done.contains_key(&line.doc_id) {
            let mut file = match self.client.get_edoc(&doc_id).await {
                // Replaced by its update since it was listed.
                Err(CallError { kind: CallErrorKind::Refused { code: Some(AxisCode::Unprocessable), .. }, .. }) => {
                    return Ok(());
                }
                opened => opened?,
            };
            let mut packet = Vec::new();
            while let Some(bytes) = file.next().await? {
                packet.extend_from_slice(&bytes);
            }
            let sight = Sight { to: line.to.clone(), word: packets::read(&packet) };
            let mut notes = self.notes.lock().unwrap();
            notes.seen.push((sight.clone(), line.doc_id.clone()));
            if sight.word.status.is_none() {
                notes.fetched.insert(sight.clone(), digest(&SHA256, &packet).as_ref().to_vec());
                drop(notes);
                self.report(&sight);
            }
            self.done.insert(line.doc_id.clone(), sight);
        }
        // A node that went away before it answered lists the packet again: the same one, by the same id.
        self.client.update_status(&doc_id, TransferState::Done).await
    }

    /// Reports 03 at once, and 06 after it.
    fn report(&mut self, sight: &Sight) {
        let Sight { to, word } = sight;
        let status = |code| packets::status(to, &word.from, &word.document_id, code);
        let pending = |packet, then| Pending {
            packet,
            from: to.clone(),
            message_type: MessageType::Status,
            behind: None,
            since: None,
            then,
        };
        let finished = pending(status(StatusCode::Finished), None);
        self.pending.push(pending(status(StatusCode::Registered), Some(Box::new(finished))));
    }
}
