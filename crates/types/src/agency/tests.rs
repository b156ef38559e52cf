use std::collections::hash_map::DefaultHasher;

use proptest::prelude::*;

use super::*;
use crate::ErrorCode;

fn code(text: &str) -> AgencyCode {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn hash(code: &AgencyCode) -> u64 {
    let mut hasher = DefaultHasher::new();
    code.hash(&mut hasher);
    hasher.finish()
}

fn check_generation(text: &str, expected: Generation) {
    let code = code(text);
    assert_eq!((code.generation(), code.as_str(), code.to_string().as_str()), (expected, text, text));
}

fn check_refused(text: &str, position: usize, rule: CodeRule) {
    let error = text.parse::<AgencyCode>().expect_err(text);
    assert_eq!((error.position, error.rule), (position, rule), "{text:?}");
    assert_eq!(error.code(), ErrorCode::MalformedCode);
}

#[test]
fn codes_of_both_generations_print_back_as_they_came_in() {
    check_generation("000.00.00.H48", Generation::Qcvn2016);
    check_generation("001.15.20.H48", Generation::Qcvn2016);
    check_generation("000.12.00.H48", Generation::Qcvn2016);
    check_generation("H48", Generation::Decision2020);
    check_generation("H48.20.15.001", Generation::Decision2020);
    check_generation("H48.A1.B22C.33.44.55", Generation::Decision2020);
    check_generation("A00.99", Generation::Decision2020);
    check_generation("H48.20.15.001.0002.0003.0004.00005", Generation::Decision2020);
    check_generation("0100109106", Generation::Decision2020);
    check_generation("0100109106-012", Generation::Decision2020);
    check_generation("12345678", Generation::Decision2020);
    check_generation("12345678901234", Generation::Decision2020);
    check_generation("GLN:8931234-x_Y/1.2", Generation::Decision2020);
}

#[test]
fn a_refusal_names_the_first_offending_character_and_its_rule() {
    check_refused("", 0, CodeRule::Empty);
    // generation 1
    check_refused("00.00.00.H48", 2, CodeRule::GroupWidth);
    check_refused("0000.00.00.H48", 3, CodeRule::GroupWidth);
    check_refused("000.0A.00.H48", 5, CodeRule::GroupWidth);
    check_refused("000.00.H48", 7, CodeRule::GroupWidth);
    check_refused("000.00.00", 9, CodeRule::LevelOne);
    check_refused("000.00.00.", 9, CodeRule::EmptyGroup);
    check_refused("000..00.H48", 4, CodeRule::EmptyGroup);
    check_refused("000.00.00.48H", 10, CodeRule::LevelOne);
    check_refused("000.00.00.H4", 12, CodeRule::LevelOne);
    check_refused("000.00.00.H488", 13, CodeRule::LevelOne);
    check_refused("000.00.00.H48.01", 13, CodeRule::GroupWidth);
    check_refused("000.00.00.h48", 10, CodeRule::LowerCase);
    // generation 2
    check_refused("H4", 2, CodeRule::LevelOne);
    check_refused("HH48", 1, CodeRule::LevelOne);
    check_refused("H488", 3, CodeRule::LevelOne);
    check_refused("H48.1", 4, CodeRule::ShortGroup);
    check_refused("H48.", 3, CodeRule::EmptyGroup);
    check_refused(".H48", 0, CodeRule::EmptyGroup);
    check_refused("H48..20", 4, CodeRule::EmptyGroup);
    check_refused("H48 .20", 3, CodeRule::Character);
    check_refused("H48.Đ1", 4, CodeRule::Character);
    check_refused("H48.20.15.001.0002.0003.0004.00005.22", 35, CodeRule::TooLong);
    // business registration and scheme codes
    check_refused("1234567", 7, CodeRule::BusinessNumber);
    check_refused("123456789012345", 14, CodeRule::BusinessNumber);
    check_refused("0100109106-1", 12, CodeRule::BusinessNumber);
    check_refused("0100109106-1234", 14, CodeRule::BusinessNumber);
    check_refused("0100109106-12-4", 13, CodeRule::BusinessNumber);
    check_refused("0100109106-12345-", 14, CodeRule::BusinessNumber);
    check_refused("-", 0, CodeRule::BusinessNumber);
    check_refused(":1", 0, CodeRule::Scheme);
    check_refused("gln:1", 0, CodeRule::Scheme);
    check_refused("GLN:", 4, CodeRule::Scheme);
    check_refused("GLN:a:b", 5, CodeRule::Scheme);
    check_refused("GLN:12345678901234567890123456789012", 35, CodeRule::TooLong);
    // seen on the axis, valid only when listed
    check_refused("vxp.saas.02", 0, CodeRule::LowerCase);
    check_refused("99.99.99.G21", 2, CodeRule::GroupWidth);
    check_refused("01.02.G22", 2, CodeRule::GroupWidth);
    check_refused("28.22.H17", 2, CodeRule::GroupWidth);
    check_refused("001.00.20.TT2", 11, CodeRule::LevelOne);
}

#[test]
fn an_error_counts_characters_from_one_and_keeps_the_start_of_the_text() {
    let error = "000.0A.00.H48".parse::<AgencyCode>().unwrap_err();
    let text =
        "agency code \"000.0A.00.H48\": the groups have 3, 2 and 2 digits before the level-1 group (at character 6)";
    assert_eq!(error.to_string(), text);
    assert_eq!("é".repeat(1000).parse::<AgencyCode>().unwrap_err().text, "é".repeat(64));
}

#[test]
fn the_two_generations_convert_into_each_other() {
    for (one, two) in [
        ("000.00.00.H48", "H48"),
        ("000.00.20.H48", "H48.20"),
        ("000.15.20.H48", "H48.20.15"),
        ("001.15.20.H48", "H48.20.15.001"),
    ] {
        assert_eq!(code(one).as_decision2020().as_deref(), Some(two));
        assert_eq!(code(two).as_qcvn2016().as_deref(), Some(one));
        assert_eq!(code(one), code(two));
        assert_eq!(hash(&code(one)), hash(&code(two)));
        assert_eq!(code(one).cmp(&code(two)), Ordering::Equal);
    }
}

#[test]
fn a_code_without_a_form_in_the_other_generation_says_so() {
    for text in ["H48.20.15.001.02", "H48.2A", "H48.200", "H48.20.15.01", "H48.00", "0100109106", "A12:x", "A:1"] {
        assert_eq!(code(text).as_qcvn2016(), None, "{text}");
        assert_eq!(code(text).as_decision2020().as_deref(), Some(text));
    }
    assert_eq!(code("000.12.00.H48").as_decision2020(), None);
    assert_eq!(code("000.12.00.H48").as_qcvn2016().as_deref(), Some("000.12.00.H48"));
}

#[test]
fn a_gap_is_where_a_group_stands_under_an_absent_one() {
    for (text, gap) in [
        ("000.12.00.H48", Some(4)),
        ("001.00.20.H48", Some(0)),
        ("001.00.00.H48", Some(0)),
        ("001.12.00.H48", Some(0)),
        ("001.12.20.H48", None),
        ("000.00.00.H48", None),
        // the groups of generation 2 read the other way round
        ("H48.00.15.001", None),
        ("H48.20.00.001", None),
    ] {
        assert_eq!((code(text).gap(), code(text).has_gap()), (gap, gap.is_some()), "{text}");
    }
    assert_eq!(AgencyCode::opaque("001.00.20.TT2").unwrap().gap(), Some(0));
}

#[test]
fn a_gapped_code_equals_only_itself() {
    assert_eq!(code("000.12.00.H48").canonical(), "000.12.00.H48");
    assert_ne!(code("000.12.00.H48"), code("H48.12"));
}

#[test]
fn a_listed_text_that_parses_is_what_it_is() {
    let listed = AgencyCode::opaque("000.00.20.H48").unwrap();
    assert_eq!((listed.generation(), listed == code("H48.20")), (Generation::Qcvn2016, true));
}

#[test]
fn a_listed_text_of_neither_generation_is_opaque() {
    for text in ["vxp.saas.02", "99.99.99.G21", "01.02.G22", "28.22.H17", "001.00.20.TT2", "Sở-1"] {
        let code = AgencyCode::opaque(text).unwrap();
        assert_eq!((code.generation(), code.as_str(), code.canonical()), (Generation::Opaque, text, text));
        assert_eq!((code.as_qcvn2016(), code.as_decision2020(), code.ancestors().count()), (None, None, 0));
    }
}

#[test]
fn an_opaque_code_has_limits_too() {
    let check = |text: &str, position, rule| {
        let error = AgencyCode::opaque(text).expect_err(text);
        assert_eq!((error.position, error.rule), (position, rule), "{text:?}");
    };
    check("", 0, CodeRule::Empty);
    check("a b", 1, CodeRule::Character);
    check("é\u{7}", 1, CodeRule::Character);
    check(&"x".repeat(65), 64, CodeRule::TooLong);
    check(&"é".repeat(33), 32, CodeRule::TooLong);
    assert!(AgencyCode::opaque(&"x".repeat(64)).is_ok());
}

#[test]
fn ancestors_are_the_enclosing_bodies_nearest_first() {
    let ancestors = |text: &str| code(text).ancestors().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(ancestors("001.15.20.H48"), ["H48.20.15", "H48.20", "H48"]);
    assert_eq!(ancestors("H48.20"), ["H48"]);
    for without in ["H48", "000.12.00.H48", "0100109106-001", "GLN:1.2.3"] {
        assert!(ancestors(without).is_empty(), "{without}");
    }
}

#[test]
fn a_level_reads_back_what_it_prints() {
    for level in Level::ALL {
        assert_eq!(level.to_string().parse(), Ok(level));
    }
    assert_eq!("Tỉnh".parse::<Level>(), Err(LevelError { text: "Tỉnh".to_owned() }));
}

fn level_one() -> impl Strategy<Value = String> {
    "[A-Z][0-9]{2}"
}

/// Codes of generation 1 whose groups are set from the top down.
fn ungapped_2016() -> impl Strategy<Value = String> {
    (level_one(), 1u8..=99, 1u8..=99, 1u16..=999, 0usize..=3).prop_map(|(one, two, three, four, depth)| {
        let (two, three) = (if depth > 0 { two } else { 0 }, if depth > 1 { three } else { 0 });
        let four = if depth > 2 { four } else { 0 };
        format!("{four:03}.{three:02}.{two:02}.{one}")
    })
}

fn any_code() -> impl Strategy<Value = String> {
    prop_oneof![
        ungapped_2016(),
        "[0-9]{3}\\.[0-9]{2}\\.[0-9]{2}\\.[A-Z][0-9]{2}",
        "[A-Z][0-9]{2}(\\.[A-Z0-9]{2,4}){0,5}",
        "[0-9]{8,14}(-[0-9]{3})?",
        "[A-Z0-9]{1,5}:[A-Za-z0-9._/-]{1,20}",
    ]
}

/// Texts that are nearly codes: what slips of the keyboard and hostile senders write.
fn near_code() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9.:é -]{0,40}", ".{0,80}", (any_code(), ".", any_code()).prop_map(|(a, b, c)| a + &b + &c)]
}

