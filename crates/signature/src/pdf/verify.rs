//! The check of a whole file.

use std::collections::BTreeSet;

use types::UnixMillis;

use super::changes::Change;
use super::error::PdfError;
use super::field::{Field, read_form};
use super::later::{Kind, Later, Standing};
use super::object::Object;
use super::report::{ChangeReport, Coverage, PdfReport, PdfSignature};
use super::revision::compare;
use super::scan::{Scan, scan};
use super::value::{Format, Value, read};
use super::view::View;
use super::{ActiveContent, PdfOptions, permission, store};
use crate::algorithm::Legacy;
use crate::cades::{self, Basis};
use crate::cms::{Content, Requirement, SignedData};
use crate::covered::{Covered, CoveredFile};
use crate::der::{self, DerError};
use crate::embedded::Embedded;
use crate::policy::Policy;
use crate::reason::{CmsReason, PdfReason, Reason};
use crate::report::{Indication, NotChecked, SignatureFormat, SignatureKind, TimestampKind, Unchecked};
use crate::revocation::RevocationEvidence;
use crate::timestamp::{self, Imprint};
use crate::trust::TrustStore;
use crate::verdict::Findings;

/// Checks every signature of a PDF as of `at` (UTC), and what was appended after each.
///
/// The document passes when it has a signature and every one of them passed, document time-stamps included. One
/// of those that passed proves the age of the signatures that it covers.
/// Source: ISO 32000-2 clause 12.8; EN 319 142-1; EN 319 102-1.
#[must_use]
pub fn verify_pdf(
    bytes: &[u8],
    trust: &TrustStore,
    policy: &Policy,
    options: &PdfOptions,
    at: UnixMillis,
) -> PdfReport {
    verify_pdf_with(bytes, trust, policy, options, &RevocationEvidence::new(), at)
}

/// [`verify_pdf`] with lists and responses about revocation, which the policy may prefer or require.
///
/// Nothing is fetched; what was lacking is in the entries' `wanted`.
#[must_use]
pub fn verify_pdf_with(
    bytes: &[u8],
    trust: &TrustStore,
    policy: &Policy,
    options: &PdfOptions,
    evidence: &RevocationEvidence,
    at: UnixMillis,
) -> PdfReport {
    let mut report = PdfReport {
        policy: policy.name.clone(),
        trust_version: trust.version().to_owned(),
        at,
        indication: Indication::TotalPassed,
        sub_indication: None,
        reason_code: None,
        rule: None,
        explanation_vi: "Mọi chữ ký số của tài liệu hợp lệ theo các bước đã kiểm tra".to_owned(),
        explanation_en: "every signature of the document is valid, as far as it was checked".to_owned(),
        signatures: Vec::new(),
        active_content: Vec::new(),
        not_checked: NotChecked::list([Unchecked::Revocation]),
    };
    let check = Check { bytes, trust, policy, options, evidence, at };
    let outcome = trust.budget().take_bytes(bytes.len());
    match outcome.and_then(|()| check.run(&mut report).map_err(Reason::from)) {
        Ok(()) => report.conclude(),
        Err(reason) => report.refuse(&reason),
    }
    if !report.signatures.is_empty() && report.signatures.iter().all(|entry| entry.signature.has_revocation()) {
        report.not_checked.retain(|entry| entry.what != Unchecked::Revocation);
    }
    report
}

struct Check<'a> {
    bytes: &'a [u8],
    trust: &'a TrustStore,
    policy: &'a Policy,
    options: &'a PdfOptions,
    evidence: &'a RevocationEvidence,
    at: UnixMillis,
}

/// A signed field with its signature, as far as it could be read.
struct Signed {
    field: Field,
    value: Result<Value, PdfReason>,
}

impl Signed {
    /// The later in the file, the later made; one that cannot be read could be the last.
    fn end(&self) -> usize {
        self.value.as_ref().map_or(usize::MAX, |value| value.end)
    }
}

fn malformed(error: PdfError) -> PdfReason {
    PdfReason::Malformed { why: error.to_string() }
}

