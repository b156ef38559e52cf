use super::*;

#[test]
fn a_date_prints_back_as_it_came() {
    for text in ["2015/09/30", "2024/02/29", "0001/01/01", "9999/12/31"] {
        assert_eq!(text.parse::<EdxmlDate>().unwrap().to_string(), text);
    }
}

#[test]
fn a_date_the_calendar_does_not_have_is_refused() {
    for text in ["2023/02/29", "1900/02/29", "2015/13/01", "2015/00/01", "2015/04/31", "2015/01/00", "0000/01/01"] {
        assert!(text.parse::<EdxmlDate>().is_err(), "{text}");
    }
}

#[test]
fn a_date_of_another_shape_is_refused() {
    for text in ["", "2015-09-30", "2015/9/30", "30/09/2015", "2015/09/301", "+015/09/30", "2015/09/3 ", "２０15/09/30"]
    {
        assert!(text.parse::<EdxmlDate>().is_err(), "{text}");
    }
}

#[test]
fn a_timestamp_prints_back_as_it_came() {
    for text in ["2015/09/20 11:08:36", "2018/09/28 00:00:00", "2018/09/28 23:59:59"] {
        assert_eq!(text.parse::<EdxmlTimestamp>().unwrap().to_string(), text);
    }
}

#[test]
fn a_timestamp_the_clock_does_not_have_is_refused() {
    for text in ["2018/09/28 24:00:00", "2018/09/28 00:60:00", "2018/09/28 00:00:60", "2018/02/30 00:00:00"] {
        assert!(text.parse::<EdxmlTimestamp>().is_err(), "{text}");
    }
}

#[test]
fn a_timestamp_of_another_shape_is_refused() {
    for text in
        ["2018/09/28", "2018/09/28T00:00:00", "2018/09/28 0:00:00", "2018/09/28 00:00:00Z", "ươ18/09/28 00:00:00"]
    {
        assert!(text.parse::<EdxmlTimestamp>().is_err(), "{text}");
    }
}

#[test]
fn dates_and_times_order_as_in_the_calendar() {
    let at = |text: &str| text.parse::<EdxmlTimestamp>().unwrap();
    assert!(at("2018/09/28 23:59:59") < at("2018/09/29 00:00:00"));
    assert!(at("2018/12/31 00:00:00") < at("2019/01/01 00:00:00"));
}

#[test]
fn an_organ_id_keeps_its_text_but_for_white_space_around_it() {
    let id: OrganId = "\n 28.22.H17\t".parse().unwrap();
    assert_eq!(id.as_str(), "28.22.H17");
}

#[test]
fn an_organ_id_is_a_code_only_by_its_shape() {
    let code = |text: &str| text.parse::<OrganId>().unwrap().code();
    assert_eq!(code("000.00.20.H48").unwrap(), "H48.20".parse().unwrap());
    assert!(code("28.22.H17").is_err());
}

#[test]
fn an_empty_long_or_broken_organ_id_is_refused() {
    for text in ["", "  ", &"A".repeat(257), "H48\u{7}"] {
        assert!(text.parse::<OrganId>().is_err(), "{text:?}");
    }
}
