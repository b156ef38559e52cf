//! The objects of a PDF. Source: ISO 32000-2 clause 7.3.

use std::ops::Range;
use std::rc::Rc;

use super::ascending::Ascending;
use super::name::Name;

/// Name of an object: number and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    pub(super) number: u32,
    pub(super) generation: u16,
}

/// One direct object. A copy shares what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Object {
    Null,
    Boolean(bool),
    Integer(i64),
    /// As written: two spellings of one number count as different.
    Real(Rc<[u8]>),
    Name(Name),
    Text(Text),
    Array(Rc<[Self]>),
    Dictionary(Dictionary),
    Reference(Id),
}

/// A string, decoded.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) bytes: Rc<[u8]>,
    /// Where its token stands in the file, brackets included; absent inside object streams.
    pub(super) at: Option<Range<usize>>,
}

/// Where a string stands is no part of what it says.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Text {}

/// A dictionary; no key occurs twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dictionary(Rc<Vec<(Name, Object)>>);

impl Dictionary {
    pub(super) fn new(entries: Ascending<Name, Object>) -> Self {
        Self(Rc::new(entries.finish()))
    }

    /// The value of a key; null counts as absent (7.3.7).
    pub(super) fn get(&self, key: &[u8]) -> Option<&Object> {
        let place = self.place(key).ok()?;
        self.0.get(place).map(|(_, value)| value).filter(|value| !matches!(value, Object::Null))
    }

    /// Keys in ascending order, those of null values among them.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|(key, _)| key.as_ref())
    }

    /// Values in the order of their keys.
    pub(super) fn values(&self) -> impl Iterator<Item = &Object> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Keys with their values, in ascending order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// Puts a value under a key, in place of what was there.
    pub(super) fn put(&mut self, key: &[u8], value: Object) {
        let place = self.place(key);
        let list = Rc::make_mut(&mut self.0);
        match place {
            Ok(place) => list.splice(place..=place, [(Name::from(key), value)]).for_each(drop),
            Err(place) => list.insert(place, (Name::from(key), value)),
        }
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        if let Ok(place) = self.place(key) {
            Rc::make_mut(&mut self.0).remove(place);
        }
    }

    /// Where a key stands, or would.
    fn place(&self, key: &[u8]) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_ref().cmp(key))
    }

    /// Whether a key has this name as its direct value.
    pub(super) fn is(&self, key: &[u8], name: &[u8]) -> bool {
        self.get(key).and_then(Object::name) == Some(name)
    }
}

/// An object with its number, and the bytes of its stream when it has one.
#[derive(Clone, Debug)]
pub(super) struct Indirect {
    pub(super) object: Object,
    /// Where the stream's bytes stand in the file, filters unapplied.
    pub(super) stream: Option<Range<usize>>,
    /// One past `endobj`; 0 inside an object stream.
    pub(super) end: usize,
}

impl Object {
    pub(super) fn name(&self) -> Option<&[u8]> {
        match self {
            Self::Name(name) => Some(name.as_ref()),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A non-negative integer that counts or points.
    pub(super) fn size(&self) -> Option<usize> {
        self.integer().and_then(|number| usize::try_from(number).ok())
    }

    pub(super) fn reference(&self) -> Option<Id> {
        match self {
            Self::Reference(id) => Some(*id),
            _ => None,
        }
    }

    pub(super) fn array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(list) => Some(list),
            _ => None,
        }
    }

    pub(super) fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }
}
