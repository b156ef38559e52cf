use std::cell::RefCell;
use std::collections::BTreeMap;

use super::rows::{EventRow, NumberRow};
use super::*;

#[test]
fn every_flipped_bit_of_a_value_is_noticed() {
    let key = key::document(7);
    let (_, value) = values(&key, &NumberRow { number: 300 }).unwrap().pop().unwrap();
    for bit in 0..value.len() * 8 {
        let mut flipped = value.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(unwrap(&key, &flipped).is_err(), "bit {bit}");
    }
    assert!(unwrap(&key, &value).is_ok());
}

#[test]
fn a_value_under_another_key_is_noticed() {
    let (_, value) = values(&key::document(7), &NumberRow { number: 300 }).unwrap().pop().unwrap();
    assert!(unwrap(&key::document(8), &value).is_err());
}

#[test]
fn a_value_of_any_length_is_read_without_panic() {
    for length in 0..20 {
        assert!(unwrap(&key::document(7), &vec![1; length]).is_err());
    }
}

/// Records that a commit replaces right after the first read.
struct Changing {
    seen: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    next: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl View for Changing {
    fn raw(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.seen.borrow().get(key).cloned();
        self.seen.replace(self.next.clone());
        Ok(found)
    }

    fn walk(&self, _: Range<&[u8]>, _: Walk, _: &mut Visit<'_>) -> Result<(), StoreError> {
        Ok(())
    }
}

fn large(byte: u8, length: usize) -> EventRow {
    EventRow { evidence: vec![byte; length], ..EventRow::default() }
}

fn stored(row: &EventRow) -> BTreeMap<Vec<u8>, Vec<u8>> {
    values(&key::document(7), row).unwrap().into_iter().collect()
}

#[test]
fn a_reader_that_meets_a_commit_reads_the_newer_record_whole() {
    for newer in [large(2, 9000), large(2, 20_000), large(2, 10)] {
        let view = Changing { seen: RefCell::new(stored(&large(1, 9000))), next: stored(&newer) };
        let found = read::<EventRow>(&view, &key::document(7)).unwrap();
        assert!(found.as_ref() == Some(&newer), "{} bytes", newer.evidence.len());
    }
}

#[test]
fn parts_of_two_versions_are_damage() {
    let mut mixed = stored(&large(1, 9000));
    mixed.insert(key::part(&key::document(7), 0), stored(&large(2, 9000))[&key::part(&key::document(7), 0)].clone());
    let view = Changing { seen: RefCell::new(mixed.clone()), next: mixed };
    assert!(read::<EventRow>(&view, &key::document(7)).is_err());
}
