//! A strict, bounded pull reader: XML 1.0 in UTF-8, namespaces, no DTD.

pub(crate) mod chars;
mod content;
mod markup;
mod metered;
mod path;
pub(crate) mod preamble;

use std::io::BufRead;
use std::str::FromStr;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use crate::namespace::Tag;
use crate::{ByteRange, EdxmlError, Limits, NAMESPACE, Problem};
use metered::{Metered, Stop};
use path::Path;
use preamble::{HEAD_MAX, MARK, preamble_length};

/// The reader, standing somewhere inside the packet.
pub(crate) struct Xml<R: BufRead> {
    reader: NsReader<Metered<R>>,
    buffer: Vec<u8>,
    limits: Limits,
    path: Path,
    elements: u64,
    unknown: u64,
    /// The innermost open element was written `<a/>`: its end comes without a tag.
    is_empty_element: bool,
    /// Offset of the last event's first byte.
    event_start: u64,
    /// Offset of the first byte of the XML itself.
    text_start: u64,
    /// Attributes of the last element that has any the standard knows.
    attributes: Vec<(&'static str, String)>,
    phase: Phase,
}

/// Which part of the packet is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before the root element.
    Prolog,
    /// Inside the root element, outside `AttachmentEncoded`.
    Envelope,
    /// Inside `AttachmentEncoded`, where elements may have no namespace.
    Attachments,
    /// After the root element.
    Epilog,
}

/// Namespace of an element.
enum Space {
    Standard,
    None,
    Foreign(Box<str>),
}

enum Step {
    Start(Tag, Space),
    End,
    Eof,
}

/// Attributes that the standard gives a meaning.
const ATTRIBUTES: [&str; 4] = ["id", "version", "mustUnderstand", "actor"];

impl<R: BufRead> Xml<R> {
    /// Looks at the first bytes: UTF-8 with or without its mark.
    pub(crate) fn open(input: R, limits: &Limits) -> Result<Self, EdxmlError> {
        let mut reader = NsReader::from_reader(Metered::new(input, limits));
        reader.config_mut().check_comments = true;
        let mut xml = Self {
            reader,
            buffer: Vec::new(),
            limits: limits.clone(),
            path: Path::default(),
            elements: 0,
            unknown: 0,
            is_empty_element: false,
            event_start: 0,
            text_start: 0,
            attributes: Vec::new(),
            phase: Phase::Prolog,
        };
        let head = xml.reader.get_mut().take_up_to(HEAD_MAX).map_err(|_| xml.stopped())?;
        if let [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, ..] | [_, 0, ..] = head.as_slice() {
            return Err(xml.fail(Problem::malformed("the packet is in UTF-16 or UTF-32; only UTF-8 is read")));
        }
        let start = preamble_length(&head);
        let text = head.get(start..).unwrap_or_default();
        if text.starts_with(MARK) {
            // The pull parser would pass over a mark of its own.
            return Err(xml.fail(Problem::malformed("two byte order marks")));
        }
        xml.text_start = start as u64;
        xml.reader.get_mut().put_back(text);
        Ok(xml)
    }

    /// Reads to the root element, which has to be the standard's.
    pub(crate) fn root(&mut self) -> Result<(), EdxmlError> {
        match self.advance(None)? {
            Step::Start(Tag::EdXml, Space::Standard) => {
                self.phase = Phase::Envelope;
                Ok(())
            }
            Step::Start(_, Space::Standard) => {
                Err(self.fail(Problem::Missing { element: Tag::EdXml.local().to_owned() }))
            }
            Step::Start(_, space) => Err(self.wrong_namespace(&space)),
            Step::End | Step::Eof => Err(self.fail(Problem::malformed("there is no root element"))),
        }
    }

    /// Reads from the end of the root element to the end of the input.
    pub(crate) fn finish(&mut self) -> Result<(), EdxmlError> {
        self.phase = Phase::Epilog;
        match self.advance(None)? {
            Step::Eof => Ok(()),
            Step::Start(..) | Step::End => Err(self.fail(Problem::malformed("an element after the root element"))),
        }
    }

    /// Steps into the next child of the open element, or out of the open element.
    pub(crate) fn child(&mut self) -> Result<Option<Tag>, EdxmlError> {
        match self.advance(None)? {
            Step::End => Ok(None),
            Step::Start(tag, space) if self.is_known_place(tag, &space) => Ok(Some(tag)),
            Step::Start(_, space) => Err(self.wrong_namespace(&space)),
            Step::Eof => Err(self.fail(Problem::malformed("the packet ends inside an element"))),
        }
    }

