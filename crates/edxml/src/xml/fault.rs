//! Errors with the place at which they were found.

use std::io::BufRead;

use quick_xml::Error;
use quick_xml::errors::{IllFormedError, SyntaxError};

use super::{Phase, Space, Stop, Xml};
use crate::namespace::Tag;
use crate::{EdxmlError, Limits, Problem};

/// Characters of a bad value that an error shows.
const VALUE_MAX: usize = 64;

impl<R: BufRead> Xml<R> {
    /// Offset of the next byte.
    pub(crate) fn offset(&mut self) -> u64 {
        self.reader.get_mut().offset()
    }

    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// A problem at the event being read.
    pub(crate) fn fail(&self, problem: Problem) -> EdxmlError {
        EdxmlError::new(problem, self.event_start, self.path.as_str())
    }

    pub(crate) fn limit(&self, what: &'static str, max: u64) -> EdxmlError {
        self.fail(Problem::Limit { what, max })
    }

    /// A bad value in a child that has just been left.
    pub(crate) fn invalid(&self, child: Tag, value: &str, expected: String) -> EdxmlError {
        let element = self.path.join(child.local());
        self.fail(Problem::Invalid { element, value: value.chars().take(VALUE_MAX).collect(), expected })
    }

    pub(super) fn wrong_namespace(&self, space: &Space) -> EdxmlError {
        let found = match space {
            Space::Foreign(namespace) => namespace,
            Space::Standard | Space::None => "",
        };
        let element = self.path.as_str().rsplit('/').next().unwrap_or_default();
        self.fail(Problem::wrong_namespace(element, found))
    }

    /// The problem for which the meter stopped the input.
    pub(super) fn stopped(&mut self) -> EdxmlError {
        let offset = self.offset();
        let problem = match self.reader.get_mut().take_stop() {
            Some(Stop::Input(source)) => Problem::Input { source },
            Some(Stop::Packet) => {
                Problem::TooLarge { what: "the packet".to_owned(), max: self.limits.packet_bytes_max }
            }
            Some(Stop::Header) => {
                Problem::Limit { what: "bytes outside attachment content", max: self.limits.header_bytes_max }
            }
            Some(Stop::Event) | None => {
                Problem::Limit { what: "bytes in one text or tag", max: self.limits.text_bytes_max as u64 }
            }
        };
        EdxmlError::new(problem, offset, self.path.as_str())
    }

    /// The pull parser's error; `seen` is what it had collected of the event.
    pub(super) fn broken(&mut self, error: Error, seen: &[u8]) -> EdxmlError {
        let is_doctype = seen.starts_with(b"<!D") || seen.starts_with(b"<!d");
        match error {
            // Refused for what it is, however long or broken.
            Error::Io(_) | Error::Syntax(_) if is_doctype => self.fail(Problem::forbidden("a DOCTYPE")),
            Error::Syntax(SyntaxError::UnclosedDoctype) | Error::IllFormed(IllFormedError::MissingDoctypeName) => {
                self.fail(Problem::forbidden("a DOCTYPE"))
            }
            Error::Io(_) => self.stopped(),
            Error::Encoding(_) => self.fail(Problem::malformed("bytes that are not UTF-8; only UTF-8 is read")),
            Error::IllFormed(IllFormedError::UnclosedReference) => self.fail(Problem::malformed("'&' without ';'")),
            error if self.phase == Phase::Prolog && seen.contains(&0) => {
                self.fail(Problem::malformed(format!("{error}; only UTF-8 is read")))
            }
            error => self.fail(Problem::malformed(error.to_string())),
        }
    }
}
