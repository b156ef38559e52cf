//! Watching a client: a mock that serves it, and a verdict about each rule for clients.

use std::time::Duration;

use axis::operation::Operation;
use tokio::time::{Instant, timeout_at};

use super::Report;
use super::client_rules::Conduct;
use crate::mock::Running;

/// Why a watch cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The mock has stopped.
    #[error("the mock axis has stopped")]
    Stopped,
}

/// A watch over one mock's clients.
#[derive(Debug)]
pub struct Watch<'m> {
    mock: &'m Running,
}

impl<'m> Watch<'m> {
    /// Watches the clients of this mock.
    #[must_use]
    pub const fn new(mock: &'m Running) -> Self {
        Self { mock }
    }

    /// Watches until the client has sent, listed, fetched and confirmed, or for `patience`; `told` has each operation
    /// and its code as it is seen.
    ///
    /// # Errors
    /// The mock has stopped.
    pub async fn run(
        self,
        patience: Duration,
        mut told: impl FnMut(&str, &str) + Send,
    ) -> Result<(Report, Vec<(Operation, u64)>), WatchError> {
        let deadline = Instant::now() + patience;
        let traffic = self.mock.traffic();
        let mut conduct = Conduct::default();
        let (lines, mut news) = traffic.lines();
        let mut last = 0;
        let mut waiting: std::collections::VecDeque<u64> = lines.iter().map(|line| line.number).collect();
        while !conduct.is_complete() || !waiting.is_empty() {
            let number = match waiting.pop_front() {
                Some(number) => number,
                None => match timeout_at(deadline, news.recv()).await {
                    Err(_) => break,
                    Ok(Ok(line)) => line.number,
                    Ok(Err(tokio::sync::broadcast::error::RecvError::Lagged(_))) => continue,
                    Ok(Err(tokio::sync::broadcast::error::RecvError::Closed)) => return Err(WatchError::Stopped),
                },
            };
            // Under the ring's lock one line may come twice.
            if number <= last {
                continue;
            }
            last = number;
            if let Some(exchange) = traffic.exchange(number) {
                told(&exchange.line.operation, &exchange.line.code);
                conduct.see(&exchange);
            }
        }
        let seen = conduct.seen().iter().map(|(operation, count)| (*operation, *count)).collect();
        Ok((conduct.report(), seen))
    }
}
