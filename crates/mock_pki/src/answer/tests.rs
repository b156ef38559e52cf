use super::*;

#[test]
fn the_digest_or_the_nonce_of_a_request_is_changed_and_nothing_else() {
    let request = signature::TimestampRequest::over(b"stamped", 0x0102_0304).under("2.999.1").to_der();
    let places = |tags: &[u8]| {
        let mut changed = request.clone();
        change_last(&mut changed, tags);
        let differs = request.iter().zip(&changed).enumerate().filter(|(_, (one, other))| one != other);
        differs.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let digest = places(&[OCTET_STRING]);
    let nonce = places(&[INTEGER]);
    assert_eq!((digest.len(), nonce.len()), (1, 1));
    assert_eq!(request[nonce[0]], 0x04);
    // version, SEQUENCE and OCTET STRING headers come before the digest's last byte, the policy after it.
    assert!(digest[0] < nonce[0] - 8);
    let mut broken = vec![0x30, 0x50, 0x02];
    change_last(&mut broken, &[INTEGER]);
    assert_eq!(broken, [0x30, 0x50, 0x02]);
}
