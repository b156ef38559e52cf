use super::*;

fn leaf(number: u8) -> Digest {
    Digest::new([number; 32])
}

fn at(seconds: u64) -> UnixMillis {
    UnixMillis::new(1_795_230_000_000 + seconds * 1000)
}

fn open(dir: &Path) -> Ledger {
    Ledger::open(dir, "lgsp-h48").unwrap()
}

/// Batches of one receipt a second, all stamped.
fn stamped(dir: &Path, batches: u8) -> Ledger {
    let ledger = open(dir);
    for number in 1..=batches {
        ledger.note(&[leaf(number)], at(u64::from(number))).unwrap();
        let closed = ledger.close().unwrap().unwrap();
        ledger.stamped(closed, b"token").unwrap();
    }
    ledger
}

#[test]
fn a_receipt_goes_from_open_over_waiting_to_stamped() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    assert_eq!(ledger.close().unwrap(), None);
    ledger.note(&[leaf(1), leaf(2), leaf(3)], at(0)).unwrap();
    assert_eq!(ledger.proof(leaf(2), at(0)).unwrap(), Some(TimeProof::Open));
    assert_eq!(ledger.close().unwrap(), Some(1));
    assert_eq!(ledger.proof(leaf(2), at(0)).unwrap(), Some(TimeProof::Waiting { number: 1 }));
    assert_eq!(ledger.backlog(), Backlog { receipts: 0, batches: 1, stamped: 0 });
    let (number, statement) = ledger.waiting().unwrap().unwrap();
    ledger.stamped(number, b"token").unwrap();
    let Some(TimeProof::Stamped(proof)) = ledger.proof(leaf(2), at(0)).unwrap() else { panic!("stamped") };
    assert_eq!((proof.index, &proof.statement, proof.token.as_slice()), (1, &statement, b"token".as_slice()));
    let stated = proof.check(leaf(2)).unwrap();
    assert_eq!((stated.size, stated.previous, stated.from_ms), (3, None, at(0).as_millis()));
    assert_eq!(proof.check(leaf(9)), Err(ProofError::Path { number: 1 }));
    assert_eq!(ledger.proof(leaf(9), at(0)).unwrap(), None);
}

#[test]
fn statements_form_a_chain_that_a_restart_goes_on_with() {
    let dir = tempfile::tempdir().unwrap();
    drop(stamped(dir.path(), 2));
    let ledger = open(dir.path());
    ledger.note(&[leaf(3)], at(3)).unwrap();
    assert_eq!(ledger.close().unwrap(), Some(3));
    let second = fs::read(ledger.path(2, "json")).unwrap();
    let third: Statement = serde_json::from_slice(&fs::read(ledger.path(3, "json")).unwrap()).unwrap();
    assert_eq!(third.previous, Some(sha256(&second).to_string()));
    assert_eq!(ledger.backlog(), Backlog { receipts: 0, batches: 1, stamped: 2 });
}

#[test]
fn a_crash_between_any_two_steps_loses_no_receipt_and_doubles_none() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path());
    ledger.note(&[leaf(1), leaf(2)], at(0)).unwrap();
    ledger.close().unwrap();
    let whole = fs::read(ledger.path(1, "json")).unwrap();
    // After the rename: no statement, and a journal that is not there yet.
    fs::remove_file(ledger.path(1, "json")).unwrap();
    fs::remove_file(dir.path().join("journal")).unwrap();
    drop(ledger);
    let ledger = open(dir.path());
    assert_eq!(fs::read(ledger.path(1, "json")).unwrap(), whole);
    assert_eq!(ledger.waiting().unwrap(), Some((1, whole)));
    // While the token was being written.
    fs::write(dir.path().join("000000000001.77.new"), b"tok").unwrap();
    drop(ledger);
    let ledger = open(dir.path());
    assert!(!dir.path().join("000000000001.77.new").exists());
    assert_eq!(ledger.backlog(), Backlog { receipts: 0, batches: 1, stamped: 0 });
    // In the middle of a record.
    ledger.note(&[leaf(3)], at(1)).unwrap();
    drop(ledger);
    let mut journal = fs::read(dir.path().join("journal")).unwrap();
    journal.extend_from_slice(&[9; 17]);
    fs::write(dir.path().join("journal"), journal).unwrap();
    let ledger = open(dir.path());
    ledger.note(&[leaf(4)], at(2)).unwrap();
    assert_eq!(ledger.close().unwrap(), Some(2));
    let kept = |number| leaves_of(&fs::read(ledger.path(number, "leaves")).unwrap());
    assert_eq!((kept(1), kept(2)), (vec![leaf(1), leaf(2)], vec![leaf(3), leaf(4)]));
}

#[test]
fn a_receipt_is_found_by_its_time_among_many_batches_and_by_a_clock_that_was_set_back() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = stamped(dir.path(), 100);
    let number = |leaf, at| match ledger.proof(leaf, at).unwrap() {
        Some(TimeProof::Stamped(proof)) => Some(proof.number),
        _ => None,
    };
    assert_eq!(number(leaf(1), at(1)), Some(1));
    assert_eq!(number(leaf(57), at(57)), Some(57));
    assert_eq!(number(leaf(100), at(100)), Some(100));
    assert_eq!(number(leaf(60), at(57)), Some(60));
    assert_eq!(number(leaf(57), at(1000)), None);
}
