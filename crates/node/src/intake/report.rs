//! The report on a packet's signatures: in full, and as callers see it.

use serde::Serialize;
use signature::ruling::{
    Capacity, DocumentFindings, FileFinding, FileOutcome, Judgement, PacketOutcome, Ruling, Unexamined,
};
use signature::{
    CanonicalError, Coverage as Covered, Indication, NotChecked, PdfSignature, RevocationSource, RevocationState,
    RevocationStatus, Signatory, SignatureFormat, SignatureKind, SignatureReport, TimestampKind, TimestampReport,
    Unchecked, canonical_json,
};
use types::UnixMillis;
use wire::{timestamp, types_v1};

use super::envelope::{Coverage, digest};

/// What a signature over a node-built packet leaves out.
const UNCOVERED: &str = "Chữ ký không bao gồm độ khẩn, nội dung và các trường khác của phần đầu / priority, content and other header fields \
     are not covered by the signature";

/// Everything that was found: what the receipt has the digest of. Members in camelCase.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FullReport<'a> {
    /// Name of the policy.
    pub(super) policy: &'a str,
    /// Validation time, milliseconds since 1970.
    #[serde(serialize_with = "millis")]
    pub(super) at: UnixMillis,
    /// What was found.
    pub(super) findings: &'a DocumentFindings,
    /// What was decided.
    pub(super) judgement: &'a Judgement,
}

fn millis<S: serde::Serializer>(at: &UnixMillis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.as_millis())
}

type Capacities<'a> = &'a dyn Fn(&Signatory) -> Option<Capacity>;

/// The report as callers see it, the full one inside.
pub(super) fn wire_report(
    full: &FullReport<'_>,
    coverage: Coverage,
    capacity: Capacities<'_>,
) -> Result<types_v1::SignatureReport, CanonicalError> {
    let findings = full.findings;
    let packet = match &findings.packet {
        PacketOutcome::Checked(report) => Some(report.as_ref()),
        PacketOutcome::Unsigned | PacketOutcome::Unexamined(_) => None,
    };
    let whole = findings.envelope.iter().chain(packet).flat_map(|report| &report.signatures);
    let mut signatures: Vec<_> = whole.map(|signature| result(signature, capacity)).collect();
    for file in &findings.files {
        if let FileOutcome::Pdf(report) = &file.outcome {
            signatures.extend(report.signatures.iter().map(|entry| of_file(file, entry, capacity)));
        }
    }
    let text = canonical_json(full)?;
    Ok(types_v1::SignatureReport {
        signatures,
        not_checked: not_checked(findings, coverage),
        policy: full.policy.to_owned(),
        at: Some(timestamp(full.at)),
        ruling: ruling(full.judgement.ruling).to_owned(),
        remarks: full.judgement.remarks.iter().map(remark).collect(),
        full_sha256: digest(&text).as_bytes().to_vec(),
        full: text,
        indication: findings.indication().map(Indication::as_str).unwrap_or_default().to_owned(),
    })
}

fn remark(remark: &signature::ruling::Remark) -> types_v1::SignatureRemark {
    types_v1::SignatureRemark {
        ruling: ruling(remark.ruling).to_owned(),
        code: remark.code.to_string(),
        rule: remark.rule.clone(),
        place: remark.place.to_string(),
        text_vi: remark.vi.clone(),
        text_en: remark.en.clone(),
    }
}

/// What nobody looked at, one sentence each.
fn not_checked(findings: &DocumentFindings, coverage: Coverage) -> Vec<String> {
    let mut what: Vec<Unchecked> = Vec::new();
    let mut add = |one: Unchecked| {
        if !what.contains(&one) {
            what.push(one);
        }
    };
    // The envelope's own check leaves out what was looked at beside it.
    let is_elsewhere = |one: Unchecked| matches!(one, Unchecked::PdfSignatures | Unchecked::XmlSignatures);
    let mut take =
        |list: &[NotChecked]| list.iter().map(|one| one.what).filter(|one| !is_elsewhere(*one)).for_each(&mut add);
    findings.envelope.iter().for_each(|report| take(&report.not_checked));
    let mut unexamined = Vec::new();
    match &findings.packet {
        PacketOutcome::Checked(report) => take(&report.not_checked),
        PacketOutcome::Unexamined(why) => unexamined.push(format!("XML: {}", unexamined_because(*why))),
        PacketOutcome::Unsigned => {}
    }
    for file in &findings.files {
        match &file.outcome {
            FileOutcome::Pdf(report) => {
                report.not_checked.iter().map(|one| one.what).filter(|one| !is_elsewhere(*one)).for_each(&mut add);
            }
            FileOutcome::Unexamined(why) => unexamined.push(format!("{}: {}", file.name, unexamined_because(*why))),
            FileOutcome::NotPdf => {}
        }
    }
    let sentences = what.into_iter().map(|one| format!("{} / {}", one.why_vi(), one.why_en()));
    let uncovered = (coverage == Coverage::Facts).then(|| UNCOVERED.to_owned());
    sentences.chain(unexamined).chain(uncovered).collect()
}

