//! The same checks in this process, for documents that an operator has at hand.

use std::path::{Path, PathBuf};
use std::time::Duration;

use edxml::Packet;
use signature::ruling::{FileFinding, PacketOutcome, Unexamined};
use signature::{Budget, BudgetLimits, PdfOptions, Policy, RevocationEvidence, TrustStore};
use types::UnixMillis;

use super::examine::{file_outcome, packet_outcome};
use super::protocol::{Answer, Subject, Task};
use super::worker::Bench;
use crate::intake::packet_files;

/// Looks into packets and files as the workers of a node do, within the same work for a document, without their limits
/// of time and memory.
pub struct Examiner {
    bench: Bench,
    limits: BudgetLimits,
}

impl Examiner {
    /// Checks with these; the checks of one packet, or of the files of one call, cost `limits` at most.
    #[must_use]
    pub fn new(
        trust: TrustStore,
        policy: Policy,
        options: PdfOptions,
        evidence: RevocationEvidence,
        limits: BudgetLimits,
    ) -> Self {
        let file_bytes_max = u64::try_from(options.limits.bytes_max).unwrap_or(u64::MAX);
        Self { bench: Bench { trust, policy, options, evidence, file_bytes_max, time_max: Duration::MAX }, limits }
    }

    fn check(&self, path: &Path, subject: Subject, at: UnixMillis, budget: &Budget) -> Answer {
        if budget.is_spent() {
            return Answer::Unexamined(Unexamined::WorkSpent);
        }
        let (limits, spent) = (self.limits, budget.spent());
        let done = self.bench.check(&Task { path: path.to_owned(), subject, at_ms: at.as_millis(), limits, spent });
        budget.charge(done.cost);
        done.answer
    }

    /// Checks what is signed inside a packet that lies in `path`, as of `at`.
    #[must_use]
    pub fn packet(&self, path: &Path, packet: &Packet, at: UnixMillis) -> (PacketOutcome, Vec<FileFinding>) {
        let (has_xml_signatures, files) = packet_files(packet);
        let budget = Budget::new(self.limits);
        let check = |subject| self.check(path, subject, at, &budget);
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
        let budget = Budget::new(self.limits);
        let files = paths.iter().enumerate().map(|(index, path)| {
            let answer = self.check(path, Subject::Whole, at, &budget);
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            FileFinding { index, name, outcome: file_outcome(answer, &mut Vec::new()) }
        });
        files.collect()
    }
}
