//! A small store with something of every kind in it, on a real engine.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use tempfile::TempDir;
use types::{AgencyCode, BusinessType, ErrorCode, ExchangeId, Lane, UnixMillis};

use crate::engine::{self, synced};
use crate::key::Kind;
use crate::{
    Accept, Accepted, ClaimRequest, Confirm, Content, DocumentKey, EngineKind, EntryKind, Hold, InboxQuery, ItemId,
    Offline, Order, Origin, Outcome, Plan, RecipientPlan, Seq, Settlement, Space, Store, StoreOptions,
};

pub(super) const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);

pub(super) fn options(folder: &TempDir, engine: EngineKind) -> StoreOptions {
    let space = Arc::new(|_: &std::path::Path| Ok(Space { free: 50, total: 100 }));
    StoreOptions { engine, space, ..StoreOptions::new(folder.path().join("data")) }
}

pub(super) fn agency(code: &str) -> AgencyCode {
    code.parse().unwrap()
}

pub(super) fn key_of(id: &str) -> DocumentKey {
    DocumentKey { sender: agency("000.00.00.G22"), document_id: id.parse().unwrap() }
}

fn to_hop(code: &str) -> RecipientPlan {
    RecipientPlan { code: agency(code), plan: Plan::Hop("tinh-h48".parse().unwrap()), evidence: None }
}

fn to_inbox(code: &str) -> RecipientPlan {
    RecipientPlan { code: agency(code), plan: Plan::Inbox(agency(code)), evidence: Some(b"consigned".to_vec()) }
}

fn document(id: &str, recipients: Vec<RecipientPlan>) -> Accept {
    let mut exchange = [7; 16];
    exchange[..id.len().min(16)].copy_from_slice(&id.as_bytes()[..id.len().min(16)]);
    Accept {
        exchange: ExchangeId::from_bytes(exchange),
        kind: EntryKind::Document,
        key: key_of(id),
        business: BusinessType::New,
        lane: Lane::Normal,
        due: None,
        received_at: NOW,
        content: Content::Inline(format!("content of {id}").into_bytes()),
        side: Content::Inline(b"envelope".to_vec()),
        summary: b"summary".to_vec(),
        origin: Origin::Local("qlvb".parse().unwrap()),
        hops: Vec::new(),
        about: None,
        recipients,
        receipt: format!("receipt of {id}").into_bytes(),
        answers: Vec::new(),
        acts: Vec::new(),
        hold: None,
    }
}

async fn accept(store: &Store, accept: Accept) -> Seq {
    match store.accept(accept).await.unwrap() {
        Accepted::New { seq } => seq,
        other => panic!("expected a new entry, got {other:?}"),
    }
}

pub(super) const DOCUMENTS: [&str; 7] = ["D0", "D1", "D2", "D3", "D4", "D5", "D6"];

