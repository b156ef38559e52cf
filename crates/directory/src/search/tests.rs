use proptest::prelude::*;

use super::*;

const FIXTURE: &str = r#"
agency = [
    { code = "H48", name = "Ủy ban nhân dân tỉnh Quảng Ngãi", short_name = "UBND tỉnh", level = "province", aliases = ["vxp.saas.02"] },
    { code = "H48.15", name = "Sở Tài chính tỉnh Quảng Ngãi", short_name = "STC", level = "province" },
    { code = "H48.15.01", name = "Phòng Ngân sách", level = "province" },
    { code = "H49", name = "Ủy ban nhân dân tỉnh Quảng Ninh", level = "province" },
    { code = "H49.15", name = "Sở Tài chính", level = "province" },
    { code = "G12", name = "Bộ Tài chính", level = "central" },
    { code = "H48.112", name = "Xã Hà Thành", level = "commune", valid_from = 2025-07-01 },
    { code = "H48.113", name = "Xã Hạ Thanh", level = "commune" },
    { code = "H48.35", name = "Huyện Đức Phổ", level = "district", valid_until = 2025-06-30 },
]
"#;

fn codes(query: &str, filter: &SearchFilter) -> Vec<String> {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    let page = directory.search(query, filter, 100, None).unwrap();
    assert_eq!((page.total, page.next), (page.agencies.len(), None));
    page.agencies.iter().map(|agency| agency.code.to_string()).collect()
}

fn check(query: &str, expected: &[&str]) {
    assert_eq!(codes(query, &SearchFilter::default()), expected, "{query}");
}

#[test]
fn names_are_found_with_and_without_diacritics() {
    for query in ["sở tài chính", "so tai chinh", "SO TAI CHINH", "so  tài chinh ", "chính tài sở"] {
        assert!(codes(query, &SearchFilter::default()).contains(&"H48.15".to_owned()), "{query}");
    }
    check("đức phổ", &["H48.35"]);
    check("duc pho", &["H48.35"]);
}

#[test]
fn every_word_must_begin_a_word() {
    check("quang ng", &["H48", "H48.15"]);
    check("tai ninh", &[]);
    check("inh", &[]);
}

#[test]
fn an_exact_name_comes_first_and_then_the_beginning_of_one() {
    check("sở tài chính", &["H49.15", "H48.15"]);
    check("tai chinh", &["G12", "H48.15", "H49.15"]);
}

#[test]
fn the_querys_own_diacritics_come_first() {
    check("hà thành", &["H48.112", "H48.113"]);
    check("hạ thanh", &["H48.113", "H48.112"]);
}

#[test]
fn codes_are_found_by_their_beginning_in_either_generation() {
    check("H48.15", &["H48.15", "H48.15.01"]);
    check("h48.11", &["H48.112", "H48.113"]);
    check("vxp", &["H48"]);
    check("stc", &["H48.15"]);
}

#[test]
fn a_word_of_the_query_may_be_a_code() {
    check("tài chính H49", &["H49.15"]);
}

#[test]
fn a_listed_code_of_generation_one_is_found_by_both_texts() {
    let directory = Directory::from_csv("code,name,level\n000.00.15.H48,x,other\n".as_bytes()).unwrap();
    for query in ["000.00.15", "H48.1", "h48.15"] {
        assert_eq!(directory.search(query, &SearchFilter::default(), 9, None).unwrap().total, 1, "{query}");
    }
}

#[test]
fn filters_narrow_by_level_body_and_day() {
    let day = |text: &str| {
        let timestamp: jiff::Timestamp = text.parse().unwrap();
        Some(UnixMillis::new(u64::try_from(timestamp.as_millisecond()).unwrap()))
    };
    let commune = SearchFilter { level: Some(Level::Commune), ..SearchFilter::default() };
    assert_eq!(codes("", &commune), ["H48.112", "H48.113"]);
    let under = SearchFilter { under: Some("000.00.15.H48".parse().unwrap()), ..SearchFilter::default() };
    assert_eq!(codes("", &under), ["H48.15.01"]);
    let before = SearchFilter { valid_on: day("2025-06-30T16:59:59Z"), ..SearchFilter::default() };
    assert_eq!(
        (codes("hà", &before), codes("đức phổ", &before)),
        (vec!["H48.113".to_owned()], vec!["H48.35".to_owned()])
    );
    let after = SearchFilter { valid_on: day("2025-06-30T17:00:00Z"), ..SearchFilter::default() };
    assert_eq!((codes("ha", &after).len(), codes("đức phổ", &after).len()), (2, 0));
}

#[test]
fn an_unlisted_body_and_an_endless_query_are_refused() {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    let filter = SearchFilter { under: Some("H99".parse().unwrap()), ..SearchFilter::default() };
    assert_eq!(directory.search("", &filter, 9, None).unwrap_err().code(), ErrorCode::UnknownAgency);
    let error = directory.search(&"x".repeat(601), &SearchFilter::default(), 9, None).unwrap_err();
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
}

#[test]
fn pages_follow_each_other_without_gap_or_repeat() {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    let filter = SearchFilter::default();
    let whole = codes("", &filter);
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = directory.search("", &filter, 2, after.as_ref()).unwrap();
        assert_eq!(page.total, whole.len());
        paged.extend(page.agencies.iter().map(|agency| agency.code.to_string()));
        let Some(next) = page.next else { break };
        after = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(paged, whole);
    assert_eq!(paged.first().map(String::as_str), Some("G12"));
}

#[test]
fn a_cursor_stays_right_when_the_directory_changes_before_it() {
    let rows = |codes: &[&str]| {
        let rows: String = codes.iter().map(|code| format!("{code},x,other\n")).collect();
        Directory::from_csv(format!("code,name,level\n{rows}").as_bytes()).unwrap()
    };
    let filter = SearchFilter::default();
    let next = rows(&["H02", "H03", "H04"]).search("", &filter, 2, None).unwrap().next;
    let directory = rows(&["H01", "H02", "H04", "H05"]);
    let page = directory.search("", &filter, 9, next.as_ref()).unwrap();
    assert_eq!(page.agencies.iter().map(|agency| agency.code.as_str()).collect::<Vec<_>>(), ["H04", "H05"]);
}

#[test]
fn a_text_that_is_no_cursor_is_refused() {
    for text in ["", "1", "1-2-3", "1-2-3-", "1-2-300-H48", "1-2-3-a b"] {
        assert_eq!(text.parse::<SearchCursor>().unwrap_err().code(), ErrorCode::InvalidArgument, "{text}");
    }
}

proptest! {
    #[test]
    fn any_query_is_answered(query in ".{0,80}", limit in 0usize..1000) {
        let directory = Directory::from_toml(FIXTURE).unwrap();
        let page = directory.search(&query, &SearchFilter::default(), limit, None).unwrap();
        prop_assert!(page.agencies.len() <= limit.clamp(1, 500));
    }

    #[test]
    fn a_name_is_found_by_itself_however_it_is_typed(name in "[A-Za-zĐđẮắỡỠỰỷÊô0-9]{1,8}( [A-Za-zĐđẮắỡỠỰỷÊô0-9]{1,8}){0,4}") {
        let directory = Directory::from_csv(format!("code,name,level\nH48,{name},other\n").as_bytes()).unwrap();
        for query in [name.clone(), fold(&name), name.to_uppercase(), composed(&name)] {
            prop_assert_eq!(directory.search(&query, &SearchFilter::default(), 9, None).unwrap().total, 1);
        }
    }
}
