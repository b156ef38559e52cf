//! What the node and a worker say to each other: JSON behind four bytes of length, the most significant first.

use std::io::{self, Read, Write};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signature::ruling::Unexamined;
use signature::{
    ActiveContent, BudgetLimits, Certificate, PdfReport, Policy, Report, RevocationEvidence, TrustStore, Work,
};

use crate::config::Config;

/// Bytes of one order: trust stores and revocation lists of the whole country, encoded.
pub(super) const ORDER_BYTES_MAX: usize = 512 << 20;
/// Bytes of one answer: a report on as many signatures as a file may have, with what they lacked.
pub(super) const ANSWER_BYTES_MAX: usize = 32 << 20;

/// What a worker is told.
#[derive(Serialize, Deserialize)]
pub(super) enum Order {
    /// What to check with, from now on. Answered with [`Reply::Ready`].
    Setup(Box<Setup>),
    /// Something to check. Answered with [`Reply::Done`].
    Task(Task),
}

/// What a worker checks with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// Trust anchors.
    pub(crate) anchors: Vec<Der>,
    /// Intermediates.
    pub(crate) intermediates: Vec<Der>,
    /// What signatures have to fulfil.
    pub(crate) policy: Policy,
    /// Whether files with JavaScript or launch actions pass.
    pub(crate) active_content: ActiveContentText,
    /// Revocation lists.
    pub(crate) crls: Vec<Der>,
    /// OCSP responses.
    pub(crate) responses: Vec<Der>,
    /// Bytes of one file, decoded.
    pub(crate) file_bytes_max: u64,
    /// Bytes of memory that the worker may have.
    pub(crate) memory_max: u64,
    /// Milliseconds of processor time for one file.
    pub(crate) time_ms_max: u64,
}

impl Setup {
    /// What the node checks with now.
    pub(crate) fn of(trust: &TrustStore, evidence: &RevocationEvidence, config: &Config) -> Self {
        let ders = |all: &[Certificate]| all.iter().map(|one| Der(one.der().to_vec())).collect();
        let limits = &config.verification;
        Self {
            anchors: ders(trust.anchors()),
            intermediates: ders(trust.intermediates()),
            policy: config.policy.named.signatures.clone(),
            active_content: match config.policy.active_content {
                ActiveContent::Refused => ActiveContentText::Refused,
                ActiveContent::Noted => ActiveContentText::Noted,
            },
            crls: evidence.crls().map(|crl| Der(crl.der().to_vec())).collect(),
            responses: evidence.responses().map(|response| Der(response.to_der())).collect(),
            file_bytes_max: limits.file_bytes_max,
            memory_max: limits.memory_max,
            time_ms_max: u64::try_from(limits.time_max.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// [`ActiveContent`] as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ActiveContentText {
    /// The file does not pass.
    Refused,
    /// The report says so.
    Noted,
}

impl From<ActiveContentText> for ActiveContent {
    fn from(text: ActiveContentText) -> Self {
        match text {
            ActiveContentText::Refused => Self::Refused,
            ActiveContentText::Noted => Self::Noted,
        }
    }
}

/// Something to check, in a packet on disk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    /// The packet's file, absolute.
    pub(super) path: PathBuf,
    /// What of it.
    pub(super) subject: Subject,
    /// Validation time, milliseconds since 1970.
    pub(super) at_ms: u64,
    /// What the checks of the whole document may cost.
    pub(super) limits: BudgetLimits,
    /// What those before this one have cost.
    pub(super) spent: Work,
}

/// What of a packet is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Subject {
    /// Its own XML signatures.
    Packet,
    /// The file whose base64 text stands in these bytes.
    File {
        /// First byte.
        offset: u64,
        /// Bytes of text.
        length: u64,
    },
    /// The file itself: it is no packet, but what will be in one.
    Whole,
}

/// What a worker answers to a task.
#[derive(Serialize, Deserialize)]
pub(super) struct Done {
    /// What came out.
    pub(super) answer: Answer,
    /// What it has cost.
    pub(super) cost: Work,
}

/// What a worker answers.
#[derive(Serialize, Deserialize)]
pub(super) enum Reply {
    /// The setup is in use.
    Ready,
    /// A task is done.
    Done(Box<Done>),
}

/// What came out of a task.
#[derive(Serialize, Deserialize)]
pub(super) enum Answer {
    /// The packet's XML signatures.
    Packet(Box<Report>),
    /// The file is a PDF.
    Pdf(Box<PdfReport>),
    /// The file is none.
    NotPdf,
    /// It was not checked to its end.
    Unexamined(Unexamined),
}

/// DER that travels as base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Der(pub(crate) Vec<u8>);

impl Serialize for Der {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&base64::display::Base64Display::new(&self.0, &STANDARD))
    }
}

impl<'de> Deserialize<'de> for Der {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A message with its length before it.
///
/// # Errors
/// `InvalidData` when it is longer than `max`.
pub(super) fn frame(message: &impl Serialize, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; LENGTH_BYTES];
    serde_json::to_writer(&mut bytes, message)?;
    let length = bytes.len() - LENGTH_BYTES;
    let header = u32::try_from(length).ok().filter(|_| length <= max).ok_or_else(|| too_long(length))?;
    bytes.splice(..LENGTH_BYTES, header.to_be_bytes());
    Ok(bytes)
}

/// Bytes of the length.
pub(super) const LENGTH_BYTES: usize = 4;

/// The length that a header announces.
pub(super) fn announced(header: [u8; LENGTH_BYTES], max: usize) -> io::Result<usize> {
    let length = usize::try_from(u32::from_be_bytes(header)).unwrap_or(usize::MAX);
    if length > max { Err(too_long(length)) } else { Ok(length) }
}

fn too_long(length: usize) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("a message of {length} bytes is too long"))
}

/// Reads the next message; `None` when the other side has closed.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read, max: usize) -> io::Result<Option<T>> {
    let mut header = [0; LENGTH_BYTES];
    match input.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut bytes = vec![0; announced(header, max)?];
    input.read_exact(&mut bytes)?;
    Ok(Some(serde_json::from_slice(&bytes)?))
}

/// Writes a message and flushes it.
pub(super) fn write(output: &mut impl Write, message: &impl Serialize, max: usize) -> io::Result<()> {
    output.write_all(&frame(message, max)?)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_read_back_and_the_end_is_told() {
        let mut bytes = Vec::new();
        write(&mut bytes, &Der(vec![1, 2, 3]), 100).unwrap();
        let mut input = bytes.as_slice();
        assert_eq!(read::<Der>(&mut input, 100).unwrap(), Some(Der(vec![1, 2, 3])));
        assert_eq!(read::<Der>(&mut input, 100).unwrap(), None);
    }

    #[test]
    fn a_message_that_announces_too_much_is_not_read() {
        let error = read::<Der>(&mut [0xff; 8].as_slice(), 100).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_message_that_is_cut_off_is_an_error() {
        assert!(read::<Der>(&mut [0, 0, 0, 9, b'"'].as_slice(), 100).is_err());
    }
}
