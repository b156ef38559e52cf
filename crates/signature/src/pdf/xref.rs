//! Cross-reference sections: tables, streams, and files that have both. Source: ISO 32000-2 clauses 7.5.4 to 7.5.8.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use super::ascending::{Ascending, Taken};
use super::entries::{Entries, Entry};
use super::error::PdfError;
use super::lexer::{Lexer, Origin, is_space};
use super::object::{Dictionary, Id, Indirect, Object};
use super::reader::{Builder, Length, Tree};
use super::stream::unpack;

/// Sections of one file: a document signed a hundred times has a few hundred.
const SECTIONS_MAX: usize = 512;

/// One cross-reference section with its trailer.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) at: usize,
    /// One past the trailer's dictionary, or past `endobj`.
    pub(super) end: usize,
    pub(super) entries: Entries,
    pub(super) trailer: Dictionary,
}

/// Every section of a file, newest first, and what they say together.
#[derive(Debug)]
pub(super) struct Xref {
    pub(super) sections: Vec<Rc<Section>>,
    pub(super) entries: Entries,
}

/// Sections of the whole file by position: its revisions have them too, as far as they reach.
#[derive(Debug, Default)]
pub(super) struct Sections(RefCell<BTreeMap<(usize, Form), Rc<Section>>>);

/// What a section may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// A table, or a stream.
    Any,
    /// The stream beside a table.
    Hybrid,
}

impl Sections {
    /// Reads the sections that the last `startxref` of the whole file leads to, and keeps them.
    pub(super) fn read(&self, bytes: &[u8], objects_max: usize) -> Result<Xref, PdfError> {
        read(bytes, objects_max, |at, form, left| {
            let section = Rc::new(form.read(bytes, at, left)?);
            self.0.borrow_mut().insert((at, form), Rc::clone(&section));
            Ok(section)
        })
    }

    /// The same for a revision of that file; what ends within it is not read again.
    pub(super) fn revision(&self, bytes: &[u8], objects_max: usize) -> Result<Xref, PdfError> {
        read(bytes, objects_max, |at, form, left| {
            let known = self.0.borrow().get(&(at, form)).filter(|section| section.end <= bytes.len()).cloned();
            let spared = known.and_then(|section| Some((left.checked_sub(section.entries.len())?, section)));
            match spared {
                Some((rest, section)) => {
                    *left = rest;
                    Ok(section)
                }
                None => form.read(bytes, at, left).map(Rc::new),
            }
        })
    }
}

impl Form {
    fn read(self, bytes: &[u8], at: usize, entries_left: &mut usize) -> Result<Section, PdfError> {
        match self {
            Self::Any => section(bytes, at, entries_left),
            Self::Hybrid => stream_section(bytes, at, entries_left),
        }
    }
}

/// The sections that the last `startxref` of `bytes` leads to, each from `section`.
///
/// A broken section is an error: falling back to an older one would hide what was appended.
fn read(
    bytes: &[u8],
    objects_max: usize,
    mut section: impl FnMut(usize, Form, &mut usize) -> Result<Rc<Section>, PdfError>,
) -> Result<Xref, PdfError> {
    let (mut sections, mut entries) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut entries_left = objects_max.saturating_mul(4);
    let mut next = Some(start(bytes)?);
    while let Some(at) = next {
        if !seen.insert(at) {
            return Err(PdfError::Malformed { at, why: "the cross-reference sections go in a circle" });
        }
        if seen.len() > SECTIONS_MAX {
            return Err(PdfError::Limit { what: "cross-reference sections", max: SECTIONS_MAX });
        }
        let own = section(at, Form::Any, &mut entries_left)?;
        let hybrid = match position(&own.trailer, b"XRefStm", at)? {
            Some(stream) if seen.insert(stream) => Some(section(stream, Form::Hybrid, &mut entries_left)?),
            Some(_) => return Err(PdfError::Malformed { at, why: "the cross-reference sections go in a circle" }),
            None => None,
        };
        next = position(&own.trailer, b"Prev", at)?;
        append(&mut entries, &own, hybrid.as_deref());
        sections.push(own);
        sections.extend(hybrid);
    }
    let entries = Entries::merged(entries);
    if entries.len() > objects_max {
        return Err(PdfError::Limit { what: "objects", max: objects_max });
    }
    Ok(Xref { sections, entries })
}

/// In use in the table, then in the hybrid's stream, then free in the table (7.5.8.4).
fn append(all: &mut Vec<(u32, Entry)>, section: &Section, hybrid: Option<&Section>) {
    let Some(hybrid) = hybrid else {
        all.extend(section.entries.iter());
        return;
    };
    all.extend(section.entries.iter().filter(|(_, entry)| *entry != Entry::Free));
    all.extend(hybrid.entries.iter());
    all.extend(section.entries.iter().filter(|(_, entry)| *entry == Entry::Free));
}

