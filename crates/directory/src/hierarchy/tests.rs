use types::AgencyCode;

use crate::{Agency, Directory};

const FIXTURE: &str = r#"
agency = [
    { code = "H48", name = "tỉnh", level = "province" },
    { code = "H48.15", name = "sở", level = "province" },
    { code = "H48.15.01", name = "phòng", level = "province" },
    { code = "H48.35.12", name = "xã không có huyện", level = "commune" },
    { code = "H34.07", name = "xã chuyển tỉnh", level = "commune", parent = "000.00.00.H48" },
    { code = "28.22.H17", name = "mã lạ", level = "commune" },
]
"#;

fn codes<'a>(agencies: impl Iterator<Item = &'a Agency>) -> Vec<&'a str> {
    agencies.map(|agency| agency.code.as_str()).collect()
}

fn code(text: &str) -> AgencyCode {
    AgencyCode::opaque(text).unwrap()
}

#[test]
fn a_parent_is_the_listed_one_or_the_nearest_listed_body_by_the_code() {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    let parent = |text: &str| directory.parent(&code(text)).map(|agency| agency.code.as_str());
    assert_eq!(parent("H48.15.01"), Some("H48.15"));
    assert_eq!(parent("H48.35.12"), Some("H48"));
    assert_eq!(parent("H34.07"), Some("H48"));
    assert_eq!((parent("H48"), parent("28.22.H17"), parent("H99")), (None, None, None));
}

#[test]
fn the_field_parent_names_the_listed_code() {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    let moved = directory.find(&code("H34.07")).unwrap();
    assert_eq!(moved.parent.as_ref().map(AgencyCode::as_str), Some("H48"));
}

#[test]
fn children_are_one_step_and_descendants_every_step_down() {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    assert_eq!(codes(directory.children(&code("000.00.00.H48"))), ["H34.07", "H48.15", "H48.35.12"]);
    assert_eq!(codes(directory.descendants(&code("H48"))), ["H34.07", "H48.15", "H48.15.01", "H48.35.12"]);
    assert!(codes(directory.children(&code("H99"))).is_empty());
}

#[test]
fn superiors_go_up_to_the_top() {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    assert_eq!(codes(directory.superiors(&code("H48.15.01"))), ["H48.15", "H48"]);
    assert!(codes(directory.superiors(&code("H48"))).is_empty());
}
