use super::*;

/// 2026-11-21 08:00:20.025 in Vietnam.
const AT: UnixMillis = UnixMillis::new(1_795_222_820_025);

fn signer() -> Signer {
    Signer::new("000.00.00.H99", Secret::new(*b"own/Test+Secret=="))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    std::str::from_utf8(headers.get(name).unwrap().as_bytes()).unwrap()
}

fn send() -> HeaderMap {
    let parameters = [
        (Parameter::From, "000.00.00.H99".to_owned()),
        (Parameter::ServiceType, "eDoc".to_owned()),
        (Parameter::MessageType, "edoc".to_owned()),
        (Parameter::HashFile, "ab0".to_owned()),
    ];
    signer().headers(parameters, "application/octet-stream", AT).unwrap()
}

#[test]
fn parameters_are_signed_in_the_order_of_the_operators_client() {
    let key = "systemid;servicetype;messagetype;hash-file;from;timestamp;Content-Type";
    assert_eq!(text(&send(), "XroadVnpt-sign-header-key"), key);
}

#[test]
fn the_signed_object_has_prefixed_keys_in_that_order_and_no_spaces() {
    let object = concat!(
        r#"{"XroadVnpt-systemid":"000.00.00.H99","XroadVnpt-servicetype":"eDoc","XroadVnpt-messagetype":"edoc","#,
        r#""XroadVnpt-hash-file":"ab0","XroadVnpt-from":"000.00.00.H99","#,
        r#""XroadVnpt-timestamp":"21112026T080020+0025","XroadVnpt-Content-Type":"application/octet-stream"}"#
    );
    assert_eq!(text(&send(), "XroadVnpt-sign-header"), object);
}

#[test]
fn the_hash_is_the_keyed_hash_of_the_object_as_sent() {
    let headers = send();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"own/Test+Secret==");
    let tag = hmac::sign(&key, headers["XroadVnpt-sign-header"].as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text(&headers, "XroadVnpt-hash-header"), hex);
}

#[test]
fn every_signed_parameter_travels_as_a_header_too() {
    let headers = send();
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text(&headers, "XroadVnpt-sign-header")).unwrap();
    for (name, value) in object {
        assert_eq!(Some(text(&headers, &name)), value.as_str(), "{name}");
    }
    assert_eq!(text(&headers, "Content-Type"), "application/octet-stream");
    assert_eq!(text(&headers, "XroadVnpt-version"), "3.0.201608");
}

#[test]
fn the_order_is_that_of_a_java_hash_map() {
    use Parameter as P;
    let all = [
        P::FromDate,
        P::SystemId,
        P::ServiceType,
        P::MessageType,
        P::HashFile,
        P::DocId,
        P::DocIdOfStatus,
        P::ToDate,
        P::AgencyCode,
        P::From,
        P::To,
        P::Timestamp,
        P::ContentType,
        P::Status,
    ];
    let bucket = |parameter: &P| {
        let hash = parameter.as_str().bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        (hash ^ (hash >> 16)) & 15
    };
    assert!(all.is_sorted());
    assert!(all.iter().map(bucket).is_sorted());
}

#[test]
fn receivers_travel_as_an_array_in_text() {
    let headers = signer().headers([(Parameter::To, r#"["A","B"]"#.to_owned())], "application/json", AT).unwrap();
    assert_eq!(text(&headers, "XroadVnpt-to"), r#"["A","B"]"#);
    assert!(text(&headers, "XroadVnpt-sign-header").contains(r#""XroadVnpt-to":"[\"A\",\"B\"]""#));
}

#[test]
fn a_value_that_no_header_can_carry_is_refused() {
    let refused = signer().headers([(Parameter::From, "a\nb".to_owned())], "application/json", AT);
    assert_eq!(refused.unwrap_err(), Unsendable(Parameter::From));
}

#[test]
fn the_secret_is_not_shown() {
    assert!(!format!("{:?}", signer()).contains("Test+Secret"));
}