    /// Signatures may be XMLDSig's own; below `AttachmentEncoded` producers leave the namespace out.
    fn is_known_place(&self, tag: Tag, space: &Space) -> bool {
        match (tag, space) {
            (Tag::Other | Tag::Signature | Tag::DigitalSignature, _) | (_, Space::Standard) => true,
            (tag, Space::None) => tag == Tag::AttachmentEncoded || self.phase == Phase::Attachments,
            (_, Space::Foreign(_)) => false,
        }
    }

    pub(crate) const fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
    }

    /// Steps out of the open element, over everything in it; gives its place, tags included.
    pub(crate) fn skip(&mut self) -> Result<ByteRange, EdxmlError> {
        let offset = self.event_start;
        let depth = self.path.depth();
        while self.path.depth() >= depth {
            if let Step::Eof = self.advance(None)? {
                return Err(self.fail(Problem::malformed("the packet ends inside an element")));
            }
        }
        Ok(ByteRange { offset, length: self.offset() - offset })
    }

    /// Steps out of an element that the standard does not have here.
    pub(crate) fn skip_unknown(&mut self) -> Result<(), EdxmlError> {
        self.unknown += 1;
        self.skip().map(|_| ())
    }

    /// Elements skipped as unknown.
    pub(crate) const fn unknown(&self) -> u64 {
        self.unknown
    }

    /// Text of the open element; steps out of it.
    pub(crate) fn text(&mut self) -> Result<String, EdxmlError> {
        let mut text = String::new();
        loop {
            match self.advance(Some(&mut text))? {
                Step::End => return Ok(text),
                Step::Start(..) => self.skip_unknown()?,
                Step::Eof => return Err(self.fail(Problem::malformed("the packet ends inside an element"))),
            }
        }
    }

    /// Reads the open element's text into an empty place.
    pub(crate) fn text_into(&mut self, tag: Tag, slot: &mut Option<String>) -> Result<(), EdxmlError> {
        let text = self.text()?;
        self.put(tag, slot, text)
    }

    /// Reads the open element's value into an empty place; an empty element leaves it empty.
    pub(crate) fn value_into<T: FromStr<Err: ToString>>(
        &mut self,
        tag: Tag,
        slot: &mut Option<T>,
    ) -> Result<(), EdxmlError> {
        let parse = |text: &str| text.parse().map_err(|error: T::Err| error.to_string());
        match self.parsed(tag, parse)? {
            Some(value) => self.put(tag, slot, value),
            None => Ok(()),
        }
    }

    /// Reads the open element's trimmed text by `parse`, whose error says what was expected; `None` when it is blank.
    pub(crate) fn parsed<T>(
        &mut self,
        tag: Tag,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, EdxmlError> {
        let text = self.text()?;
        match text.trim() {
            "" => Ok(None),
            text => parse(text).map(Some).map_err(|expected| self.invalid(tag, text, expected)),
        }
    }

    /// Fills an empty place; a full one means that a single element came twice.
    pub(crate) fn put<T>(&self, tag: Tag, slot: &mut Option<T>, value: T) -> Result<(), EdxmlError> {
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(self.invalid(tag, "", "it may occur once".to_owned())),
        }
    }

    /// The value of a required child of `parent`, which has just been left.
    pub(crate) fn require<T>(&self, slot: Option<T>, parent: Tag, child: Tag) -> Result<T, EdxmlError> {
        slot.ok_or_else(|| {
            let element = format!("{}/{}", self.path.join(parent.local()), child.local());
            self.fail(Problem::Missing { element })
        })
    }

    /// The value of a required child of the open element.
    pub(crate) fn require_here<T>(&self, slot: Option<T>, child: Tag) -> Result<T, EdxmlError> {
        slot.ok_or_else(|| self.fail(Problem::Missing { element: self.path.join(child.local()) }))
    }

    /// Attribute of the last element that carries one of the standard's attributes.
    pub(crate) fn take_attribute(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|(known, _)| *known == name)?;
        Some(self.attributes.swap_remove(at).1)
    }

    /// The next start or end of an element. Text on the way goes to `text`, or nowhere.
    fn advance(&mut self, mut text: Option<&mut String>) -> Result<Step, EdxmlError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let step = loop {
            if std::mem::take(&mut self.is_empty_element) {
                self.path.pop();
                break Ok(Step::End);
            }
            buffer.clear();
            match self.event(&mut buffer, text.as_deref_mut()) {
                Ok(None) => {}
                Ok(Some(step)) => break Ok(step),
                Err(error) => break Err(error),
            }
        };
        self.buffer = buffer;
        step
    }

    fn event(&mut self, buffer: &mut Vec<u8>, text: Option<&mut String>) -> Result<Option<Step>, EdxmlError> {
        self.event_start = self.offset();
        self.reader.get_mut().begin_event(self.limits.text_bytes_max);
        let event = match self.reader.read_event_into(buffer) {
            Ok(event) => event,
            Err(error) => return Err(self.broken(error, buffer)),
        };
        match event {
            Event::Start(tag) => return self.start(&tag).map(Some),
            Event::Empty(tag) => {
                let step = self.start(&tag);
                self.is_empty_element = true;
                return step.map(Some);
            }
            Event::End(_) => {
                self.path.pop();
                return Ok(Some(Step::End));
            }
            Event::Eof => return Ok(Some(Step::Eof)),
            Event::Text(piece) => self.check_text(&piece).and_then(|()| self.append(text, &piece.xml10_content())),
            Event::CData(piece) => self.check_inside(&piece).and_then(|()| self.append(text, &piece.xml10_content())),
            Event::GeneralRef(name) => self.check_inside(&name).and_then(|()| {
                let character = markup::resolve(&name)?;
                self.append(text, character.encode_utf8(&mut [0; 4]))
            }),
            Event::Comment(comment) => markup::check_characters(&comment),
            Event::PI(instruction) => self.check_instruction(&instruction),
            Event::Decl(_) if self.event_start != self.text_start => {
                Err(Problem::malformed("an XML declaration that is not first"))
            }
            Event::Decl(declaration) => markup::check_declaration(&declaration),
            Event::DocType(_) => Err(Problem::forbidden("a DOCTYPE")),
        }
        .map(|()| None)
        .map_err(|problem| self.fail(problem))
    }

    fn start(&mut self, tag: &BytesStart<'_>) -> Result<Step, EdxmlError> {
        markup::check_tag(tag, self.limits.attributes_max).map_err(|problem| self.fail(problem))?;
        let (space, local) = self.reader.resolver().resolve_element(tag.name());
        let space = match space {
            ResolveResult::Bound(namespace) if namespace.0 == NAMESPACE => Space::Standard,
            ResolveResult::Bound(namespace) => Space::Foreign(namespace.0.into()),
            ResolveResult::Unbound => Space::None,
            ResolveResult::Unknown(prefix) => {
                let shown: String = prefix.chars().take(64).collect();
                return Err(self.fail(Problem::malformed(format!("the prefix {shown:?} is not declared"))));
            }
        };
        self.path.push(local.into_inner());
        self.elements += 1;
        if self.elements > self.limits.elements_max {
            return Err(self.limit("elements", self.limits.elements_max));
        }
        if self.path.depth() > self.limits.depth_max {
            return Err(self.limit("levels of depth", self.limits.depth_max as u64));
        }
        let known = Tag::from_local(local.into_inner());
        if matches!(known, Tag::TraceHeaderList | Tag::Manifest) {
            let values = ATTRIBUTES.iter().filter_map(|name| Some((*name, markup::attribute_value(tag, name)?)));
            self.attributes = values.collect();
        }
        Ok(Step::Start(known, space))
    }

    fn check_text(&self, text: &str) -> Result<(), Problem> {
        markup::check_characters(text)?;
        if text.contains("]]>") {
            return Err(Problem::malformed("']]>' in text"));
        }
        if self.path.depth() == 0 && !chars::is_blank(text) {
            return Err(Problem::malformed("text outside the root element"));
        }
        Ok(())
    }

    fn check_inside(&self, text: &str) -> Result<(), Problem> {
        if self.path.depth() == 0 {
            return Err(Problem::malformed("text outside the root element"));
        }
        markup::check_characters(text)
    }

    fn check_instruction(&self, instruction: &quick_xml::events::BytesPI<'_>) -> Result<(), Problem> {
        markup::check_characters(instruction)?;
        if self.phase == Phase::Epilog {
            return Err(Problem::malformed("an instruction after the root element"));
        }
        if instruction.target().eq_ignore_ascii_case("xml") || !chars::is_qualified_name(instruction.target()) {
            return Err(Problem::malformed("an instruction without a proper target"));
        }
        Ok(())
    }

    fn append(&self, text: Option<&mut String>, piece: &str) -> Result<(), Problem> {
        let Some(text) = text else { return Ok(()) };
        if text.len() + piece.len() > self.limits.text_bytes_max {
            return Err(Problem::Limit {
                what: "bytes of text in one element",
                max: self.limits.text_bytes_max as u64,
            });
        }
        text.push_str(piece);
        Ok(())
    }
}

mod fault;

#[cfg(test)]
mod tests;
