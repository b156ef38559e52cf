//! An outbox and an inbound side in memory.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use relay::{
    Acceptance, Content, Inbound, IncomingContent, Offer, OfferDecision, OfferKind, Outbox, Outgoing, Reason, Refusal,
    Room, TransferOutcome,
};
use tokio::io::AsyncRead;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use types::{BusinessType, Digest, ErrorCode, ExchangeId, Lane, NeighbourId, UnixMillis};
use wire::types_v1::Receipt;

/// Long enough for the slowest machine; only a failing test waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn sha256(data: &[u8]) -> Digest {
    Digest::try_from(ring::digest::digest(&ring::digest::SHA256, data).as_ref()).unwrap()
}

/// Content of `length` bytes that differs by `seed`.
pub(crate) fn content(seed: u8, length: usize) -> Bytes {
    let block: Vec<u8> = (0..=250u8).map(|at| at.wrapping_mul(3).wrapping_add(seed)).collect();
    Bytes::from(block.repeat(length / block.len() + 1)).slice(..length)
}

pub(crate) fn offer(lane: Lane, content: &[u8]) -> Offer {
    Offer {
        exchange_id: ExchangeId::from_bytes([1; 16]),
        kind: OfferKind::Document,
        sender: "H48.20".parse().unwrap(),
        document_id: "1/UBND".parse().unwrap(),
        business_type: BusinessType::New,
        lane,
        length: content.len() as u64,
        digest: sha256(content),
        envelope: None,
        recipients: vec!["H51.15".parse().unwrap(), "H51.16".parse().unwrap()],
        hops: Vec::new(),
        accepted_at: UnixMillis::new(1_700_000_000_000),
        about: None,
        report: None,
        origin: None,
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt { payload: b"{}".to_vec(), signature: "a..b".into() }
}

/// Waits until `look` finds something; `changed` is notified after every change.
async fn wait_for<T>(changed: &Notify, mut look: impl FnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            let notified = changed.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            if let Some(found) = look() {
                return found;
            }
            notified.await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the condition comes true in time")
}

#[derive(Default)]
pub(crate) struct FakeOutbox {
    due: Mutex<VecDeque<Outgoing<u64>>>,
    stored: Mutex<HashMap<u64, Bytes>>,
    settled: Mutex<Vec<(u64, TransferOutcome)>>,
    /// Item and offset of each `open`.
    pub(crate) opened: Mutex<Vec<(u64, u64)>>,
    /// Answer of `extend`, when it is to fail.
    pub(crate) lease_lost: Mutex<Option<Reason>>,
    changed: Notify,
}

impl FakeOutbox {
    pub(crate) fn put(&self, claim: u64, lane: Lane, data: Bytes) {
        let item = Outgoing { claim, offer: offer(lane, &data), content: Content::Stored };
        self.stored.lock().unwrap().insert(claim, data);
        self.put_item(item);
    }

    pub(crate) fn put_item(&self, item: Outgoing<u64>) {
        self.due.lock().unwrap().push_back(item);
        self.changed.notify_waiters();
    }

    /// Forgets the stored content, so that opening it fails.
    pub(crate) fn lose(&self, claim: u64) {
        self.stored.lock().unwrap().remove(&claim);
    }

    pub(crate) fn due(&self) -> usize {
        self.due.lock().unwrap().len()
    }

    pub(crate) fn settled_so_far(&self) -> Vec<(u64, TransferOutcome)> {
        self.settled.lock().unwrap().clone()
    }

    /// Waits for `count` settlements and gives them, by item; panics when an item has two.
    pub(crate) async fn settled(&self, count: usize) -> HashMap<u64, TransferOutcome> {
        let all = wait_for(&self.changed, || {
            let settled = self.settled.lock().unwrap();
            (settled.len() >= count).then(|| settled.clone())
        })
        .await;
        let by_item: HashMap<_, _> = all.iter().cloned().collect();
        assert_eq!(by_item.len(), all.len(), "an item was settled twice");
        by_item
    }
}

#[async_trait]
impl Outbox for FakeOutbox {
    type Claim = u64;

    async fn next(&self, _: &NeighbourId, room: Room, stop: &CancellationToken) -> Vec<Outgoing<u64>> {
        loop {
            let notified = self.changed.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            let mut claimed = Vec::new();
            {
                let mut due = self.due.lock().unwrap();
                while claimed.len() < room.items
                    && let Some(at) = due.iter().position(|item| item.offer.lane >= room.lane_min)
                {
                    claimed.extend(due.remove(at));
                }
            }
            if !claimed.is_empty() || stop.is_cancelled() {
                return claimed;
            }
            tokio::select! {
                () = notified => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn open(&self, item: &Outgoing<u64>, offset: u64) -> Result<Box<dyn AsyncRead + Send + Unpin>, Reason> {
        self.opened.lock().unwrap().push((item.claim, offset));
        let stored = self.stored.lock().unwrap().get(&item.claim).cloned();
        let data = stored.ok_or_else(|| Reason::new(ErrorCode::StoreDamaged, "lost"))?;
        Ok(Box::new(std::io::Cursor::new(data.slice(usize::try_from(offset).unwrap()..))))
    }

    async fn extend(&self, _: &Outgoing<u64>) -> Result<(), Reason> {
        self.lease_lost.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    async fn settle(&self, item: &Outgoing<u64>, outcome: TransferOutcome) {
        self.settled.lock().unwrap().push((item.claim, outcome));
        self.changed.notify_waiters();
    }
}

type Policy = Box<dyn Fn(&Offer) -> Option<Refusal> + Send + Sync>;

/// Keeps contents by digest; what was not finished stays for the next try.
pub(crate) struct FakeInbound {
    kept: Mutex<HashMap<Digest, Vec<u8>>>,
    finished: Mutex<HashMap<Digest, Bytes>>,
    /// Refusal at the offer.
    policy: Policy,
    /// Recipients refused at the end.
    pub(crate) partly: Mutex<Vec<relay::RecipientRefusal>>,
    /// One permit per write of a normal-lane content; closed: no limit.
    pub(crate) writes: Semaphore,
    offers: Mutex<u64>,
    changed: Notify,
}

impl FakeInbound {
    pub(crate) fn new() -> Arc<Self> {
        let inbound = Self::blocked();
        inbound.writes.close();
        inbound
    }

    /// Normal-lane contents wait before every write.
    pub(crate) fn blocked() -> Arc<Self> {
        Self::with(Semaphore::new(0), |_| None)
    }

    pub(crate) fn refusing(policy: impl Fn(&Offer) -> Option<Refusal> + Send + Sync + 'static) -> Arc<Self> {
        let inbound = Self::with(Semaphore::new(0), policy);
        inbound.writes.close();
        inbound
    }

    fn with(writes: Semaphore, policy: impl Fn(&Offer) -> Option<Refusal> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            kept: Mutex::default(),
            finished: Mutex::default(),
            policy: Box::new(policy),
            partly: Mutex::default(),
            writes,
            offers: Mutex::default(),
            changed: Notify::new(),
        })
    }

    pub(crate) fn finished(&self, digest: &Digest) -> Option<Bytes> {
        self.finished.lock().unwrap().get(digest).cloned()
    }

    pub(crate) fn kept(&self, digest: &Digest) -> usize {
        self.kept.lock().unwrap().get(digest).map_or(0, Vec::len)
    }

    pub(crate) async fn offers(&self, count: u64) {
        wait_for(&self.changed, || (*self.offers.lock().unwrap() >= count).then_some(())).await;
    }
}

/// Lets the test's `Arc<FakeInbound>` be the port too.
pub(crate) struct Door(pub(crate) Arc<FakeInbound>);

#[async_trait]
impl Inbound for Door {
    async fn offer(&self, _: &NeighbourId, offer: Offer) -> OfferDecision {
        *self.0.offers.lock().unwrap() += 1;
        self.0.changed.notify_waiters();
        if let Some(refusal) = (self.0.policy)(&offer) {
            return OfferDecision::Refuse(refusal);
        }
        if self.0.finished(&offer.digest).is_some() {
            return OfferDecision::AlreadyHave(Acceptance { receipt: receipt(), refused: Vec::new() });
        }
        let kept = self.0.kept.lock().unwrap().remove(&offer.digest).unwrap_or_default();
        let content = FakeContent { inbound: Arc::clone(&self.0), offer, data: kept };
        OfferDecision::SendFrom(content.data.len() as u64, Box::new(content))
    }
}

struct FakeContent {
    inbound: Arc<FakeInbound>,
    offer: Offer,
    data: Vec<u8>,
}

impl Drop for FakeContent {
    fn drop(&mut self) {
        let kept = std::mem::take(&mut self.data);
        self.inbound.kept.lock().unwrap().insert(self.offer.digest, kept);
    }
}

#[async_trait]
impl IncomingContent for FakeContent {
    async fn write(&mut self, data: Bytes) -> Result<(), Refusal> {
        if self.offer.lane == Lane::Normal
            && let Ok(permit) = self.inbound.writes.acquire().await
        {
            permit.forget();
        }
        self.data.extend_from_slice(&data);
        assert!(self.data.len() as u64 <= self.offer.length);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<Acceptance, Refusal> {
        if sha256(&self.data) != self.offer.digest {
            return Err(Refusal::new(ErrorCode::DigestMismatch, "another content"));
        }
        let data = Bytes::from(std::mem::take(&mut self.data));
        self.inbound.finished.lock().unwrap().insert(self.offer.digest, data);
        Ok(Acceptance { receipt: receipt(), refused: self.inbound.partly.lock().unwrap().clone() })
    }
}
