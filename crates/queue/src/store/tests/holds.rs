use delivery::State;
use delivery::recall::Request;
use types::{BusinessType, ErrorCode, UnixMillis};

use super::support::*;
use crate::{
    Accept, Accepted, Act, Concerned, Deferral, DocumentKey, EntryKind, EventKind, HeldQuery, Hold, HoldNote,
    HoldQuota, InboxQuery, ItemId, NoteKind, Order, RecipientId, RecipientPlan, Released, ReportKind, Seq, Start,
    Started, Store, StoreOptions, key as keys,
};

const OFFICE: &str = "H48.20";
const OTHER: &str = "H48.21";
const CODE: ErrorCode = ErrorCode::PeerUnavailable;

fn hold() -> Hold {
    Hold { code: CODE, text: "no revocation data".to_owned(), until: NOW + seconds(3600) }
}

fn held(accept: Accept) -> Accept {
    Accept { hold: Some(hold()), ..accept }
}

fn note(kind: NoteKind, code: Option<ErrorCode>) -> HoldNote {
    let (text, by) = ("why".to_owned(), "an operator".to_owned());
    HoldNote { at: NOW, kind, code, text, by, report: b"report".to_vec() }
}

fn about(id: &str, earlier: &str, recipients: Vec<RecipientPlan>) -> Accept {
    Accept { business: BusinessType::Update, about: Some(key(earlier)), ..document(id, recipients) }
}

fn acting(id: &str, earlier: &str, request: Request, recipients: Vec<RecipientPlan>) -> Accept {
    let act = Act { earlier: key(earlier), request, concerned: Concerned::All, text: format!("by {id}") };
    Accept { business: BusinessType::Revoke, acts: vec![act], ..about(id, earlier, recipients) }
}

fn inbox(store: &Store, code: &str) -> Vec<String> {
    let query = InboxQuery { agency: agency(code), kind: None, after: ItemId::default(), max: 10, now: NOW };
    let items = store.inbox(&query).unwrap().items;
    items.into_iter().map(|item| item.document.key.document_id.to_string()).collect()
}

async fn release(store: &Store, seq: Seq) -> Released {
    store.release(seq, note(NoteKind::Released, None)).await.unwrap()
}

async fn refuse(store: &Store, seq: Seq) -> Released {
    store.refuse(seq, note(NoteKind::Refused, Some(ErrorCode::SignatureInvalid))).await.unwrap()
}

async fn start(store: &Store, seq: Seq) -> Started {
    store.start_held(Start { seq, now: NOW, evidence: Vec::new() }).await.unwrap()
}

/// Starts what may start, in order, until nothing more may.
async fn start_all(store: &Store) -> Vec<Seq> {
    let mut started = Vec::new();
    while let Some(seq) = store.ready(1).unwrap().pop() {
        assert_eq!(start(store, seq).await, Started::Now);
        started.push(seq);
    }
    started
}

fn ended(store: &Store, seq: Seq) -> Option<ErrorCode> {
    let delivery = store.recipients(seq, 0, 1).unwrap()[0].delivery;
    delivery.code().filter(|_| delivery.state() == State::Returned)
}

#[tokio::test]
async fn a_held_entry_is_kept_and_goes_nowhere() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_hop(OFFICE, HOP), to_inbox(OTHER)]))).await;
    assert!(claims(&bench.store, NOW + seconds(600)).is_empty());
    assert_eq!(inbox(&bench.store, OTHER), Vec::<String>::new());
    let recipients = bench.store.recipients(seq, 0, 10).unwrap();
    assert!(recipients.iter().all(|recipient| recipient.is_held && recipient.item.is_none()));
    let found = bench.store.hold(seq).unwrap().unwrap();
    assert_eq!((found.code, found.text.as_str(), found.is_ready), (Some(CODE), "no revocation data", false));
    assert_eq!((bench.store.stats().held, bench.store.stats().held_behind), (1, 0));
    let read = bench.store.read_by(RecipientId { seq, index: 1 });
    assert_eq!(read.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(start(&bench.store, seq).await, Started::NotReady);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_repeat_of_a_held_entry_gets_the_first_receipt() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    let again = bench.store.accept(document("D1", vec![to_inbox(OFFICE)])).await.unwrap();
    assert_eq!(again, Accepted::Duplicate { seq, receipt: b"receipt of D1".to_vec() });
    assert!(bench.store.hold(seq).unwrap().is_some());
}

