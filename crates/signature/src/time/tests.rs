use super::*;

fn check(text: &str, millis: u64) {
    assert_eq!(from_rfc3339(text).unwrap().as_millis(), millis, "{text}");
}

#[test]
fn known_times_are_read() {
    check("1970-01-01T00:00:00Z", 0);
    check("2000-02-29T23:59:59.5Z", 951_868_799_500);
    check("2026-11-21T03:04:05.678901Z", 1_795_230_245_678);
    check("9999-12-31T23:59:59Z", 253_402_300_799_000);
}

#[test]
fn a_printed_time_reads_back() {
    for millis in [0, 1, 951_782_400_000, 1_795_230_245_678, 4_102_444_800_000] {
        let at = UnixMillis::new(millis);
        assert_eq!(from_rfc3339(&to_rfc3339(at)), Some(at));
        let (kind, text) = to_asn1(at);
        assert_eq!(from_asn1(text.as_bytes(), kind).map(UnixMillis::as_seconds), Some(at.as_seconds()));
    }
}

#[test]
fn times_that_are_not_utc_or_not_dates_are_refused() {
    for text in [
        "2026-11-21T03:04:05+07:00",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-00T00:00:00Z",
        "2026-11-21 03:04:05Z",
        "2026-11-21T03:04:60Z",
        "2026-11-21T03:04:05.Z",
        "+026-11-21T03:04:05Z",
        "1969-12-31T23:59:59Z",
        "",
    ] {
        assert_eq!(from_rfc3339(text), None, "{text}");
    }
}

#[test]
fn utc_time_splits_the_centuries_at_fifty() {
    assert_eq!(from_asn1(b"491231235959Z", Asn1Time::Utc).unwrap().as_seconds(), 2_524_607_999);
    assert_eq!(from_asn1(b"991231235959Z", Asn1Time::Utc).unwrap().as_seconds(), 946_684_799);
    assert_eq!(from_asn1(b"9912312359Z", Asn1Time::Utc), None);
}
