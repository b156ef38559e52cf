//! Reading a directory: all of it or nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::builder;
use crate::draft::Entry;
use crate::problem::{Place, ProblemKind, Problems};
use crate::{Agency, Directory, LoadError, csv_file, toml_file};

/// Bytes of one file: five times what the whole national axis lists, with long names.
pub(crate) const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Agencies: the national axis listed 111,339 in October 2025.
pub(crate) const AGENCIES_MAX: usize = 1_000_000;
/// Files that one TOML file may include: one per ministry and province, and some.
const INCLUDES_MAX: usize = 128;

impl Directory {
    /// Reads the TOML form.
    ///
    /// # Errors
    /// `invalid_argument` with every problem's line; `include_csv` is one, because there is no folder to look in.
    pub fn from_toml(text: &str) -> Result<Self, LoadError> {
        let (mut problems, mut entries) = (Problems::default(), Vec::new());
        for include in toml_file::read(text, &Place::default(), &mut problems, &mut entries) {
            problems.add(&include.place, ProblemKind::IncludeWithoutFolder {});
        }
        builder::build(entries, problems)
    }

    /// Reads the CSV form: UTF-8, columns by `,` (or `;`), several codes in one field by space, `;` or `|`.
    ///
    /// # Errors
    /// `invalid_argument` with every problem's line.
    pub fn from_csv(source: impl Read) -> Result<Self, LoadError> {
        let (mut problems, mut entries) = (Problems::default(), Vec::new());
        csv_file::read(source, &Place::default(), &mut problems, &mut entries);
        builder::build(entries, problems)
    }

    /// Takes agencies from elsewhere (the axis's list, a test) and checks them as a file is checked.
    ///
    /// An agency's place in the error is its place in the list, from 1.
    ///
    /// # Errors
    /// `invalid_argument` for duplicates, clashes, cycles, and parents or successors that are not listed.
    pub fn from_agencies(agencies: impl IntoIterator<Item = Agency>) -> Result<Self, LoadError> {
        let place = |index: usize| Place::default().on_line(index + 1);
        let entries = agencies.into_iter().enumerate().map(|(index, agency)| Entry { agency, place: place(index) });
        builder::build(entries.collect(), Problems::default())
    }

    /// Reads a `.toml` or `.csv` file; `include_csv` is relative to the file's folder.
    ///
    /// # Errors
    /// `invalid_argument` with file, line, what is wrong and what to do, for up to 50 problems.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let (mut problems, mut entries) = (Problems::default(), Vec::new());
        let file = Place::file(&path.display().to_string());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => load_toml(path, &file, &mut problems, &mut entries),
            Some("csv") => load_csv(path, &file, &mut problems, &mut entries),
            _ => problems.add(&file, ProblemKind::UnknownExtension {}),
        }
        builder::build(entries, problems)
    }
}

fn load_toml(path: &Path, file: &Place, problems: &mut Problems, entries: &mut Vec<Entry>) {
    let Some(text) = read_text(path, file, problems) else { return };
    let includes = toml_file::read(&text, file, problems, entries);
    drop(text);
    for (index, include) in includes.into_iter().enumerate() {
        let path = path.parent().unwrap_or(Path::new("")).join(&include.name);
        if index >= INCLUDES_MAX {
            return problems.add(&include.place, ProblemKind::TooMany { key: "include_csv", max: INCLUDES_MAX });
        }
        if path.extension().is_none_or(|extension| extension != "csv") {
            problems.add(&include.place, ProblemKind::IncludeNotCsv { name: include.name });
            continue;
        }
        load_csv(&path, &Place::file(&path.display().to_string()), problems, entries);
    }
}

fn load_csv(path: &Path, file: &Place, problems: &mut Problems, entries: &mut Vec<Entry>) {
    match File::open(path) {
        Ok(source) => csv_file::read(source, file, problems, entries),
        Err(error) => problems.add(file, ProblemKind::Unreadable { cause: error.kind().to_string() }),
    }
}

fn read_text(path: &Path, file: &Place, problems: &mut Problems) -> Option<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|source| source.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        problems.add(file, ProblemKind::Unreadable { cause: error.kind().to_string() });
        return None;
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        problems.add(file, ProblemKind::FileTooLarge { max: FILE_BYTES_MAX });
        return None;
    }
    let text = String::from_utf8(bytes).ok();
    if text.is_none() {
        problems.add(file, ProblemKind::NotUtf8 {});
    }
    text
}

#[cfg(test)]
mod tests;
