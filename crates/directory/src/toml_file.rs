//! The TOML form: `[[agency]]` tables and `include_csv`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::draft::{Draft, Entry, Key, Text};
use crate::problem::{Place, ProblemKind, Problems};

/// Text parsed at once: parsed TOML takes some fifteen times its text, and a whole country's list has 25 MB.
const PART_BYTES: usize = 1024 * 1024;
const TOP_KEYS: &str = "agency, include_csv";

/// A CSV file that the TOML file asks for.
pub(crate) struct Include {
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Reads `text`; what is wrong goes to `problems`, what is sound to `entries`.
pub(crate) fn read(text: &str, file: &Place, problems: &mut Problems, entries: &mut Vec<Entry>) -> Vec<Include> {
    let mut includes = Vec::new();
    let mut lines_before = 0;
    for part in parts(text, PART_BYTES) {
        let mut reader = Reader { lines: Lines::of(part, lines_before), file, problems };
        lines_before = reader.lines.last();
        includes.extend(reader.part(part, entries));
    }
    includes
}

/// Cuts `text` before `[[agency]]` lines into parts of about `bytes` and more.
///
/// Not when it has a string of several lines, in which such a line would mean nothing.
fn parts(text: &str, bytes: usize) -> Vec<&str> {
    let is_whole = text.contains("\"\"\"") || text.contains("'''");
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(end) = cut(rest, bytes).filter(|_| !is_whole) {
        let (part, later) = rest.split_at(end);
        parts.push(part);
        rest = later;
    }
    parts.push(rest);
    parts
}

/// The first place after `bytes` at which an `[[agency]]` line begins.
fn cut(text: &str, bytes: usize) -> Option<usize> {
    let start = (bytes..=text.len()).find(|at| text.is_char_boundary(*at))?;
    text.get(start..)?.find("\n[[agency]]").map(|line| start + line + 1)
}

struct Reader<'a> {
    lines: Lines,
    file: &'a Place,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn part(&mut self, text: &str, entries: &mut Vec<Entry>) -> Vec<Include> {
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                self.fail(offset, ProblemKind::Syntax { message: error.message().to_owned() });
                return Vec::new();
            }
        };
        let mut includes = Vec::new();
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "agency" => self.agencies(value, entries),
                "include_csv" => includes.extend(self.includes(value)),
                other => {
                    let text = other.chars().take(64).collect();
                    self.fail(key.span().start, ProblemKind::UnknownKey { key: text, known: TOP_KEYS.to_owned() });
                }
            }
        }
        includes
    }

    fn fail(&mut self, offset: usize, kind: ProblemKind) {
        self.problems.add(&self.file.on_line(self.lines.line(offset)), kind);
    }

    fn wrong_type(&mut self, at: &Spanned<DeValue<'_>>, key: &'static str, wanted: &'static str) {
        self.fail(at.span().start, ProblemKind::WrongType { key, wanted });
    }

    fn agencies(&mut self, value: &Spanned<DeValue<'_>>, entries: &mut Vec<Entry>) {
        let Some(tables) = value.get_ref().as_array() else {
            return self.wrong_type(value, "agency", "[[agency]]");
        };
        for item in tables.iter() {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong_type(item, "agency", "[[agency]]");
                continue;
            };
            if let Some(draft) = self.draft(item.span().start, table) {
                entries.extend(draft.check(self.file, self.problems));
            }
        }
    }

    /// The texts of one table; `None` when a value has another type than its key asks for.
    fn draft(&mut self, start: usize, table: &DeTable<'_>) -> Option<Draft> {
        let mut draft = Draft { line: self.lines.line(start), values: Vec::with_capacity(table.len()) };
        let mut is_sound = true;
        for (name, value) in table {
            let Some(key) = Key::from_text(name.get_ref()) else {
                let key = name.get_ref().chars().take(64).collect();
                self.fail(name.span().start, ProblemKind::UnknownKey { key, known: Key::known() });
                continue;
            };
            if key == Key::Code {
                draft.line = self.lines.line(name.span().start);
            }
            is_sound &= self.values(key, value, &mut draft);
        }
        is_sound.then_some(draft)
    }

    fn values(&mut self, key: Key, value: &Spanned<DeValue<'_>>, draft: &mut Draft) -> bool {
        let single = [value];
        let items: Box<dyn Iterator<Item = &Spanned<DeValue<'_>>>> = match value.get_ref() {
            DeValue::Array(items) if key.is_list() => Box::new(items.iter()),
            _ => Box::new(single.into_iter()),
        };
        let mut is_sound = true;
        for item in items {
            let line = self.lines.line(item.span().start);
            let is_day = matches!(key, Key::ValidFrom | Key::ValidUntil | Key::Since);
            match item.get_ref() {
                DeValue::String(text) => draft.values.push((key, Text { value: text.to_string(), line })),
                DeValue::Datetime(day) if is_day => draft.values.push((key, Text { value: day.to_string(), line })),
                _ => {
                    let wanted = if key.is_list() { "[\"…\", \"…\"]" } else { "\"…\"" };
                    self.wrong_type(item, key.as_str(), wanted);
                    is_sound = false;
                }
            }
        }
        is_sound
    }

    fn includes(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Include> {
        let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        let mut includes = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(name) => {
                    let place = self.file.on_line(self.lines.line(item.span().start));
                    includes.push(Include { name: name.to_owned(), place });
                }
                None => self.wrong_type(item, "include_csv", "\"agencies.csv\""),
            }
        }
        includes
    }
}

/// Where each line of a part starts.
struct Lines {
    starts: Vec<usize>,
    before: usize,
}

impl Lines {
    /// The lines of `part`, which `before` lines of earlier parts precede.
    fn of(part: &str, before: usize) -> Self {
        let starts = part.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(offset, _)| offset + 1).collect();
        Self { starts, before }
    }

    /// The line, from 1, that holds the byte at `offset`.
    fn line(&self, offset: usize) -> usize {
        self.before + self.starts.partition_point(|start| *start <= offset) + 1
    }

    /// Lines up to the end of the part.
    fn last(&self) -> usize {
        self.before + self.starts.len()
    }
}

#[cfg(test)]
mod tests;
