//! A list on its way from the axis.

use serde::de::DeserializeOwned;

use super::error::{CallError, CallErrorKind};
use super::reading::Reading;
use super::records::Records;

/// The records of a list as they arrive. It is whole only when [`List::next`] answered `Ok(None)`.
#[derive(Debug)]
pub struct List<T>(Reading<Records<T>>);

impl<T: DeserializeOwned> List<T> {
    pub(super) const fn new(reading: Reading<Records<T>>) -> Self {
        Self(reading)
    }

    /// The next record; `None` once the list is whole and the axis said OK.
    ///
    /// # Errors
    /// The list did not come whole.
    pub async fn next(&mut self) -> Result<Option<T>, CallError> {
        loop {
            if let Some(record) = self.0.answer.data.ready.pop_front() {
                return Ok(Some(record));
            }
            if !self.0.more().await? {
                return Ok(None);
            }
        }
    }

    /// Records so far that could not be read and were left out.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.0.answer.data.skipped
    }

    /// All records, at most `max`.
    ///
    /// # Errors
    /// The list did not come whole, or has more.
    pub async fn all(mut self, max: usize) -> Result<Vec<T>, CallError> {
        let mut records = Vec::new();
        while let Some(record) = self.next().await? {
            if records.len() >= max {
                let detail = format!("a list of more than {max} records");
                return Err(self.0.fail(CallErrorKind::Malformed { detail }));
            }
            records.push(record);
        }
        Ok(records)
    }
}
