//! An incremental update: new and changed objects behind a file that stays as it is. Source: ISO 32000-2 clause 7.5.6.

use std::collections::BTreeMap;

use super::error::PdfSignError;
use super::write::{Blanks, Body, NUMBER_DIGITS, indirect, object, size};
use crate::certificate::sha256;
use crate::pdf::error::PdfError;
use crate::pdf::graph::References;
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::view::View;

/// Numbers that readers take (ISO 32000-2 table C.1).
const NUMBER_MAX: u32 = 8_388_607;

/// Objects that are to be appended to a file.
pub(super) struct Update<'v, 'b> {
    pub(super) view: &'v View<'b>,
    /// How often the file refers to each number.
    references: References,
    next: u32,
    objects: BTreeMap<Id, Body>,
}

/// A file with its update.
#[derive(Debug)]
pub(super) struct Updated {
    pub(super) bytes: Vec<u8>,
    /// Of the signature that the update brought, when it brought one.
    pub(super) blanks: Option<Blanks>,
}

impl<'v, 'b> Update<'v, 'b> {
    pub(super) fn new(view: &'v View<'b>) -> Result<Self, PdfSignError> {
        let references = References::of(view)?;
        // A number that something refers to and nothing has is not free: what refers to it would show what comes.
        let named = view.entries.iter().map(|(number, _)| number);
        let used = named.chain(references.highest()).max().unwrap_or(0);
        let declared = view.trailer()?.get(b"Size").and_then(Object::size).and_then(|size| u32::try_from(size).ok());
        let next = declared.filter(|size| *size <= NUMBER_MAX).unwrap_or(0).max(used.saturating_add(1));
        Ok(Self { view, references, next, objects: BTreeMap::new() })
    }

    /// A number that nothing has and nothing refers to.
    pub(super) fn reserve(&mut self) -> Result<Id, PdfSignError> {
        if self.next > NUMBER_MAX {
            let max = usize::try_from(NUMBER_MAX).unwrap_or(usize::MAX);
            return Err(PdfError::Limit { what: "objects", max }.into());
        }
        self.next += 1;
        Ok(Id { number: self.next - 1, generation: 0 })
    }

    /// Adds an object under a new number.
    pub(super) fn add(&mut self, body: Body) -> Result<Id, PdfSignError> {
        let id = self.reserve()?;
        self.put(id, body);
        Ok(id)
    }

    /// Writes an object under its number, in place of what the file has there.
    pub(super) fn put(&mut self, id: Id, body: Body) {
        self.objects.insert(id, body);
    }

    /// Whether one place alone refers to this object, so that a change of it shows nowhere else.
    pub(super) fn is_single(&self, id: Id) -> bool {
        self.references.count(id.number) == 1
    }

    /// The file, then its update, with cross-references of the kind that the file ends with.
    pub(super) fn write(mut self) -> Result<Updated, PdfSignError> {
        let newest = self.view.sections.first().ok_or(PdfError::Malformed { at: 0, why: "no trailer" })?;
        let is_table = self.view.bytes.get(newest.at..).unwrap_or_default().trim_ascii_start().starts_with(b"xref");
        let mut trailer = newest.trailer.clone();
        STRUCTURAL.iter().for_each(|key| trailer.remove(key));
        trailer.set("Prev", size(newest.at));
        self.refresh_id(&mut trailer);
        let stream = if is_table { None } else { Some(self.reserve()?) };
        trailer.set("Size", size(usize::try_from(self.next).unwrap_or(usize::MAX)));

        let mut bytes = self.view.bytes.to_vec();
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let (mut positions, mut blanks) = (BTreeMap::new(), None);
        for (id, body) in &self.objects {
            positions.insert(*id, bytes.len());
            blanks = indirect(*id, body, &mut bytes).or(blanks);
        }
        let at = bytes.len();
        match stream {
            None => table(&positions, trailer, &mut bytes),
            Some(id) => {
                positions.insert(id, at);
                let body = cross_reference_stream(&positions, trailer);
                indirect(id, &body, &mut bytes);
            }
        }
        bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        if let Some(blanks) = &blanks {
            fill_ranges(&mut bytes, blanks);
        }
        Ok(Updated { bytes, blanks })
    }

