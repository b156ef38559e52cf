use super::*;
use crate::system::System;

fn set(flags: &[&str]) -> Faults {
    let mut faults = Faults::default();
    flags.iter().for_each(|flag| faults.set(flag).unwrap());
    faults
}

#[test]
fn every_fault_has_a_flag() {
    let faults = set(&[
        "latency=200ms±50ms",
        "error=20@10%:sendEdoc",
        "error=15",
        "reset=5%",
        "truncate=0.25",
        "duplicate=1%",
        "wrong-base64=2%",
        "repeat=10%",
        "shuffle=50%",
        "early-status=100%",
        "clock-skew=-5m",
        "rotate=60s",
        "maintenance=30s/5m:refuse",
    ]);
    assert_eq!(faults.latency, Some(Latency { mean_ms: 200, spread_ms: 50, rate: 1.0, operation: None }));
    assert_eq!(faults.error[0], ErrorFault { code: 20, rate: 0.1, operation: Some("sendEdoc".to_owned()) });
    assert_eq!((faults.clock_skew_seconds, faults.rotate), (-300, Some(Rotation::Seconds(60))));
    let window = Maintenance { every_seconds: 300, for_seconds: 30, mode: Away::Refuse };
    assert_eq!(faults.maintenance, Some(window));
}

#[test]
fn what_is_out_of_range_is_refused() {
    for wrong in ["reset=101%", "error=0", "error=11", "error=20:sendedoc", "latency=2h", "rotate=0", "x=1", "reset"] {
        assert!(Faults::default().set(wrong).is_err(), "{wrong}");
    }
    assert!(Faults::from_json(br#"{"resett":0.5}"#).is_err());
    assert!(Faults::from_toml("reset = 2.0").is_err());
}

#[test]
fn the_file_has_the_same_names_as_the_admin_endpoint() {
    let toml = "reset = 0.5\n[latency]\nmean_ms = 10\n[[error]]\ncode = 20\n[rotate]\nrequests = 5\n";
    let faults = Faults::from_toml(toml).unwrap();
    assert_eq!(Faults::from_json(&serde_json::to_vec(&faults).unwrap()).unwrap(), faults);
}

fn plans(seed: u64, faults: &Faults) -> Vec<board::Plan> {
    let board = Board::new(seed, faults.clone());
    (0..200).map(|_| board.plan("H48", Some(Operation::GetEdoc))).collect()
}

#[test]
fn a_seed_repeats_its_run_and_another_seed_makes_another() {
    let faults = set(&["latency=20ms±10ms", "error=20@20%", "reset=20%", "wrong-base64=20%"]);
    assert_eq!(plans(1, &faults), plans(1, &faults));
    assert_ne!(plans(1, &faults), plans(2, &faults));
}

#[test]
fn what_another_system_does_changes_nothing_for_this_one() {
    let faults = set(&["error=20@50%"]);
    let board = Board::new(1, faults.clone());
    let mixed: Vec<_> = (0..200)
        .map(|_| {
            board.plan("G22", Some(Operation::GetEdoc));
            board.plan("H48", Some(Operation::GetEdoc))
        })
        .collect();
    assert_eq!(mixed, plans(1, &faults));
}

#[test]
fn a_rate_is_met() {
    let failed = plans(7, &set(&["error=20@30%"])).iter().filter(|plan| plan.error.is_some()).count();
    assert!((40..=80).contains(&failed), "{failed} of 200");
}

#[test]
fn an_error_of_one_operation_leaves_the_others_alone() {
    let board = Board::new(1, set(&["error=20:sendEdoc"]));
    assert_eq!(board.plan("H48", Some(Operation::GetEdoc)).error, None);
    assert_eq!(board.plan("H48", Some(Operation::SendEdoc)).error, Some(AxisCode::Internal));
}

#[test]
fn a_secret_changes_with_the_requests_and_does_not_come_back() {
    let system: System = "H48:first".parse().unwrap();
    let board = Board::new(1, set(&["rotate=2"]));
    let mut secrets = Vec::new();
    for _ in 0..4 {
        board.plan("H48", None);
        secrets.push(board.secret(&system));
    }
    assert_eq!(secrets[0].as_bytes(), b"first");
    assert!(secrets[0] == secrets[1] && secrets[1] != secrets[2] && secrets[2] == secrets[3]);
    board.set(Faults::default()).unwrap();
    assert!(board.secret(&system) == secrets[3]);
}

#[test]
fn maintenance_begins_when_it_is_set() {
    let board = Board::new(1, set(&["maintenance=30s/5m"]));
    assert_eq!(board.plan("H48", None).error, Some(AxisCode::Internal));
    assert!(!board.refuses_connections());
    board.set(set(&["maintenance=30s/5m:refuse"])).unwrap();
    assert!(board.refuses_connections());
}

#[test]
fn a_shuffled_list_has_the_same_lines() {
    let board = Board::new(3, set(&["shuffle=100%"]));
    let mut list: Vec<u32> = (0..20).collect();
    board.listing("H48").shuffle(&mut list);
    assert_ne!(list, (0..20).collect::<Vec<_>>());
    list.sort_unstable();
    assert_eq!(list, (0..20).collect::<Vec<_>>());
}
