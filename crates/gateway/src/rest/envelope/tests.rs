use http::HeaderValue;
use types::ErrorCode;

use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), HeaderValue::from_static(value))).collect()
}

#[test]
fn two_dots_make_a_jws_and_anything_else_is_cms() {
    let jws = from_headers(&headers(&[(MANIFEST, "e30="), (SIGNATURE, "eyJh..c2ln")])).unwrap().unwrap();
    assert_eq!(jws, Envelope { manifest: b"{}".to_vec(), signature: Some(Signature::Jws("eyJh..c2ln".into())) });
    let cms = from_headers(&headers(&[(MANIFEST, "e30"), (SIGNATURE, "MAA=")])).unwrap().unwrap();
    assert_eq!(cms.signature, Some(Signature::Cms(vec![0x30, 0])));
}

#[test]
fn a_form_takes_der_base64_and_jws() {
    let read =
        |signature: &[u8]| from_parts(Some(b"{}".to_vec()), Some(signature.to_vec())).unwrap().unwrap().signature;
    assert_eq!(read(&[0x30, 0x80]), Some(Signature::Cms(vec![0x30, 0x80])));
    assert_eq!(read(b"MA\r\nA=\n"), Some(Signature::Cms(vec![0x30, 0])));
    assert_eq!(read(b"eyJh..c2ln\n"), Some(Signature::Jws("eyJh..c2ln".into())));
}

#[test]
fn half_an_envelope_is_refused() {
    for pairs in [&[(MANIFEST, "e30=")][..], &[(SIGNATURE, "MAA=")], &[(MANIFEST, "e30="), (SIGNATURE, "!")]] {
        assert_eq!(from_headers(&headers(pairs)).unwrap_err().code(), ErrorCode::InvalidArgument);
    }
    assert!(from_parts(Some(vec![]), None).is_err() && from_parts(None, Some(vec![])).is_err());
}

#[test]
fn a_header_given_twice_is_refused() {
    let mut twice = headers(&[(MANIFEST, "e30="), (SIGNATURE, "MAA=")]);
    twice.append(SIGNATURE, HeaderValue::from_static("MAA="));
    assert!(from_headers(&twice).is_err());
}

#[test]
fn a_declared_digest_is_found_among_others_and_its_length_checked() {
    let zeros = "unixsum=3, sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:";
    assert_eq!(declared_digest(&headers(&[("content-digest", zeros)])), Ok(vec![0; 32]));
    assert_eq!(declared_digest(&headers(&[])), Ok(vec![]));
    assert!(declared_digest(&headers(&[("content-digest", "sha-256=:AAAA:")])).is_err());
    assert!(declared_digest(&headers(&[("content-digest", "sha-256=AAAA")])).is_err());
}
