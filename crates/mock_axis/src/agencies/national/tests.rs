use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;

fn code(text: &str) -> AgencyCode {
    text.parse().unwrap()
}

#[test]
fn all_provinces_and_ministries_are_there_by_their_codes() {
    let national = National::new(None, 1);
    assert_eq!(national.find(&code("000.00.00.H48")).unwrap().name, "Ủy ban nhân dân tỉnh Quảng Ngãi");
    assert_eq!(national.find(&code("G22")).unwrap().name, "Văn phòng Chính phủ");
    assert_eq!(national.find(&code("H17")).unwrap().name, "Ủy ban nhân dân thành phố Đà Nẵng");
    assert!(national.find(&code("H47")).is_none(), "Quảng Nam went to Đà Nẵng in 2025");
    let provinces = national.bodies.iter().filter(|body| matches!(body.kind, Kind::Province | Kind::City));
    assert_eq!(provinces.count(), 34);
    assert_eq!(national.communes, 3321);
}

#[test]
fn the_list_has_the_size_that_was_asked_for_and_no_code_twice() {
    let national = Arc::new(National::new(Some(111_339), 1));
    let codes: BTreeSet<String> = national.entries().map(|entry| entry.code).collect();
    assert_eq!(codes.len(), 111_339);
}

#[test]
fn every_listed_agency_is_found_by_its_code() {
    let national = Arc::new(National::new(Some(20_000), 1));
    for entry in Arc::clone(&national).entries().step_by(97) {
        let found = national.find(&code(&entry.code)).unwrap();
        assert_eq!((found.code, found.name), (entry.code, entry.name));
    }
}

#[test]
fn a_code_beyond_the_size_is_not_found() {
    let national = National::new(None, 1);
    for absent in ["H48.21", "H48.00", "H48.100", "H48.101.01", "H99", "H48.01.01", "H48.197"] {
        assert_eq!(national.find(&code(absent)), None, "{absent}");
    }
    assert!(National::new(Some(10_000), 1).find(&code("H48.01.01")).is_some());
}

#[test]
fn a_commune_has_its_name_once_in_its_province() {
    let national = Arc::new(National::new(None, 7));
    let names: Vec<String> = Arc::clone(&national)
        .entries()
        .filter(|entry| entry.code.starts_with("H29.") && entry.code.len() == 7)
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names.len(), 168);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 168);
}

#[test]
fn the_same_seed_gives_the_same_country_and_another_seed_gives_other_names() {
    let names = |seed| Arc::new(National::new(None, seed)).entries().map(|entry| entry.name).collect::<Vec<_>>();
    assert_eq!(names(3), names(3));
    assert_ne!(names(3), names(4));
}
