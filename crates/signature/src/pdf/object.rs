//! The objects of a PDF. Source: ISO 32000-2 clause 7.3.

use std::collections::BTreeMap;
use std::ops::Range;

/// Name of an object: number and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id {
    pub(super) number: u32,
    pub(super) generation: u16,
}

/// One direct object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Object {
    Null,
    Boolean(bool),
    Integer(i64),
    /// As written: two spellings of one number count as different.
    Real(Box<[u8]>),
    Name(Box<[u8]>),
    Text(Text),
    Array(Vec<Self>),
    Dictionary(Dictionary),
    Reference(Id),
}

/// A string, decoded.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) bytes: Box<[u8]>,
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
pub(super) struct Dictionary(pub(super) BTreeMap<Box<[u8]>, Object>);

impl Dictionary {
    /// The value of a key; null counts as absent (7.3.7).
    pub(super) fn get(&self, key: &[u8]) -> Option<&Object> {
        self.0.get(key).filter(|value| **value != Object::Null)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.keys().map(AsRef::as_ref)
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
            Self::Name(name) => Some(name),
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

    /// Calls `see` with every reference inside. Nesting is bounded by the reader.
    pub(super) fn references(&self, see: &mut impl FnMut(Id)) {
        match self {
            Self::Reference(id) => see(*id),
            Self::Array(list) => list.iter().for_each(|value| value.references(see)),
            Self::Dictionary(dictionary) => dictionary.0.values().for_each(|value| value.references(see)),
            _ => {}
        }
    }

    /// Calls `see` with every dictionary inside, itself included.
    pub(super) fn dictionaries(&self, see: &mut impl FnMut(&Dictionary)) {
        match self {
            Self::Array(list) => list.iter().for_each(|value| value.dictionaries(see)),
            Self::Dictionary(dictionary) => {
                see(dictionary);
                dictionary.0.values().for_each(|value| value.dictionaries(see));
            }
            _ => {}
        }
    }
}
