use super::rows::NumberRow;
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
