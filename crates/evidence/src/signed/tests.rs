use proptest::prelude::*;

use super::*;

fn signed() -> SignedReceipt {
    SignedReceipt { payload: b"{\"payload\":1}".to_vec(), signature: "header..signature".to_owned() }
}

#[test]
fn the_stored_form_reads_back() {
    assert_eq!(SignedReceipt::from_bytes(&signed().to_bytes()), Ok(signed()));
}

#[test]
fn the_stored_form_is_fixed() {
    assert_eq!(signed().to_bytes(), b"\x01\x00\x00\x00\x0d{\"payload\":1}header..signature");
}

#[test]
fn the_digest_is_that_of_the_payload_alone() {
    let other = SignedReceipt { signature: "other..signature".to_owned(), ..signed() };
    assert_eq!(signed().digest(), other.digest());
    assert_eq!(signed().digest().as_bytes(), ring::digest::digest(&SHA256, b"{\"payload\":1}").as_ref());
}

#[test]
fn the_leaf_hash_covers_payload_and_signature_behind_a_zero() {
    let leaf = b"\x00\x01\x00\x00\x00\x0d{\"payload\":1}header..signature";
    assert_eq!(signed().leaf_hash().as_bytes(), ring::digest::digest(&SHA256, leaf).as_ref());
}

#[test]
fn a_form_that_is_cut_off_or_of_another_version_is_refused() {
    let bytes = signed().to_bytes();
    for cut in 0..18 {
        let refused = SignedReceipt::from_bytes(&bytes[..cut]).unwrap_err();
        assert!(matches!(refused, ReceiptError::Framing { .. }), "{cut} bytes: {refused}");
        assert_eq!(refused.code(), ErrorCode::ProtocolViolation);
    }
    assert!(SignedReceipt::from_bytes(&[b"\x02", &bytes[1..]].concat()).is_err());
    assert!(SignedReceipt::from_bytes(&[&bytes[..], b"\xff"].concat()).is_err(), "no UTF-8");
}

#[test]
fn both_parts_have_their_limit() {
    let largest = SignedReceipt { payload: vec![b'p'; RECEIPT_BYTES_MAX], signature: "s".repeat(SIGNATURE_BYTES_MAX) };
    assert_eq!(largest.to_bytes().len(), SIGNED_BYTES_MAX);
    assert_eq!(SignedReceipt::from_bytes(&largest.to_bytes()).as_ref(), Ok(&largest));

    let long_payload = SignedReceipt { payload: vec![b'p'; RECEIPT_BYTES_MAX + 1], ..signed() };
    let long_signature = SignedReceipt { signature: "s".repeat(SIGNATURE_BYTES_MAX + 1), ..signed() };
    for long in [long_payload, long_signature] {
        let refused = SignedReceipt::from_bytes(&long.to_bytes()).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::LimitExceeded);
    }
}

proptest! {
    #[test]
    fn any_parts_read_back(payload: Vec<u8>, signature: String) {
        let signed = SignedReceipt { payload, signature };
        prop_assert_eq!(SignedReceipt::from_bytes(&signed.to_bytes()), Ok(signed));
    }

    #[test]
    fn what_reads_is_written_back_the_same(bytes: Vec<u8>) {
        if let Ok(signed) = SignedReceipt::from_bytes(&bytes) {
            prop_assert_eq!(signed.to_bytes(), bytes);
        }
    }
}
