//! Keys: one kind byte, then big-endian numbers and zero-ended texts, so that byte order is the order of every walk.
//!
//! Texts are agency codes, document ids and hop names: none of them can hold a zero byte.

use std::fmt::Write as _;
use std::ops::Range;

use types::{Digest, Lane};

/// Kinds of records. The number is the first byte of the key: never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Meta = 0x01,
    Document = 0x10,
    State = 0x11,
    Event = 0x12,
    Transmission = 0x13,
    /// The packet of an entry, when it is small.
    Content = 0x14,
    /// What belongs to it, when it is small.
    Side = 0x15,
    /// Of formats 1 and 2; replaced by `Ready` and `Retry`.
    Due = 0x20,
    Expiry = 0x21,
    Parked = 0x22,
    Report = 0x23,
    Hold = 0x24,
    HoldThread = 0x25,
    HoldSender = 0x26,
    HoldDue = 0x27,
    HoldReady = 0x28,
    Note = 0x29,
    Ready = 0x2a,
    Retry = 0x2b,
    Deadline = 0x2c,
    Inbox = 0x30,
    Received = 0x31,
    Confirmed = 0x32,
    Sent = 0x33,
    Reference = 0x34,
    Exchange = 0x35,
    Thread = 0x36,
    Payload = 0x37,
    Settled = 0x38,
    Stat = 0x40,
    /// Further parts of a record that does not fit one value.
    Part = 0xfe,
}

impl Kind {
    pub(crate) const ALL: [Self; 31] = [
        Self::Meta,
        Self::Document,
        Self::State,
        Self::Event,
        Self::Transmission,
        Self::Content,
        Self::Side,
        Self::Due,
        Self::Expiry,
        Self::Parked,
        Self::Report,
        Self::Hold,
        Self::HoldThread,
        Self::HoldSender,
        Self::HoldDue,
        Self::HoldReady,
        Self::Note,
        Self::Ready,
        Self::Retry,
        Self::Deadline,
        Self::Inbox,
        Self::Received,
        Self::Confirmed,
        Self::Sent,
        Self::Reference,
        Self::Exchange,
        Self::Thread,
        Self::Payload,
        Self::Settled,
        Self::Stat,
        Self::Part,
    ];

    /// The kind of a stored key.
    pub(crate) fn of(key: &[u8]) -> Option<Self> {
        let first = key.first()?;
        Self::ALL.into_iter().find(|kind| *kind as u8 == *first)
    }
}

/// A key under construction.
#[derive(Clone, Debug)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    pub(crate) fn of(kind: Kind) -> Self {
        Self(vec![kind as u8])
    }

    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(crate) fn index(mut self, index: u32) -> Self {
        self.0.extend_from_slice(&index.to_be_bytes());
        self
    }

    pub(crate) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        self
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }

    /// Every key that starts with this one.
    pub(crate) fn range(self) -> Range<Vec<u8>> {
        let end = after(&self.0);
        self.0..end
    }
}

/// The first key behind all those that start with `prefix`.
pub(crate) fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return end;
        }
    }
    vec![0xff; prefix.len() + 1]
}

/// Urgency as a key byte: the most urgent lane sorts first.
pub(crate) const fn lane_byte(lane: Lane) -> u8 {
    3 - lane.as_number()
}

pub(crate) fn meta(name: &str) -> Vec<u8> {
    Key::of(Kind::Meta).text(name).done()
}

pub(crate) fn document(seq: u64) -> Vec<u8> {
    Key::of(Kind::Document).number(seq).done()
}

pub(crate) fn state(seq: u64, chunk: u32) -> Vec<u8> {
    Key::of(Kind::State).number(seq).index(chunk).done()
}

pub(crate) fn events(seq: u64, index: u32) -> Key {
    Key::of(Kind::Event).number(seq).index(index)
}

pub(crate) fn transmission(seq: u64, hop: &str) -> Vec<u8> {
    Key::of(Kind::Transmission).number(seq).text(hop).done()
}

pub(crate) fn content(seq: u64) -> Vec<u8> {
    Key::of(Kind::Content).number(seq).done()
}

pub(crate) fn side(seq: u64) -> Vec<u8> {
    Key::of(Kind::Side).number(seq).done()
}

/// Formats 1 and 2 only.
pub(crate) fn due(hop: &str, lane: Lane, at: u64, seq: u64) -> Vec<u8> {
    Key::of(Kind::Due).text(hop).byte(lane_byte(lane)).number(at).number(seq).done()
}

/// Transmissions that may go now: by sender, those of one sender in their order.
pub(crate) fn ready_lane(hop: &str, lane: Lane) -> Key {
    Key::of(Kind::Ready).text(hop).byte(lane_byte(lane))
}

pub(crate) fn ready(hop: &str, lane: Lane, sender: &str, order: u64, seq: u64) -> Vec<u8> {
    ready_lane(hop, lane).text(sender).number(order).number(seq).done()
}

/// The sender in a key of `Ready` whose part before it has this length.
pub(crate) fn ready_sender(key: &[u8], before: usize) -> Option<&str> {
    let sender = key.get(before..key.len().checked_sub(17)?)?;
    std::str::from_utf8(sender).ok()
}

