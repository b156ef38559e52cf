//! A file, or the part of it that a signature covers, seen as one document.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::PdfLimits;
use super::entries::{Entries, Entry};
use super::error::PdfError;
use super::facts::{Facts, fixed_end};
use super::lexer::{Lexer, Origin};
use super::object::{Dictionary, Id, Indirect, Object};
use super::shared::{Place, Shared};
use super::stream::unpack;
use super::xref::{self, Section, Xref};

/// Object streams that depend on one another's lengths: more than one step is an attack.
const STEPS_MAX: u8 = 3;
/// References that lead to references.
const HOPS_MAX: usize = 8;

/// One document: a prefix of the file's bytes with its cross-reference.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) sections: Vec<Rc<Section>>,
    pub(super) entries: Entries,
    containers: RefCell<HashMap<u32, Rc<Container>>>,
    bytes_left: Cell<usize>,
    /// What is known of its objects, one place for each of the entries.
    pub(super) facts: RefCell<Vec<Option<Rc<Facts>>>>,
    /// What the revisions of one file have in common.
    pub(super) shared: Rc<Shared>,
    pub(super) extent: Extent,
}

/// How much of a file a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    File,
    /// The part up to a signature.
    Revision,
}

/// An object stream, unpacked.
#[derive(Debug)]
pub(super) struct Container {
    pub(super) data: Vec<u8>,
    /// One past the object stream in the file, where its length stands in itself.
    pub(super) end: Option<usize>,
    /// Number and position of each object.
    index: Vec<(u32, usize)>,
}

/// Where an object is read from.
pub(super) enum Source {
    /// The file, at a position.
    File(usize),
    /// An object stream, at a position in it.
    Container(Rc<Container>, usize),
}

