use super::*;

#[test]
fn a_time_survives_the_wire_to_the_millisecond() {
    let at = UnixMillis::new(1_795_000_000_123);
    assert_eq!(millis("at", &timestamp(at)), Ok(at));
}

#[test]
fn a_time_before_1970_is_refused() {
    assert!(millis("at", &Timestamp { seconds: -1, nanos: 0 }).is_err());
}

#[test]
fn an_empty_field_is_named() {
    let found = required::<types::AgencyCode>("from.code", "");
    assert_eq!(found, Err(FieldError { field: "from.code", problem: "is required".into() }));
}

#[test]
fn sixty_four_bit_numbers_are_json_strings() {
    let item = crate::exchange_v1::InboxItem { item: 7, ..Default::default() };
    assert_eq!(serde_json::to_string(&item).unwrap(), r#"{"item":"7"}"#);
}
