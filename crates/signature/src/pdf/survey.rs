//! What is to be known of each object of a file, found without making the object.

use std::collections::BTreeSet;

use super::ascending::Taken;
use super::facts::Mark;
use super::lexer::Scalar;
use super::name::Name;
use super::object::Id;
use super::reader::{Builder, Length};

/// Keys of one dictionary that are looked through one by one.
const FEW: usize = 24;

/// Looks at objects, one after another.
#[derive(Debug, Default)]
pub(super) struct Survey {
    references: Vec<u32>,
    marks: Vec<Mark>,
    /// Keys of the dictionaries that are open, the outermost's first.
    keys: Vec<Name>,
}

/// What was found in one object.
#[derive(Debug)]
pub(super) struct Found {
    /// Numbers that it refers to, as often as it does.
    pub(super) references: Box<[u32]>,
    pub(super) marks: Box<[Mark]>,
}

/// A value, as far as it matters.
#[derive(Debug)]
pub(super) enum Seen {
    Null,
    Size(usize),
    Reference(Id),
    Name(Name),
    Dictionary(Own),
    Other,
}

/// A dictionary, as far as it matters. Keys of null values count as absent (7.3.7).
#[derive(Debug, Default)]
pub(super) struct Own {
    /// Its first key among those of the open dictionaries.
    first: usize,
    /// Its keys, when they are many.
    many: BTreeSet<Name>,
    kind: Kind,
    length: Option<Length>,
    has_kids: bool,
    has_range: bool,
    has_contents: bool,
    has_value: bool,
    is_field: bool,
    is_script: bool,
    is_launch: bool,
}

/// `Type`, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Other,
    /// `Sig` or `DocTimeStamp`.
    Signature,
    CrossReference,
}

impl Survey {
    /// What was found in the object that `value` is; the next one begins with nothing.
    pub(super) fn finish(&mut self, value: &Seen) -> Found {
        // A cross-reference stream repeats the trailer, and refers to nothing itself.
        if matches!(value, Seen::Dictionary(Own { kind: Kind::CrossReference, .. })) {
            self.references.clear();
        }
        let found = Found { references: self.references.as_slice().into(), marks: self.marks.as_slice().into() };
        self.clear();
        found
    }

    /// Forgets what was found in an object that did not read.
    pub(super) fn clear(&mut self) {
        self.references.clear();
        self.marks.clear();
        self.keys.clear();
    }

    fn take_key(&mut self, own: &mut Own, key: Name) -> Taken {
        let keys = self.keys.get(own.first..).unwrap_or_default();
        if keys.len() < FEW {
            if keys.contains(&key) {
                return Taken::Twice;
            }
            self.keys.push(key);
            return Taken::New;
        }
        if own.many.is_empty() {
            own.many.extend(keys.iter().cloned());
        }
        if own.many.insert(key) { Taken::New } else { Taken::Twice }
    }
}

impl Seen {
    /// Whether it is a dictionary without `Kids`.
    pub(super) fn is_leaf(&self) -> bool {
        matches!(self, Self::Dictionary(own) if !own.has_kids)
    }

    /// Whether it says itself how long its stream is.
    pub(super) fn has_own_length(&self) -> bool {
        matches!(self, Self::Dictionary(Own { length: Some(Length::Here(_)), .. }))
    }

    fn is(&self, name: &[u8]) -> bool {
        matches!(self, Self::Name(own) if own.as_ref() == name)
    }
}

impl Own {
    fn take(&mut self, key: &[u8], value: &Seen) {
        match key {
            b"Type" if value.is(b"Sig") || value.is(b"DocTimeStamp") => self.kind = Kind::Signature,
            b"Type" if value.is(b"XRef") => self.kind = Kind::CrossReference,
            b"Length" => {
                self.length = Some(match value {
                    Seen::Reference(id) => Length::There(*id),
                    Seen::Size(length) => Length::Here(*length),
                    _ => Length::Broken,
                });
            }
            b"Kids" => self.has_kids = true,
            b"ByteRange" => self.has_range = true,
            b"Contents" => self.has_contents = true,
            b"V" => self.has_value = true,
            b"FT" => self.is_field = value.is(b"Sig"),
            b"JS" => self.is_script = true,
            b"S" if value.is(b"JavaScript") => self.is_script = true,
            b"S" => self.is_launch = value.is(b"Launch"),
            _ => {}
        }
    }

    fn marks(&self) -> impl Iterator<Item = Mark> {
        let is_signature = self.has_range || (self.kind == Kind::Signature && self.has_contents);
        let found = [
            (is_signature, Mark::Value),
            (self.is_field && self.has_value, Mark::Field),
            (self.is_script, Mark::Active("JavaScript")),
            (self.is_launch, Mark::Active("Launch")),
        ];
        found.into_iter().filter(|(is_found, _)| *is_found).map(|(_, mark)| mark)
    }
}

impl Builder for Survey {
    type Value = Seen;
    type List = ();
    type Entries = Own;

    fn scalar(&mut self, scalar: Scalar<'_>) -> Seen {
        match scalar {
            Scalar::Null => Seen::Null,
            Scalar::Integer(number) => usize::try_from(number).map_or(Seen::Other, Seen::Size),
            Scalar::Name(name) => Seen::Name(name),
            Scalar::Reference(id) => {
                self.references.push(id.number);
                Seen::Reference(id)
            }
            Scalar::Boolean(_) | Scalar::Real(_) | Scalar::Text(_) => Seen::Other,
        }
    }

    fn push(&mut self, (): &mut (), _: Seen) {}

    fn array(&mut self, (): ()) -> Seen {
        Seen::Other
    }

    fn open(&mut self) -> Own {
        Own { first: self.keys.len(), ..Own::default() }
    }

    fn insert(&mut self, own: &mut Own, key: Name, value: Seen) -> Taken {
        if !matches!(value, Seen::Null) {
            own.take(key.as_ref(), &value);
        }
        self.take_key(own, key)
    }

    fn dictionary(&mut self, own: Own) -> Seen {
        self.keys.truncate(own.first);
        self.marks.extend(own.marks());
        Seen::Dictionary(own)
    }

    fn length(value: &Seen) -> Option<Length> {
        match value {
            Seen::Dictionary(own) => Some(own.length.unwrap_or(Length::Broken)),
            _ => None,
        }
    }
}
