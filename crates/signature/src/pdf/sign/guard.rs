//! Nothing that is appended may break a signature that was there: the verifier's own comparison says so, before
//! the file is handed out.

use std::collections::BTreeSet;

use types::{ErrorCode, UnixMillis};

use super::error::PdfSignError;
use crate::pdf::error::PdfError;
use crate::pdf::field::{Field, read_form};
use crate::pdf::later::{Kind, Later, Standing};
use crate::pdf::object::{Id, Object};
use crate::pdf::revision::compare;
use crate::pdf::scan::scan;
use crate::pdf::value::{Format, Value, read};
use crate::pdf::view::View;
use crate::pdf::{ActiveContent, PdfLimits, PdfOptions, PdfSignature, permission, verify_pdf};
use crate::policy::Policy;
use crate::reason::PdfReason;
use crate::report::Indication;
use crate::trust::TrustStore;

/// A signature that the file has already.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    pub(super) field: Field,
    value: Value,
}

impl Earlier {
    fn kind(&self) -> Kind {
        if self.value.format == Format::Timestamp { Kind::Timestamp } else { Kind::Signature }
    }

    pub(super) fn is_timestamp(&self) -> bool {
        self.kind() == Kind::Timestamp
    }

    /// Whether it certifies the document (12.8.2.2).
    fn certifies(&self, view: &View<'_>) -> Result<bool, PdfError> {
        for reference in view.array(&self.value.dictionary, b"Reference")?.iter() {
            let reference = view.resolve(reference)?;
            if reference.dictionary().is_some_and(|own| own.is(b"TransformMethod", b"DocMDP")) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a signature certifies the document: then the fields that it has may be signed, and readers differ in
/// whether more may be shown.
pub(super) fn is_certified(view: &View<'_>, earlier: &[Earlier]) -> Result<bool, PdfError> {
    earlier.iter().try_fold(false, |found, one| Ok(found || one.certifies(view)?))
}

/// Refuses a document one of whose signatures is disproved, whoever made it: a later signature would stand for it.
pub(super) fn intact(view: &View<'_>, limits: &PdfLimits, at: UnixMillis) -> Result<(), PdfSignError> {
    let options = PdfOptions { limits: limits.clone(), active_content: ActiveContent::Noted };
    // Nobody is trusted here: what is asked is whether digests and values are right, not whose they are.
    let nobody = TrustStore::new(Vec::new(), Vec::new());
    let report = verify_pdf(view.bytes, &nobody, &Policy::documents(), &options, at);
    let disproved = report.signatures.into_iter().find(|one| one.signature.indication == Indication::TotalFailed);
    disproved.map_or(Ok(()), |PdfSignature { field, signature, .. }| {
        Err(PdfSignError::Earlier {
            field,
            rule: signature.rule.unwrap_or_default(),
            code: signature.reason_code.unwrap_or(ErrorCode::SignatureInvalid),
            why: signature.explanation_en,
        })
    })
}

fn broken(error: PdfError) -> PdfReason {
    PdfReason::Malformed { why: error.to_string() }
}

/// Refuses what cannot be signed so that it verifies; the signatures that are there, in the order of signing.
pub(super) fn examine(
    view: &View<'_>,
    limits: &PdfLimits,
    active_content: ActiveContent,
) -> Result<Vec<Earlier>, PdfSignError> {
    if view.sections.iter().any(|section| section.trailer.get(b"Encrypt").is_some()) {
        return Err(PdfReason::Encrypted.into());
    }
    let (_, catalog) = view.catalog()?;
    if view.dictionary(&catalog, b"AcroForm")?.is_some_and(|form| form.get(b"XFA").is_some()) {
        return Err(PdfReason::Xfa.into());
    }
    let found = scan(view)?;
    if let (Some((what, number)), ActiveContent::Refused) = (found.active.into_iter().next(), active_content) {
        return Err(PdfReason::ActiveContent { number, what }.into());
    }
    let mut earlier = Vec::new();
    for field in read_form(view)?.signatures {
        if let Some(value) = field.value.clone() {
            earlier.push(Earlier { value: read(view, &field, &value)?, field });
        }
    }
    let shown: BTreeSet<u32> = earlier.iter().map(|earlier| holder(&earlier.field)).collect();
    if let Some(number) = found.values.difference(&shown).next() {
        return Err(PdfReason::HiddenSignature { number: *number }.into());
    }
    if earlier.len() >= limits.signatures_max {
        let (count, max) = (earlier.len() + 1, limits.signatures_max);
        return Err(PdfReason::TooManySignatures { count, max }.into());
    }
    earlier.sort_by_key(|earlier| earlier.value.end);
    hold(&earlier, view, limits, None)?;
    Ok(earlier)
}

/// The field that an update brings.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) field: Id,
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// Holds the file against every signature that it had: nothing but later signatures may follow each.
pub(super) fn hold(
    earlier: &[Earlier],
    view: &View<'_>,
    limits: &PdfLimits,
    own: Option<&Own>,
) -> Result<(), PdfSignError> {
    let own = own.map(|own| later(own.field, &own.name, own.kind));
    for (index, signed) in earlier.iter().enumerate() {
        let covered = view.bytes.get(..signed.value.end).unwrap_or_default();
        let revision =
            View::open(covered, limits).map_err(|error| PdfReason::NotOfRevision { why: error.to_string() })?;
        let behind = earlier.iter().skip(index + 1);
        let behind = behind.map(|other| later(other.field.id, &other.field.name, other.kind()));
        let behind: Vec<Later> = behind.chain(own.clone()).collect();
        let changes = compare(&revision, view, &behind)?;
        permission::check(view, &signed.value.dictionary, &changes)?;
    }
    Ok(())
}

/// Certificates are not this check's matter: a signature counts as what it says.
fn later(field: Id, name: &str, kind: Kind) -> Later {
    Later { field, name: name.to_owned(), kind, standing: Standing::Passed, proved: None }
}

/// Number of the object that holds a field's signature dictionary.
fn holder(field: &Field) -> u32 {
    field.value.as_ref().and_then(Object::reference).unwrap_or(field.id).number
}

/// Checks a file that was just written: it reads, its new field is there, and every earlier signature stands.
pub(super) fn check(
    bytes: &[u8],
    earlier: &[Earlier],
    limits: &PdfLimits,
    own: Option<&Own>,
) -> Result<(), PdfSignError> {
    let view = View::open(bytes, limits)?;
    if let Some(own) = own {
        let fields = read_form(&view)?.signatures;
        let field = fields.iter().find(|field| field.id == own.field);
        let field = field.ok_or_else(|| broken(PdfError::Malformed { at: 0, why: "the new field is not found" }))?;
        read(&view, field, field.value.as_ref().unwrap_or(&Object::Null))?;
    }
    hold(earlier, &view, limits, own)
}
