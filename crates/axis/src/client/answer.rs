//! An answer as it arrives: its head kept, its `data` handed on piece by piece, everything else skipped.

use super::head::{Field, Head, Verdict};
use crate::scan::{Container, Malformed, Scanner, Token};

/// What is done with `data`.
pub(super) trait Data {
    /// Bytes of the answer from `data`'s key on, separators too; before the token that they complete.
    fn raw(&mut self, bytes: &[u8]) {
        let _ = bytes;
    }

    /// One token of `data`; `depth` is the number of containers around it (1: `data` itself), `offset` counts the bytes
    /// of the answer up to its end.
    fn token(&mut self, token: Token<'_>, depth: usize, offset: u64) -> Result<(), Malformed>;
}

/// For answers without `data`: whatever is there is skipped.
#[derive(Debug)]
pub(super) struct NoData;

impl Data for NoData {
    fn token(&mut self, _: Token<'_>, _: usize, _: u64) -> Result<(), Malformed> {
        Ok(())
    }
}

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Answer<D> {
    scanner: Scanner,
    head: Head,
    field: Field,
    pub(super) data: D,
}

impl<D: Data> Answer<D> {
    pub(super) fn new(data: D) -> Self {
        Self { scanner: Scanner::new(), head: Head::default(), field: Field::Other, data }
    }

    /// Takes the next bytes of the body.
    pub(super) fn feed(&mut self, chunk: &[u8]) -> Result<(), Malformed> {
        let mut input = chunk;
        loop {
            let before = input;
            let depth_before = self.scanner.depth();
            let offset_before = self.scanner.offset();
            let token = self.scanner.next(&mut input)?;
            let raw = before.get(..before.len() - input.len()).unwrap_or_default();
            if self.field == Field::Data {
                self.data.raw(raw);
            }
            let Some(token) = token else { return Ok(()) };
            let offset = offset_before + raw.len() as u64;
            let depth = depth_before - usize::from(token == Token::End);
            match (depth, token) {
                (0, Token::Begin(Container::Object) | Token::End) => {}
                (0, _) => return Err(Malformed { offset, what: "an answer that is no object" }),
                (1, Token::Key(key)) => self.field = Field::of(key),
                (_, token) if self.field == Field::Data => self.data.token(token, depth, offset)?,
                (1, Token::StringBegin) => self.head.begin(self.field),
                (1, Token::Text(text)) => self.head.push(self.field, text),
                (1, Token::Scalar(text)) => self.head.scalar(self.field, text),
                _ => {}
            }
        }
    }

    /// The head, once the body has ended.
    ///
    /// # Errors
    /// When the answer is not whole.
    pub(super) fn finish(&self) -> Result<(&Head, Verdict), Malformed> {
        self.scanner.finish()?;
        Ok((&self.head, self.head.verdict()))
    }

    /// The head as it is.
    pub(super) fn into_head(self) -> Head {
        self.head
    }
}
