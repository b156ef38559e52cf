//! A power cut at every write: whatever was acknowledged is there, and what is there fits together.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use delivery::State;
use types::ErrorCode;

use super::support::*;
use crate::engine::fake::Cut;
use crate::{Accept, Accepted, Content, Hold, HoldNote, NoteKind, Order, Plan, Seq, Settled, Start, Store};

/// What a caller was told.
#[derive(Default)]
struct Told {
    accepted: BTreeMap<String, Seq>,
    ended: Vec<(Seq, u32, State)>,
    held: BTreeSet<Seq>,
    started: Vec<Seq>,
    has_expired: bool,
}

/// Some in memory, some in files.
fn staged(store: &Store, text: &str) -> Content {
    let mut writer = store.stage().unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    if text.ends_with(['1', '3', '5', '7', '9']) {
        writer.write_all(&[b' '; crate::INLINE_MAX]).unwrap();
    }
    Content::Staged(writer.finish().unwrap())
}

/// A little of everything; ends early when the store stops answering.
async fn work(store: &Store, told: &mut Told) -> Result<(), crate::StoreError> {
    for n in 0..3 {
        let id = format!("D{n}");
        let recipients = vec![to_hop("H48.20", HOP), to_inbox("H48.21"), returned("H48.22")];
        let about = (n > 0).then(|| key("D0"));
        let accept = Accept { about, content: staged(store, &id), ..document(&id, recipients) };
        if let Accepted::New { seq } = store.accept(accept).await? {
            told.accepted.insert(id, seq);
            told.ended.push((seq, 2, State::Returned));
        }
    }
    hold_and_release(store, told).await?;
    for outcome in [failed(), delivered(), refused()] {
        let Some(claim) = claims(store, NOW + seconds(100 * 60)).pop() else { continue };
        let outcomes = claim.recipients.iter().map(|recipient| (recipient.index, outcome.clone())).collect();
        let settlement = crate::Settlement { fence: claim.fence.clone(), now: NOW, outcomes };
        if let Settled::Done { changes, .. } = store.settle(vec![settlement]).await?.remove(0) {
            let ended = changes.iter().filter(|change| change.state.is_final());
            told.ended.extend(ended.map(|change| (change.id.seq, change.id.index, change.state)));
        }
    }
    if let Some(last) = told.accepted.get("D2").copied() {
        let reroute = Order::Reroute { plan: Plan::Inbox(agency("H48.20")) };
        store.order(last, vec![0], reroute, String::new(), NOW).await?;
        told.has_expired = true;
        store.expire(NOW + seconds(8 * 24 * 3600), 100).await?;
        store.purge(NOW + seconds(9 * 24 * 3600), NOW, 100).await?;
    }
    Ok(())
}

/// Three entries in quarantine: one stays, one is started, one goes back.
async fn hold_and_release(store: &Store, told: &mut Told) -> Result<(), crate::StoreError> {
    let mut held = Vec::new();
    for id in ["H0", "H1", "H2"] {
        let hold = Hold { code: ErrorCode::PeerUnavailable, text: String::new(), until: NOW + seconds(3600) };
        let recipients = vec![to_hop("H48.20", HOP), to_inbox("H48.21")];
        let accept = Accept { hold: Some(hold), content: staged(store, id), ..document(id, recipients) };
        if let Accepted::New { seq } = store.accept(accept).await? {
            told.accepted.insert(id.to_owned(), seq);
            told.held.insert(seq);
            held.push(seq);
        }
    }
    let note =
        |kind, code| HoldNote { at: NOW, kind, code, text: String::new(), by: String::new(), report: Vec::new() };
    // From the request on it may be either way; once answered it is certain.
    told.held.remove(&held[1]);
    store.release(held[1], note(NoteKind::Released, None)).await?;
    store.start_held(Start { seq: held[1], now: NOW, evidence: Vec::new() }).await?;
    told.started.push(held[1]);
    told.held.remove(&held[2]);
    store.refuse(held[2], note(NoteKind::Refused, Some(ErrorCode::SignatureInvalid))).await?;
    told.ended.extend([(held[2], 0, State::Returned), (held[2], 1, State::Returned)]);
    Ok(())
}

