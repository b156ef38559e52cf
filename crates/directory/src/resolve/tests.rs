use proptest::prelude::*;

use super::*;

const FIXTURE: &str = r#"
agency = [
    { code = "H48", name = "UBND tỉnh Quảng Ngãi", level = "province" },
    { code = "000.00.15.H48", name = "Sở Tài chính", level = "province", aliases = ["00.15.H48"] },
    { code = "000.12.00.H48", name = "Trung tâm hành chính công", level = "province" },
    { code = "28.22.H17", name = "Phường Hải Châu", level = "commune" },
    # two successors
    { code = "H48.35", name = "Huyện Bình Sơn", level = "district", valid_until = 2025-06-30, successors = ["H48.112", "H48.113"], since = 2025-07-01 },
    # one after another: H48.35.12 → H48.35.13 → H48.112
    { code = "H48.35.12", name = "Xã cũ 1", level = "commune", successors = ["H48.35.13"], since = 2020-01-01 },
    { code = "H48.35.13", name = "Xã cũ 2", level = "commune", successors = ["000.00.00.H99"], since = 2025-07-01 },
    # into one that was itself split
    { code = "H48.35.14", name = "Xã cũ 3", level = "commune", successors = ["H48.35"], since = 2020-01-01 },
    { code = "H48.40", name = "Huyện giải thể", level = "district", valid_until = 2025-06-30 },
    { code = "H48.41", name = "Huyện chờ kế thừa", level = "district", valid_until = 2025-06-30, successors = ["H48.112"], since = 2025-09-01 },
    { code = "H48.112", name = "Xã Vạn Tường", level = "commune", valid_from = 2025-07-01 },
    { code = "H48.113", name = "Xã Đông Sơn", level = "commune", valid_from = 2025-07-01 },
    { code = "H99", name = "Xã mới", level = "commune", valid_from = 2025-07-01 },
]
"#;

fn directory() -> Directory {
    Directory::from_toml(FIXTURE).unwrap()
}

/// Noon of a day in Việt Nam.
fn noon(day: &str) -> UnixMillis {
    let timestamp: jiff::Timestamp = format!("{day}T05:00:00Z").parse().unwrap();
    UnixMillis::new(u64::try_from(timestamp.as_millisecond()).unwrap())
}

/// Checks the receiver, or the error's text.
fn check(text: &str, day: &str, expected: Result<&str, &str>) {
    let directory = directory();
    let found = directory.resolve(text, noon(day));
    let found = found.map(|resolved| resolved.agency.code.to_string()).map_err(|error| error.to_string());
    assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text} on {day}");
}

#[test]
fn a_listed_agency_is_named_by_code_alias_and_other_generation() {
    for text in ["000.00.15.H48", "H48.15", "00.15.H48"] {
        check(text, "2025-01-01", Ok("000.00.15.H48"));
    }
    check("28.22.H17", "2025-01-01", Ok("28.22.H17"));
}

#[test]
fn a_gapped_code_is_accepted_with_a_warning_when_registered() {
    let directory = directory();
    let resolved = directory.resolve("000.12.00.H48", noon("2025-01-01")).unwrap();
    assert_eq!(resolved.warnings, [ResolveWarning::Gapped { code: "000.12.00.H48".parse().unwrap() }]);
}

