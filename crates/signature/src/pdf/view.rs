//! A file, or the part of it that a signature covers, seen as one document.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::error::PdfError;
use super::facts::{Known, fixed_end};
use super::lexer::{Lexer, Origin};
use super::object::{Dictionary, Id, Indirect, Object};
use super::stream::unpack;
use super::xref::{self, Entry, Section};
use super::{PdfLimits, accounting};

/// Object streams that depend on one another's lengths: more than one step is an attack.
const STEPS_MAX: u8 = 3;
/// References that lead to references.
const HOPS_MAX: usize = 8;

/// One document: a prefix of the file's bytes with its cross-reference.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) sections: Vec<Section>,
    pub(super) entries: BTreeMap<u32, Entry>,
    containers: RefCell<HashMap<u32, Rc<Container>>>,
    bytes_left: Cell<usize>,
    /// Shared by the revisions of one file.
    pub(super) known: Known,
}

/// An object stream, unpacked.
#[derive(Debug)]
struct Container {
    data: Vec<u8>,
    /// One past the object stream in the file, where its length stands in itself.
    end: Option<usize>,
    /// Number and position of each object.
    index: Vec<(u32, usize)>,
}

impl<'a> View<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &PdfLimits) -> Result<Self, PdfError> {
        Self::with_facts(bytes, limits, Known::default())
    }

    /// The revision that ends at `end`, as a document of its own.
    pub(super) fn revision(&self, end: usize, limits: &PdfLimits) -> Result<Self, PdfError> {
        Self::with_facts(self.bytes.get(..end).unwrap_or_default(), limits, Rc::clone(&self.known))
    }

    fn with_facts(bytes: &'a [u8], limits: &PdfLimits, known: Known) -> Result<Self, PdfError> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(PdfError::Expected { at: 0, keyword: "%PDF-" });
        }
        let xref = xref::read(bytes, limits.objects_max)?;
        Ok(Self {
            bytes,
            sections: xref.sections,
            entries: xref.entries,
            containers: RefCell::default(),
            bytes_left: Cell::new(limits.unpacked_bytes_max),
            known,
        })
    }

    /// The newest trailer.
    pub(super) fn trailer(&self) -> Result<&Dictionary, PdfError> {
        let section = self.sections.first().ok_or(PdfError::Malformed { at: 0, why: "no trailer" })?;
        Ok(&section.trailer)
    }

    /// Checks that everything from `from` on belongs to a section, and every section's object stands where it says.
    pub(super) fn account(&self, from: usize) -> Result<(), PdfError> {
        accounting::account(self, from)
    }

    /// The object of this number and generation; `None` when it is free or was never there.
    pub(super) fn get(&self, id: Id) -> Result<Option<Indirect>, PdfError> {
        self.step(id, 0)
    }

    fn step(&self, id: Id, steps: u8) -> Result<Option<Indirect>, PdfError> {
        let bad = |why| PdfError::Object { number: id.number, why };
        if steps > STEPS_MAX {
            return Err(bad("stream lengths depend on one another"));
        }
        match self.entries.get(&id.number) {
            None | Some(Entry::Free) => Ok(None),
            Some(Entry::At { generation, .. }) if *generation != id.generation => Ok(None),
            Some(Entry::At { offset, .. }) => {
                let (found, indirect) = self.at(*offset, steps)?;
                if found == id { Ok(Some(indirect)) } else { Err(bad("another object stands at its position")) }
            }
            Some(Entry::Inside { .. }) if id.generation != 0 => Ok(None),
            Some(Entry::Inside { container, index }) => {
                let container = self.container(*container, steps)?;
                let (number, at) = container.index.get(*index).copied().ok_or(bad("not in its object stream"))?;
                if number != id.number {
                    return Err(bad("another object stands at its position"));
                }
                let object = Lexer::new(&container.data, at, Origin::ObjectStream).object()?;
                Ok(Some(Indirect { object, stream: None, end: 0 }))
            }
        }
    }

    /// The indirect object at a position.
    pub(super) fn at(&self, offset: usize, steps: u8) -> Result<(Id, Indirect), PdfError> {
        let mut length = |id| {
            let found = self.step(id, steps + 1).ok().flatten()?;
            found.object.size()
        };
        xref::indirect(self.bytes, offset, &mut length)
    }

    fn container(&self, number: u32, steps: u8) -> Result<Rc<Container>, PdfError> {
        if let Some(container) = self.containers.borrow().get(&number) {
            return Ok(Rc::clone(container));
        }
        let bad = |why| PdfError::Object { number, why };
        // An object stream stands in the file itself (7.5.7).
        let Some(Entry::At { generation, .. }) = self.entries.get(&number) else {
            return Err(bad("no object stream"));
        };
        let stream = self.step(Id { number, generation: *generation }, steps + 1)?;
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

    /// One past an object stream, when it reads the same in every revision that has all of it.
    pub(super) fn container_end(&self, number: u32) -> Option<usize> {
        self.containers.borrow().get(&number)?.end
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
    pub(super) fn array(&self, of: &Dictionary, key: &[u8]) -> Result<Vec<Object>, PdfError> {
        match of.get(key).map(|value| self.resolve(value)).transpose()? {
            None | Some(Object::Null) => Ok(Vec::new()),
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