fn position(trailer: &Dictionary, key: &[u8], at: usize) -> Result<Option<usize>, PdfError> {
    match trailer.get(key) {
        None => Ok(None),
        Some(value) => {
            value.size().map(Some).ok_or(PdfError::Malformed { at, why: "a section's position is no number" })
        }
    }
}

/// The number behind the last `startxref`; behind it only `%%EOF` and white space.
fn start(bytes: &[u8]) -> Result<usize, PdfError> {
    let keyword = b"startxref";
    let none = PdfError::Malformed { at: bytes.len(), why: "the file does not end with startxref and %%EOF" };
    // White space at the end may be long, what stands before it is short.
    let end = bytes.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
    let tail_start = end.saturating_sub(1024);
    let tail = bytes.get(tail_start..end).unwrap_or_default();
    let found = tail.windows(keyword.len()).rposition(|window| window == keyword).ok_or(none.clone())?;
    let mut lexer = Lexer::new(bytes, tail_start + found + keyword.len(), Origin::File);
    let at = lexer.number()?;
    let rest = bytes.get(lexer.at..end).unwrap_or_default().trim_ascii();
    if rest == b"%%EOF" { Ok(at) } else { Err(none) }
}

fn section(bytes: &[u8], at: usize, entries_left: &mut usize) -> Result<Section, PdfError> {
    let mut lexer = Lexer::new(bytes, at, Origin::File);
    if !lexer.take(b"xref") {
        return stream_section(bytes, at, entries_left);
    }
    let mut entries = Ascending::default();
    while !lexer.take(b"trailer") {
        let (first, count): (u32, u32) = (lexer.number()?, lexer.number()?);
        for index in 0..count {
            let number = first.checked_add(index).ok_or(lexer.error("an object's number is too large"))?;
            if let Some(entry) = usual_row(&mut lexer) {
                insert(&mut entries, number, entry, entries_left)?;
                continue;
            }
            let (offset, generation): (usize, u64) = (lexer.number()?, lexer.number()?);
            let entry = match u16::try_from(generation) {
                _ if lexer.take(b"f") => Entry::Free,
                Ok(generation) if lexer.take(b"n") => match offset {
                    // Position 0 is the header: some writers mark unused numbers so.
                    0 => Entry::Free,
                    offset => Entry::At { offset, generation },
                },
                _ => return Err(lexer.error("a cross-reference entry is broken")),
            };
            insert(&mut entries, number, entry, entries_left)?;
        }
    }
    let Object::Dictionary(trailer) = lexer.object()? else {
        return Err(lexer.error("the trailer is no dictionary"));
    };
    Ok(Section { at, end: lexer.at, entries: Entries::new(entries.finish()), trailer })
}

/// An entry in use in exactly the form of 7.5.4, which nearly all have; nothing is taken otherwise.
fn usual_row(lexer: &mut Lexer<'_>) -> Option<Entry> {
    let rest = lexer.rest();
    let space = rest.iter().take(2).take_while(|byte| is_space(**byte)).count();
    let row = rest.get(space..space + 20)?;
    let [offset @ .., b' ', a, b, c, d, e, b' ', b'n', b' ' | b'\r', b'\r' | b'\n'] = row else { return None };
    let number = |digits: &[u8]| {
        let digit = |number: u64, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0'));
        digits.iter().try_fold(0, digit)
    };
    let (offset, generation) = (number(offset)?, number(&[*a, *b, *c, *d, *e])?);
    let offset = usize::try_from(offset).ok().filter(|offset| *offset != 0)?;
    let generation = u16::try_from(generation).ok()?;
    lexer.at += space + 18;
    Some(Entry::At { offset, generation })
}

type Collected = Ascending<u32, Entry>;

fn insert(entries: &mut Collected, number: u32, entry: Entry, left: &mut usize) -> Result<(), PdfError> {
    *left = left.checked_sub(1).ok_or(PdfError::Object { number, why: "too many cross-reference entries" })?;
    match entries.take(number, entry) {
        Taken::New => Ok(()),
        Taken::Twice => Err(PdfError::Object { number, why: "two entries in one cross-reference section" }),
    }
}

