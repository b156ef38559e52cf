//! What is remembered of each object while a file is checked: its revisions have most objects in common.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::error::PdfError;
use super::object::{Dictionary, Id, Indirect, Object};
use super::view::View;
use super::xref::Entry;

/// What one object refers to, and what it is.
#[derive(Debug)]
pub(super) struct Facts {
    id: Id,
    /// One past what was read to know this, its object stream where it stands in one.
    end: usize,
    /// Numbers that it refers to, as often as it does. A cross-reference stream repeats the trailer, and has none here.
    pub(super) references: Box<[u32]>,
    pub(super) marks: Box<[Mark]>,
    /// Whether it is a dictionary without `Kids`: a page, where it stands in the page tree.
    pub(super) is_leaf: bool,
}

/// What an object holds somewhere in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A signature dictionary.
    Value,
    /// A signature field that is signed.
    Field,
    /// Something that acts by itself.
    Active(&'static str),
}

/// Facts by position in the file, and by index in the object stream that stands there.
pub(super) type Known = Rc<RefCell<HashMap<(usize, Option<usize>), Rc<Facts>>>>;

impl Facts {
    fn of(id: Id, end: usize, object: &Object) -> Self {
        let (mut references, mut marks) = (Vec::new(), Vec::new());
        let is_xref = object.dictionary().is_some_and(|own| own.is(b"Type", b"XRef"));
        if !is_xref {
            object.references(&mut |id| references.push(id.number));
        }
        object.dictionaries(&mut |own| look(own, &mut marks));
        let is_leaf = object.dictionary().is_some_and(|own| own.get(b"Kids").is_none());
        Self { id, end, references: references.into(), marks: marks.into(), is_leaf }
    }
}

fn look(own: &Dictionary, marks: &mut Vec<Mark>) {
    let is_typed = own.is(b"Type", b"Sig") || own.is(b"Type", b"DocTimeStamp");
    let found = [
        (own.get(b"ByteRange").is_some() || (is_typed && own.get(b"Contents").is_some()), Mark::Value),
        (own.is(b"FT", b"Sig") && own.get(b"V").is_some(), Mark::Field),
        (own.get(b"JS").is_some() || own.is(b"S", b"JavaScript"), Mark::Active("JavaScript")),
        (own.is(b"S", b"Launch"), Mark::Active("Launch")),
    ];
    marks.extend(found.into_iter().filter(|(is_found, _)| *is_found).map(|(_, mark)| mark));
}

impl View<'_> {
    /// Facts of every object in use, one after another. An object that an other revision of the same file was found to
    /// have at the same position is not read again, unless this revision ends before the object does.
    pub(super) fn each(&self, mut see: impl FnMut(Id, &Facts)) -> Result<(), PdfError> {
        for (number, entry) in &self.entries {
            let generation = match entry {
                Entry::Free => continue,
                Entry::At { generation, .. } => *generation,
                Entry::Inside { .. } => 0,
            };
            let id = Id { number: *number, generation };
            if let Some(facts) = self.facts(id) {
                see(id, &facts);
                continue;
            }
            let Some(found) = self.get(id)? else { continue };
            let end = match entry {
                Entry::Inside { container, .. } => self.container_end(*container),
                _ => fixed_end(&found),
            };
            let facts = Rc::new(Facts::of(id, end.unwrap_or_default(), &found.object));
            see(id, &facts);
            if let (Some(place), Some(_)) = (self.place(id.number), end) {
                self.known.borrow_mut().insert(place, facts);
            }
        }
        Ok(())
    }

    /// What is remembered of an object, if it reads the same here.
    pub(super) fn facts(&self, id: Id) -> Option<Rc<Facts>> {
        let facts = self.known.borrow().get(&self.place(id.number)?).cloned()?;
        (facts.id == id && facts.end <= self.bytes.len()).then_some(facts)
    }

    /// Number and end of the object that is remembered to stand at a position.
    pub(super) fn known_at(&self, at: usize) -> Option<(Id, usize)> {
        let facts = self.known.borrow().get(&(at, None)).cloned()?;
        (facts.end <= self.bytes.len()).then_some((facts.id, facts.end))
    }

    fn place(&self, number: u32) -> Option<(usize, Option<usize>)> {
        match self.entries.get(&number)? {
            Entry::Free => None,
            Entry::At { offset, .. } => Some((*offset, None)),
            Entry::Inside { container, index } => match self.entries.get(container)? {
                Entry::At { offset, .. } => Some((*offset, Some(*index))),
                _ => None,
            },
        }
    }
}

/// Where an object ends that reads the same in every revision that has all of it: the length of its stream, if it is
/// one, stands in it and not in another object.
pub(super) fn fixed_end(found: &Indirect) -> Option<usize> {
    let length = found.object.dictionary().and_then(|own| own.get(b"Length"));
    (found.stream.is_none() || length.is_some_and(|length| length.size().is_some())).then_some(found.end)
}
