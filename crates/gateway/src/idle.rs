//! Streams that may not stall, stop at their first error, or end early.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tokio::time::timeout;
use types::ErrorCode;

use crate::{ByteStream, Refusal};

/// Cuts an upload off after `idle` without an item, with `cancelled`; ends after the first error.
pub(crate) fn bounded<T: Send + 'static>(
    items: Pin<Box<dyn Stream<Item = Result<T, Refusal>> + Send>>,
    idle: Duration,
) -> Pin<Box<dyn Stream<Item = Result<T, Refusal>> + Send>> {
    Box::pin(stream::unfold(Some(items), move |items| async move {
        let mut items = items?;
        let stalled = || Err(Refusal::new(ErrorCode::Cancelled, format!("no data came for {} s", idle.as_secs())));
        let item = timeout(idle, items.next()).await.unwrap_or_else(|_| Some(stalled()))?;
        let rest = item.is_ok().then_some(items);
        Some((item, rest))
    }))
}

/// Gives exactly `length` bytes or an error: a short content must not look like a whole one.
pub(crate) fn exact(bytes: ByteStream, length: u64) -> ByteStream {
    Box::pin(stream::unfold((Some(bytes), length), |(bytes, left)| async move {
        let mut bytes = bytes?;
        let wrong = || Refusal::new(ErrorCode::StoreDamaged, "the stored content differs from its recorded length");
        match bytes.next().await {
            None if left == 0 => None,
            None => Some((Err(wrong()), (None, 0))),
            Some(Err(refusal)) => Some((Err(refusal), (None, 0))),
            Some(Ok(chunk)) => match left.checked_sub(chunk.len() as u64) {
                Some(left) => Some((Ok(chunk), (Some(bytes), left))),
                None => Some((Err(wrong()), (None, 0))),
            },
        }
    }))
}

#[cfg(test)]
mod tests;
