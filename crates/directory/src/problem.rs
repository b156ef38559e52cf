//! What is wrong with a directory file: every problem with its place, and what to do.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use types::{AgencyCode, ErrorCode};

mod kind;

pub use kind::ProblemKind;

/// Problems reported at once: a screenful or two; the rest are counted.
const PROBLEMS_MAX: usize = 50;

/// Where in which file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as it was named; `None` for text handed over without a file.
    pub file: Option<Arc<str>>,
    /// Line, from 1; `None` when the whole file is meant.
    pub line: Option<usize>,
}

/// One thing wrong in a directory file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What, and what to do.
    pub kind: ProblemKind,
}

/// Why a directory was not loaded; nothing of it is used. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LoadError {
    /// The first 50 problems, in the order in which they were found.
    pub problems: Vec<Problem>,
    /// All problems found.
    pub total: usize,
}

impl LoadError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

/// Collects problems, so that one run shows them all.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    total: usize,
    left_out: HashSet<AgencyCode>,
}

impl Problems {
    pub(crate) fn add(&mut self, place: &Place, kind: ProblemKind) {
        self.total += 1;
        if self.list.len() < PROBLEMS_MAX {
            self.list.push(Problem { place: place.clone(), kind });
        }
    }

    /// Remembers an agency that is listed but has problems: who names it as a parent is not wrong as well.
    pub(crate) fn leave_out(&mut self, code: AgencyCode) {
        self.left_out.insert(code);
    }

    pub(crate) fn is_left_out(&self, code: &AgencyCode) -> bool {
        self.left_out.contains(code)
    }

    pub(crate) fn into_result<T>(self, value: T) -> Result<T, LoadError> {
        if self.total == 0 { Ok(value) } else { Err(LoadError { problems: self.list, total: self.total }) }
    }
}

impl Place {
    pub(crate) fn file(name: &str) -> Self {
        Self { file: Some(name.into()), line: None }
    }

    pub(crate) fn on_line(&self, line: usize) -> Self {
        Self { file: self.file.clone(), line: Some(line) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}"),
            (Some(file), None) => f.write_str(file),
            (None, Some(line)) => write!(f, "line {line}"),
            (None, None) => f.write_str("directory"),
        }
    }
}

/// One line: place, Vietnamese, English.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} / {}", self.place, self.kind.vi(), self.kind.en())
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "không nạp được danh bạ / the directory is not loaded: {} problem(s)", self.total)?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        match self.total.saturating_sub(self.problems.len()) {
            0 => Ok(()),
            more => write!(f, "\n  … và {more} lỗi nữa / and {more} more"),
        }
    }
}
