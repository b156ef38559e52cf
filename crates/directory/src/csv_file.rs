//! The CSV form: one agency a row, the keys of the TOML form in the first row.

use std::io::{BufRead, BufReader, Read};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use crate::draft::{Draft, Entry, Key, Text};
use crate::load::{AGENCIES_MAX, FILE_BYTES_MAX};
use crate::problem::{Place, ProblemKind, Problems};

/// What spreadsheets write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads `source`; what is wrong goes to `problems`, what is sound to `entries`.
pub(crate) fn read(source: impl Read, file: &Place, problems: &mut Problems, entries: &mut Vec<Entry>) {
    let limited = source.take(FILE_BYTES_MAX + 1);
    let mut buffered = BufReader::with_capacity(64 * 1024, limited);
    let delimiter = match buffered.fill_buf() {
        Ok(start) => delimiter(start),
        Err(error) => return problems.add(file, ProblemKind::Unreadable { cause: error.kind().to_string() }),
    };
    let mut rows = ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(buffered);
    let mut row = ByteRecord::new();
    let mut columns: Option<Vec<Key>> = None;
    loop {
        match rows.read_byte_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return problems.add(file, unreadable(&error)),
        }
        let line = row.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
        let place = file.on_line(line);
        if rows.position().byte() > FILE_BYTES_MAX {
            return problems.add(file, ProblemKind::FileTooLarge { max: FILE_BYTES_MAX });
        }
        match &columns {
            None => match header(&row, &place, problems) {
                Some(keys) => columns = Some(keys),
                None => return,
            },
            Some(_) if entries.len() >= AGENCIES_MAX => {
                return problems.add(&place, ProblemKind::TooManyAgencies { max: AGENCIES_MAX });
            }
            Some(keys) => {
                if let Some(draft) = draft(&row, keys, line, &place, problems) {
                    entries.extend(draft.check(file, problems));
                }
            }
        }
    }
    if columns.is_none() {
        problems.add(file, ProblemKind::Missing { key: "code,name,level" });
    }
}

/// Spreadsheets with Vietnamese settings separate by semicolons.
fn delimiter(start: &[u8]) -> u8 {
    let first_line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    if first_line.contains(&b';') && !first_line.contains(&b',') { b';' } else { b',' }
}

fn unreadable(error: &csv::Error) -> ProblemKind {
    match error.kind() {
        ErrorKind::Io(error) => ProblemKind::Unreadable { cause: error.kind().to_string() },
        _ => ProblemKind::Syntax { message: error.to_string() },
    }
}

/// The key of each column; `None` when the rows cannot be read by it.
fn header(row: &ByteRecord, place: &Place, problems: &mut Problems) -> Option<Vec<Key>> {
    let mut keys = Vec::with_capacity(row.len());
    for field in row {
        let field = field.strip_prefix(BYTE_ORDER_MARK).unwrap_or(field);
        let text = String::from_utf8_lossy(field).trim().to_owned();
        match Key::from_text(&text) {
            Some(key) if keys.contains(&key) => problems.add(place, ProblemKind::RepeatedColumn { key: key.as_str() }),
            Some(key) => keys.push(key),
            None => {
                let key = text.chars().take(64).collect();
                problems.add(place, ProblemKind::UnknownKey { key, known: Key::known() });
            }
        }
    }
    for key in [Key::Code, Key::Name, Key::Level] {
        if !keys.contains(&key) {
            problems.add(place, ProblemKind::Missing { key: key.as_str() });
            return None;
        }
    }
    (keys.len() == row.len()).then_some(keys)
}

fn draft(row: &ByteRecord, keys: &[Key], line: usize, place: &Place, problems: &mut Problems) -> Option<Draft> {
    if row.len() != keys.len() {
        problems.add(place, ProblemKind::FieldCount { found: row.len(), wanted: keys.len() });
        return None;
    }
    let mut draft = Draft { line, values: Vec::with_capacity(keys.len()) };
    for (field, key) in row.iter().zip(keys) {
        let Ok(text) = std::str::from_utf8(field) else {
            problems.add(place, ProblemKind::NotUtf8 {});
            return None;
        };
        let mut push = |value: &str| draft.values.push((*key, Text { value: value.to_owned(), line }));
        if key.is_list() {
            text.split([' ', ';', '|']).filter(|part| !part.is_empty()).for_each(push);
        } else if !text.is_empty() {
            push(text);
        }
    }
    Some(draft)
}

#[cfg(test)]
mod tests;