    /// The second part of the file's identifier changes with its content (14.4).
    fn refresh_id(&self, trailer: &mut Dictionary) {
        let Some(Object::Array(parts)) = trailer.get(b"ID") else { return };
        let Some(first) = parts.first().cloned() else { return };
        let mut seed = sha256(self.view.bytes).as_bytes().to_vec();
        for (id, body) in &self.objects {
            indirect(*id, body, &mut seed);
        }
        let digest = sha256(&seed);
        let second = super::write::bytes(digest.as_bytes().get(..16).unwrap_or_default());
        trailer.set("ID", Object::Array([first, second].into()));
    }
}

/// Keys of a trailer that belong to its own section.
const STRUCTURAL: [&[u8]; 13] = [
    b"Prev",
    b"XRefStm",
    b"Size",
    b"Type",
    b"W",
    b"Index",
    b"Length",
    b"Filter",
    b"DecodeParms",
    b"F",
    b"FFilter",
    b"FDecodeParms",
    b"DL",
];

/// Positions in runs of consecutive numbers.
fn runs(positions: &BTreeMap<Id, usize>) -> Vec<(u32, Vec<(Id, usize)>)> {
    let mut runs: Vec<(u32, Vec<(Id, usize)>)> = Vec::new();
    for (id, at) in positions {
        match runs.last_mut() {
            Some((_, run)) if run.last().is_some_and(|(last, _)| last.number + 1 == id.number) => run.push((*id, *at)),
            _ => runs.push((id.number, vec![(*id, *at)])),
        }
    }
    runs
}

/// Clause 7.5.4.
fn table(positions: &BTreeMap<Id, usize>, trailer: Dictionary, out: &mut Vec<u8>) {
    out.extend_from_slice(b"xref\n");
    for (first, run) in runs(positions) {
        out.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
        for (id, at) in run {
            out.extend_from_slice(format!("{at:010} {:05} n \n", id.generation).as_bytes());
        }
    }
    out.extend_from_slice(b"trailer\n");
    object(&Object::Dictionary(trailer), out);
    out.push(b'\n');
}

/// Clause 7.5.8: type, position in eight bytes, generation in two.
fn cross_reference_stream(positions: &BTreeMap<Id, usize>, mut own: Dictionary) -> Body {
    let (mut data, mut index) = (Vec::new(), Vec::new());
    for (first, run) in runs(positions) {
        index.extend([size(usize::try_from(first).unwrap_or(usize::MAX)), size(run.len())]);
        for (id, at) in run {
            data.push(1);
            data.extend_from_slice(&u64::try_from(at).unwrap_or(u64::MAX).to_be_bytes());
            data.extend_from_slice(&id.generation.to_be_bytes());
        }
    }
    own.set("Type", super::write::name("XRef"));
    own.set("W", Object::Array([1, 8, 2].map(size).into()));
    own.set("Index", Object::Array(index.into()));
    Body::Stream(own, data)
}

/// Writes what the signature covers: all but the token of `Contents`.
fn fill_ranges(bytes: &mut [u8], blanks: &Blanks) {
    let (open, close) = (blanks.contents.start, blanks.contents.end);
    let numbers = [open, close, bytes.len().saturating_sub(close)];
    for (at, number) in blanks.numbers.into_iter().zip(numbers) {
        let digits = format!("{number:>NUMBER_DIGITS$}");
        if let Some(blank) = bytes.get_mut(at..at + NUMBER_DIGITS) {
            blank.copy_from_slice(digits.as_bytes());
        }
    }
}