#[tokio::test]
async fn a_released_entry_is_started_with_its_receipts_and_full_time() {
    let bench = Bench::new();
    let with_evidence = RecipientPlan { evidence: Some(b"consigned too early".to_vec()), ..to_inbox(OFFICE) };
    let seq = bench.accept(held(document("D1", vec![with_evidence, to_hop(OTHER, HOP)]))).await;
    assert_eq!(release(&bench.store, seq).await, Released::Done);
    assert_eq!(bench.store.ready(10).unwrap(), [seq]);
    assert!(inbox(&bench.store, OFFICE).is_empty(), "released is not started");
    let now = NOW + seconds(1800);
    let evidence = vec![(0, b"consigned".to_vec())];
    assert_eq!(bench.store.start_held(Start { seq, now, evidence }).await.unwrap(), Started::Now);
    assert_eq!(inbox(&bench.store, OFFICE), ["D1"]);
    assert_eq!(names(&claims(&bench.store, now)), ["D1"]);
    let track = bench.store.track(seq, 0, 2).unwrap().recipients;
    let receipts: Vec<_> = track[0].events.iter().map(|event| (event.kind, event.evidence.as_slice())).collect();
    assert_eq!(receipts, [(EventKind::Receipt, b"consigned".as_slice())]);
    let ttl = bench.store.shared().options.ttl.deadline(types::Lane::Normal, now);
    assert_eq!(track[1].recipient.delivery.expires_at(), ttl);
    let reports = bench.store.reports(None, 10).unwrap();
    assert_eq!(reports.iter().map(|report| report.about).collect::<Vec<_>>(), [ReportKind::Consigned]);
    assert!(bench.store.hold(seq).unwrap().is_none());
    assert_eq!(bench.store.stats().held + bench.store.stats().held_behind, 0);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn who_decided_when_and_why_is_kept() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    let (text, report) = ("still none".to_owned(), b"second look".to_vec());
    let deferral = Deferral { seq, code: ErrorCode::Overloaded, text, now: NOW + seconds(5), report };
    for _ in 0..2 {
        assert_eq!(bench.store.defer(deferral.clone()).await.unwrap(), Released::Done);
    }
    assert_eq!(bench.store.hold(seq).unwrap().unwrap().code, Some(ErrorCode::Overloaded));
    release(&bench.store, seq).await;
    start_all(&bench.store).await;
    let notes = bench.store.hold_notes(seq).unwrap();
    let kinds: Vec<NoteKind> = notes.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::Held, NoteKind::Deferred, NoteKind::Released, NoteKind::Started]);
    assert_eq!(notes[1].report, b"second look");
    assert_eq!(notes[2], note(NoteKind::Released, None));
}

