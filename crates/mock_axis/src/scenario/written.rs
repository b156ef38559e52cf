//! Packets of a scenario: written to files, and known again when another party has them.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use edxml::{
    AttachmentHead, Business, ChangedInfo, DiscardSink, Document, DocumentCode, EdxmlDate, EdxmlTimestamp, Limits,
    OrganId, Organization, OtherInfo, Packet, PacketWriter, PromulgationInfo, Receiver, ReceiverChange, Replacement,
    ResponseFor, Status, read_packet, write_status,
};
use ring::digest::{Context, SHA256};
use types::{BusinessType, Digest, DocumentId};

use super::step::{Draft, StatusDraft};
use crate::{clock, pdf};

/// Bytes read at once.
const PIECE: usize = 64 * 1024;

type Unwritten = Box<dyn std::error::Error + Send + Sync>;

/// What makes two packets the same one, whatever bytes a node on the way added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// A document.
    Document(DocumentId),
    /// A status.
    Status {
        about: Option<DocumentId>,
        from: String,
        code: u8,
        /// `None` where nobody can know it: a status that an outside program sent.
        at: Option<EdxmlTimestamp>,
    },
}

impl Identity {
    /// The identity of a packet.
    pub(super) fn of(packet: &Packet) -> Self {
        match packet {
            Packet::Document(document) => Self::Document(document.document_id.clone()),
            Packet::Status(status) => Self::Status {
                about: status.response_for.document_id.clone(),
                from: status.from.organ_id.as_str().to_owned(),
                code: status.status_code.as_number(),
                at: Some(status.timestamp),
            },
        }
    }

    /// Whether both are the same packet.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Status { about: a, from: b, code: c, at: None }, Self::Status { about, from, code, .. })
            | (Self::Status { about: a, from: b, code: c, .. }, Self::Status { about, from, code, at: None }) => {
                (a, b, c) == (about, from, code)
            }
            _ => self == other,
        }
    }
}

/// A file with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) path: PathBuf,
    pub(super) length: u64,
    pub(super) digest: Digest,
}

impl Bytes {
    /// Measures a file. Blocking.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut context, mut length, mut piece) = (Context::new(&SHA256), 0, vec![0; PIECE]);
        loop {
            let read = file.read(&mut piece)?;
            let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else { break };
            context.update(read);
            length += read.len() as u64;
        }
        let digest = Digest::try_from(context.finish().as_ref()).map_err(io::Error::other)?;
        Ok(Self { path: path.to_owned(), length, digest })
    }
}

/// A packet that a step made.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// `None` where an outside program sent it.
    pub(super) bytes: Option<Bytes>,
    pub(super) identity: Identity,
    /// Sending agency.
    pub(super) from: String,
    /// Its document, or the one that it is about.
    pub(super) document_id: DocumentId,
    /// The agency that issued that document.
    pub(super) issuer: String,
    /// Number and notation of that document.
    pub(super) notation: String,
}

/// Where the packets of a run are written, and what makes their ids its own.
#[derive(Clone, Debug)]
pub(super) struct Press {
    pub(super) folder: PathBuf,
    /// A word that no other run has.
    pub(super) run: String,
}

impl Press {
    /// Writes the document of step `number`. Blocking.
    ///
    /// # Errors
    /// A code or name that no packet can carry; the file.
    pub(super) fn document(
        &self,
        number: usize,
        draft: &Draft,
        from: &str,
        earlier: Option<&Written>,
    ) -> Result<Written, Unwritten> {
        let today = now(0)?.date();
        let notation = format!("KB-{}", self.run);
        let day = format!("{}/{:02}/{:02}", today.year(), today.month(), today.day());
        let document_id: DocumentId = format!("{from},{day},{number}/{notation}").parse()?;
        let issuer = Organization::new(from.parse()?).named("Bên gửi của kịch bản");
        let to = draft.to.iter().map(|code| Ok(Organization::new(code.parse()?).named("Bên nhận của kịch bản")));
        let to = to.collect::<Result<Vec<_>, Unwritten>>()?;
        let promulgation = PromulgationInfo { place: Some("Hà Nội".to_owned()), date: today };
        let code = DocumentCode::new(&number.to_string(), &notation);
        let mut document = Document::new(issuer, to, document_id.clone(), code, promulgation, &draft.subject);
        document.other = Some(OtherInfo { priority: Some(draft.lane), ..OtherInfo::default() });
        let trace = edxml::TraceHeaderList { business: Some(business(draft, earlier)?), ..Default::default() };
        document.trace = Some(trace);
        let heads = heads(draft, number);
        heads.iter().for_each(|(head, _)| document.list(head));
        let path = self.folder.join(format!("{number}.edxml"));
        let mut writer = PacketWriter::new(File::create(&path)?, &document)?;
        for (place, (head, size)) in (0..).zip(&heads) {
            match size {
                Some(size) => writer.attachment(head, Noise::new(place + 1, *size))?,
                None => writer.attachment(head, pdf::page(&["SCENARIO", &notation]).as_slice())?,
            };
        }
        writer.finish()?;
        Ok(Written {
            bytes: Some(Bytes::of(&path)?),
            identity: Identity::Document(document_id.clone()),
            from: from.to_owned(),
            document_id,
            issuer: from.to_owned(),
            notation: format!("{number}/{notation}"),
        })
    }

