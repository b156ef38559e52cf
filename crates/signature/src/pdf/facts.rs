//! What is remembered of each object while a file is checked: its revisions have most objects in common.

use std::rc::Rc;

use super::entries::{Entries, Entry};
use super::error::PdfError;
use super::lexer::{Lexer, Origin};
use super::object::{Id, Indirect, Object};
use super::survey::{Found, Seen, Survey};
use super::view::{Extent, Source, View};
use super::xref;

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

/// Facts, and whether every revision that has all of the object would find the same.
struct Looked {
    facts: Rc<Facts>,
    holds: Holds,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Everywhere,
    /// The length of a stream stands in another object.
    Here,
}

impl View<'_> {
    /// Facts of every object in use, one after another. An object that an other revision of the same file was found to
    /// have at the same position is not read again, unless this revision ends before the object does.
    pub(super) fn each(&self, mut see: impl FnMut(Id, &Facts)) -> Result<(), PdfError> {
        let mut survey = Survey::default();
        for (index, (number, entry)) in self.entries.iter().enumerate() {
            let generation = match entry {
                Entry::Free => continue,
                Entry::At { generation, .. } => generation,
                Entry::Inside { .. } => 0,
            };
            let id = Id { number, generation };
            if let Some(facts) = self.facts.borrow().get(index).and_then(Option::as_ref) {
                see(id, facts);
                continue;
            }
            let remembered = self.remembered(id, entry);
            let facts = match remembered {
                Some(facts) => facts,
                None => {
                    let Some(Looked { facts, holds }) = self.look(id, &mut survey)? else { continue };
                    if holds == Holds::Here {
                        see(id, &facts);
                        continue;
                    }
                    facts
                }
            };
            see(id, &facts);
            self.remember(index, entry, facts);
        }
        Ok(())
    }

    /// What is remembered of an object, if it reads the same here.
    pub(super) fn facts(&self, id: Id) -> Option<Rc<Facts>> {
        let own = self.facts.borrow().get(self.entries.place(id.number)?).cloned().flatten();
        let found = own.or_else(|| self.remembered(id, self.entries.get(id.number)?));
        found.filter(|facts| facts.id == id)
    }

    /// Number and end of the object that is remembered to stand at a position, of the objects with these numbers.
    pub(super) fn known_at(&self, at: usize, number: u32) -> Option<(Id, usize)> {
        let own = match self.entries.get(number)? {
            Entry::At { offset, generation } if offset == at => self.facts(Id { number, generation }),
            _ => None,
        };
        let others = || self.shared.facts.borrow().get(&(at, None)).cloned();
        let facts = own.or_else(others).filter(|facts| facts.end <= self.bytes.len())?;
        Some((facts.id, facts.end))
    }

    /// What is remembered of the objects that a revision of this document has.
    pub(super) fn facts_for(&self, bytes: &[u8], entries: &Entries) -> Vec<Option<Rc<Facts>>> {
        let known = self.facts.borrow();
        let mut own = self.entries.iter().zip(known.iter()).peekable();
        let mut facts = Vec::with_capacity(entries.len());
        for (number, entry) in entries.iter() {
            while own.next_if(|((other, _), _)| *other < number).is_some() {}
            let same = own.next_if(|((other, _), _)| *other == number).filter(|((_, other), _)| *other == entry);
            let found = same.and_then(|(_, facts)| facts.as_ref()).filter(|facts| facts.end <= bytes.len());
            let is_same = match entry {
                Entry::Inside { container, .. } => entries.get(container) == self.entries.get(container),
                Entry::Free | Entry::At { .. } => true,
            };
            facts.push(found.filter(|_| is_same).cloned());
        }
        facts
    }

    fn remembered(&self, id: Id, entry: Entry) -> Option<Rc<Facts>> {
        let facts = self.shared.facts.borrow().get(&self.place_of(entry)?).cloned()?;
        (facts.id == id && facts.end <= self.bytes.len()).then_some(facts)
    }

    fn remember(&self, index: usize, entry: Entry, facts: Rc<Facts>) {
        if let (Extent::Revision, Some(place)) = (self.extent, self.place_of(entry)) {
            self.shared.facts.borrow_mut().insert(place, Rc::clone(&facts));
        }
        if let Some(place) = self.facts.borrow_mut().get_mut(index) {
            *place = Some(facts);
        }
    }

    /// Reads an object for its facts.
    fn look(&self, id: Id, survey: &mut Survey) -> Result<Option<Looked>, PdfError> {
        let Some(source) = self.source(id, 0)? else { return Ok(None) };
        survey.clear();
        let (value, end) = match source {
            Source::File(offset) => {
                let found = xref::indirect_as(self.bytes, offset, &mut |id| self.length(id, 0), survey)?;
                if found.id != id {
                    return Err(PdfError::Object { number: id.number, why: "another object stands at its position" });
                }
                let is_fixed = found.stream.is_none() || found.value.has_own_length();
                (found.value, is_fixed.then_some(found.end))
            }
            Source::Container(container, at) => {
                let value = Lexer::new(&container.data, at, Origin::ObjectStream).read(survey)?;
                (value, container.end)
            }
        };
        let holds = if end.is_some() { Holds::Everywhere } else { Holds::Here };
        let facts = Rc::new(Facts::new(id, end.unwrap_or_default(), &value, survey.finish(&value)));
        Ok(Some(Looked { facts, holds }))
    }
}

impl Facts {
    fn new(id: Id, end: usize, value: &Seen, found: Found) -> Self {
        Self { id, end, references: found.references, marks: found.marks, is_leaf: value.is_leaf() }
    }
}

/// Where an object ends that reads the same in every revision that has all of it: the length of its stream, if it is
/// one, stands in it and not in another object.
pub(super) fn fixed_end(found: &Indirect) -> Option<usize> {
    let length = found.object.dictionary().and_then(|own| own.get(b"Length"));
    (found.stream.is_none() || length.and_then(Object::size).is_some()).then_some(found.end)
}
