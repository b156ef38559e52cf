//! The worker's side: reads orders, checks, answers.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek as _, SeekFrom, Write};
use std::sync::Arc;
use std::time::Duration;

use edxml::AttachmentDecoder;
use signature::ruling::Unexamined;
use signature::{
    Budget, Certificate, CertificateError, Crl, OcspResponse, PdfOptions, Policy, RevocationError, RevocationEvidence,
    TrustStore, verify_pdf_with, verify_xml_with,
};
use types::UnixMillis;

use super::confine::{allow_time, confine};
use super::kind::{HEAD_BYTES, is_pdf, is_zip};
use super::protocol::{self, ANSWER_BYTES_MAX, Answer, Done, ORDER_BYTES_MAX, Order, Reply, Setup, Subject, Task};

/// Bytes read at a time.
const BUFFER: usize = 64 * 1024;

/// Why a worker ended.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The streams to the node, or the limit of time.
    #[error("talk to the node")]
    Io(#[from] io::Error),
    /// It cannot bound itself: foreign bytes are not read without.
    #[error("set this worker's own limits of memory and files (is prlimit64 forbidden by a sandbox?)")]
    Confine(#[source] io::Error),
    /// A certificate of the setup.
    #[error("a certificate of the setup")]
    Certificate(#[from] CertificateError),
    /// Revocation data of the setup.
    #[error("revocation data of the setup")]
    Revocation(#[from] RevocationError),
    /// A task came before the setup.
    #[error("a task came before the setup")]
    Order,
}

/// Checks what it is told to until the input ends.
///
/// # Errors
/// Each ends the process; the node starts another.
pub fn run(mut input: impl Read, mut output: impl Write) -> Result<(), WorkerError> {
    let mut bench = None;
    while let Some(order) = protocol::read(&mut input, ORDER_BYTES_MAX)? {
        let reply = match order {
            Order::Setup(setup) => {
                // The first setup is the node's own data; nothing foreign was read before.
                if bench.is_none() {
                    confine(setup.memory_max).map_err(WorkerError::Confine)?;
                }
                bench = Some(Bench::new(*setup)?);
                Reply::Ready
            }
            Order::Task(task) => {
                let bench = bench.as_ref().ok_or(WorkerError::Order)?;
                allow_time(bench.time_max)?;
                Reply::Done(Box::new(bench.check(&task)))
            }
        };
        protocol::write(&mut output, &reply, ANSWER_BYTES_MAX)?;
    }
    Ok(())
}

/// What is checked with.
pub(super) struct Bench {
    pub(super) trust: TrustStore,
    pub(super) policy: Policy,
    pub(super) options: PdfOptions,
    pub(super) evidence: RevocationEvidence,
    pub(super) file_bytes_max: u64,
    pub(super) time_max: Duration,
}

impl Bench {
    fn new(setup: Setup) -> Result<Self, WorkerError> {
        let read = |all: &[protocol::Der]| all.iter().map(|der| Certificate::parse(&der.0)).collect::<Result<_, _>>();
        let mut evidence = RevocationEvidence::new();
        for crl in &setup.crls {
            evidence = evidence.with_crl(Arc::new(Crl::parse(&crl.0)?));
        }
        for response in &setup.responses {
            evidence = evidence.with_response(Arc::new(OcspResponse::parse(&response.0)?));
        }
        let mut options = PdfOptions { active_content: setup.active_content.into(), ..PdfOptions::strict() };
        options.limits.bytes_max = usize::try_from(setup.file_bytes_max).unwrap_or(usize::MAX);
        Ok(Self {
            trust: TrustStore::new(read(&setup.anchors)?, read(&setup.intermediates)?),
            policy: setup.policy,
            options,
            evidence,
            file_bytes_max: setup.file_bytes_max,
            time_max: Duration::from_millis(setup.time_ms_max),
        })
    }

    /// Checks within what is left of the document's work.
    pub(super) fn check(&self, task: &Task) -> Done {
        let budget = Budget::new(task.limits);
        budget.charge(task.spent);
        let trust = self.trust.within(&budget);
        let found = File::open(&task.path).and_then(|file| self.examine(file, task, &trust));
        // What cannot be read is not passed; the node has its own view of the disk.
        let answer = found.unwrap_or(Answer::Unexamined(Unexamined::Unreadable));
        Done { answer, cost: budget.spent().since(task.spent) }
    }

    fn examine(&self, file: File, task: &Task, trust: &TrustStore) -> io::Result<Answer> {
        let at = UnixMillis::new(task.at_ms);
        match task.subject {
            Subject::Packet => {
                let Some(packet) = self.content(Vec::new(), file)? else {
                    return Ok(Answer::Unexamined(Unexamined::TooLarge));
                };
                let xml = packet.get(edxml::preamble_length(&packet)..).unwrap_or_default();
                let report = verify_xml_with(xml, trust, &self.policy, &self.evidence, at);
                Ok(Answer::Packet(Box::new(report)))
            }
            Subject::File { offset, length } => {
                let mut file = file;
                file.seek(SeekFrom::Start(offset))?;
                let text = BufReader::with_capacity(BUFFER, file.take(length));
                self.pdf(AttachmentDecoder::new(text), trust, at)
            }
            Subject::Whole => self.pdf(file, trust, at),
        }
    }

    fn pdf(&self, content: impl Read, trust: &TrustStore, at: UnixMillis) -> io::Result<Answer> {
        let Some(bytes) = self.file(content)? else { return Ok(Answer::NotPdf) };
        let Kept::Whole(bytes) = bytes else { return Ok(Answer::Unexamined(Unexamined::TooLarge)) };
        let report = verify_pdf_with(&bytes, trust, &self.policy, &self.options, &self.evidence, at);
        Ok(Answer::Pdf(Box::new(report)))
    }

    /// The PDF, also when it is the one file of a zip archive; `None` for anything else.
    fn file(&self, mut content: impl Read) -> io::Result<Option<Kept>> {
        let head = head_of(&mut content)?;
        if is_pdf(&head) {
            return Ok(Some(self.content(head, content)?.map_or(Kept::Cut, Kept::Whole)));
        }
        if !is_zip(&head) {
            return Ok(None);
        }
        let Some(archive) = self.content(head, content)? else { return Ok(Some(Kept::Cut)) };
        let mut unpacked = Vec::new();
        match edxml::unzip_single(Cursor::new(archive), self.file_bytes_max, &mut unpacked) {
            Ok(_) if is_pdf(&unpacked) => Ok(Some(Kept::Whole(unpacked))),
            Err(edxml::ArchiveError::TooLarge { .. }) => Ok(Some(Kept::Cut)),
            // Office files are archives too, of many files; what is in them is not looked for.
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// All of it; `None` when it is larger than is examined.
    fn content(&self, mut head: Vec<u8>, rest: impl Read) -> io::Result<Option<Vec<u8>>> {
        let room = self.file_bytes_max.saturating_add(1).saturating_sub(u64::try_from(head.len()).unwrap_or(u64::MAX));
        rest.take(room).read_to_end(&mut head)?;
        let is_whole = u64::try_from(head.len()).is_ok_and(|length| length <= self.file_bytes_max);
        Ok(is_whole.then_some(head))
    }
}

/// A file that is to be checked.
enum Kept {
    /// All of it.
    Whole(Vec<u8>),
    /// It is larger than is examined.
    Cut,
}

fn head_of(content: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    content.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests;
