//! Files nobody here wrote, where `LIENTHONG_CORPORA` names a folder of them; nothing is compared otherwise.
//!
//! The folder has `pdf/` and `cms/`, each with a table beside it (`pdf-reference.tsv`: file, then what pyHanko says of
//! integrity, coverage and later changes; `cms-reference.tsv`: file, then OpenSSL's last line). Run with
//! `--nocapture`, it prints what came out for each file and the totals; `docs/signature-corpora.md` explains them.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]
#![expect(clippy::print_stdout, reason = "the table is what it is run for")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use signature::{
    Certificate, Content, Indication, PdfOptions, Policy, Report, Revocation, RevocationEvidence, SignatureReport,
    SubIndication, TrustStore, Wanted, verify_cms, verify_pdf_with,
};
use types::UnixMillis;

/// 2026-11-21T03:00:00Z: the files are looked at first as of then.
const NOW: UnixMillis = UnixMillis::new(1_795_230_000_000);
/// Files that pass here though the other tool does not say that they are as they were signed; read by hand, and
/// explained in `docs/signature-corpora.md`.
const EXPLAINED: &str = include_str!("corpora/explained.tsv");

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("LIENTHONG_CORPORA").map(PathBuf::from);
    if folder.is_none() {
        println!("LIENTHONG_CORPORA is not set: nothing compared");
    }
    folder
}

/// What one file gave.
struct Found {
    indication: Indication,
    /// The rule and what was compared; empty when it passed.
    why: String,
    signatures: Vec<SignatureReport>,
    wanted: Vec<Wanted>,
}

/// Checks a file until no further CA inside it can be made an anchor, then as of its latest time: the CAs inside the
/// files are all that there is to trust.
fn judge(check: impl Fn(&TrustStore, UnixMillis) -> Found) -> Found {
    let mut anchors = BTreeMap::new();
    let mut found = check(&TrustStore::new(Vec::new(), Vec::new()), NOW);
    for at in [NOW, NOW, NOW, latest(&found), latest(&found)] {
        for wanted in found.wanted.iter().filter(|wanted| wanted.issuer.is_none()) {
            let certificate = Certificate::parse(&wanted.certificate).unwrap();
            if certificate.is_ca() {
                anchors.insert(certificate.sha256(), certificate);
            }
        }
        found = check(&TrustStore::new(anchors.values().cloned().collect(), Vec::new()), at);
    }
    found
}

/// An hour after the last time that anything in the file claims or proves: what it brings was fetched by then.
fn latest(found: &Found) -> UnixMillis {
    let claimed = found.signatures.iter().filter_map(|entry| entry.claimed_time);
    let stamped = found.signatures.iter().flat_map(|entry| &entry.timestamps).filter_map(|stamp| stamp.time);
    claimed.chain(stamped).max().map_or(NOW, |time| time + Duration::from_secs(3600))
}

fn policy(revocation: Revocation) -> Policy {
    Policy { revocation, signers_max: 16, ..Policy::documents() }
}

fn pdf(bytes: &[u8], revocation: Revocation) -> Found {
    judge(|trust, at| {
        let evidence = RevocationEvidence::new();
        let mut report = verify_pdf_with(bytes, trust, &policy(revocation), &PdfOptions::strict(), &evidence, at);
        let wanted = report.take_wanted();
        let why = report.rule.map(|rule| format!("{rule}: {}", report.explanation_en)).unwrap_or_default();
        let signatures = report.signatures.into_iter().map(|entry| entry.signature).collect();
        Found { indication: report.indication, why, signatures, wanted }
    })
}

fn cms(bytes: &[u8], revocation: Revocation) -> Found {
    judge(|trust, at| {
        let evidence = RevocationEvidence::new();
        let mut report: Report = verify_cms(bytes, Content::Attached, trust, &policy(revocation), &evidence, at);
        let wanted = report.take_wanted();
        let worst = report.signatures.iter().find(|entry| !entry.is_passed());
        let why = worst.map(|entry| format!("{}: {}", entry.rule.clone().unwrap_or_default(), entry.explanation_en));
        let indication = worst.map_or(Indication::TotalPassed, |entry| entry.indication);
        Found { indication, why: why.unwrap_or_default(), signatures: report.signatures, wanted }
    })
}

