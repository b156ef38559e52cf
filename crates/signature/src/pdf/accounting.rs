//! Every byte of an appended part belongs to something that the cross-reference names.
//!
//! Readers differ in what they do with bytes that nothing names: some rebuild the document from them. After a
//! signature there is no place for such bytes.

use std::collections::{BTreeMap, BTreeSet};

use super::entries::Entry;
use super::error::PdfError;
use super::lexer::{Lexer, Origin, is_space};
use super::view::View;
use super::xref::Section;
use crate::reason::PdfReason;

/// The newer sections stand behind the signed revision, lead to its newest one, and name every byte between.
pub(super) fn check_update(old: &View<'_>, new: &View<'_>) -> Result<(), PdfReason> {
    let end = old.bytes.len();
    let reason = |why: &str| PdfReason::NotIncremental { why: why.to_owned() };
    let base = old.sections.first().map(|section| section.at);
    let positions = new.sections.iter().map(|section| section.at);
    let (newer, rest): (Vec<_>, Vec<_>) = positions.partition(|at| *at >= end);
    let signed = old.sections.iter().map(|section| section.at);
    if !signed.eq(rest) || base.is_none() {
        return Err(reason("its cross-reference does not continue the signed revision's"));
    }
    // Partition keeps the order; the chain itself has to have the newer ones first.
    let is_ordered = new.sections.iter().take(newer.len()).all(|section| section.at >= end);
    if !is_ordered {
        return Err(reason("its cross-reference sections are out of order"));
    }
    account(new, end).map_err(|error| PdfReason::NotIncremental { why: error.to_string() })
}

/// Checks that everything from `from` on belongs to a section, and every section's object stands where it says.
fn account(view: &View<'_>, from: usize) -> Result<(), PdfError> {
    let appended: Vec<&Section> =
        view.sections.iter().map(AsRef::as_ref).filter(|section| section.at >= from).collect();
    let ends: BTreeMap<usize, usize> =
        appended.iter().map(|section| (section.at + white_space(view.bytes, section.at), section.end)).collect();
    let objects: BTreeSet<(usize, u32)> = appended
        .iter()
        .flat_map(|section| section.entries.iter())
        .filter_map(|(number, entry)| match entry {
            Entry::At { offset, .. } => Some((offset + white_space(view.bytes, offset), number)),
            _ => None,
        })
        .collect();
    let mut lexer = Lexer::new(view.bytes, from, Origin::File);
    loop {
        blank(&mut lexer)?;
        let at = lexer.at;
        let unaccounted = || PdfError::Malformed { at, why: "bytes that no cross-reference section names" };
        if lexer.rest().is_empty() {
            return Ok(());
        }
        if let Some(end) = ends.get(&at) {
            lexer.at = *end;
        } else if lexer.take(b"startxref") {
            let section: usize = lexer.number()?;
            // A linearized first part of an appended document does not occur: what is appended is an update.
            let section = section.saturating_add(white_space(view.bytes, section));
            if !ends.contains_key(&section) {
                return Err(unaccounted());
            }
        } else {
            let mut named = objects.range((at, 0)..=(at, u32::MAX));
            let (id, end) = match named.find_map(|(_, number)| view.known_at(at, *number)) {
                Some(known) => known,
                None => view.at(at, 0).map(|(id, found)| (id, found.end)).map_err(|_| unaccounted())?,
            };
            if !objects.contains(&(at, id.number)) {
                return Err(unaccounted());
            }
            lexer.at = end;
        }
    }
}

/// White space at a position: some writers point at the line end before an object.
fn white_space(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take(WHITE_SPACE_MAX).take_while(|byte| is_space(**byte)).count()
}

const WHITE_SPACE_MAX: usize = 16;

/// Passes white space and `%%EOF`; other comments could hide what a reader that rebuilds files would find.
fn blank(lexer: &mut Lexer<'_>) -> Result<(), PdfError> {
    loop {
        match lexer.peek() {
            Some(byte) if is_space(byte) => lexer.at += 1,
            Some(b'%') if lexer.rest().starts_with(b"%%EOF") => lexer.at += 5,
            Some(b'%') => {
                let line = lexer.rest();
                let length = line.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(line.len());
                let names_object = line.get(..length).unwrap_or_default().windows(3).any(|window| window == b"obj");
                if names_object {
                    return Err(lexer.error("a comment hides an object"));
                }
                lexer.at += length;
            }
            _ => return Ok(()),
        }
    }
}
