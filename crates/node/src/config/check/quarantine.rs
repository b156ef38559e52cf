//! Quarantine and operators, checked.

use std::time::Duration;

use queue::HoldQuota;
use types::Digest;

use super::Problems;
use crate::config::Quarantine;
use crate::config::file::{AdminSection, QuarantineSection};

/// More at once would take the workers from what arrives.
const SENDERS_MAX: usize = 64;
/// Oftener would only look at the same data again.
const RECHECK_MIN: Duration = Duration::from_secs(1);

pub(super) fn quarantine(problems: &mut Problems, section: &QuarantineSection) -> Quarantine {
    let QuarantineSection { recheck, hold_max, senders_at_once, sender_documents_max, sender_bytes_max } = *section;
    problems.unless(recheck >= RECHECK_MIN, || "quarantine.recheck: 1 s or more".into());
    problems.unless(!hold_max.is_zero(), || "quarantine.hold_max: more than 0".into());
    problems.unless((1..=SENDERS_MAX).contains(&senders_at_once), || {
        format!("quarantine.senders_at_once: 1 to {SENDERS_MAX}")
    });
    problems.unless(sender_documents_max > 0, || "quarantine.sender_documents_max: more than 0".into());
    problems.unless(sender_bytes_max > 0, || "quarantine.sender_bytes_max: more than 0".into());
    let quota = HoldQuota { documents: sender_documents_max, bytes: sender_bytes_max };
    Quarantine { recheck, hold_max, senders_at_once, quota }
}

pub(super) fn operators(problems: &mut Problems, section: &AdminSection) -> Vec<Digest> {
    section.certificate_sha256.iter().filter_map(|text| problems.parse("admin.certificate_sha256", text)).collect()
}