#[derive(Default)]
struct Totals {
    by_indication: BTreeMap<&'static str, usize>,
    /// Passed with revocation preferred, and with every status known.
    settled: usize,
    revocation_disagrees: Vec<String>,
    altered: BTreeSet<String>,
}

fn compare(
    folder: &Path,
    kind: &str,
    is_fine: impl Fn(&str) -> bool,
    check: impl Fn(&[u8], Revocation) -> Found,
) -> Totals {
    let mut totals = Totals::default();
    let reference = fs::read_to_string(folder.join(format!("{kind}-reference.tsv"))).unwrap();
    let explained: BTreeSet<&str> =
        EXPLAINED.lines().filter_map(|line| line.split_once('\t')).map(|(n, _)| n).collect();
    for line in reference.lines() {
        let (name, theirs) = line.split_once('\t').unwrap();
        let bytes = fs::read(folder.join(kind).join(name)).unwrap();
        let found = check(&bytes, Revocation::Prefer);
        let indication = match found.indication {
            Indication::TotalPassed => "TOTAL_PASSED",
            Indication::Indeterminate => "INDETERMINATE",
            Indication::TotalFailed => "TOTAL_FAILED",
        };
        *totals.by_indication.entry(indication).or_default() += 1;
        let is_passed = found.indication == Indication::TotalPassed && !found.signatures.is_empty();
        let is_settled = is_passed && found.signatures.iter().all(SignatureReport::has_revocation);
        totals.settled += usize::from(is_settled);
        // What is required can only be had where it is there, and must then come out the same.
        let required = check(&bytes, Revocation::Require);
        if (required.indication == Indication::TotalPassed) != is_settled {
            totals.revocation_disagrees.push(format!("{name}: {}", required.why));
        }
        let mark = match (is_passed, is_fine(theirs)) {
            (true, true) | (false, false) => ' ',
            (false, true) => '-',
            (true, false) => '+',
        };
        let revocation = if is_settled { "revocation known" } else { "" };
        println!("{mark} {name}\t{indication}\t{revocation}\t{}\t| {theirs}", found.why);
        if is_passed && !is_fine(theirs) && !explained.contains(name) {
            totals.altered.insert(name.to_owned());
        }
        // Undecided is not disproved: a file that nobody altered must not be said to be.
        let says_altered = found.signatures.iter().any(|entry| {
            matches!(entry.sub_indication, Some(SubIndication::HashFailure | SubIndication::SigCryptoFailure))
        });
        if says_altered && is_fine(theirs) {
            println!("  said to be altered here only: {name}");
        }
    }
    println!(
        "{kind}: {} files, {:?}, {} passed with every status known",
        reference.lines().count(),
        totals.by_indication,
        totals.settled
    );
    totals
}

#[test]
fn no_altered_pdf_passes() {
    let Some(folder) = folder() else { return };
    // A later change of any kind but a signature's or validation data's is an alteration.
    let is_fine = |theirs: &str| {
        !theirs.contains("valid=False")
            && !theirs.contains("intact=False")
            && !theirs.contains("modification=OTHER")
            && !theirs.contains("UNCLEAR")
            && !theirs.starts_with("error")
            && !theirs.starts_with("unreadable")
            && !theirs.starts_with("no signature")
    };
    let totals = compare(&folder, "pdf", is_fine, pdf);
    assert_eq!(totals.altered, BTreeSet::new());
    assert_eq!(totals.revocation_disagrees, Vec::<String>::new());
}

#[test]
fn no_altered_cms_passes() {
    let Some(folder) = folder() else { return };
    let totals = compare(&folder, "cms", |theirs| theirs.contains("CMS Verification successful"), cms);
    assert_eq!(totals.altered, BTreeSet::new());
    assert_eq!(totals.revocation_disagrees, Vec::<String>::new());
}
