//! Questions about the graph of a document's objects.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::entries::Entry;
use super::error::PdfError;
use super::facts::Facts;
use super::object::{Dictionary, Id, Indirect, Object};
use super::view::View;

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
    let (own, theirs) = (stream(old, one), stream(new, other));
    one.object == other.object && own == theirs
}

fn stream<'a>(view: &View<'a>, found: &Indirect) -> Option<&'a [u8]> {
    found.stream.clone().map(|range| view.bytes.get(range).unwrap_or_default())
}

/// How often each number is referred to: by objects, by the trailer, and as the container of compressed objects.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Of numbers as low as a file with so many objects has them.
    low: Vec<u32>,
    high: BTreeMap<u32, u32>,
}

impl References {
    pub(super) fn of(view: &View<'_>) -> Result<Self, PdfError> {
        let mut all = Self { low: vec![0; view.entries.len().saturating_mul(2)], high: BTreeMap::new() };
        view.each(|_, facts| facts.references.iter().for_each(|number| all.take(*number)))?;
        // Other keys of a trailer lead nowhere: some writers leave references to nothing there.
        let trailer = view.trailer()?;
        for key in [&b"Root"[..], b"Info"] {
            trailer.get(key).and_then(Object::reference).into_iter().for_each(|id| all.take(id.number));
        }
        for (_, entry) in view.entries.iter() {
            if let Entry::Inside { container, .. } = entry {
                all.take(container);
            }
        }
        Ok(all)
    }

    fn take(&mut self, number: u32) {
        let low = usize::try_from(number).ok().and_then(|place| self.low.get_mut(place));
        let count = low.unwrap_or_else(|| self.high.entry(number).or_default());
        *count = count.saturating_add(1);
    }

    pub(super) fn count(&self, number: u32) -> u32 {
        let low = usize::try_from(number).ok().and_then(|place| self.low.get(place));
        low.or_else(|| self.high.get(&number)).copied().unwrap_or_default()
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.count(number) > 0
    }

    /// The highest number that anything refers to.
    pub(super) fn highest(&self) -> Option<u32> {
        let low = || self.low.iter().rposition(|count| *count > 0).and_then(|place| u32::try_from(place).ok());
        self.high.keys().next_back().copied().or_else(low)
    }
}

/// Every page with its number, but for those of which enough is remembered to pass them over.
pub(super) fn pages(
    view: &View<'_>,
    is_of_no_interest: impl Fn(Id, &Facts) -> bool,
) -> Result<Vec<(Id, Dictionary)>, PdfError> {
    let (_, catalog) = view.catalog()?;
    let mut open: Vec<Id> = catalog.get(b"Pages").and_then(Object::reference).into_iter().collect();
    let (mut seen, mut found) = (Seen { of_file: vec![false; view.entries.len()], others: HashSet::new() }, Vec::new());
    while let Some(id) = open.pop() {
        if !seen.insert(view, id) {
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

/// Objects that were come across.
struct Seen {
    /// One for each of the document's entries.
    of_file: Vec<bool>,
    /// Names that no entry has.
    others: HashSet<Id>,
}

impl Seen {
    /// Whether it is new.
    fn insert(&mut self, view: &View<'_>, name: Id) -> bool {
        let own = view.entries.get(name.number).filter(|entry| id(name.number, *entry) == name);
        let place = own.and_then(|_| self.of_file.get_mut(view.entries.place(name.number)?));
        place.map_or_else(|| self.others.insert(name), |place| !std::mem::replace(place, true))
    }
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