#[test]
fn a_gapped_code_is_refused_at_the_gap_when_unregistered() {
    let error = directory().resolve("000.77.00.H48", noon("2025-01-01")).unwrap_err();
    let ResolveError::Malformed { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((error.code(), source.position, source.rule), (ErrorCode::MalformedCode, 4, CodeRule::Gap));
}

#[test]
fn a_malformed_code_is_refused_with_position_rule_and_suggestions() {
    let text = "agency code \"000.00.1S.H48\": the groups have 3, 2 and 2 digits before the level-1 group (at character 9); \
                did you mean 000.00.15.H48?";
    check("000.00.1S.H48", "2025-01-01", Err(text));
}

#[test]
fn an_unknown_code_is_refused_with_suggestions() {
    check("H48.16", "2025-01-01", Err("agency H48.16 is not in the directory; did you mean 000.00.15.H48?"));
    check("T01.01.01", "2025-01-01", Err("agency T01.01.01 is not in the directory"));
}

#[test]
fn a_dissolved_agency_receives_until_its_last_day_in_vietnam() {
    check("H48.35", "2025-06-30", Ok("H48.35"));
    let directory = directory();
    let midnight = noon("2025-06-30") + std::time::Duration::from_secs(12 * 60 * 60);
    let before = UnixMillis::new(midnight.as_millis() - 1);
    assert!(directory.resolve("H48.35", before).is_ok());
    assert_eq!(directory.resolve("H48.35", midnight).unwrap_err().code(), ErrorCode::AgencyDissolved);
}

#[test]
fn a_dissolved_agency_with_several_successors_is_refused_with_their_list() {
    check("H48.35", "2025-07-01", Err("agency H48.35 was dissolved after 2025-06-30; address H48.112, H48.113"));
    check("H48.35.14", "2025-07-01", Err("agency H48.35 was dissolved after 2025-06-30; address H48.112, H48.113"));
}

#[test]
fn a_dissolved_agency_without_a_successor_is_refused() {
    check("H48.40", "2025-07-01", Err("agency H48.40 was dissolved after 2025-06-30; it has no successor"));
    check("H48.41", "2025-07-01", Err("agency H48.41 was dissolved after 2025-06-30; it has no successor"));
    check("H48.41", "2025-09-01", Ok("H48.112"));
}

#[test]
fn single_successors_are_followed_as_far_as_the_day_goes() {
    check("H48.35.12", "2019-12-31", Ok("H48.35.12"));
    check("H48.35.12", "2020-01-01", Ok("H48.35.13"));
    check("000.12.35.H48", "2025-07-01", Ok("H99"));
}

#[test]
fn a_redirection_names_who_was_addressed() {
    let directory = directory();
    let resolved = directory.resolve("H48.35.12", noon("2025-07-01")).unwrap();
    assert_eq!(resolved.redirected_from.unwrap().code.as_str(), "H48.35.12");
    let (from, to) = ("H48.35.12".parse().unwrap(), "H99".parse().unwrap());
    assert_eq!(resolved.warnings, [ResolveWarning::Redirected { from, to }]);
    assert!(directory.resolve("H99", noon("2025-07-01")).unwrap().redirected_from.is_none());
}

#[test]
fn an_agency_of_the_future_is_not_yet_known() {
    check("H48.112", "2025-06-30", Err("agency H48.112 exists only from 2025-07-01; the day is 2025-06-30"));
    assert_eq!(directory().resolve("H48.112", noon("2025-06-30")).unwrap_err().code(), ErrorCode::UnknownAgency);
}

#[test]
fn a_dissolved_sender_is_accepted_with_a_warning_and_never_redirected() {
    let directory = directory();
    let resolved = directory.resolve_sender("H48.35.13", noon("2025-07-01")).unwrap();
    let until = "2025-06-30".parse().unwrap();
    assert_eq!((resolved.agency.code.as_str(), resolved.redirected_from.is_some()), ("H48.35.13", false));
    assert_eq!(resolved.warnings, [ResolveWarning::DissolvedSender { code: "H48.35.13".parse().unwrap(), until }]);
}

#[test]
fn an_unknown_sender_has_a_code_of_its_own() {
    let directory = directory();
    let code = |text: &str| directory.resolve_sender(text, noon("2025-07-01")).unwrap_err().code();
    assert_eq!((code("H77"), code("h77")), (ErrorCode::UnknownSender, ErrorCode::MalformedCode));
}

#[test]
fn a_reference_to_a_dissolved_agency_is_still_found() {
    assert!(directory().find(&"H48.40".parse().unwrap()).is_some());
}

proptest! {
    #[test]
    fn any_text_is_resolved_or_refused(text in ".{0,80}|[A-Z0-9.:-]{0,40}", at in any::<u64>()) {
        let directory = directory();
        if let Err(error) = directory.resolve(&text, UnixMillis::new(at)) {
            prop_assert!(error.suggestions().len() <= 5, "{error}");
        }
    }

    #[test]
    fn every_listed_code_is_found_by_each_of_its_forms(codes in prop::collection::btree_set("[A-Z][0-9]{2}(\\.[0-9]{2}){0,2}(\\.[0-9]{3})?", 1..20)) {
        let rows: String = codes.iter().map(|code| format!("{code},x,other\n")).collect();
        let directory = Directory::from_csv(format!("code,name,level\n{rows}").as_bytes()).unwrap();
        for code in &codes {
            let listed: AgencyCode = code.parse().unwrap();
            for text in [Some(listed.to_string()), listed.as_qcvn2016(), listed.as_decision2020()].into_iter().flatten() {
                let resolved = directory.resolve(&text, UnixMillis::new(0)).unwrap();
                prop_assert_eq!(resolved.agency.code.as_str(), code.as_str());
            }
        }
    }
}
