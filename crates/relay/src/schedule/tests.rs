use super::*;

/// Keeps every transfer ready with chunks of 1,000 bytes and counts who is served.
fn serve(schedule: &mut Schedule, transfers: &[u64], rounds: usize) -> Vec<u64> {
    let refill = |schedule: &mut Schedule, id| schedule.ready(id, Bytes::from_static(&[0; 1000]));
    transfers.iter().for_each(|id| refill(schedule, *id));
    let mut served = Vec::new();
    for _ in 0..rounds {
        let (id, _) = schedule.next().unwrap();
        served.push(id);
        refill(schedule, id);
    }
    served
}

#[test]
fn equal_transfers_alternate() {
    let mut schedule = Schedule::default();
    [1, 2, 3].iter().for_each(|id| schedule.join(*id, Lane::Normal));
    assert_eq!(serve(&mut schedule, &[1, 2, 3], 6), [1, 2, 3, 1, 2, 3]);
}

#[test]
fn an_urgent_transfer_gets_its_share_and_the_other_does_not_starve() {
    let mut schedule = Schedule::default();
    schedule.join(1, Lane::Normal);
    schedule.join(2, Lane::Express);
    let served = serve(&mut schedule, &[1, 2], 650);
    assert_eq!(served[0], 2, "of equals the urgent one is first");
    assert_eq!(served.iter().filter(|id| **id == 1).count(), 10);
}

#[test]
fn a_newcomer_is_served_at_once_and_does_not_catch_up_on_the_past() {
    let mut schedule = Schedule::default();
    schedule.join(1, Lane::Normal);
    serve(&mut schedule, &[1], 1000);
    schedule.join(2, Lane::Normal);
    let served = serve(&mut schedule, &[1, 2], 10);
    assert_eq!(served.iter().filter(|id| **id == 2).count(), 5, "{served:?}");
    assert!(served[..2].contains(&2), "{served:?}");
}

#[test]
fn a_transfer_that_waited_for_credit_does_not_catch_up() {
    let mut schedule = Schedule::default();
    schedule.join(1, Lane::Normal);
    schedule.join(2, Lane::Normal);
    serve(&mut schedule, &[1], 1000);
    let served = serve(&mut schedule, &[1, 2], 10);
    assert_eq!(served.iter().filter(|id| **id == 2).count(), 5, "{served:?}");
}

#[test]
fn a_transfer_that_left_is_not_served() {
    let mut schedule = Schedule::default();
    schedule.join(1, Lane::Normal);
    schedule.ready(1, Bytes::from_static(b"x"));
    schedule.leave(1);
    assert!(!schedule.has_next());
    assert!(schedule.next().is_none());
}