impl<'a> View<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &PdfLimits) -> Result<Self, PdfError> {
        check_header(bytes)?;
        let shared = Rc::new(Shared::default());
        let xref = shared.sections.read(bytes, limits.objects_max)?;
        let facts = vec![None; xref.entries.len()];
        Ok(Self::new(bytes, xref, limits, facts, shared, Extent::File))
    }

    /// The revision that ends at `end`, as a document of its own.
    pub(super) fn revision(&self, end: usize, limits: &PdfLimits) -> Result<Self, PdfError> {
        let bytes = self.bytes.get(..end).unwrap_or_default();
        check_header(bytes)?;
        let xref = self.shared.sections.revision(bytes, limits.objects_max)?;
        let facts = self.facts_for(bytes, &xref.entries);
        Ok(Self::new(bytes, xref, limits, facts, Rc::clone(&self.shared), Extent::Revision))
    }

    fn new(
        bytes: &'a [u8],
        xref: Xref,
        limits: &PdfLimits,
        facts: Vec<Option<Rc<Facts>>>,
        shared: Rc<Shared>,
        extent: Extent,
    ) -> Self {
        Self {
            bytes,
            sections: xref.sections,
            entries: xref.entries,
            containers: RefCell::default(),
            bytes_left: Cell::new(limits.unpacked_bytes_max),
            facts: RefCell::new(facts),
            shared,
            extent,
        }
    }

    /// The newest trailer.
    pub(super) fn trailer(&self) -> Result<&Dictionary, PdfError> {
        let section = self.sections.first().ok_or(PdfError::Malformed { at: 0, why: "no trailer" })?;
        Ok(&section.trailer)
    }

    /// The object of this number and generation; `None` when it is free or was never there.
    pub(super) fn get(&self, id: Id) -> Result<Option<Indirect>, PdfError> {
        self.step(id, 0)
    }

    fn step(&self, id: Id, steps: u8) -> Result<Option<Indirect>, PdfError> {
        let Some(source) = self.source(id, steps)? else { return Ok(None) };
        let place = self.place(id.number);
        if let Some(found) = place.and_then(|place| self.shared.object(place, id, self.bytes.len())) {
            return Ok(Some(found));
        }
        match source {
            Source::File(offset) => {
                let (found, indirect) = self.at(offset, steps)?;
                if found != id {
                    return Err(PdfError::Object { number: id.number, why: "another object stands at its position" });
                }
                if let (Some(place), Some(end)) = (place, fixed_end(&indirect)) {
                    let stream = indirect.stream.as_ref().map_or(0, ExactSizeIterator::len);
                    self.shared.keep(place, (id, end), &indirect, end.saturating_sub(offset).saturating_sub(stream));
                }
                Ok(Some(indirect))
            }
            Source::Container(container, at) => {
                let mut lexer = Lexer::new(&container.data, at, Origin::ObjectStream);
                let indirect = Indirect { object: lexer.object()?, stream: None, end: 0 };
                if let (Some(place), Some(end)) = (place, container.end) {
                    self.shared.keep(place, (id, end), &indirect, lexer.at - at);
                }
                Ok(Some(indirect))
            }
        }
    }

    /// Where to read the object of this number and generation; `None` when it is free or was never there.
    pub(super) fn source(&self, id: Id, steps: u8) -> Result<Option<Source>, PdfError> {
        let bad = |why| PdfError::Object { number: id.number, why };
        if steps > STEPS_MAX {
            return Err(bad("stream lengths depend on one another"));
        }
        match self.entries.get(id.number) {
            None | Some(Entry::Free) => Ok(None),
            Some(Entry::At { generation, .. }) if generation != id.generation => Ok(None),
            Some(Entry::At { offset, .. }) => Ok(Some(Source::File(offset))),
            Some(Entry::Inside { .. }) if id.generation != 0 => Ok(None),
            Some(Entry::Inside { container, index }) => {
                let container = self.container(container, steps)?;
                let (number, at) = container.index.get(index).copied().ok_or(bad("not in its object stream"))?;
                if number != id.number {
                    return Err(bad("another object stands at its position"));
                }
                Ok(Some(Source::Container(container, at)))
            }
        }
    }

    /// Where the object of a number stands, whatever revision is asked.
    pub(super) fn place(&self, number: u32) -> Option<Place> {
        self.entries.get(number).and_then(|entry| self.place_of(entry))
    }

    /// The same for its entry.
    pub(super) fn place_of(&self, entry: Entry) -> Option<Place> {
        match entry {
            Entry::Free => None,
            Entry::At { offset, .. } => Some((offset, None)),
            Entry::Inside { container, index } => match self.entries.get(container)? {
                Entry::At { offset, .. } => Some((offset, Some(index))),
                _ => None,
            },
        }
    }

    /// The indirect object at a position.
    pub(super) fn at(&self, offset: usize, steps: u8) -> Result<(Id, Indirect), PdfError> {
        xref::indirect(self.bytes, offset, &mut |id| self.length(id, steps))
    }

    /// The length of a stream that stands in this object.
    pub(super) fn length(&self, id: Id, steps: u8) -> Option<usize> {
        let found = self.step(id, steps + 1).ok().flatten()?;
        found.object.size()
    }

    fn container(&self, number: u32, steps: u8) -> Result<Rc<Container>, PdfError> {
        if let Some(container) = self.containers.borrow().get(&number) {
            return Ok(Rc::clone(container));
        }
        let bad = |why| PdfError::Object { number, why };
        // An object stream stands in the file itself (7.5.7).
        let Some(Entry::At { generation, .. }) = self.entries.get(number) else {
            return Err(bad("no object stream"));
        };
        let stream = self.step(Id { number, generation }, steps + 1)?;
        let stream = stream.ok_or(bad("no object stream"))?;
        let (Some(dictionary), Some(raw)) = (stream.object.dictionary(), stream.stream.clone()) else {
            return Err(bad("no object stream"));
        };
        let size = |key: &[u8]| dictionary.get(key).and_then(Object::size).ok_or(bad("a broken object stream"));
        if !dictionary.is(b"Type", b"ObjStm") {
            return Err(bad("no object stream"));
        }
        let data = unpack(dictionary, self.bytes.get(raw).unwrap_or_default(), self.bytes_left.get()).map_err(bad)?;
        self.bytes_left.set(self.bytes_left.get().saturating_sub(data.len()));
        let (count, first) = (size(b"N")?, size(b"First")?);
        let mut header = Lexer::new(&data, 0, Origin::ObjectStream);
        let mut index = Vec::new();
        for _ in 0..count {
            let (number, at): (u32, usize) = (header.number()?, header.number()?);
            index.push((number, first.checked_add(at).ok_or(bad("a broken object stream"))?));
        }
        let container = Rc::new(Container { data, end: fixed_end(&stream), index });
        self.containers.borrow_mut().insert(number, Rc::clone(&container));
        Ok(container)
    }

    /// The value itself, references followed; null for an object that is not there.
    pub(super) fn resolve(&self, value: &Object) -> Result<Object, PdfError> {
        let mut value = value.clone();
        for _ in 0..HOPS_MAX {
            match value {
                Object::Reference(id) => value = self.get(id)?.map_or(Object::Null, |found| found.object),
                other => return Ok(other),
            }
        }
        Err(PdfError::Malformed { at: 0, why: "references lead to references" })
    }

    /// The dictionary under a key; `None` when the key is absent, an error when it is something else.
    pub(super) fn dictionary(&self, of: &Dictionary, key: &[u8]) -> Result<Option<Dictionary>, PdfError> {
        match of.get(key).map(|value| self.resolve(value)).transpose()? {
            None | Some(Object::Null) => Ok(None),
            Some(Object::Dictionary(dictionary)) => Ok(Some(dictionary)),
            Some(_) => Err(PdfError::Malformed { at: 0, why: "a dictionary was expected" }),
        }
    }

    /// The array under a key; empty when the key is absent.
    pub(super) fn array(&self, of: &Dictionary, key: &[u8]) -> Result<Rc<[Object]>, PdfError> {
        match of.get(key).map(|value| self.resolve(value)).transpose()? {
            None | Some(Object::Null) => Ok(Rc::default()),
            Some(Object::Array(list)) => Ok(list),
            Some(_) => Err(PdfError::Malformed { at: 0, why: "an array was expected" }),
        }
    }

    /// The document catalog and its number.
    pub(super) fn catalog(&self) -> Result<(Id, Dictionary), PdfError> {
        let bad = PdfError::Malformed { at: 0, why: "the document has no catalog" };
        let id = self.trailer()?.get(b"Root").and_then(Object::reference).ok_or(bad.clone())?;
        match self.get(id)?.map(|found| found.object) {
            Some(Object::Dictionary(catalog)) => Ok((id, catalog)),
            _ => Err(bad),
        }
    }
}

fn check_header(bytes: &[u8]) -> Result<(), PdfError> {
    if bytes.starts_with(b"%PDF-") { Ok(()) } else { Err(PdfError::Expected { at: 0, keyword: "%PDF-" }) }
}
