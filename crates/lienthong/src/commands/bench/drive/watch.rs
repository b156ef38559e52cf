//! Inboxes, watched while the documents arrive.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use wire::exchange_v1::{InboxItem, ListInboxRequest, WatchInboxRequest};
use wire::types_v1::PacketKind;

use super::{Run, patiently, record};
use crate::client::Client;
use crate::failure::Failure;

/// Items of one page, the interface's maximum.
const PAGE_ITEMS: u32 = 500;

/// A task per receiver; dropping them ends the tasks.
pub(super) struct Watchers {
    tasks: JoinSet<Result<(), Failure>>,
    arrivals: watch::Receiver<u64>,
}

impl Watchers {
    /// Starts watching behind what the inboxes hold already; nothing without a reader.
    pub(super) async fn start(run: &Arc<Run>) -> Result<Self, Failure> {
        let (arrived, arrivals) = watch::channel(0);
        let mut tasks = JoinSet::new();
        if let Some(reader) = &run.plan.parties.reader {
            for agency in &run.plan.parties.receivers {
                let mut client = Client::connect(reader).await?;
                let after = end(&mut client, agency).await?;
                let kind = PacketKind::Document.into();
                let request = WatchInboxRequest { agency: agency.clone(), after, kind };
                tasks.spawn(follow(run.clone(), client, request, arrived.clone()));
            }
        }
        Ok(Self { tasks, arrivals })
    }

    /// Waits for every document at every receiver; false when nobody watches.
    pub(super) async fn all_arrived(&mut self, run: &Run) -> Result<bool, Failure> {
        if self.tasks.is_empty() {
            return Ok(false);
        }
        let receivers = u64::try_from(run.plan.parties.receivers.len()).unwrap_or(u64::MAX);
        let expected = run.plan.documents.saturating_mul(receivers);
        loop {
            let count = *self.arrivals.borrow_and_update();
            if count >= expected {
                return Ok(true);
            }
            if !matches!(patiently(self.arrivals.changed()).await, Some(Ok(()))) {
                // A watcher that failed knows more.
                if let Some(Ok(Err(failure))) = self.tasks.try_join_next() {
                    return Err(failure);
                }
                return Err(Failure::Internal(format!("{count} / {expected} đã đến (arrived)")));
            }
        }
    }
}

/// The last item that an inbox holds.
async fn end(client: &mut Client, agency: &str) -> Result<u64, Failure> {
    let mut request =
        ListInboxRequest { agency: agency.to_owned(), page_size: PAGE_ITEMS, ..ListInboxRequest::default() };
    loop {
        let answer = client.stub.list_inbox(request.clone()).await.map_err(|status| client.failed(status))?;
        let page = answer.into_inner();
        request.after = page.items.last().map_or(request.after, |item| item.item).max(page.next_after);
        if page.next_after == 0 {
            return Ok(request.after);
        }
    }
}

async fn follow(
    run: Arc<Run>,
    mut client: Client,
    request: WatchInboxRequest,
    arrived: watch::Sender<u64>,
) -> Result<(), Failure> {
    let mut stream = client.stub.watch_inbox(request).await.map_err(|status| client.failed(status))?.into_inner();
    while let Some(answer) = stream.message().await.map_err(|status| client.failed(status))? {
        let Some(started) = answer.item.and_then(|item| started(&run, &item)) else { continue };
        record(&run.deliver, started);
        arrived.send_modify(|count| *count += 1);
    }
    Ok(())
}

/// When the document behind an item was started; `None` when it is not of this run.
fn started(run: &Run, item: &InboxItem) -> Option<std::time::Instant> {
    let index = run.plan.number(&item.document.as_ref()?.code)?;
    run.started.get(index)?.get().copied()
}
