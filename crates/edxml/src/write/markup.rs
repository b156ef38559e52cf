//! Tags and text, escaped.

use std::fmt::Display;
use std::io::Write;

use super::WriteError;
use crate::NAMESPACE;
use crate::namespace::Tag;
use crate::xml::chars;

/// Writes elements of the standard's namespace.
#[derive(Debug)]
pub(super) struct Markup<W> {
    out: W,
    /// Before each name: `edXML:`, or nothing below `AttachmentEncoded`.
    prefix: &'static str,
}

const PREFIX: &str = "edXML:";

impl<W: Write> Markup<W> {
    /// Writes the declaration and the root's start tag. The root binds the namespace both to the prefix and as the
    /// default, so that names mean the same with and without the prefix.
    pub(super) fn begin(out: W) -> Result<Self, WriteError> {
        let mut markup = Self { out, prefix: PREFIX };
        markup.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
        markup.raw(&format!("<{PREFIX}edXML xmlns:edXML=\"{NAMESPACE}\" xmlns=\"{NAMESPACE}\">"))?;
        Ok(markup)
    }

    /// Writes the root's end tag.
    pub(super) fn end(mut self) -> Result<W, WriteError> {
        self.raw(&format!("</{PREFIX}edXML>\n"))?;
        Ok(self.out)
    }

    /// From here on names go without the prefix.
    pub(super) const fn drop_prefix(&mut self) {
        self.prefix = "";
    }

    pub(super) const fn output(&mut self) -> &mut W {
        &mut self.out
    }

    pub(super) fn open(&mut self, tag: Tag) -> Result<(), WriteError> {
        self.open_with(tag, &[])
    }

    /// A start tag with the attributes that have a value.
    pub(super) fn open_with(
        &mut self,
        tag: Tag,
        attributes: &[(&'static str, &Option<String>)],
    ) -> Result<(), WriteError> {
        self.raw("<")?;
        self.raw(self.prefix)?;
        self.raw(tag.local())?;
        for (name, value) in attributes {
            if let Some(value) = value {
                self.raw(" ")?;
                self.raw(name)?;
                self.raw("=\"")?;
                self.escaped(name, value, attribute_escape)?;
                self.raw("\"")?;
            }
        }
        self.raw(">")
    }

    pub(super) fn close(&mut self, tag: Tag) -> Result<(), WriteError> {
        self.raw("</")?;
        self.raw(self.prefix)?;
        self.raw(tag.local())?;
        self.raw(">")
    }

    /// An element with this text.
    pub(super) fn text(&mut self, tag: Tag, text: &str) -> Result<(), WriteError> {
        self.open(tag)?;
        self.escaped(tag.local(), text, text_escape)?;
        self.close(tag)
    }

    /// An element with this text, or none.
    pub(super) fn optional(&mut self, tag: Tag, text: &Option<String>) -> Result<(), WriteError> {
        text.as_ref().map_or(Ok(()), |text| self.text(tag, text))
    }

    /// An element with this value, or none.
    pub(super) fn value<T: Display>(&mut self, tag: Tag, value: Option<T>) -> Result<(), WriteError> {
        value.map_or(Ok(()), |value| self.text(tag, &value.to_string()))
    }

    fn escaped(
        &mut self,
        element: &'static str,
        text: &str,
        escape: fn(u8) -> Option<&'static str>,
    ) -> Result<(), WriteError> {
        if let Some(found) = chars::first_illegal(text) {
            return Err(WriteError::Character { element, found });
        }
        let mut rest = text;
        while let Some((at, with)) = rest.bytes().enumerate().find_map(|(at, byte)| Some((at, escape(byte)?))) {
            // The escaped bytes are ASCII, so both cuts fall between characters.
            self.raw(rest.get(..at).unwrap_or_default())?;
            self.raw(with)?;
            rest = rest.get(at + 1..).unwrap_or_default();
        }
        self.raw(rest)
    }

    fn raw(&mut self, text: &str) -> Result<(), WriteError> {
        self.out.write_all(text.as_bytes()).map_err(|source| WriteError::Output { source })
    }
}

/// A bare carriage return would come back as a line feed.
const fn text_escape(byte: u8) -> Option<&'static str> {
    match byte {
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'&' => Some("&amp;"),
        b'\r' => Some("&#13;"),
        _ => None,
    }
}

/// Bare white space would come back as spaces.
const fn attribute_escape(byte: u8) -> Option<&'static str> {
    match byte {
        b'"' => Some("&quot;"),
        b'\n' => Some("&#10;"),
        b'\t' => Some("&#9;"),
        _ => text_escape(byte),
    }
}
