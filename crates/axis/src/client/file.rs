//! A packet on its way from the axis.

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;

use super::edoc::{Base64Data, Progress};
use super::error::{CallError, CallErrorKind};
use super::reading::{Body, Reading};

/// The bytes of a packet as they arrive. All of it came only when [`EdocFile::next`] answered `Ok(None)`.
#[derive(Debug)]
pub struct EdocFile(Source);

#[derive(Debug)]
enum Source {
    /// `getEdoc`.
    Encoded(Box<Reading<Base64Data>>),
    /// `downloadEdoc`.
    Plain(Body),
}

impl EdocFile {
    pub(super) fn encoded(reading: Reading<Base64Data>) -> Self {
        Self(Source::Encoded(Box::new(reading)))
    }

    pub(super) const fn plain(body: Body) -> Self {
        Self(Source::Plain(body))
    }

    /// The next bytes, never none of them; `None` once the whole packet came and the axis said OK.
    ///
    /// # Errors
    /// The packet did not come whole: nothing of it may be used.
    pub async fn next(&mut self) -> Result<Option<Bytes>, CallError> {
        let reading = match &mut self.0 {
            Source::Plain(body) => return body.next().await,
            Source::Encoded(reading) => reading,
        };
        loop {
            let decoded = std::mem::take(&mut reading.answer.data.decoded);
            if !decoded.is_empty() {
                return Ok(Some(Bytes::from(decoded)));
            }
            if !reading.more().await? {
                return match reading.answer.data.progress() {
                    Progress::Some => Ok(None),
                    Progress::Absent | Progress::Empty => {
                        Err(reading.fail(CallErrorKind::Malformed { detail: "OK without data".into() }))
                    }
                };
            }
        }
    }

    /// The same as a stream, which ends after an error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, CallError>> + Send {
        try_unfold(self, |mut file| async move { Ok(file.next().await?.map(|bytes| (bytes, file))) })
    }
}