proptest! {
    #[test]
    fn every_code_prints_back_exactly(text in any_code()) {
        prop_assert_eq!(code(&text).to_string(), text);
    }

    #[test]
    fn conversion_is_exact_both_ways(text in ungapped_2016()) {
        let other = code(&text).as_decision2020().unwrap();
        prop_assert_eq!(code(&other).as_qcvn2016().unwrap(), text.clone());
        prop_assert_eq!(code(&other), code(&text));
    }

    #[test]
    fn conversion_from_generation_two_returns_or_refuses(text in "[A-Z][0-9]{2}(\\.[A-Z0-9]{2,4}){0,5}") {
        if let Some(other) = code(&text).as_qcvn2016() {
            prop_assert_eq!(code(&other).as_decision2020().unwrap(), text);
        }
    }

    #[test]
    fn equality_hash_and_order_agree(one in any_code(), two in any_code()) {
        let (one, two) = (code(&one), code(&two));
        let other = one.as_decision2020().or_else(|| one.as_qcvn2016()).map(|text| code(&text));
        for two in other.into_iter().chain([two]) {
            prop_assert_eq!(one == two, one.cmp(&two) == Ordering::Equal);
            prop_assert_eq!(one.cmp(&two), two.cmp(&one).reverse());
            if one == two {
                prop_assert_eq!(hash(&one), hash(&two));
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused_within_itself(text in near_code()) {
        for result in [text.parse::<AgencyCode>(), AgencyCode::opaque(&text)] {
            match result {
                Ok(code) => prop_assert_eq!(code.as_str(), &text),
                Err(error) => prop_assert!(error.position <= text.chars().count(), "{error}"),
            }
        }
    }
}