/// In both languages, with the verdict in the standard's terms where there is one.
fn unexamined_because(why: Unexamined) -> String {
    let indication = Indication::Indeterminate.as_str();
    let verdict = why.sub_indication().map(|sub| format!(" [{indication}, {}, {}]", word(&sub), why.code()));
    format!("{} / {}{}", why.vi(), why.en(), verdict.unwrap_or_default())
}

fn of_file(file: &FileFinding, entry: &PdfSignature, capacity: Capacities<'_>) -> types_v1::SignatureResult {
    let covers = match entry.coverage {
        Some(Covered::EntireFile) => "ENTIRE_FILE",
        Some(Covered::EntireRevision) => "ENTIRE_REVISION",
        None => "",
    };
    types_v1::SignatureResult {
        file: u32::try_from(file.index).map_or(u32::MAX, |index| index.saturating_add(1)),
        file_name: file.name.clone(),
        covers: covers.to_owned(),
        changes_after: entry.changes.iter().map(|change| format!("{} / {}", change.vi, change.en)).collect(),
        ..result(&entry.signature, capacity)
    }
}

fn result(signature: &SignatureReport, capacity: Capacities<'_>) -> types_v1::SignatureResult {
    let signer = signature.signer.as_ref();
    // Whom a certificate that nobody vouches for names is its own claim.
    let capacity = signer.filter(|_| signature.is_passed()).and_then(capacity);
    types_v1::SignatureResult {
        kind: kind(signature.kind).to_owned(),
        indication: signature.indication.as_str().to_owned(),
        sub_indication: word(&signature.sub_indication),
        code: signature.reason_code.map(|code| code.to_string()).unwrap_or_default(),
        signer: signer.map(|signer| signer.subject.clone()).unwrap_or_default(),
        certificate_sha256: signer.map(|signer| signer.sha256.to_string()).unwrap_or_default(),
        explanation_vi: signature.explanation_vi.clone(),
        explanation_en: signature.explanation_en.clone(),
        file: 0,
        file_name: String::new(),
        format: format(signature.format).to_owned(),
        rule: signature.rule.clone().unwrap_or_default(),
        agency: capacity.as_ref().map(|capacity| capacity.agency.to_string()).unwrap_or_default(),
        role: capacity.as_ref().map(|capacity| capacity.role.as_str().to_owned()).unwrap_or_default(),
        bound_by: capacity.as_ref().map(|capacity| capacity.bound_by.as_str().to_owned()).unwrap_or_default(),
        claimed_time: signature.claimed_time.map(timestamp),
        proved_time: signature.proved_time.map(timestamp),
        covers: signature.covers.join(" "),
        changes_after: Vec::new(),
        revocation: signature.revocation.iter().map(revocation).collect(),
        timestamps: signature.timestamps.iter().map(stamp).collect(),
    }
}

fn revocation(status: &RevocationStatus) -> types_v1::RevocationResult {
    types_v1::RevocationResult {
        subject: status.subject.clone(),
        serial: status.serial.clone(),
        state: match status.state {
            RevocationState::Good => "GOOD",
            RevocationState::Revoked => "REVOKED",
            RevocationState::Unknown => "UNKNOWN",
        }
        .to_owned(),
        source: status
            .source
            .map_or("", |source| match source {
                RevocationSource::Crl => "CRL",
                RevocationSource::Ocsp => "OCSP",
            })
            .to_owned(),
        this_update: status.this_update.map(timestamp),
        next_update: status.next_update.map(timestamp),
        revoked_at: status.revoked_at.map(timestamp),
    }
}

fn stamp(stamp: &TimestampReport) -> types_v1::TimestampResult {
    types_v1::TimestampResult {
        kind: match stamp.kind {
            TimestampKind::Data => "DATA",
            TimestampKind::Content => "CONTENT",
            TimestampKind::Signature => "SIGNATURE",
            TimestampKind::Archive => "ARCHIVE",
        }
        .to_owned(),
        indication: stamp.indication.as_str().to_owned(),
        time: stamp.time.map(timestamp),
        authority: stamp.authority.as_ref().map(|authority| authority.subject.clone()).unwrap_or_default(),
        rule: stamp.rule.clone().unwrap_or_default(),
        revocation: stamp.revocation.iter().map(revocation).collect(),
    }
}

const fn kind(kind: SignatureKind) -> &'static str {
    match kind {
        SignatureKind::Envelope => "ENVELOPE",
        SignatureKind::Receipt => "RECEIPT",
        SignatureKind::Document => "DOCUMENT",
        SignatureKind::Packet => "PACKET",
        SignatureKind::File => "FILE",
    }
}

const fn format(format: SignatureFormat) -> &'static str {
    match format {
        SignatureFormat::CmsDetached | SignatureFormat::CmsAttached => "CMS",
        SignatureFormat::JwsDetached => "JWS",
        SignatureFormat::Pdf => "PDF",
        SignatureFormat::PdfTimestamp => "PDF_TIMESTAMP",
        SignatureFormat::XmlDsig => "XMLDSIG",
    }
}

const fn ruling(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Accept => "ACCEPT",
        Ruling::Flag => "FLAG",
        Ruling::Quarantine => "QUARANTINE",
        Ruling::Refuse => "REFUSE",
    }
}

/// A word of a closed vocabulary as JSON spells it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|text| Some(text.as_str()?.to_owned())).unwrap_or_default()
}
