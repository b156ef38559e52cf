use super::*;

fn at(text: &str) -> UnixMillis {
    let timestamp: jiff::Timestamp = text.parse().unwrap();
    UnixMillis::new(u64::try_from(timestamp.as_millisecond()).unwrap())
}

#[test]
fn a_day_begins_at_midnight_in_vietnam() {
    assert_eq!(Day::in_vietnam(at("2025-06-30T16:59:59.999Z")).to_string(), "2025-06-30");
    assert_eq!(Day::in_vietnam(at("2025-06-30T17:00:00Z")).to_string(), "2025-07-01");
}

#[test]
fn the_first_and_the_last_instant_have_a_day() {
    assert_eq!(Day::in_vietnam(UnixMillis::new(0)).to_string(), "1970-01-01");
    assert_eq!(Day::in_vietnam(UnixMillis::new(u64::MAX)).to_string(), "9999-12-31");
    assert_eq!("9999-12-31".parse::<Day>().unwrap().next().to_string(), "9999-12-31");
}

#[test]
fn a_day_is_over_at_midnight_in_vietnam() {
    let day: Day = "2025-06-30".parse().unwrap();
    assert_eq!(day.end(), at("2025-06-30T17:00:00Z"));
    assert_eq!("0001-01-01".parse::<Day>().unwrap().end(), UnixMillis::new(0));
}

#[test]
fn the_days_beside_a_day_cross_months() {
    let day: Day = "2024-02-29".parse().unwrap();
    assert_eq!((day.previous().to_string(), day.next().to_string()), ("2024-02-28".into(), "2024-03-01".into()));
}

#[test]
fn only_existing_days_in_the_one_form_are_read() {
    for text in ["2025-02-29", "2025-7-1", "01/07/2025", "2025-07-01T00:00", "20250701", "-025-07-01", "", "+2025-07-1"]
    {
        assert_eq!(text.parse::<Day>(), Err(DayError { text: text.to_owned() }));
    }
}