#[tokio::test]
async fn later_packets_of_the_document_wait_and_follow_in_order() {
    let bench = Bench::new();
    let first = bench.accept(held(document("D1", vec![to_inbox(OFFICE), to_hop(OTHER, HOP)]))).await;
    let update = bench.accept(about("U1", "D1", vec![to_inbox(OFFICE), to_hop(OTHER, HOP)])).await;
    let second = bench.accept(about("U2", "U1", vec![to_inbox(OFFICE)])).await;
    bench.accept(document("D9", vec![to_inbox(OFFICE), to_hop(OTHER, HOP)])).await;
    assert_eq!(inbox(&bench.store, OFFICE), ["D9"]);
    assert_eq!((bench.store.stats().held, bench.store.stats().held_behind), (1, 2));
    assert_eq!(bench.store.hold(update).unwrap().unwrap().code, None);
    release(&bench.store, first).await;
    assert_eq!(bench.store.ready(10).unwrap(), [first], "one after the other");
    assert_eq!(start_all(&bench.store).await, [first, update, second]);
    assert_eq!(inbox(&bench.store, OFFICE), ["D9", "D1", "U1", "U2"]);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn packets_to_others_and_receipts_do_not_wait() {
    let bench = Bench::new();
    bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    bench.accept(about("U1", "D1", vec![to_inbox(OTHER)])).await;
    assert_eq!(inbox(&bench.store, OTHER), ["U1"]);
    let receipt = Accept { kind: EntryKind::Receipt, ..relayed("D1", vec![to_inbox(OFFICE)]) };
    bench.accept(receipt).await;
    assert_eq!(inbox(&bench.store, OFFICE), ["D1"], "the receipt");
}

#[tokio::test]
async fn what_waits_for_what_waits_waits() {
    let bench = Bench::new();
    bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    bench.accept(about("U1", "D1", vec![to_inbox(OFFICE), to_inbox(OTHER)])).await;
    bench.accept(about("U2", "D1", vec![to_inbox(OTHER)])).await;
    assert!(inbox(&bench.store, OTHER).is_empty(), "U2 would overtake U1");
}

#[tokio::test]
async fn a_held_packet_acts_when_it_starts_and_not_before() {
    let bench = Bench::new();
    let earlier = bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    let revoke = bench.accept(held(acting("R1", "D1", Request::Withdraw, vec![to_inbox(OFFICE)]))).await;
    assert_eq!((inbox(&bench.store, OFFICE), ended(&bench.store, earlier)), (vec!["D1".to_owned()], None));
    release(&bench.store, revoke).await;
    start_all(&bench.store).await;
    assert_eq!(ended(&bench.store, earlier), Some(ErrorCode::Recalled));
    assert_eq!(ended(&bench.store, revoke), Some(ErrorCode::Recalled));
    assert!(inbox(&bench.store, OFFICE).is_empty());
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_revocation_behind_its_held_document_recalls_it_unseen() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    bench.accept(acting("R1", "D1", Request::Withdraw, vec![to_inbox(OFFICE)])).await;
    release(&bench.store, seq).await;
    start_all(&bench.store).await;
    assert_eq!(ended(&bench.store, seq), Some(ErrorCode::Recalled));
    assert!(inbox(&bench.store, OFFICE).is_empty());
}

#[tokio::test]
async fn a_replacement_of_another_thread_ends_what_is_held() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    let mut replacement = acting("P1", "D1", Request::Supersede, vec![to_inbox(OFFICE)]);
    replacement.about = None;
    bench.accept(replacement).await;
    assert_eq!(ended(&bench.store, seq), Some(ErrorCode::Replaced));
    assert_eq!(inbox(&bench.store, OFFICE), ["P1"]);
    assert!(bench.store.hold(seq).unwrap().is_none());
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_entry_goes_back_and_what_waited_goes_on() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE), to_hop(OTHER, HOP)]))).await;
    bench.accept(about("U1", "D1", vec![to_inbox(OFFICE)])).await;
    assert_eq!(refuse(&bench.store, seq).await, Released::Done);
    assert_eq!(ended(&bench.store, seq), Some(ErrorCode::SignatureInvalid));
    let reports = bench.store.reports(None, 10).unwrap();
    assert_eq!(reports.len(), 2);
    let returned = ReportKind::Returned { code: ErrorCode::SignatureInvalid, cause: None };
    assert!(reports.iter().all(|report| report.about == returned));
    start_all(&bench.store).await;
    assert_eq!(inbox(&bench.store, OFFICE), ["U1"]);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn release_and_refusal_may_be_repeated() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    assert_eq!(refuse(&bench.store, seq).await, Released::Done);
    assert_eq!(refuse(&bench.store, seq).await, Released::NotHeld);
    assert_eq!(release(&bench.store, seq).await, Released::NotHeld);
    let other = bench.accept(held(document("D2", vec![to_inbox(OFFICE)]))).await;
    assert_eq!(release(&bench.store, other).await, Released::Done);
    assert_eq!(release(&bench.store, other).await, Released::NotHeld);
    assert_eq!(start(&bench.store, other).await, Started::Now);
    assert_eq!(start(&bench.store, other).await, Started::NotReady);
    assert_eq!(bench.store.hold_notes(other).unwrap().len(), 3);
    let unknown = bench.store.release(Seq::new(999), note(NoteKind::Released, None)).await;
    assert_eq!(unknown.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn past_its_time_it_goes_back_for_the_reason_of_the_hold() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    bench.accept(about("U1", "D1", vec![to_inbox(OFFICE)])).await;
    assert!(bench.store.expire(NOW + seconds(3599), 10).await.unwrap().is_empty());
    let changes = bench.store.expire(NOW + seconds(3600), 10).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.reason).collect::<Vec<_>>(), [Some(CODE)]);
    let events = bench.store.track(seq, 0, 1).unwrap().recipients.remove(0).events;
    assert_eq!((events[0].kind, events[0].text.as_str()), (EventKind::Returned, "no revocation data"));
    assert_eq!(bench.store.hold_notes(seq).unwrap().last().unwrap().kind, NoteKind::Expired);
    start_all(&bench.store).await;
    assert_eq!(inbox(&bench.store, OFFICE), ["U1"]);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn no_hold_outlives_the_time_to_live_of_its_lane() {
    let bench = Bench::new();
    let far = Hold { until: UnixMillis::new(u64::MAX), ..hold() };
    let seq = bench.accept(Accept { hold: Some(far), ..document("D1", vec![to_inbox(OFFICE)]) }).await;
    let ttl = bench.store.shared().options.ttl.deadline(types::Lane::Normal, NOW);
    assert_eq!(bench.store.hold(seq).unwrap().unwrap().until, ttl);
    bench.store.expire(ttl, 10).await.unwrap();
    assert_eq!(ended(&bench.store, seq), Some(CODE));
}