/// Transmissions that wait for another attempt, by its time.
pub(crate) fn retry_lane(hop: &str, lane: Lane) -> Key {
    Key::of(Kind::Retry).text(hop).byte(lane_byte(lane))
}

pub(crate) fn retry(hop: &str, lane: Lane, at: u64, seq: u64) -> Vec<u8> {
    retry_lane(hop, lane).number(at).number(seq).done()
}

/// Deadlines of documents that nobody was warned of yet.
pub(crate) fn deadline(due: u64, seq: u64) -> Vec<u8> {
    Key::of(Kind::Deadline).number(due).number(seq).done()
}

pub(crate) fn expiry(at: u64, seq: u64) -> Vec<u8> {
    Key::of(Kind::Expiry).number(at).number(seq).done()
}

pub(crate) fn parked(seq: u64, index: u32) -> Vec<u8> {
    Key::of(Kind::Parked).number(seq).index(index).done()
}

pub(crate) fn report(number: u64) -> Vec<u8> {
    Key::of(Kind::Report).number(number).done()
}

pub(crate) fn hold(seq: u64) -> Vec<u8> {
    Key::of(Kind::Hold).number(seq).done()
}

pub(crate) fn hold_thread(sender: &str, document_id: &str) -> Key {
    Key::of(Kind::HoldThread).text(sender).text(document_id)
}

pub(crate) fn hold_sender(sender: &str) -> Key {
    Key::of(Kind::HoldSender).text(sender)
}

pub(crate) fn hold_due(until: u64, seq: u64) -> Vec<u8> {
    Key::of(Kind::HoldDue).number(until).number(seq).done()
}

pub(crate) fn hold_ready(seq: u64) -> Vec<u8> {
    Key::of(Kind::HoldReady).number(seq).done()
}

pub(crate) fn notes(seq: u64) -> Key {
    Key::of(Kind::Note).number(seq)
}

pub(crate) fn inbox(agency: &str, item: u64) -> Vec<u8> {
    Key::of(Kind::Inbox).text(agency).number(item).done()
}

pub(crate) fn confirmed(agency: &str, item: u64) -> Vec<u8> {
    Key::of(Kind::Confirmed).text(agency).number(item).done()
}

pub(crate) fn received(agency: &str, at: u64, item: u64) -> Vec<u8> {
    Key::of(Kind::Received).text(agency).number(at).number(item).done()
}

pub(crate) fn sent(agency: &str, at: u64, seq: u64) -> Vec<u8> {
    Key::of(Kind::Sent).text(agency).number(at).number(seq).done()
}

pub(crate) fn references(sender: &str, document_id: &str) -> Key {
    Key::of(Kind::Reference).text(sender).text(document_id)
}

pub(crate) fn exchange(exchange: &[u8; 16]) -> Key {
    Key::of(Kind::Exchange).bytes(exchange)
}

pub(crate) fn thread(sender: &str, document_id: &str, hop: &str) -> Vec<u8> {
    Key::of(Kind::Thread).text(sender).text(document_id).text(hop).done()
}

pub(crate) fn payload(digest: &Digest) -> Key {
    Key::of(Kind::Payload).bytes(digest.as_bytes())
}

pub(crate) fn settled(at: u64, seq: u64) -> Vec<u8> {
    Key::of(Kind::Settled).number(at).number(seq).done()
}

/// Part `number` of the record under `key`.
pub(crate) fn part(key: &[u8], number: u16) -> Vec<u8> {
    Key::of(Kind::Part).bytes(key).bytes(&number.to_be_bytes()).done()
}

/// The number in the last eight bytes of a key.
pub(crate) fn last_number(key: &[u8]) -> u64 {
    number_before(key, 0)
}

/// The number in the eight bytes that end `behind` bytes before the end of a key.
pub(crate) fn number_before(key: &[u8], behind: usize) -> u64 {
    let end = key.len().saturating_sub(behind);
    let bytes = key.get(end.saturating_sub(8)..end).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u64::from_be_bytes)
}

/// A key in words, for reports of damage: the kind, then printable text as it is and other bytes in hex.
pub(crate) fn describe(key: &[u8]) -> String {
    let mut words = match Kind::of(key) {
        Some(kind @ (Kind::Document | Kind::State | Kind::Event | Kind::Transmission | Kind::Content | Kind::Side)) => {
            let seq = key.get(1..9).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes);
            return format!("{kind:?} {seq}{}", tail(key.get(9..).unwrap_or_default()));
        }
        Some(kind) => format!("{kind:?}"),
        None => "record of no known kind".to_owned(),
    };
    words.push_str(&tail(key.get(1..).unwrap_or_default()));
    words
}

fn tail(bytes: &[u8]) -> String {
    let mut words = String::new();
    if !bytes.is_empty() {
        words.push(' ');
    }
    for byte in bytes {
        if byte.is_ascii_graphic() {
            words.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            if write!(words, "\\{byte:02x}").is_err() {
                break;
            }
        }
    }
    words
}
