//! One pass over every object: what the form does not show, and what acts by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PdfError;
use super::object::Dictionary;
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
    view.each(|id, found| found.object.dictionaries(&mut |own| scan.look(id.number, own)))?;
    Ok(scan)
}

impl Scan {
    fn look(&mut self, number: u32, own: &Dictionary) {
        let is_typed = own.is(b"Type", b"Sig") || own.is(b"Type", b"DocTimeStamp");
        if own.get(b"ByteRange").is_some() || (is_typed && own.get(b"Contents").is_some()) {
            self.values.insert(number);
        }
        if own.is(b"FT", b"Sig") && own.get(b"V").is_some() {
            self.fields.insert(number);
        }
        if own.get(b"JS").is_some() || own.is(b"S", b"JavaScript") {
            self.active.entry("JavaScript").or_insert(number);
        }
        if own.is(b"S", b"Launch") {
            self.active.entry("Launch").or_insert(number);
        }
    }
}
