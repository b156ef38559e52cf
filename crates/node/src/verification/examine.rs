//! One packet with its files, from the node's side.

use std::sync::Arc;

use queue::PayloadPath;
use signature::ruling::{FileFinding, FileOutcome, PacketOutcome, Unexamined};
use signature::{Budget, Wanted};
use types::{ErrorCode, UnixMillis};

use super::pool::{Client, Pool};
use super::protocol::{Answer, Subject};
use crate::intake::Refused;

/// A packet on disk, and what of it may be signed.
#[derive(Clone, Debug)]
pub(crate) struct Exhibit {
    /// Where it can be read; `None` when there is nothing to look at.
    pub(crate) path: Option<PayloadPath>,
    /// Whether its XML has signatures.
    pub(crate) has_xml_signatures: bool,
    /// Its files, in order.
    pub(crate) files: Vec<FilePlace>,
}

/// One file of a packet.
#[derive(Clone, Debug)]
pub(crate) struct FilePlace {
    /// Its name.
    pub(crate) name: String,
    /// First byte of its base64 text.
    pub(crate) offset: u64,
    /// Bytes of text.
    pub(crate) length: u64,
    /// Whether it may be a PDF, or hold one.
    pub(crate) look: Look,
}

/// Whether a file is given to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// It may be a PDF, or hold one.
    Inside,
    /// Its first bytes say that it is something else.
    Not,
}

/// What the workers found.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    /// The packet's own signatures.
    pub(crate) packet: PacketOutcome,
    /// The files.
    pub(crate) files: Vec<FileFinding>,
    /// What was lacking to decide more.
    pub(crate) wanted: Vec<Wanted>,
}

impl Exhibit {
    /// Has everything checked that may be signed, as of `at`. All of it shares `budget`: what does not fit any more is
    /// unexamined.
    ///
    /// # Errors
    /// `rate_limited`, `overloaded`, `internal`: nothing was found out about the packet.
    pub(crate) async fn examine(
        &self,
        pool: &Arc<Pool>,
        client: &Client,
        budget: &Budget,
        at: UnixMillis,
    ) -> Result<Findings, Refused> {
        if pool.is_off() {
            return Ok(self.unexamined());
        }
        if !self.has_xml_signatures && self.files.iter().all(|file| file.look == Look::Not) {
            let files = self.findings(|_| FileOutcome::NotPdf);
            return Ok(Findings { packet: PacketOutcome::Unsigned, files, wanted: Vec::new() });
        }
        let place = pool.place(client, budget).await?;
        // Workers run in another folder.
        let path = self.path.as_ref().map(|path| std::path::absolute(path.as_path())).transpose();
        let path = path.map_err(|error| Refused::new(ErrorCode::Internal, error.to_string()))?.unwrap_or_default();
        let check = |subject| place.check(&path, subject, at);
        let mut wanted = Vec::new();
        let packet = match self.has_xml_signatures {
            true => packet_outcome(check(Subject::Packet).await?, &mut wanted),
            false => PacketOutcome::Unsigned,
        };
        let mut files = Vec::new();
        for (index, file) in self.files.iter().enumerate() {
            let subject = Subject::File { offset: file.offset, length: file.length };
            let outcome = match file.look {
                Look::Inside => file_outcome(check(subject).await?, &mut wanted),
                Look::Not => FileOutcome::NotPdf,
            };
            files.push(FileFinding { index, name: file.name.clone(), outcome });
        }
        Ok(Findings { packet, files, wanted })
    }

    fn unexamined(&self) -> Findings {
        let off = Unexamined::TurnedOff;
        let files = self.findings(|file| match file.look {
            Look::Inside => FileOutcome::Unexamined(off),
            Look::Not => FileOutcome::NotPdf,
        });
        let packet = if self.has_xml_signatures { PacketOutcome::Unexamined(off) } else { PacketOutcome::Unsigned };
        Findings { packet, files, wanted: Vec::new() }
    }

    /// A finding for each file without asking a worker.
    fn findings(&self, outcome: impl Fn(&FilePlace) -> FileOutcome) -> Vec<FileFinding> {
        let files = self.files.iter().enumerate();
        files.map(|(index, file)| FileFinding { index, name: file.name.clone(), outcome: outcome(file) }).collect()
    }
}

pub(super) fn packet_outcome(answer: Answer, wanted: &mut Vec<Wanted>) -> PacketOutcome {
    match answer {
        Answer::Packet(report) if report.signatures.is_empty() => PacketOutcome::Unsigned,
        Answer::Packet(mut report) => {
            wanted.extend(report.take_wanted());
            PacketOutcome::Checked(report)
        }
        Answer::Unexamined(why) => PacketOutcome::Unexamined(why),
        Answer::Pdf(_) | Answer::NotPdf => PacketOutcome::Unexamined(Unexamined::WorkerDied),
    }
}

pub(super) fn file_outcome(answer: Answer, wanted: &mut Vec<Wanted>) -> FileOutcome {
    match answer {
        Answer::Pdf(mut report) => {
            wanted.extend(report.take_wanted());
            FileOutcome::Pdf(report)
        }
        Answer::NotPdf => FileOutcome::NotPdf,
        Answer::Unexamined(why) => FileOutcome::Unexamined(why),
        Answer::Packet(_) => FileOutcome::Unexamined(Unexamined::WorkerDied),
    }
}