fn stream_section(bytes: &[u8], at: usize, entries_left: &mut usize) -> Result<Section, PdfError> {
    let bad = |why| PdfError::Malformed { at, why };
    let (_, found) = indirect(bytes, at, &mut |_| None)?;
    let (Object::Dictionary(trailer), Some(raw)) = (found.object, found.stream) else {
        return Err(bad("startxref or Prev does not lead to a cross-reference section"));
    };
    if !trailer.is(b"Type", b"XRef") {
        return Err(bad("startxref or Prev does not lead to a cross-reference section"));
    }
    let sizes = |key: &[u8]| -> Option<Vec<usize>> { trailer.get(key)?.array()?.iter().map(Object::size).collect() };
    let widths = sizes(b"W").filter(|widths| widths.len() == 3 && widths.iter().all(|width| *width <= 8));
    let widths = widths.ok_or(bad("W of a cross-reference stream is broken"))?;
    let row_length: usize = widths.iter().sum();
    let size = trailer.get(b"Size").and_then(Object::size).ok_or(bad("Size of a cross-reference stream is broken"))?;
    let index = match trailer.get(b"Index") {
        Some(_) => sizes(b"Index").ok_or(bad("Index of a cross-reference stream is broken"))?,
        None => vec![0, size],
    };
    let max = row_length.max(1).saturating_mul(*entries_left);
    let data = unpack(&trailer, bytes.get(raw).unwrap_or_default(), max).map_err(bad)?;
    let mut rows = data.chunks_exact(row_length.max(1));
    let mut entries = Ascending::default();
    for pair in index.chunks(2) {
        let [first, count] = pair else { return Err(bad("Index of a cross-reference stream is broken")) };
        for number in *first..first.saturating_add(*count) {
            let number = u32::try_from(number).map_err(|_| bad("an object's number is too large"))?;
            let row = rows.next().ok_or(bad("a cross-reference stream is cut"))?;
            let entry = stream_entry(row, &widths).ok_or(bad("a cross-reference stream has a broken entry"))?;
            insert(&mut entries, number, entry, entries_left)?;
        }
    }
    Ok(Section { at, end: found.end, entries: Entries::new(entries.finish()), trailer })
}

fn stream_entry(row: &[u8], widths: &[usize]) -> Option<Entry> {
    let mut rest = row;
    let mut fields = [0_u64; 3];
    for (field, width) in fields.iter_mut().zip(widths) {
        let (bytes, after) = rest.split_at_checked(*width)?;
        *field = bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        rest = after;
    }
    let [kind, one, two] = fields;
    // An absent type field means 1 (7.5.8.2).
    match if widths.first() == Some(&0) { 1 } else { kind } {
        0 => Some(Entry::Free),
        1 => Some(Entry::At { offset: usize::try_from(one).ok()?, generation: u16::try_from(two).ok()? }),
        2 => Some(Entry::Inside { container: u32::try_from(one).ok()?, index: usize::try_from(two).ok()? }),
        _ => None,
    }
}

/// Reads the indirect object at a position; `length` answers for a stream length that is a reference.
pub(super) fn indirect(
    bytes: &[u8],
    at: usize,
    length: &mut dyn FnMut(Id) -> Option<usize>,
) -> Result<(Id, Indirect), PdfError> {
    let found = indirect_as(bytes, at, length, &mut Tree)?;
    Ok((found.id, Indirect { object: found.value, stream: found.stream, end: found.end }))
}

/// An indirect object, as a builder made it.
#[derive(Debug)]
pub(super) struct Made<V> {
    pub(super) id: Id,
    pub(super) value: V,
    /// Where the stream's bytes stand, filters unapplied.
    pub(super) stream: Option<Range<usize>>,
    /// One past `endobj`.
    pub(super) end: usize,
}

/// [`indirect`], as the builder makes it.
pub(super) fn indirect_as<B: Builder>(
    bytes: &[u8],
    at: usize,
    length: &mut dyn FnMut(Id) -> Option<usize>,
    builder: &mut B,
) -> Result<Made<B::Value>, PdfError> {
    let mut lexer = Lexer::new(bytes, at, Origin::File);
    let id = Id { number: lexer.number()?, generation: lexer.number()? };
    lexer.expect("obj")?;
    let value = lexer.read(builder)?;
    let mut stream = None;
    if let Some(stated) = B::length(&value)
        && lexer.take(b"stream")
    {
        lexer.at += usize::from(lexer.peek() == Some(b'\r'));
        if lexer.peek() != Some(b'\n') {
            return Err(lexer.error("no line end after stream"));
        }
        let start = lexer.at + 1;
        let length = match stated {
            Length::There(id) => length(id),
            Length::Here(length) => Some(length),
            Length::Broken => None,
        };
        let end = length.and_then(|length| start.checked_add(length)).filter(|end| *end <= bytes.len());
        let end = end.ok_or(PdfError::Malformed { at: start, why: "the length of a stream is broken" })?;
        lexer.at = end;
        while lexer.peek().is_some_and(is_space) {
            lexer.at += 1;
        }
        if !lexer.rest().starts_with(b"endstream") {
            return Err(PdfError::Expected { at: lexer.at, keyword: "endstream" });
        }
        lexer.expect("endstream")?;
        stream = Some(start..end);
    }
    lexer.expect("endobj")?;
    Ok(Made { id, value, stream, end: lexer.at })
}
