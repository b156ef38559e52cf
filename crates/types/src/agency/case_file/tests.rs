use proptest::prelude::*;

use super::*;

fn check_refused(text: &str, position: usize, rule: CaseFileRule) {
    let error = text.parse::<CaseFileCode>().expect_err(text);
    assert_eq!((error.position, error.rule), (position, rule), "{text:?}");
}

#[test]
fn a_case_file_code_is_agency_day_and_number() {
    let code: CaseFileCode = "000.00.53.H48-220921-0099".parse().unwrap();
    assert_eq!((code.agency().canonical(), code.date(), code.number()), ("H48.53", (2022, 9, 21), "0099"));
    assert_eq!(code.to_string(), "000.00.53.H48-220921-0099");
}

#[test]
fn the_branch_of_an_enterprise_keeps_its_hyphen() {
    let code: CaseFileCode = "0100109106-001-240229-12345".parse().unwrap();
    assert_eq!((code.agency().as_str(), code.date()), ("0100109106-001", (2024, 2, 29)));
}

#[test]
fn case_files_are_equal_across_the_generations_of_their_agency() {
    let read = |text: &str| text.parse::<CaseFileCode>().unwrap();
    assert_eq!(read("000.00.53.H48-220921-0099"), read("H48.53-220921-0099"));
    assert_ne!(read("H48.53-220921-0099"), read("H48.53-220921-00099"));
}

#[test]
fn a_refusal_names_the_first_offending_character_and_its_rule() {
    check_refused("", 0, CaseFileRule::Parts);
    check_refused("000.00.53.H48", 13, CaseFileRule::Parts);
    check_refused("H48-220921", 10, CaseFileRule::Parts);
    check_refused("H4-220921-0099", 2, CaseFileRule::Agency(CodeRule::LevelOne));
    check_refused("H48.é-220921-0099", 4, CaseFileRule::Agency(CodeRule::Character));
    check_refused("-220921-0099", 0, CaseFileRule::Agency(CodeRule::Empty));
    check_refused("H48-2209211-0099", 10, CaseFileRule::Date);
    check_refused("H48-22092-0099", 9, CaseFileRule::Date);
    check_refused("H48-22O921-0099", 6, CaseFileRule::Date);
    check_refused("H48-221321-0099", 6, CaseFileRule::Date);
    check_refused("H48-220021-0099", 6, CaseFileRule::Date);
    check_refused("H48-220931-0099", 8, CaseFileRule::Date);
    check_refused("H48-220900-0099", 8, CaseFileRule::Date);
    check_refused("H48-230229-0099", 8, CaseFileRule::Date);
    check_refused("H48-220921-", 11, CaseFileRule::Number);
    check_refused("H48-220921-099", 14, CaseFileRule::Number);
    check_refused("H48-220921-00é9", 13, CaseFileRule::Number);
    check_refused("H48-220921-1234567890123456789", 29, CaseFileRule::Number);
}

proptest! {
    #[test]
    fn a_case_file_code_prints_back_exactly(
        text in "[A-Z][0-9]{2}(\\.[0-9]{2}){0,3}-[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])-[0-9]{4,18}"
    ) {
        prop_assert_eq!(text.parse::<CaseFileCode>().unwrap().to_string(), text);
    }

    #[test]
    fn any_text_is_read_or_refused_within_itself(text in ".{0,40}|[A-Z0-9.é]{0,15}-[0-9é]{0,8}-[0-9é]{0,22}") {
        match text.parse::<CaseFileCode>() {
            Ok(code) => prop_assert_eq!(code.to_string(), text),
            Err(error) => prop_assert!(error.position <= text.chars().count(), "{error}"),
        }
    }
}
