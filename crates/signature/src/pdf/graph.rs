//! Questions about the graph of a document's objects.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PdfError;
use super::facts::Facts;
use super::object::{Dictionary, Id, Indirect, Object};
use super::view::View;
use super::xref::Entry;

pub(super) fn id(number: u32, entry: Entry) -> Id {
    let generation = match entry {
        Entry::At { generation, .. } => generation,
        Entry::Free | Entry::Inside { .. } => 0,
    };
    Id { number, generation }
}

pub(super) fn keys<'a>(one: &'a Dictionary, other: &'a Dictionary) -> BTreeSet<&'a [u8]> {
    one.keys().chain(other.keys()).collect()
}

pub(super) fn printable(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().filter(|character| !character.is_control()).take(64).collect()
}

pub(super) fn same(old: &View<'_>, one: &Indirect, new: &View<'_>, other: &Indirect) -> bool {
    let bytes = |view: &View<'_>, found: &Indirect| {
        found.stream.clone().map(|range| view.bytes.get(range).unwrap_or_default().to_vec())
    };
    one.object == other.object && bytes(old, one) == bytes(new, other)
}

/// How often each number is referred to: by objects, by the trailer, and as the container of compressed objects.
pub(super) fn references(view: &View<'_>) -> Result<BTreeMap<u32, u32>, PdfError> {
    let mut numbers = Vec::new();
    view.each(|_, facts| numbers.extend_from_slice(&facts.references))?;
    // Other keys of a trailer lead nowhere: some writers leave references to nothing there.
    let trailer = view.trailer()?;
    for key in [&b"Root"[..], b"Info"] {
        trailer.get(key).and_then(Object::reference).into_iter().for_each(|id| numbers.push(id.number));
    }
    for entry in view.entries.values() {
        if let Entry::Inside { container, .. } = entry {
            numbers.push(*container);
        }
    }
    numbers.sort_unstable();
    let count = |same: &[u32]| Some((*same.first()?, u32::try_from(same.len()).unwrap_or(u32::MAX)));
    Ok(numbers.chunk_by(u32::eq).filter_map(count).collect())
}

/// Every page with its number, but for those of which enough is remembered to pass them over.
pub(super) fn pages(
    view: &View<'_>,
    is_of_no_interest: impl Fn(Id, &Facts) -> bool,
) -> Result<Vec<(Id, Dictionary)>, PdfError> {
    let (_, catalog) = view.catalog()?;
    let mut open: Vec<Id> = catalog.get(b"Pages").and_then(Object::reference).into_iter().collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            return Err(PdfError::Object { number: id.number, why: "a page occurs twice" });
        }
        if view.facts(id).is_some_and(|facts| facts.is_leaf && is_of_no_interest(id, &facts)) {
            continue;
        }
        let Some(Object::Dictionary(node)) = view.get(id)?.map(|found| found.object) else { continue };
        if node.get(b"Kids").is_some() {
            open.extend(view.array(&node, b"Kids")?.iter().filter_map(Object::reference));
        } else {
            found.push((id, node));
        }
    }
    Ok(found)
}

/// A field whose widget has no extent and no appearance, or is on no page at all.
pub(super) fn is_invisible(view: &View<'_>, field: &Dictionary) -> bool {
    let Ok(rectangle) = view.array(field, b"Rect") else { return false };
    let is_zero = |value: &Object| match value {
        Object::Integer(number) => *number == 0,
        Object::Real(text) => text.iter().all(|byte| matches!(byte, b'0' | b'.')),
        _ => false,
    };
    rectangle.iter().all(is_zero) && rectangle.len() == 4
}
