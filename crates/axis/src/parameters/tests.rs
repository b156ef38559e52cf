use jiff::civil::date;

use super::*;

fn with(name: &str, value: &str) -> Parameters {
    let mut parameters = Parameters::default();
    parameters.add(name, value.to_owned());
    parameters
}

#[test]
fn days_are_taken_in_three_forms_with_or_without_a_time() {
    for text in ["05/03/2026", "2026-03-05", "2026/03/05", "05/03/2026 09:15:00", "2026-03-05T09:15:00", " 2026-03-05 "]
    {
        assert_eq!(with("fromDate", text).day("fromDate"), Ok(Some(date(2026, 3, 5))), "{text}");
    }
}

#[test]
fn no_day_is_no_filter() {
    assert_eq!(Parameters::default().day("fromDate"), Ok(None));
    assert_eq!(with("fromDate", " ").day("fromDate"), Ok(None));
}

#[test]
fn another_form_is_refused_with_the_parameter_named() {
    for text in ["5/3/2026", "31/02/2026", "05-03-2026", "20260305", "2026-3-05", "é5/03/2026", "x"] {
        let failure = with("toDate", text).day("toDate").unwrap_err();
        assert_eq!(failure.code, crate::AxisCode::Unprocessable, "{text}");
        assert!(failure.description.contains("toDate"), "{text}");
    }
}

#[test]
fn receivers_are_an_array_as_text() {
    let read = |text| with("to", text).receivers();
    assert_eq!(read(r#"["000.00.00.H41","000.00.00.H42"]"#).unwrap().unwrap(), ["000.00.00.H41", "000.00.00.H42"]);
    assert_eq!(read("000.00.00.H41, 000.00.00.H42").unwrap().unwrap(), ["000.00.00.H41", "000.00.00.H42"]);
    for empty in ["", "[]", r#"[""]"#] {
        assert_eq!(read(empty), Ok(None), "{empty}");
    }
    for broken in ["[", "[1]", r#"["a"]x"#] {
        assert!(read(broken).is_err(), "{broken}");
    }
}

#[test]
fn a_missing_parameter_is_named() {
    let failure = Parameters::default().doc_id("docid").unwrap_err();
    assert!(failure.description.contains("docid"));
    assert!(with("docid", "có dấu").doc_id("docid").is_err());
    assert!(with("status", "gone").transfer_state().is_err());
    assert!(with("messagetype", "letter").message_type().is_err());
}

#[test]
fn numbers_and_truth_values_are_their_text() {
    let read = signed_object(br#"{"XroadVnpt-a":1,"XroadVnpt-b":true,"XroadVnpt-c":-2}"#).unwrap();
    let values: Vec<_> = read.iter().collect();
    assert_eq!(values, [("a", "1"), ("b", "true"), ("c", "-2")]);
}