    /// Writes the status of step `number` about an earlier step's document. Blocking.
    ///
    /// # Errors
    /// A code that no packet can carry; the file.
    pub(super) fn status(
        &self,
        number: usize,
        draft: &StatusDraft,
        from: &str,
        about: &Written,
    ) -> Result<Written, Unwritten> {
        let response = ResponseFor {
            organ_id: about.issuer.parse()?,
            code: Some(about.notation.clone()),
            promulgation_date: None,
            document_id: Some(about.document_id.clone()),
        };
        // Two statuses of one second would be the same status.
        let at = now(i64::try_from(number)?)?;
        let mut status = Status::new(Organization::new(from.parse()?), response, draft.code, at);
        status.description = Some(draft.text.clone()).filter(|text| !text.is_empty());
        let path = self.folder.join(format!("{number}.edxml"));
        write_status(&mut File::create(&path)?, &status)?;
        Ok(Written {
            bytes: Some(Bytes::of(&path)?),
            identity: Identity::of(&Packet::Status(status)),
            from: from.to_owned(),
            ..about.clone()
        })
    }
}

/// The same packet without its second half. Blocking.
pub(super) fn halved(bytes: &Bytes) -> io::Result<Bytes> {
    let path = bytes.path.with_extension("half");
    let mut whole = File::open(&bytes.path)?.take(bytes.length / 2);
    io::copy(&mut whole, &mut File::create(&path)?)?;
    Bytes::of(&path)
}

/// Reads what a fetched file is. Blocking.
///
/// # Errors
/// It is no packet.
pub(super) fn identify(mut file: File) -> Result<Identity, Unwritten> {
    file.seek(SeekFrom::Start(0))?;
    Ok(Identity::of(&read_packet(BufReader::new(file), &Limits::default(), &mut DiscardSink)?))
}

/// The time in Vietnam.
fn now(ahead_seconds: i64) -> Result<EdxmlTimestamp, Unwritten> {
    let time = clock::date_time(clock::now(), ahead_seconds).ok_or("the clock is beyond the year 9999")?;
    let small = |number: i8| u8::try_from(number);
    let date = EdxmlDate::new(u16::try_from(time.year())?, small(time.month())?, small(time.day())?)?;
    Ok(EdxmlTimestamp::new(date, small(time.hour())?, small(time.minute())?, small(time.second())?)?)
}

fn heads(draft: &Draft, number: usize) -> Vec<(AttachmentHead, Option<u64>)> {
    if draft.attachments.is_empty() {
        return vec![(AttachmentHead::new("cid:1", &format!("Công văn {number}.pdf"), "application/pdf"), None)];
    }
    let head = |(place, size): (usize, &u64)| {
        let (id, name) = (format!("cid:{place}"), format!("Phụ lục {place}.bin"));
        (AttachmentHead::new(&id, &name, "application/octet-stream"), Some(*size))
    };
    (1..).zip(&draft.attachments).map(head).collect()
}

fn business(draft: &Draft, earlier: Option<&Written>) -> Result<Business, Unwritten> {
    let earlier = earlier.map(|written| written.document_id.clone());
    let change = |codes: &[String], change| -> Result<Vec<Receiver>, Unwritten> {
        codes.iter().map(|code| Ok(Receiver { organ_id: code.parse()?, change })).collect()
    };
    let mut receivers = change(&draft.added, ReceiverChange::Added)?;
    receivers.extend(change(&draft.removed, ReceiverChange::Removed)?);
    let changed = ChangedInfo {
        document_info: Some(if receivers.is_empty() { "1" } else { "0" }.to_owned()),
        document_receiver: Some(if receivers.is_empty() { "0" } else { "1" }.to_owned()),
        receivers: Some(receivers).filter(|receivers| !receivers.is_empty()),
    };
    let organ_ids: Result<Vec<OrganId>, _> = draft.to.iter().map(|code| code.parse()).collect();
    let replaced = earlier.clone().filter(|_| draft.business == BusinessType::Replace);
    let replaced = replaced.map(|id| Ok::<_, Unwritten>(vec![Replacement { document_id: id, organ_ids: organ_ids? }]));
    Ok(Business {
        document_id: earlier,
        doc_type: Some(draft.business),
        doc_reason: (draft.business != BusinessType::New).then(|| draft.subject.clone()),
        paper: Some(0),
        changed: (draft.business == BusinessType::Update).then_some(changed),
        replacements: replaced.transpose()?,
        ..Business::default()
    })
}

/// Bytes that do not compress and are the same in each run (xorshift64).
#[derive(Debug)]
struct Noise {
    state: u64,
    left: u64,
}

impl Noise {
    fn new(seed: u64, length: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, left: length }
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        for piece in buffer.get_mut(..wanted).unwrap_or_default().chunks_mut(8) {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            piece.iter_mut().zip(self.state.to_le_bytes()).for_each(|(byte, noise)| *byte = noise);
        }
        self.left -= wanted as u64;
        Ok(wanted)
    }
}
