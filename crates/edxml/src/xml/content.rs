//! Attachment content: taken from the input's own buffer, never collected.

use std::io::BufRead;

use super::{Step, Xml};
use crate::{ByteRange, EdxmlError, Problem};

const CDATA_START: &[u8] = b"<![CDATA[";
const CDATA_END: &[u8] = b"]]>";

impl<R: BufRead> Xml<R> {
    /// Gives the raw text of the open element to `take`, piece by piece, and steps out of the element.
    ///
    /// The text is character data, or one CDATA section with white space around it; its place is returned.
    pub(crate) fn content(
        &mut self,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Problem>,
    ) -> Result<ByteRange, EdxmlError> {
        let mut range = ByteRange { offset: self.offset(), length: 0 };
        if !self.is_empty_element {
            let mut is_blank = true;
            range = self.run(b'<', range.offset, &mut |piece| {
                is_blank = is_blank && only_blank(piece).is_ok();
                take(piece)
            })?;
            if self.begins_cdata()? {
                if !is_blank {
                    return Err(self.fail(in_pieces()));
                }
                let offset = self.offset();
                range = self.run(b']', offset, take)?;
                self.expect(CDATA_END)?;
                let after = self.offset();
                self.run(b'<', after, &mut only_blank)?;
            }
        }
        self.content_end()?;
        Ok(range)
    }

    /// Feeds everything up to the byte `end`.
    fn run(
        &mut self,
        end: u8,
        offset: u64,
        take: &mut dyn FnMut(&[u8]) -> Result<(), Problem>,
    ) -> Result<ByteRange, EdxmlError> {
        self.reader.get_mut().begin_content();
        loop {
            match feed(self.reader.get_mut(), end, take) {
                Ok(Fed::End) => return Ok(ByteRange { offset, length: self.offset() - offset }),
                Ok(Fed::More) => {}
                Ok(Fed::Eof) => {
                    self.event_start = self.offset();
                    return Err(self.fail(Problem::malformed("the packet ends inside attachment content")));
                }
                Err(Fault::Input) => return Err(self.stopped()),
                Err(Fault::Problem(problem)) => {
                    self.event_start = self.offset();
                    return Err(self.fail(problem));
                }
            }
        }
    }

    /// Takes `<![CDATA[` if it comes next, nothing otherwise.
    fn begins_cdata(&mut self) -> Result<bool, EdxmlError> {
        let next = self.reader.get_mut().take_up_to(CDATA_START.len()).map_err(|_| self.stopped())?;
        let is_cdata = next == CDATA_START;
        if !is_cdata {
            self.reader.get_mut().put_back(&next);
        }
        Ok(is_cdata)
    }

    fn expect(&mut self, wanted: &[u8]) -> Result<(), EdxmlError> {
        let found = self.reader.get_mut().take_up_to(wanted.len()).map_err(|_| self.stopped())?;
        if found == wanted {
            return Ok(());
        }
        self.event_start = self.offset();
        Err(self.fail(in_pieces()))
    }

    /// Content is in one piece, so that it can be decoded again from its place alone.
    fn content_end(&mut self) -> Result<(), EdxmlError> {
        let mut rest = String::new();
        match self.advance(Some(&mut rest))? {
            Step::End if only_blank(rest.as_bytes()).is_ok() => Ok(()),
            Step::End | Step::Start(..) | Step::Eof => Err(self.fail(in_pieces())),
        }
    }
}

fn in_pieces() -> Problem {
    Problem::InvalidBase64 { content_id: String::new(), position: 0, reason: "markup inside the content".to_owned() }
}

fn only_blank(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.iter().all(u8::is_ascii_whitespace) { Ok(()) } else { Err(in_pieces()) }
}

enum Fed {
    More,
    End,
    Eof,
}

enum Fault {
    /// The meter keeps the cause.
    Input,
    Problem(Problem),
}

/// Feeds what the input has ready, at most up to the byte `end`, which stays.
fn feed<B: BufRead>(input: &mut B, end: u8, take: &mut dyn FnMut(&[u8]) -> Result<(), Problem>) -> Result<Fed, Fault> {
    let ready = input.fill_buf().map_err(|_| Fault::Input)?;
    if ready.is_empty() {
        return Ok(Fed::Eof);
    }
    let end = memchr::memchr(end, ready);
    let piece = end.and_then(|end| ready.get(..end)).unwrap_or(ready);
    take(piece).map_err(Fault::Problem)?;
    let length = piece.len();
    input.consume(length);
    Ok(if end.is_some() { Fed::End } else { Fed::More })
}
