use http::HeaderValue;
use jiff::civil::date;

use super::*;

/// Made with another implementation of the hash.
const SIGNED: &str = r#"{"XroadVnpt-systemid":"000.00.00.H30","XroadVnpt-servicetype":"eDoc","XroadVnpt-docId":"m7","XroadVnpt-docid":"q2","XroadVnpt-timestamp":"05032026T091500+0007"}"#;
const SIGNED_HASH: &str = "8ec6c074139b760ea8c91d0675dc0315eb09f4c95bedb52e9fa4baf8b82b6bdb";
const SECRET: &str = "Kh0a/Rieng+Cua-Chung-Toi==";

fn secret() -> Secret {
    Secret::new(SECRET.as_bytes())
}

/// Headers as the client's library sends them, the hash made over `signed`.
fn request(headers: &[(&str, &[u8])], names: &str, signed: &[u8]) -> HeaderMap {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let hash: String = hmac::sign(&key, signed).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut map = HeaderMap::new();
    let mut put = |name: &str, value: &[u8]| {
        let name = HeaderName::from_bytes(format!("{PREFIX}{name}").as_bytes()).unwrap();
        map.append(name, HeaderValue::from_bytes(value).unwrap());
    };
    headers.iter().for_each(|(name, value)| put(name, value));
    put("sign-header-key", names.as_bytes());
    put("sign-header", signed);
    put("hash-header", hash.as_bytes());
    map
}

fn captured() -> HeaderMap {
    let headers: [(&str, &[u8]); 5] = [
        ("systemid", b"000.00.00.H30"),
        ("servicetype", b"eDoc"),
        ("docId", b"m7"),
        ("docid", b"q2"),
        ("timestamp", b"05032026T091500+0007"),
    ];
    let mut map = request(&headers, "systemid;servicetype;docId;docid;timestamp", SIGNED.as_bytes());
    map.insert("xroadvnpt-hash-header", HeaderValue::from_static(SIGNED_HASH));
    map
}

fn check(map: &HeaderMap) -> Result<Parameters, SignatureFault> {
    verify(map, &[secret()], None)
}

fn one(name: &str, value: &[u8], signed: &[u8]) -> Result<Parameters, SignatureFault> {
    check(&request(&[("systemid", b"S1"), (name, value)], &format!("systemid;{name}"), signed))
}

#[test]
fn a_captured_request_verifies_and_its_two_ids_keep_their_case() {
    let parameters = check(&captured()).unwrap();
    assert_eq!(parameters.text("docId"), Some("m7"));
    assert_eq!(parameters.text("docid"), Some("q2"));
    assert_eq!(parameters.text("DOCID"), None);
}

#[test]
fn a_hash_in_capitals_is_the_same_hash() {
    let mut map = captured();
    map.insert("xroadvnpt-hash-header", HeaderValue::try_from(SIGNED_HASH.to_uppercase()).unwrap());
    assert!(check(&map).is_ok());
}

#[test]
fn one_changed_byte_of_what_is_signed_is_told_as_a_wrong_secret() {
    let mut map = captured();
    map.insert("xroadvnpt-sign-header", HeaderValue::try_from(SIGNED.replace("m7", "m8")).unwrap());
    assert_eq!(check(&map), Err(SignatureFault::Secret));
}

#[test]
fn an_unknown_system_a_wrong_secret_and_a_hash_that_is_none_are_told_alike() {
    assert_eq!(verify(&captured(), &[], None), Err(SignatureFault::Secret));
    assert_eq!(verify(&captured(), &[Secret::new(&b"other"[..])], None), Err(SignatureFault::Secret));
    for hash in ["", "00", "zz", &"é".repeat(32), &"g".repeat(64), &"0".repeat(65)] {
        let mut map = captured();
        map.insert("xroadvnpt-hash-header", HeaderValue::from_bytes(hash.as_bytes()).unwrap());
        assert_eq!(check(&map), Err(SignatureFault::Secret), "{hash}");
    }
}

