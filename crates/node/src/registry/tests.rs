use super::*;

fn directory() -> Directory {
    let text = "[[agency]]\ncode = \"H48\"\nlevel = \"province\"\nname = \"UBND tỉnh\"\n";
    Directory::from_toml(text).unwrap()
}

fn one(code: &str, parent: &str) -> (AgencyCode, Registered) {
    let text = |text: &str| text.to_owned();
    let agency =
        Registered { system: text("so"), code: text(code), parent: text(parent), name: text("Phòng"), mail: text("") };
    (code.parse().unwrap(), agency)
}

fn registry(agencies: &[(&str, &str)]) -> Registry {
    agencies
        .iter()
        .map(|(code, parent)| one(code, parent))
        .fold(Registry::default(), |all, (code, one)| all.with(code, one))
}

#[test]
fn what_was_saved_is_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let saved = registry(&[("H48.90", "H48")]);
    saved.save(dir.path()).unwrap();
    assert_eq!(Registry::load(dir.path()).unwrap(), saved);
}

#[test]
fn no_file_is_an_empty_list() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Registry::load(dir.path()).unwrap().len(), 0);
}

#[test]
fn a_damaged_file_is_an_error_and_no_empty_list() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE), "[{").unwrap();
    assert!(matches!(Registry::load(dir.path()), Err(RegistryError::Form { .. })));
}

#[test]
fn an_agency_below_a_registered_one_is_added_with_the_level_above() {
    let all = registry(&[("H48.90.01", "H48.90"), ("H48.90", "H48")]).added_to(directory()).unwrap();
    let added = all.find(&"H48.90.01".parse().unwrap()).unwrap();
    assert_eq!((added.level, added.parent.as_ref().unwrap().as_str()), (Level::Province, "H48.90"));
}

#[test]
fn an_agency_whose_parent_went_away_does_not_spoil_the_directory() {
    let all = registry(&[("H48.90", "H49"), ("H48.91", "H48")]).added_to(directory()).unwrap();
    assert_eq!(all.len(), 2);
}
