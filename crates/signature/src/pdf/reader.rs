//! The grammar of objects, whatever is made of them. Source: ISO 32000-2 clause 7.3.

use super::ascending::{Ascending, Taken};
use super::error::PdfError;
use super::lexer::{Lexer, Scalar};
use super::name::Name;
use super::object::{Dictionary, Id, Object};

/// Nesting of arrays and dictionaries: four times what layout programs write.
const DEPTH_MAX: usize = 64;
/// Values of one object: an array of a million numbers is no document.
const VALUES_MAX: usize = 1_000_000;

/// What is made of the values of an object as they are read: the objects themselves, or what is to be known of them.
/// There is one grammar for both, so that they cannot take a file for two different ones.
pub(super) trait Builder {
    type Value;
    /// An array that is not closed yet.
    type List: Default;
    /// A dictionary that is not closed yet.
    type Entries;

    fn scalar(&mut self, scalar: Scalar<'_>) -> Self::Value;

    fn push(&mut self, list: &mut Self::List, value: Self::Value);

    fn array(&mut self, list: Self::List) -> Self::Value;

    fn open(&mut self) -> Self::Entries;

    fn insert(&mut self, entries: &mut Self::Entries, key: Name, value: Self::Value) -> Taken;

    fn dictionary(&mut self, entries: Self::Entries) -> Self::Value;

    /// Where a value says how long its stream is; `None` when it is no dictionary, and has no stream.
    fn length(value: &Self::Value) -> Option<Length>;
}

/// Length of a stream, as its dictionary has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// Bytes.
    Here(usize),
    /// In another object.
    There(Id),
    /// Absent, or no length.
    Broken,
}

impl Lexer<'_> {
    /// One object.
    pub(super) fn object(&mut self) -> Result<Object, PdfError> {
        self.read(&mut Tree)
    }

    /// One object, as the builder makes it.
    pub(super) fn read<B: Builder>(&mut self, builder: &mut B) -> Result<B::Value, PdfError> {
        let mut values_left = VALUES_MAX;
        self.nested(builder, 0, &mut values_left)
    }

    fn nested<B: Builder>(&mut self, builder: &mut B, depth: usize, left: &mut usize) -> Result<B::Value, PdfError> {
        if depth > DEPTH_MAX {
            return Err(self.error("objects nest too deep"));
        }
        *left = left.checked_sub(1).ok_or(self.error("one object has too many values"))?;
        self.skip_space();
        match self.peek() {
            Some(b'[') => self.array(builder, depth, left),
            Some(b'<') if self.rest().starts_with(b"<<") => self.dictionary(builder, depth, left),
            _ => self.scalar().map(|scalar| builder.scalar(scalar)),
        }
    }

    fn array<B: Builder>(&mut self, builder: &mut B, depth: usize, left: &mut usize) -> Result<B::Value, PdfError> {
        self.at += 1;
        let mut list = B::List::default();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(builder.array(list));
            }
            let value = self.nested(builder, depth + 1, left)?;
            builder.push(&mut list, value);
        }
    }

    fn dictionary<B: Builder>(
        &mut self,
        builder: &mut B,
        depth: usize,
        left: &mut usize,
    ) -> Result<B::Value, PdfError> {
        self.at += 2;
        let mut entries = builder.open();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(builder.dictionary(entries));
            }
            if self.peek() != Some(b'/') {
                return Err(self.error("a key was expected"));
            }
            let key = self.name()?;
            let value = self.nested(builder, depth + 1, left)?;
            // Readers differ in which of two values they take, so a file that has both says nothing certain.
            if builder.insert(&mut entries, key, value) == Taken::Twice {
                return Err(self.error("a key occurs twice in a dictionary"));
            }
        }
    }
}

/// Makes objects.
#[derive(Debug)]
pub(super) struct Tree;

impl Builder for Tree {
    type Value = Object;
    type List = Vec<Object>;
    type Entries = Ascending<Name, Object>;

    fn scalar(&mut self, scalar: Scalar<'_>) -> Object {
        match scalar {
            Scalar::Null => Object::Null,
            Scalar::Boolean(value) => Object::Boolean(value),
            Scalar::Integer(number) => Object::Integer(number),
            Scalar::Real(written) => Object::Real(written.into()),
            Scalar::Name(name) => Object::Name(name),
            Scalar::Text(token) => Object::Text(token.decode()),
            Scalar::Reference(id) => Object::Reference(id),
        }
    }

    fn push(&mut self, list: &mut Vec<Object>, value: Object) {
        list.push(value);
    }

    fn array(&mut self, list: Vec<Object>) -> Object {
        Object::Array(list.into())
    }

    fn open(&mut self) -> Self::Entries {
        Ascending::default()
    }

    fn insert(&mut self, entries: &mut Self::Entries, key: Name, value: Object) -> Taken {
        entries.take(key, value)
    }

    fn dictionary(&mut self, entries: Self::Entries) -> Object {
        Object::Dictionary(Dictionary::new(entries))
    }

    fn length(value: &Object) -> Option<Length> {
        let own = value.dictionary()?;
        Some(match own.get(b"Length") {
            Some(Object::Reference(id)) => Length::There(*id),
            other => other.and_then(Object::size).map_or(Length::Broken, Length::Here),
        })
    }
}

#[cfg(test)]
mod tests;