#[test]
fn an_empty_secret_opens_nothing() {
    let mut map = captured();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"");
    let tag = hmac::sign(&key, SIGNED.as_bytes());
    let hash: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    map.insert("xroadvnpt-hash-header", HeaderValue::try_from(hash).unwrap());
    assert_eq!(verify(&map, &[], None), Err(SignatureFault::Secret));
    assert_eq!(verify(&map, &[Secret::new(&b""[..])], None), Err(SignatureFault::Secret));
}

#[test]
fn each_of_several_secrets_is_good() {
    let other = || Secret::new(&b"other"[..]);
    for secrets in [[secret(), other(), other()], [other(), secret(), other()], [other(), other(), secret()]] {
        assert!(verify(&captured(), &secrets, None).is_ok());
    }
}

#[test]
fn a_header_that_is_not_the_signed_one_is_named() {
    for (name, value) in [("xroadvnpt-servicetype", Some("other")), ("xroadvnpt-timestamp", None)] {
        let mut map = captured();
        map.remove(name);
        if let Some(value) = value {
            map.insert(name, HeaderValue::from_static(value));
        }
        let Err(SignatureFault::Differs(named)) = check(&map) else { panic!("{name}") };
        assert!(named.eq_ignore_ascii_case(name));
    }
}

#[test]
fn of_two_ids_that_differ_in_case_both_are_needed() {
    let mut map = captured();
    map.insert("xroadvnpt-docid", HeaderValue::from_static("m7"));
    assert_eq!(check(&map), Err(SignatureFault::Differs("XroadVnpt-docid".to_owned())));
}

#[test]
fn a_second_system_id_is_refused() {
    let mut map = captured();
    map.append("xroadvnpt-systemid", HeaderValue::from_static("000.00.00.H31"));
    assert_eq!(check(&map), Err(SignatureFault::Header("XroadVnpt-systemid")));
}

#[test]
fn each_header_that_every_request_carries_is_needed_once() {
    for name in ["systemid", "sign-header-key", "sign-header", "hash-header"] {
        let name = format!("{PREFIX}{name}");
        let mut map = captured();
        let value = map.remove(&name).unwrap();
        assert!(matches!(check(&map), Err(SignatureFault::Header(named)) if named == name), "{name}");
        let known: HeaderName = name.parse().unwrap();
        map.append(known.clone(), value.clone());
        map.append(known, value);
        assert!(matches!(check(&map), Err(SignatureFault::Header(named)) if named == name), "{name}");
    }
}

#[test]
fn the_key_list_may_come_in_any_order_and_names_the_same_set() {
    let with = |list: &'static str| {
        let mut map = captured();
        map.insert("xroadvnpt-sign-header-key", HeaderValue::from_static(list));
        check(&map).map(drop)
    };
    assert_eq!(with("timestamp;docid;docId;systemid;servicetype"), Ok(()));
    for list in [
        "",
        "systemid;servicetype;docId;docid",
        "systemid;servicetype;docId;docId;timestamp",
        "systemid;servicetype;docId;docid;timestamp;timestamp",
        "systemid;servicetype;docId;docid;timestamp;from",
        "systemid;servicetype;DocId;docid;timestamp",
    ] {
        assert_eq!(with(list), Err(SignatureFault::KeyList), "{list}");
    }
}

