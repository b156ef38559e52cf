//! The TOML form: `[[agency]]` tables and `include_csv`.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::draft::{Draft, Entry, Key, Text};
use crate::problem::{Place, ProblemKind, Problems};

const TOP_KEYS: &str = "agency, include_csv";

/// A CSV file that the TOML file asks for.
pub(crate) struct Include {
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Reads `text`; what is wrong goes to `problems`, what is sound to `entries`.
pub(crate) fn read(text: &str, file: &Place, problems: &mut Problems, entries: &mut Vec<Entry>) -> Vec<Include> {
    let mut reader = Reader { lines: Lines::of(text), file, problems };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            reader.fail(offset, ProblemKind::Syntax { message: error.message().to_owned() });
            return Vec::new();
        }
    };
    let mut includes = Vec::new();
    for (key, value) in table.get_ref() {
        match key.get_ref().as_ref() {
            "agency" => reader.agencies(value, entries),
            "include_csv" => includes.extend(reader.includes(value)),
            other => {
                let key_text = other.chars().take(64).collect();
                reader.fail(key.span().start, ProblemKind::UnknownKey { key: key_text, known: TOP_KEYS.to_owned() });
            }
        }
    }
    includes
}

struct Reader<'a> {
    lines: Lines,
    file: &'a Place,
    problems: &'a mut Problems,
}

impl Reader<'_> {
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

/// Where each line starts.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(offset, _)| offset + 1).collect())
    }

    /// The line, from 1, that holds the byte at `offset`.
    fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset) + 1
    }
}

#[cfg(test)]
mod tests;
