use types::UnixMillis;

use super::support::*;
use crate::{Accept, Deadline, DeadlineLook, EventKind, Seq};

fn due(hours: u64) -> UnixMillis {
    NOW + seconds(hours * 3600)
}

async fn accept_due(bench: &Bench, id: &str, hours: u64) -> Seq {
    bench
        .accept(Accept { due: Some(due(hours)), ..document(id, vec![to_hop("H48.20", HOP), to_hop("H48.21", HOP)]) })
        .await
}

#[tokio::test]
async fn deadlines_are_listed_the_next_first_and_page_by_page() {
    let bench = Bench::new();
    let later = accept_due(&bench, "D1", 5).await;
    let sooner = accept_due(&bench, "D2", 2).await;
    bench.accept(document("D3", vec![to_hop("H48.20", HOP)])).await;
    let first = bench.store.deadlines(due(24), None, 1).unwrap();
    assert_eq!(first, [Deadline { due: due(2), seq: sooner }]);
    let second = bench.store.deadlines(due(24), first.first().copied(), 10).unwrap();
    assert_eq!(second, [Deadline { due: due(5), seq: later }]);
    assert_eq!(bench.store.deadlines(due(2), None, 10).unwrap(), []);
}

#[tokio::test]
async fn a_warning_is_an_event_of_those_who_still_wait_and_is_given_once() {
    let bench = Bench::new();
    let seq = accept_due(&bench, "D1", 2).await;
    let claim = claims(&bench.store, NOW).pop().unwrap();
    let outcomes = vec![(0, delivered()), (1, failed())];
    bench.store.settle(vec![crate::Settlement { fence: claim.fence, now: NOW, outcomes }]).await.unwrap();
    let deadline = bench.store.deadlines(due(3), None, 10).unwrap().pop().unwrap();
    let at_risk = vec![(0, "late".to_owned()), (1, "late".to_owned())];
    bench.store.note_deadlines(vec![DeadlineLook { deadline, at_risk, is_done: true }], NOW).await.unwrap();
    let track = bench.store.track(seq, 0, 10).unwrap().recipients;
    let warned = |index: usize| track[index].events.iter().filter(|event| event.kind == EventKind::AtRisk).count();
    assert_eq!((warned(0), warned(1)), (0, 1));
    assert_eq!(bench.store.deadlines(due(3), None, 10).unwrap(), []);
    assert_eq!(bench.faults(), Vec::<String>::new());
}
