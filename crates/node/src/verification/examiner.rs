//! The same checks in this process, for documents that an operator has at hand.

use std::path::{Path, PathBuf};
use std::time::Duration;

use edxml::Packet;
use signature::ruling::{FileFinding, PacketOutcome};
use signature::{PdfOptions, Policy, RevocationEvidence, TrustStore};
use types::UnixMillis;

use super::examine::{file_outcome, packet_outcome};
use super::protocol::{Subject, Task};
use super::worker::Bench;
use crate::intake::packet_files;

/// Looks into packets and files as the workers of a node do, without their limits of time and memory.
pub struct Examiner(Bench);

impl Examiner {
    /// Checks with these.
    #[must_use]
    pub fn new(trust: TrustStore, policy: Policy, options: PdfOptions, evidence: RevocationEvidence) -> Self {
        let file_bytes_max = u64::try_from(options.limits.bytes_max).unwrap_or(u64::MAX);
        Self(Bench { trust, policy, options, evidence, file_bytes_max, time_max: Duration::MAX })
    }

    /// Checks what is signed inside a packet that lies in `path`, as of `at`.
    #[must_use]
    pub fn packet(&self, path: &Path, packet: &Packet, at: UnixMillis) -> (PacketOutcome, Vec<FileFinding>) {
        let (has_xml_signatures, files) = packet_files(packet);
        let check = |subject| self.0.check(&Task { path: path.to_owned(), subject, at_ms: at.as_millis() });
        let own = match has_xml_signatures {
            true => packet_outcome(check(Subject::Packet), &mut Vec::new()),
            false => PacketOutcome::Unsigned,
        };
        let files = files.into_iter().enumerate().map(|(index, file)| {
            let answer = check(Subject::File { offset: file.offset, length: file.length });
            FileFinding { index, name: file.name, outcome: file_outcome(answer, &mut Vec::new()) }
        });
        (own, files.collect())
    }

    /// Checks files that are not in a packet yet, as of `at`.
    #[must_use]
    pub fn files(&self, paths: &[PathBuf], at: UnixMillis) -> Vec<FileFinding> {
        let files = paths.iter().enumerate().map(|(index, path)| {
            let answer = self.0.check(&Task { path: path.clone(), subject: Subject::Whole, at_ms: at.as_millis() });
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            FileFinding { index, name, outcome: file_outcome(answer, &mut Vec::new()) }
        });
        files.collect()
    }
}
