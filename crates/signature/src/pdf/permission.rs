//! What a signature itself forbids: certification (DocMDP) and field locks (FieldMDP).
//! Source: ISO 32000-2 clauses 12.8.2.2 and 12.8.2.4.

use super::changes::Change;
use super::error::PdfError;
use super::field::text;
use super::object::{Dictionary, Object};
use super::view::View;
use crate::reason::PdfReason;

/// Holds what came after a signature against what it allows.
///
/// Levels 2 and 3 allow at least what `revision` lets through; level 1 allows validation data and time-stamps.
pub(super) fn check(view: &View<'_>, signature: &Dictionary, changes: &[Change]) -> Result<(), PdfReason> {
    let broken = |error: PdfError| PdfReason::Malformed { why: error.to_string() };
    for reference in view.array(signature, b"Reference").map_err(broken)?.iter() {
        let reference = view.resolve(reference).map_err(broken)?;
        let Some(reference) = reference.dictionary() else { continue };
        let parameters = view.dictionary(reference, b"TransformParams").map_err(broken)?.unwrap_or_default();
        match reference.get(b"TransformMethod").and_then(Object::name) {
            Some(b"DocMDP") => certified(&parameters, changes)?,
            Some(b"FieldMDP") => locked(view, &parameters, changes).map_err(broken)??,
            _ => {}
        }
    }
    Ok(())
}

fn certified(parameters: &Dictionary, changes: &[Change]) -> Result<(), PdfReason> {
    let level = parameters.get(b"P").map_or(Some(2), Object::integer);
    let forbidden = match level {
        Some(1) => changes
            .iter()
            .find(|change| !matches!(change, Change::SecurityStore | Change::Timestamp { .. } | Change::Written)),
        Some(2 | 3) => None,
        _ => return Err(PdfReason::Malformed { why: "a certification has an unknown level".to_owned() }),
    };
    forbidden.map_or(Ok(()), |change| Err(PdfReason::Forbidden { what: change.en() }))
}

fn locked(view: &View<'_>, parameters: &Dictionary, changes: &[Change]) -> Result<Result<(), PdfReason>, PdfError> {
    let names: Vec<String> = view.array(parameters, b"Fields")?.iter().map(text).collect();
    let covers = |field: &str| names.iter().any(|name| field == name || field.starts_with(&format!("{name}.")));
    let action = parameters.get(b"Action").and_then(Object::name);
    for change in changes {
        let Change::Signature { field } = change else { continue };
        let is_forbidden = match action {
            Some(b"Include") => covers(field),
            Some(b"Exclude") => !covers(field),
            // `All`, and whatever else a reader could take for it.
            _ => true,
        };
        if is_forbidden {
            return Ok(Err(PdfReason::Forbidden { what: change.en() }));
        }
    }
    Ok(Ok(()))
}