/// Documents that wait, wait behind another, are held, parked, retried, delivered, confirmed and returned; payload files
/// and records in parts.
pub(super) async fn fill(store: &Store) {
    let recipients = || vec![to_hop("H48.20"), to_inbox("H48.21")];
    let mut staged = store.stage().unwrap();
    staged.write_all(&vec![5; crate::INLINE_MAX + 1]).unwrap();
    let content = Content::Staged(staged.finish().unwrap());
    let large = Accept { content, receipt: vec![8; 9000], ..document("D0", recipients()) };
    accept(store, large).await;
    let (content, side) = (Content::Inline(vec![4; 9000]), Content::Inline(vec![2; 1000]));
    accept(store, Accept { about: Some(key_of("D0")), content, side, ..document("D1", recipients()) }).await;
    let hold = Hold { code: ErrorCode::PeerUnavailable, text: "no data".to_owned(), until: NOW };
    accept(store, Accept { hold: Some(hold), ..document("D2", recipients()) }).await;
    let parked = accept(store, document("D3", recipients())).await;
    store.order(parked, vec![0], Order::Hold, "wait".to_owned(), NOW).await.unwrap();
    accept(store, document("D4", recipients())).await;
    accept(store, document("D5", vec![to_hop("H48.20")])).await;
    let returned = Plan::Returned { code: ErrorCode::NoRoute };
    accept(store, document("D6", vec![RecipientPlan { code: agency("H48.22"), plan: returned, evidence: None }])).await;
    let request = ClaimRequest {
        hop: "tinh-h48".parse().unwrap(),
        now: NOW,
        lease: std::time::Duration::from_secs(60),
        max: 10,
        least: Lane::Normal,
    };
    for claim in store.claim(&request).unwrap() {
        let outcome = match claim.document.key.document_id.as_str() {
            "D4" => Outcome::Failed { code: ErrorCode::PeerUnavailable, text: "refused".to_owned() },
            "D5" => Outcome::Delivered { evidence: vec![6; 5000] },
            _ => continue,
        };
        let outcomes = claim.recipients.iter().map(|recipient| (recipient.index, outcome.clone())).collect();
        store.settle(vec![Settlement { fence: claim.fence.clone(), now: NOW, outcomes }]).await.unwrap();
    }
    let query = InboxQuery { agency: agency("H48.21"), kind: None, after: ItemId::default(), max: 1, now: NOW };
    let item = store.inbox(&query).unwrap().items.remove(0).id;
    let confirm = Confirm { agency: agency("H48.21"), item, token: None, now: NOW, evidence: b"read".to_vec() };
    store.confirm(confirm).await.unwrap();
}

/// Plain documents, enough of them for several segments and tables.
pub(super) async fn fill_more(store: &Store, count: u32) {
    for n in 0..count {
        let more =
            Accept { summary: vec![3; 1500], ..document(&format!("M{n}"), vec![to_hop("H48.20"), to_inbox("H48.21")]) };
        accept(store, more).await;
    }
}

pub(super) fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A stopped store with something of everything.
pub(super) fn filled(engine: EngineKind) -> TempDir {
    let folder = TempDir::new().unwrap();
    run(async {
        let store = Store::open(options(&folder, engine)).unwrap();
        fill(&store).await;
        store.close().await.unwrap();
    });
    folder
}

pub(super) fn offline(folder: &TempDir) -> Offline {
    Offline::open(options(folder, EngineKind::Sled)).unwrap()
}

/// Every record but those that an opening changes.
pub(super) fn records(folder: &TempDir) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let store = offline(folder);
    let mut found = BTreeMap::new();
    for first in 0..=u8::MAX {
        crate::check::walk_kind(&store.guard, first, &mut |key, value| {
            if first != Kind::Meta as u8 {
                found.insert(key.to_vec(), value.to_vec());
            }
            Ok(())
        })
        .unwrap();
    }
    found
}

/// Changes records behind the store's back.
pub(super) fn tamper(folder: &TempDir, engine: EngineKind, changes: &crate::engine::Changes) {
    let place = crate::engine::place::Place::find(&folder.path().join("data")).unwrap().unwrap();
    let engine = engine::open(engine, &place.path(&folder.path().join("data")), 1 << 20, synced()).unwrap();
    engine.apply(changes).unwrap();
    engine.flush().unwrap();
}

pub(super) fn damage(folder: &TempDir) -> Vec<String> {
    let report = offline(folder).check(&mut |_| {}).unwrap();
    report.damage.into_iter().map(|damage| format!("{}: {}", damage.what, damage.reason)).collect()
}

/// The same test for each engine.
macro_rules! of_each_engine {
    ($($name:ident)*) => {
        mod sled {
            $(#[test]
            fn $name() {
                super::$name(crate::EngineKind::Sled);
            })*
        }
        mod fjall {
            $(#[test]
            fn $name() {
                super::$name(crate::EngineKind::Fjall);
            })*
        }
    };
}
pub(super) use of_each_engine;