async fn cut_and_look(writes: u64, cut: Cut) -> bool {
    let bench = Bench::new();
    bench.disk.cut_after(writes);
    let mut told = Told::default();
    let finished = work(&bench.store, &mut told).await.is_ok();
    if !finished {
        assert!(bench.store.is_poisoned(), "a failed write at {writes} poisons");
    }
    // Nothing may be written after the cut, whatever the closing says.
    drop(bench.store.close().await);
    bench.disk.power_cycle(cut);
    let store = start(&bench.disk, &bench.folder);
    assert_eq!(faults(&store), Vec::<String>::new(), "cut after {writes} writes, {cut:?}");
    for (id, seq) in &told.accepted {
        assert_eq!(store.lookup(&key(id)).unwrap(), [*seq], "cut after {writes} writes, {cut:?}");
        let repeat = document(id, vec![to_hop("H48.20", HOP)]);
        let repeat = Accept { content: staged(&store, id), ..repeat };
        assert!(matches!(store.accept(repeat).await.unwrap(), Accepted::Duplicate { .. }));
    }
    for seq in &told.started {
        assert!(store.hold(*seq).unwrap().is_none(), "cut after {writes} writes, {cut:?}");
    }
    // The last work lets the time of what is held pass.
    for seq in told.held.iter().filter(|_| !finished && !told.has_expired) {
        assert!(store.hold(*seq).unwrap().is_some(), "cut after {writes} writes, {cut:?}");
    }
    for (seq, index, state) in &told.ended {
        let found = store.recipients(*seq, *index, 1).unwrap().pop().unwrap();
        assert_eq!(found.delivery.state(), *state, "cut after {writes} writes, {cut:?}");
    }
    store.close().await.unwrap();
    finished
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_at_any_cut() {
    for cut in [Cut::LosesUnflushed, Cut::KeepsUnflushed] {
        let mut writes = 0;
        while !cut_and_look(writes, cut).await {
            writes += CUT_STEP;
        }
        assert!(writes > 15, "the work has many writes, there were {writes}");
    }
}

#[tokio::test]
async fn after_a_failed_flush_writes_are_refused_and_reads_go_on() {
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_hop("H48.20", HOP)])).await;
    bench.disk.cut_after(1);
    for _ in 0..2 {
        let error = bench.store.accept(document("D2", vec![to_hop("H48.20", HOP)])).await.unwrap_err();
        assert_eq!(error.code(), types::ErrorCode::StorePoisoned);
    }
    assert_eq!(bench.store.claim(&request(HOP, NOW)).unwrap_err().code(), types::ErrorCode::StorePoisoned);
    assert_eq!(bench.store.document(seq).unwrap().key, key("D1"));
    assert_eq!(bench.store.stats().accepted, 1);
    assert_eq!(bench.store.close().await.unwrap_err().code(), types::ErrorCode::StorePoisoned);
}

#[tokio::test]
async fn numbers_given_out_before_a_cut_are_not_given_again() {
    let bench = Bench::new();
    let first = bench.accept(document("D1", vec![to_inbox("H48.20")])).await;
    let bench = bench.reopen().await;
    assert!(bench.accept(document("D2", vec![to_inbox("H48.20")])).await > first);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let bench = Bench::new();
    bench.store.close().await.unwrap();
    let error = bench.store.accept(document("D1", vec![to_inbox("H48.20")])).await.unwrap_err();
    assert_eq!(error.code(), types::ErrorCode::ShuttingDown);
    assert_eq!(bench.store.lookup(&key("D1")).unwrap_err().code(), types::ErrorCode::ShuttingDown);
}

#[tokio::test]
async fn a_payload_is_in_its_place_before_its_record_is_written() {
    let bench = Bench::new();
    let content = staged(&bench.store, "the bytes of 1");
    let Content::Staged(file) = &content else { unreachable!() };
    let path = bench.store.shared().payloads.path(&file.digest());
    bench.disk.cut_after(0);
    let accept = Accept { content, ..document("D1", vec![to_inbox("H48.20")]) };
    bench.store.accept(accept).await.unwrap_err();
    assert!(path.is_file());
}
