use super::*;

const FIXTURE: &str = r#"
agency = [
    { code = "H48", name = "tỉnh", level = "province" },
    { code = "H48.15", name = "sở", level = "province" },
    { code = "H48.35", name = "huyện", level = "district", valid_until = 2025-06-30 },
    { code = "H48.35.12", name = "xã cũ", level = "commune", valid_until = 2025-06-30 },
    { code = "H48.112", name = "xã mới", level = "commune", valid_from = 2025-07-01 },
    { code = "H34", name = "tỉnh sáp nhập", level = "province", successors = ["H48"], since = 2025-07-01 },
    { code = "28.22.H17", name = "mã lạ", level = "province" },
    { code = "X1/y", name = "phòng", level = "other", parent = "28.22.H17" },
]
"#;

const BEFORE: UnixMillis = UnixMillis::new(1_735_689_600_000);
const AFTER: UnixMillis = UnixMillis::new(1_767_225_600_000);

fn members(text: &str, on: UnixMillis) -> Result<Vec<String>, GroupError> {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    let members = directory.expand(&text.parse()?, on)?.members;
    Ok(members.iter().map(|agency| agency.code.to_string()).collect())
}

#[test]
fn a_level_below_a_body_is_addressed_as_of_the_day() {
    assert_eq!(members("group:H48/commune", BEFORE).unwrap(), ["H48.35.12"]);
    assert_eq!(members("group:H48/commune", AFTER).unwrap(), ["H48.112"]);
    assert_eq!(members("group:000.00.00.H48/province", AFTER).unwrap(), ["H48.15"]);
}

#[test]
fn a_star_is_everybody_below_but_not_the_body_itself() {
    assert_eq!(members("group:H48/*", BEFORE).unwrap(), ["H48.15", "H48.35", "H48.35.12"]);
}

#[test]
fn the_group_of_a_dissolved_body_is_its_successors() {
    assert_eq!(members("group:H34/commune", AFTER).unwrap(), ["H48.112"]);
}

#[test]
fn a_free_form_body_has_a_group_too() {
    assert_eq!(members("group:28.22.H17/*", AFTER).unwrap(), ["X1/y"]);
}

#[test]
fn a_group_that_names_nobody_is_refused() {
    let code = |text: &str| members(text, AFTER).unwrap_err().code();
    assert_eq!(code("group:H48/district"), ErrorCode::UnknownAgency);
    assert_eq!(code("group:H77/*"), ErrorCode::UnknownAgency);
    assert_eq!(code("group:h77/*"), ErrorCode::MalformedCode);
    assert_eq!(code("group: /*"), ErrorCode::MalformedCode);
    for text in ["", "H48", "group:H48", "group:H48/xã", "group:H48/", "groups:H48/*"] {
        assert_eq!(code(text), ErrorCode::InvalidArgument, "{text}");
    }
}

#[test]
fn a_group_of_more_than_ten_thousand_is_refused() {
    let rows: String = (0..10_001).map(|n| format!("x{n},x,commune,H48\n")).collect();
    let text = format!("code,name,level,parent\nH48,tỉnh,province,\n{rows}");
    let directory = Directory::from_csv(text.as_bytes()).unwrap();
    let group: Group = "group:H48/*".parse().unwrap();
    assert_eq!(directory.expand(&group, AFTER).unwrap_err().to_string(), "group:H48/* has more than 10000 members");
}

#[test]
fn a_group_address_prints_back() {
    for text in ["group:H48/commune", "group:000.00.00.H48/*", "group:X1/y/other"] {
        assert_eq!(text.parse::<Group>().unwrap().to_string(), text);
        assert!(Group::is_meant(text));
    }
    assert!(!Group::is_meant("H48"));
}
