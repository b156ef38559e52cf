//! What the revisions of one file have in common: each begins with the bytes of the one before.
//!
//! What was read from a position is what any revision would read there that has all of the bytes it was read from.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::facts::Facts;
use super::object::{Id, Indirect};
use super::xref::Sections;

/// A position in the file, and the index in the object stream that stands there, for what stands in one.
pub(super) type Place = (usize, Option<usize>);

/// Bytes of the objects that are kept, as they are written: kept ones take some twenty times as many.
const KEPT_BYTES_MAX: usize = 1024 * 1024;
/// Bytes for which the smallest object counts.
const KEPT_BYTES_MIN: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) sections: Sections,
    /// Facts of objects that the whole file does not have any more.
    pub(super) facts: RefCell<HashMap<Place, Rc<Facts>>>,
    /// Objects that were asked for: form, fields, signatures, pages that changed.
    objects: RefCell<HashMap<Place, Kept>>,
    kept_bytes: Cell<usize>,
}

#[derive(Debug)]
struct Kept {
    id: Id,
    /// One past what was read for it.
    end: usize,
    indirect: Indirect,
}

impl Shared {
    /// The object that is kept from a place, if it has this name and ends within `length` bytes of the file.
    pub(super) fn object(&self, place: Place, id: Id, length: usize) -> Option<Indirect> {
        let objects = self.objects.borrow();
        let kept = objects.get(&place).filter(|kept| kept.id == id && kept.end <= length)?;
        Some(kept.indirect.clone())
    }

    /// Keeps an object of this name, read from `bytes` bytes before `end`, while there is room.
    pub(super) fn keep(&self, place: Place, (id, end): (Id, usize), indirect: &Indirect, bytes: usize) {
        let all = self.kept_bytes.get().saturating_add(bytes.max(KEPT_BYTES_MIN));
        if all <= KEPT_BYTES_MAX {
            self.kept_bytes.set(all);
            self.objects.borrow_mut().insert(place, Kept { id, end, indirect: indirect.clone() });
        }
    }
}