#[tokio::test]
async fn what_only_waits_goes_back_for_its_own_time() {
    let bench = Bench::new();
    let expires = bench.store.shared().options.ttl.deadline(types::Lane::Normal, NOW);
    bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    let update = bench.accept(about("U1", "D1", vec![to_inbox(OFFICE)])).await;
    bench.store.expire(expires, 10).await.unwrap();
    assert_eq!(ended(&bench.store, update), Some(ErrorCode::TimeToLive));
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn further_recipients_join_the_hold_or_get_their_own() {
    let bench = Bench::new();
    let seq = bench.accept(held(relayed("D1", vec![to_inbox(OFFICE)]))).await;
    bench.store.accept(relayed("D1", vec![to_inbox(OTHER)])).await.unwrap();
    assert!(inbox(&bench.store, OTHER).is_empty());
    release(&bench.store, seq).await;
    start_all(&bench.store).await;
    assert_eq!((inbox(&bench.store, OFFICE).len(), inbox(&bench.store, OTHER).len()), (1, 1));
    bench.store.accept(held(relayed("D1", vec![to_inbox("H48.22")]))).await.unwrap();
    assert!(inbox(&bench.store, "H48.22").is_empty());
    let held: Vec<bool> = bench.store.recipients(seq, 0, 3).unwrap().iter().map(|one| one.is_held).collect();
    assert_eq!(held, [false, false, true]);
    refuse(&bench.store, seq).await;
    assert_eq!(inbox(&bench.store, OFFICE).len(), 1, "what was started goes on");
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn orders_do_not_reach_what_is_held() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_hop(OFFICE, HOP)]))).await;
    for order in [Order::Expedite, Order::Return { code: ErrorCode::Cancelled }] {
        let refused = bench.store.order(seq, vec![0], order, String::new(), NOW).await;
        assert_eq!(refused.unwrap_err().code(), ErrorCode::InvalidArgument);
    }
    assert!(claims(&bench.store, NOW).is_empty());
}

