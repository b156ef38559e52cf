//! `data` of the lists: one record at a time.

use std::collections::VecDeque;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::answer::Data;
use crate::scan::{Container, Malformed, Token};

/// Bytes of one record at most.
const RECORD_MAX: usize = 64 * 1024;

/// The records of an answer, parsed as each is complete. A record that cannot be read is counted and left out.
#[derive(Debug)]
pub(super) struct Records<T> {
    /// Read and not yet taken.
    pub(super) ready: VecDeque<T>,
    /// Records left out.
    pub(super) skipped: u64,
    is_inside: bool,
    record: Vec<u8>,
    record_type: PhantomData<T>,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self { ready: VecDeque::new(), skipped: 0, is_inside: false, record: Vec::new(), record_type: PhantomData }
    }
}

impl<T: DeserializeOwned> Records<T> {
    fn complete(&mut self) {
        let between = |byte: &u8| matches!(byte, b',' | b' ' | b'\t' | b'\r' | b'\n');
        let start = self.record.iter().take_while(|byte| between(byte)).count();
        match serde_json::from_slice(self.record.get(start..).unwrap_or_default()) {
            Ok(record) => self.ready.push_back(record),
            Err(_) => self.skipped += 1,
        }
        self.record.clear();
    }
}

impl<T: DeserializeOwned> Data for Records<T> {
    fn raw(&mut self, bytes: &[u8]) {
        if self.is_inside {
            // One byte more than the limit tells that it was exceeded.
            let room = (RECORD_MAX + 1).saturating_sub(self.record.len());
            self.record.extend_from_slice(bytes.get(..bytes.len().min(room)).unwrap_or_default());
        }
    }

    fn token(&mut self, token: Token<'_>, depth: usize, offset: u64) -> Result<(), Malformed> {
        if self.record.len() > RECORD_MAX {
            return Err(Malformed { offset, what: "a record that is too long" });
        }
        match (depth, token) {
            (1, Token::Begin(Container::Array)) if !self.is_inside => {
                self.is_inside = true;
                self.record.clear();
            }
            (1, Token::End) => self.is_inside = false,
            (1, Token::Scalar(b"null")) => {}
            (1, _) => return Err(Malformed { offset, what: "data that is no list" }),
            (2, Token::End | Token::StringEnd | Token::Scalar(_)) => self.complete(),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
