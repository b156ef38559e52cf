//! A store over a fake disk, and entries to put into it.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use types::{AgencyCode, BusinessType, DocumentId, ErrorCode, ExchangeId, Lane, NeighbourId, SystemId, UnixMillis};

use crate::engine::Engine;
use crate::engine::cutting::RealDisk;
use crate::engine::fake::{FakeDisk, FakeEngine};
use crate::{
    Accept, Accepted, Claim, ClaimRequest, Content, DocumentKey, EngineKind, EntryKind, Origin, Outcome, Plan,
    RecipientPlan, Seq, Settled, Settlement, Space, Store, StoreOptions,
};

pub(crate) const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);
pub(crate) const HOP: &str = "tinh-h48";

/// Where the records of a test are: a fake disk, or a real engine that can be cut.
pub(super) trait Disk: Clone {
    fn create(folder: &TempDir) -> Self;

    fn engine(&self) -> Box<dyn Engine>;
}

impl Disk for FakeDisk {
    fn create(_: &TempDir) -> Self {
        Self::default()
    }

    fn engine(&self) -> Box<dyn Engine> {
        Box::new(FakeEngine(self.clone()))
    }
}

macro_rules! real_disk {
    ($name:ident, $kind:expr) => {
        #[derive(Clone)]
        pub(super) struct $name(RealDisk);

        impl Disk for $name {
            fn create(folder: &TempDir) -> Self {
                Self(RealDisk::new($kind, folder.path().join($kind.as_str())))
            }

            fn engine(&self) -> Box<dyn Engine> {
                self.0.engine()
            }
        }

        impl std::ops::Deref for $name {
            type Target = RealDisk;

            fn deref(&self) -> &RealDisk {
                &self.0
            }
        }
    };
}
real_disk!(OnSled, EngineKind::Sled);
real_disk!(OnFjall, EngineKind::Fjall);

/// A store whose payloads are in a temporary folder.
pub(super) struct BenchOn<D: Disk> {
    pub(super) disk: D,
    pub(super) folder: TempDir,
    pub(super) store: Store,
}

pub(super) type Bench = BenchOn<FakeDisk>;
/// Every write is cut once; over a real engine every so many.
pub(super) const CUT_STEP: u64 = 1;
/// Sequences of operations that are tried.
pub(super) const CASES: u32 = 48;

pub(super) fn options(folder: &TempDir) -> StoreOptions {
    let space = Arc::new(|_: &std::path::Path| Ok(Space { free: 50, total: 100 }));
    StoreOptions { space, ..StoreOptions::new(folder.path()) }
}

pub(super) fn start<D: Disk>(disk: &D, folder: &TempDir) -> Store {
    Store::start(options(folder), disk.engine(), None).unwrap()
}

impl<D: Disk> BenchOn<D> {
    pub(super) fn new() -> Self {
        Self::with(|options| options)
    }

    pub(super) fn with(change: impl FnOnce(StoreOptions) -> StoreOptions) -> Self {
        let folder = TempDir::new().unwrap();
        let disk = D::create(&folder);
        let store = Store::start(change(options(&folder)), disk.engine(), None).unwrap();
        Self { disk, folder, store }
    }

    pub(super) async fn reopen(self) -> Self {
        self.store.close().await.unwrap();
        let store = start(&self.disk, &self.folder);
        Self { store, ..self }
    }

    pub(super) async fn accept(&self, accept: Accept) -> Seq {
        match self.store.accept(accept).await.unwrap() {
            Accepted::New { seq } => seq,
            other => panic!("expected a new entry, got {other:?}"),
        }
    }

    /// Damage in the records, and numbers that do not add up.
    pub(super) fn faults(&self) -> Vec<String> {
        faults(&self.store)
    }
}

pub(super) fn faults(store: &Store) -> Vec<String> {
    let damage = store.check().unwrap().damage;
    damage.into_iter().map(|damage| format!("{}: {}", damage.what, damage.reason)).collect()
}

pub(super) fn agency(code: &str) -> AgencyCode {
    code.parse().unwrap()
}

pub(super) fn hop(name: &str) -> NeighbourId {
    name.parse().unwrap()
}

pub(super) fn system(name: &str) -> SystemId {
    name.parse().unwrap()
}

pub(super) fn key(document_id: &str) -> DocumentKey {
    DocumentKey { sender: agency("000.00.00.G22"), document_id: document_id.parse::<DocumentId>().unwrap() }
}

pub(crate) fn to_hop(code: &str, name: &str) -> RecipientPlan {
    RecipientPlan { code: agency(code), plan: Plan::Hop(hop(name)), evidence: None }
}

pub(super) fn to_inbox(code: &str) -> RecipientPlan {
    RecipientPlan { code: agency(code), plan: Plan::Inbox(agency(code)), evidence: None }
}

pub(super) fn returned(code: &str) -> RecipientPlan {
    RecipientPlan { code: agency(code), plan: Plan::Returned { code: ErrorCode::NoRoute }, evidence: None }
}

pub(crate) fn document(document_id: &str, recipients: Vec<RecipientPlan>) -> Accept {
    let mut exchange = [0; 16];
    let length = document_id.len().min(16);
    exchange[..length].copy_from_slice(&document_id.as_bytes()[..length]);
    Accept {
        exchange: ExchangeId::from_bytes(exchange),
        kind: EntryKind::Document,
        key: key(document_id),
        business: BusinessType::New,
        lane: Lane::Normal,
        due: None,
        received_at: NOW,
        content: Content::Inline(format!("content of {document_id}").into_bytes()),
        side: Content::Inline(b"envelope".to_vec()),
        summary: b"summary".to_vec(),
        origin: Origin::Local(system("qlvb")),
        hops: Vec::new(),
        about: None,
        recipients,
        receipt: format!("receipt of {document_id}").into_bytes(),
        answers: Vec::new(),
        acts: Vec::new(),
        hold: None,
    }
}

/// An entry that a neighbour sent.
pub(super) fn relayed(document_id: &str, recipients: Vec<RecipientPlan>) -> Accept {
    Accept { origin: Origin::Neighbour(hop("truc")), ..document(document_id, recipients) }
}

pub(super) fn request(name: &str, now: UnixMillis) -> ClaimRequest {
    ClaimRequest { hop: hop(name), now, lease: Duration::from_secs(60), max: 10, least: Lane::Normal }
}

pub(crate) fn claims(store: &Store, now: UnixMillis) -> Vec<Claim> {
    store.claim(&request(HOP, now)).unwrap()
}

pub(super) fn names(claims: &[Claim]) -> Vec<String> {
    claims.iter().map(|claim| claim.document.key.document_id.to_string()).collect()
}

/// The same outcome for every recipient of a claim.
pub(super) async fn settle(store: &Store, claim: &Claim, outcome: Outcome, now: UnixMillis) -> Settled {
    let outcomes = claim.recipients.iter().map(|recipient| (recipient.index, outcome.clone())).collect();
    let settlement = Settlement { fence: claim.fence.clone(), now, outcomes };
    store.settle(vec![settlement]).await.unwrap().pop().unwrap()
}

pub(super) fn delivered() -> Outcome {
    Outcome::Delivered { evidence: b"their receipt".to_vec() }
}

pub(super) fn failed() -> Outcome {
    Outcome::Failed { code: ErrorCode::PeerUnavailable, text: "connection refused".to_owned() }
}

pub(super) fn refused() -> Outcome {
    Outcome::Refused { code: ErrorCode::PeerRefused, text: "no such office".to_owned(), evidence: Vec::new() }
}

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