#[tokio::test]
async fn a_receipt_is_never_held() {
    let bench = Bench::new();
    let receipt = held(Accept { kind: EntryKind::Receipt, ..document("D1", vec![to_inbox(OFFICE)]) });
    assert_eq!(bench.store.accept(receipt).await.unwrap_err().code(), ErrorCode::InvalidArgument);
}

#[tokio::test]
async fn the_quarantine_is_listed_by_age_sender_and_deadline_page_by_page() {
    let bench = Bench::new();
    for n in 0..5_u64 {
        let until = NOW + seconds(3600 - n * 60);
        let mut accept =
            Accept { hold: Some(Hold { until, ..hold() }), ..document(&format!("D{n}"), vec![to_inbox(OFFICE)]) };
        if n % 2 == 1 {
            accept.key.sender = agency(OTHER);
        }
        bench.accept(accept).await;
    }
    let list = |query: HeldQuery| {
        let (mut ids, mut cursor) = (Vec::new(), None);
        loop {
            let page = bench.store.held(&query, cursor.as_ref(), 2).unwrap();
            assert!(page.entries.len() <= 2);
            ids.extend(page.entries.iter().map(|held| held.document.key.document_id.to_string()));
            cursor = page.next;
            if cursor.is_none() {
                return ids;
            }
        }
    };
    assert_eq!(list(HeldQuery::default()), ["D0", "D1", "D2", "D3", "D4"]);
    assert_eq!(list(HeldQuery { sender: Some(agency(OTHER)), ..HeldQuery::default() }), ["D1", "D3"]);
    let soon = Some(NOW + seconds(3600 - 90));
    assert_eq!(list(HeldQuery { due_before: soon, ..HeldQuery::default() }), ["D4", "D3", "D2"]);
    assert!(list(HeldQuery { code: Some(ErrorCode::Internal), ..HeldQuery::default() }).is_empty());
}