#[test]
fn the_system_has_to_be_signed() {
    let map = request(&[("systemid", b"S1"), ("from", b"a")], "from", br#"{"XroadVnpt-from":"a"}"#);
    assert_eq!(check(&map), Err(SignatureFault::SystemUnsigned));
}

#[test]
fn header_values_may_be_utf_8_or_latin_1() {
    let utf8 = r#"{"XroadVnpt-systemid":"S1","XroadVnpt-title":"Nghệ An"}"#;
    assert_eq!(one("title", "Nghệ An".as_bytes(), utf8.as_bytes()).unwrap().text("title"), Some("Nghệ An"));
    let latin1 = b"{\"XroadVnpt-systemid\":\"S1\",\"XroadVnpt-title\":\"C\xe0 Mau\"}";
    assert_eq!(one("title", b"C\xe0 Mau", latin1).unwrap().text("title"), Some("Cà Mau"));
    let escaped = br#"{"XroadVnpt-systemid":"S1","XroadVnpt-title":"C\u00e0 Mau"}"#;
    for value in [b"C\xe0 Mau".as_slice(), "Cà Mau".as_bytes()] {
        assert_eq!(one("title", value, escaped).unwrap().text("title"), Some("Cà Mau"));
    }
    assert!(matches!(one("title", b"C\xe1 Mau", escaped), Err(SignatureFault::Differs(_))));
}

#[test]
fn white_space_around_a_value_is_lost_on_the_way_and_does_not_count() {
    let signed = br#"{"XroadVnpt-systemid":"S1","XroadVnpt-title":" a "}"#;
    assert!(one("title", b"a", signed).is_ok());
}

#[test]
fn what_is_signed_is_an_object_of_texts_with_distinct_names() {
    for signed in [
        "",
        "[]",
        "{",
        "null",
        r#"{"XroadVnpt-systemid":"S1","XroadVnpt-systemid":"S1"}"#,
        r#"{"XroadVnpt-systemid":"S1","XroadVnpt-a":null}"#,
        r#"{"XroadVnpt-systemid":"S1","XroadVnpt-a":["a"]}"#,
        r#"{"XroadVnpt-systemid":"S1","a":"a"}"#,
        r#"{"XroadVnpt-systemid":"S1","XroadVnpt-":"a"}"#,
        r#"{"XroadVnpt-systemid":"S1"} {}"#,
    ] {
        let found = one("a", b"a", signed.as_bytes());
        assert!(matches!(found, Err(SignatureFault::Object(_))), "{signed}: {found:?}");
    }
}

#[test]
fn too_many_names_are_refused() {
    let names: Vec<String> = (0..200).map(|n| format!("\"XroadVnpt-n{n}\":\"\"")).collect();
    let signed = format!("{{\"XroadVnpt-systemid\":\"S1\",{}}}", names.join(","));
    assert!(matches!(one("a", b"a", signed.as_bytes()), Err(SignatureFault::Object(_))));
}

#[test]
fn what_follows_the_plus_of_a_timestamp_is_no_zone() {
    let at = |hour, minute, second| Window {
        now: date(2026, 3, 5).at(hour, minute, second, 0),
        distance: std::time::Duration::from_secs(60),
    };
    assert!(verify(&captured(), &[secret()], Some(at(9, 15, 59))).is_ok());
    assert!(verify(&captured(), &[secret()], Some(at(9, 14, 1))).is_ok());
    let stale = verify(&captured(), &[secret()], Some(at(9, 16, 1)));
    assert_eq!(stale, Err(SignatureFault::Timestamp("05032026T091500+0007".to_owned())));
}

#[test]
fn a_window_needs_a_timestamp_that_can_be_read() {
    let window = Window { now: date(2026, 3, 5).at(9, 15, 0, 0), distance: std::time::Duration::MAX };
    for text in ["", "05032026T091500", "05032026T091500+", "05032026T091500+00000", "2026-03-05T09:15:00+0700", "+1"] {
        assert!(in_window(text, window).is_err(), "{text}");
    }
    assert!(in_window("05032026T091500+0999", window).is_ok());
}

#[test]
fn a_fault_says_nothing_of_secrets_or_of_what_is_right() {
    let failure = SignatureFault::Secret.failure();
    assert_eq!(failure.code, crate::AxisCode::WrongSecret);
    assert!(!failure.description.contains(SIGNED_HASH));
}
