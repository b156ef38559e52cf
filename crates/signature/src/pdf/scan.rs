//! One pass over every object: what the form does not show, and what acts by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PdfError;
use super::facts::Mark;
use super::view::View;

/// What was found anywhere in the file, used or not.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Numbers of objects that hold a signature dictionary.
    pub(super) values: BTreeSet<u32>,
    /// Numbers of objects that are signed signature fields.
    pub(super) fields: BTreeSet<u32>,
    /// Kinds of active content, each with the number of one object that has it.
    pub(super) active: BTreeMap<&'static str, u32>,
}

pub(super) fn scan(view: &View<'_>) -> Result<Scan, PdfError> {
    let mut scan = Scan::default();
    view.each(|id, facts| {
        for mark in &facts.marks {
            match mark {
                Mark::Value => _ = scan.values.insert(id.number),
                Mark::Field => _ = scan.fields.insert(id.number),
                Mark::Active(what) => _ = scan.active.entry(*what).or_insert(id.number),
            }
        }
    })?;
    Ok(scan)
}