#[tokio::test]
async fn a_restart_keeps_holds_and_what_is_ready() {
    let bench = Bench::new();
    let seq = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    let other = bench.accept(held(document("D2", vec![to_inbox(OFFICE)]))).await;
    release(&bench.store, other).await;
    let bench = bench.reopen().await;
    assert!(inbox(&bench.store, OFFICE).is_empty());
    assert_eq!(bench.store.hold(seq).unwrap().unwrap().code, Some(CODE));
    assert_eq!(bench.store.ready(10).unwrap(), [other]);
    assert_eq!(start_all(&bench.store).await, [other]);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn a_store_of_format_1_opens_and_is_of_the_current_format_from_then_on() {
    use crate::record::rows::NumberRow;
    let bench = Bench::new();
    let seq = bench.accept(document("D1", vec![to_inbox(OFFICE)])).await;
    bench.store.close().await.unwrap();
    let format = keys::meta("format");
    let older = crate::record::values(&format, &NumberRow { number: 1 }).unwrap();
    let engine = bench.disk.engine();
    engine.apply(&older.into_iter().map(|(key, value)| (key, Some(value))).collect()).unwrap();
    drop(engine);
    let store = start_store(&bench);
    assert_eq!(store.document(seq).unwrap().held_from, None);
    let row: NumberRow = crate::record::read(&store.shared().guard, &format).unwrap().unwrap();
    assert_eq!(row.number, u64::from(crate::shared::FORMAT));
}

fn start_store(bench: &Bench) -> Store {
    super::support::start(&bench.disk, &bench.folder)
}

#[tokio::test]
async fn more_held_packets_than_are_compared_wait_in_order_too() {
    let bench = Bench::new();
    let mut held_ones = Vec::new();
    for n in 0..300 {
        let accept = if n == 0 {
            document("D0", vec![to_inbox(OFFICE)])
        } else {
            about(&format!("D{n}"), "D0", vec![to_inbox(OFFICE)])
        };
        held_ones.push(bench.accept(if n == 0 { held(accept) } else { accept }).await);
    }
    release(&bench.store, held_ones[0]).await;
    assert_eq!(start_all(&bench.store).await, held_ones);
    assert_eq!(bench.faults(), Vec::<String>::new());
}

/// A store that holds this much of each sender.
fn tight(documents: u64, bytes: u64) -> Bench {
    Bench::with(|options| StoreOptions { hold_quota: HoldQuota { documents, bytes }, ..options })
}

fn of(sender: &str, accept: Accept) -> Accept {
    let key = DocumentKey { sender: agency(sender), ..accept.key };
    Accept { key, ..accept }
}

#[tokio::test]
async fn a_sender_whose_part_is_used_up_is_refused_and_others_are_not() {
    let bench = tight(2, 1 << 20);
    let first = bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    bench.accept(held(document("D2", vec![to_inbox(OFFICE)]))).await;
    let third = || held(document("D3", vec![to_inbox(OFFICE)]));
    let error = bench.store.accept(third()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::QuarantineFull);
    assert!(error.to_string().contains("2 documents"), "{error}");
    bench.accept(document("D4", vec![to_inbox(OFFICE)])).await;
    bench.accept(of("H50.10", held(document("D5", vec![to_inbox(OFFICE)])))).await;
    assert!(matches!(
        bench.store.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await,
        Ok(Accepted::Duplicate { .. })
    ));

    assert_eq!(release(&bench.store, first).await, Released::Done);
    assert_eq!(start_all(&bench.store).await, [first]);
    bench.accept(third()).await;
    assert_eq!(bench.faults(), Vec::<String>::new());
}

#[tokio::test]
async fn bytes_count_too_and_one_document_always_fits() {
    let bench = tight(10, 1);
    bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    let error = bench.store.accept(held(document("D2", vec![to_inbox(OFFICE)]))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::QuarantineFull);
}

#[tokio::test]
async fn documents_of_one_batch_count_together() {
    let bench = tight(3, 1 << 20);
    let mut all = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (store, accept) = (bench.store.clone(), held(document(&format!("D{n}"), vec![to_inbox(OFFICE)])));
        all.spawn(async move { store.accept(accept).await });
    }
    let taken = all.join_all().await.into_iter().filter(Result::is_ok).count();
    assert_eq!(taken, 3);
    assert_eq!(bench.store.stats().held, 3);
}

#[tokio::test]
async fn what_would_wait_behind_something_held_counts_too() {
    let bench = tight(2, 1 << 20);
    bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    bench.accept(about("U1", "D1", vec![to_inbox(OFFICE)])).await;
    let error = bench.store.accept(about("U2", "D1", vec![to_inbox(OFFICE)])).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::QuarantineFull);
}

#[tokio::test]
async fn what_each_sender_has_is_known_again_after_a_restart() {
    let bench = Bench::new();
    bench.accept(held(document("D1", vec![to_inbox(OFFICE)]))).await;
    bench.accept(of("H50.10", held(document("D2", vec![to_inbox(OFFICE)])))).await;
    let before = bench.store.stats().held_of;
    assert_eq!(before.values().map(|held| held.documents).collect::<Vec<_>>(), [1, 1]);
    let bench = bench.reopen().await;
    assert_eq!(bench.store.stats().held_of, before);
    assert_eq!(bench.faults(), Vec::<String>::new());
}