impl Check<'_> {
    /// Fills the report; an error is about the file, whatever its signatures say.
    fn run(&self, report: &mut PdfReport) -> Result<(), PdfReason> {
        let max = self.options.limits.bytes_max;
        if self.bytes.len() > max {
            return Err(PdfReason::TooLarge { length: self.bytes.len(), max });
        }
        let view = View::open(self.bytes, &self.options.limits).map_err(malformed)?;
        if view.sections.iter().any(|section| section.trailer.get(b"Encrypt").is_some()) {
            return Err(PdfReason::Encrypted);
        }
        let signed = self.signed(&view)?;
        let mut embedded = Embedded::over(self.evidence, self.trust);
        if !signed.is_empty() {
            store::take(&view, &mut embedded);
        }
        // Every object is read here once; the revisions then find what they have in common with the file.
        let found = scan(&view).map_err(malformed);
        report.signatures = self.signatures(&view, &signed, &embedded);
        self.check_file(&view, &signed, found?, report)?;
        if signed.is_empty() { Err(PdfReason::NoSignature) } else { Ok(()) }
    }

    /// Signed fields in the order in which they were signed.
    fn signed(&self, view: &View<'_>) -> Result<Vec<Signed>, PdfReason> {
        let fields = read_form(view).map_err(malformed)?.signatures;
        let max = self.options.limits.signatures_max;
        let count = fields.iter().filter(|field| field.value.is_some()).count();
        if count > max {
            return Err(PdfReason::TooManySignatures { count, max });
        }
        let mut signed: Vec<Signed> = fields
            .into_iter()
            .filter_map(|field| Some((field.value.clone()?, field)))
            .map(|(value, field)| Signed { value: read(view, &field, &value), field })
            .collect();
        signed.sort_by_key(Signed::end);
        Ok(signed)
    }

    /// What holds for the file: nothing hidden, no XFA, no active content.
    fn check_file(
        &self,
        view: &View<'_>,
        signed: &[Signed],
        found: Scan,
        report: &mut PdfReport,
    ) -> Result<(), PdfReason> {
        report.active_content = found.active.keys().map(|what| (*what).to_owned()).collect();
        let (_, catalog) = view.catalog().map_err(malformed)?;
        let form = view.dictionary(&catalog, b"AcroForm").map_err(malformed)?.unwrap_or_default();
        if form.get(b"XFA").is_some() {
            return Err(PdfReason::Xfa);
        }
        let fields: BTreeSet<u32> = signed.iter().map(|signed| signed.field.id.number).collect();
        let values: BTreeSet<u32> = signed.iter().map(holder).collect();
        let hidden = found.fields.difference(&fields).chain(found.values.difference(&values)).next();
        if let Some(number) = hidden {
            return Err(PdfReason::HiddenSignature { number: *number });
        }
        if values.len() != signed.len() {
            let why = "two fields have one signature".to_owned();
            return Err(PdfReason::FieldMalformed { field: String::new(), why });
        }
        // Fields with one full name are one field (ISO 32000-2 12.7.4.2): two of them could stand for one another.
        let mut names = BTreeSet::new();
        if let Some(twice) = signed.iter().map(|signed| &signed.field.name).find(|name| !names.insert(*name)) {
            let why = "another field has its name".to_owned();
            return Err(PdfReason::FieldMalformed { field: twice.clone(), why });
        }
        let permissions = view.dictionary(&catalog, b"Perms").map_err(malformed)?.unwrap_or_default();
        if let Some(certification) = permissions.get(b"DocMDP") {
            let number = certification.reference().map(|id| id.number);
            if !number.is_some_and(|number| values.contains(&number)) {
                return Err(PdfReason::Malformed { why: "the certification is no signature of the form".to_owned() });
            }
        }
        match (found.active.into_iter().next(), self.options.active_content) {
            (Some((what, number)), ActiveContent::Refused) => Err(PdfReason::ActiveContent { number, what }),
            _ => Ok(()),
        }
    }

    /// From the last to the first: what an earlier one may be followed by depends on the later ones.
    fn signatures(&self, view: &View<'_>, signed: &[Signed], embedded: &Embedded<'_>) -> Vec<PdfSignature> {
        let gaps = signed.iter().filter_map(|signed| signed.value.as_ref().ok()).map(|value| value.gap.start);
        let file = CoveredFile::new(self.bytes, gaps.collect());
        let mut later: Vec<Later> = Vec::new();
        let mut entries: Vec<PdfSignature> = Vec::new();
        for signed in signed.iter().rev() {
            let (entry, own) = self.signature(view, &file, signed, &later, embedded);
            later.push(own);
            entries.push(entry);
        }
        entries.reverse();
        entries
    }

    fn signature(
        &self,
        view: &View<'_>,
        file: &CoveredFile<'_>,
        signed: &Signed,
        later: &[Later],
        embedded: &Embedded<'_>,
    ) -> (PdfSignature, Later) {
        let mut findings = Findings::default();
        let mut changes = Vec::new();
        let outcome = signed.value.clone().map_err(Reason::from).and_then(|value| {
            let covered = file.without(value.gap.start, value.gap.end, value.end);
            let own = match value.format {
                Format::Timestamp => self.check_token(&value, covered, later, embedded, &mut findings),
                Format::Cades | Format::Pkcs7 => self.check_value(&value, covered, later, embedded, &mut findings),
            };
            findings.claimed = findings.claimed.or(value.claimed);
            let around = self.trust.budget().take_bytes(value.end).and_then(|()| {
                changes = self.check_revision(view, &signed.field, &value, later)?;
                Ok(())
            });
            worse(own, around)
        });
        let format = match &signed.value {
            Ok(Value { format: Format::Timestamp, .. }) => SignatureFormat::PdfTimestamp,
            _ => SignatureFormat::Pdf,
        };
        let is_stamp = format == SignatureFormat::PdfTimestamp;
        let standing = match &outcome {
            Ok(()) => Standing::Passed,
            Err(reason) if is_stamp && !disproves(reason) => Standing::Undecided,
            Err(_) => Standing::Refused,
        };
        let own = Later {
            field: signed.field.id,
            name: signed.field.name.clone(),
            kind: if is_stamp { Kind::Timestamp } else { Kind::Signature },
            standing,
            proved: findings.proved.filter(|_| is_stamp && outcome.is_ok()),
        };
        let value = signed.value.as_ref().ok();
        let is_whole = |value: &Value| {
            let behind = self.bytes.get(value.end..).unwrap_or_default();
            behind.trim_ascii().is_empty()
        };
        let entry = PdfSignature {
            field: signed.field.name.clone(),
            coverage: value.map(|value| if is_whole(value) { Coverage::EntireFile } else { Coverage::EntireRevision }),
            covered_bytes: value.and_then(|value| u64::try_from(value.end).ok()),
            changes: changes.into_iter().map(ChangeReport::of).collect(),
            signature: findings.into_report(SignatureKind::Document, format, &outcome),
        };
        (entry, own)
    }

    /// The signature itself: CMS, certificate path, claimed time.
    fn check_value(
        &self,
        value: &Value,
        covered: Covered<'_>,
        later: &[Later],
        embedded: &Embedded<'_>,
        findings: &mut Findings,
    ) -> Result<(), Reason> {
        let reference = if value.format == Format::Cades { Requirement::Required } else { Requirement::Optional };
        let der = cades::open(self.structure(value)?, self.policy)?;
        cades::note_ber(&der, findings);
        // In a PDF exactly one (ISO 32000-2 12.8.3.3).
        let data = SignedData::read(&der, 1)?;
        let signer = data.signers.first().ok_or(CmsReason::NoSigner)?;
        let own = embedded.with_structure(&data);
        let check = cades::Check {
            content: Content::Covered(covered),
            reference,
            legacy: Legacy::ByAnchor,
            embedded: own.certificates(),
            basis: self.basis(own.evidence()),
            // A document time-stamp proves the age of every signature that it covers.
            later: proved(later),
        };
        check.run(&data, signer, findings)?;
        let claims = [findings.claimed, value.claimed];
        claims.into_iter().flatten().try_for_each(|claimed| findings.check_claim(claimed, self.policy, self.at))
    }

    fn basis<'s>(&'s self, evidence: &'s RevocationEvidence) -> Basis<'s> {
        Basis { trust: self.trust, policy: self.policy, evidence, at: self.at }
    }

    /// The token of a document time-stamp, over what it covers. A later one keeps it valid beyond its certificate.
    fn check_token(
        &self,
        value: &Value,
        covered: Covered<'_>,
        later: &[Later],
        embedded: &Embedded<'_>,
        findings: &mut Findings,
    ) -> Result<(), Reason> {
        let token = self.structure(value)?;
        let Basis { trust, policy, evidence, at } = self.basis(embedded.evidence());
        let certificates = embedded.certificates();
        let check = timestamp::Check { trust, policy, evidence, at, embedded: certificates, proved: proved(later) };
        let mut found = timestamp::Found::default();
        let outcome = timestamp::verify(token, Imprint::Covered(covered), check, &mut found);
        findings.certificate.clone_from(&found.authority);
        findings.trail.wanted = std::mem::take(&mut found.trail.wanted);
        findings.timestamps.push(found.into_report(TimestampKind::Data, &outcome));
        findings.proved = Some(outcome?);
        Ok(())
    }

    /// The one value of `Contents`; only zeros may follow it.
    fn structure<'v>(&self, value: &'v Value) -> Result<&'v [u8], Reason> {
        let max = self.policy.signature_bytes_max;
        let malformed = |why: DerError| CmsReason::Malformed { at: "ContentInfo", why: why.to_string() };
        let (structure, padding) = der::split_first(&value.contents).map_err(malformed)?;
        if structure.len() > max {
            return Err(CmsReason::TooLarge { length: structure.len(), max }.into());
        }
        // Every byte is looked at, which costs less than to stop at the first other.
        match padding.iter().fold(0, |all, byte| all | byte) {
            0 => Ok(structure),
            _ => Err(malformed(DerError::Trailing).into()),
        }
    }

    /// What the signature covers, and what came after.
    fn check_revision(
        &self,
        view: &View<'_>,
        field: &Field,
        value: &Value,
        later: &[Later],
    ) -> Result<Vec<Change>, PdfReason> {
        if value.end == self.bytes.len() {
            // The revision is the file: nothing came after, and its field was read from it.
            permission::check(view, &value.dictionary, &[])?;
            return Ok(Vec::new());
        }
        let not_of_revision = |why: String| PdfReason::NotOfRevision { why };
        let revision =
            view.revision(value.end, &self.options.limits).map_err(|error| not_of_revision(error.to_string()))?;
        let then = read_form(&revision).map_err(|error| not_of_revision(error.to_string()))?;
        let own = then.signatures.iter().find(|other| other.id == field.id && other.value == field.value);
        let own = own.ok_or(not_of_revision("its field is not there".to_owned()))?;
        let was = read(&revision, own, own.value.as_ref().unwrap_or(&Object::Null));
        if !was.is_ok_and(|was| was.gap == value.gap) {
            return Err(not_of_revision("its value is another one there".to_owned()));
        }
        let changes = compare(&revision, view, later)?;
        let is_last = !later.iter().any(|later| later.kind != Kind::Timestamp);
        if is_last && changes.contains(&Change::Metadata) {
            return Err(PdfReason::Changed { what: "metadata, behind the last signature".to_owned() });
        }
        // Programs that add validation data note that they did; alone, the note has nothing to note.
        let is_data = |change: &Change| matches!(change, Change::SecurityStore | Change::Timestamp { .. });
        if is_last && changes.contains(&Change::Written) && !changes.iter().any(is_data) {
            return Err(PdfReason::Changed { what: "the document information, behind the last signature".to_owned() });
        }
        permission::check(view, &value.dictionary, &changes)?;
        Ok(changes)
    }
}

/// The earliest time that a later time-stamp proves.
fn proved(later: &[Later]) -> Option<UnixMillis> {
    later.iter().filter_map(|later| later.proved).min()
}

/// Number of the object that holds a field's signature dictionary.
fn holder(signed: &Signed) -> u32 {
    let id = signed.field.value.as_ref().and_then(Object::reference).unwrap_or(signed.field.id);
    id.number
}

fn disproves(reason: &Reason) -> bool {
    reason.sub_indication().indication() == Indication::TotalFailed
}

/// The reason that says most: what disproves before what leaves undecided, the signature's own first.
fn worse(own: Result<(), Reason>, around: Result<(), Reason>) -> Result<(), Reason> {
    match (own, around) {
        (Err(own), Err(around)) => Err(if disproves(&around) && !disproves(&own) { around } else { own }),
        (Err(reason), Ok(())) | (Ok(()), Err(reason)) => Err(reason),
        (Ok(()), Ok(())) => Ok(()),
    }
}
