use crate::Directory;

const FIXTURE: &str = r#"
agency = [
    { code = "H48", name = "A", level = "province", aliases = ["000.00.00.H48", "vxp.saas.02"] },
    { code = "H48.20", name = "B", level = "province", aliases = ["000.00.21.H48"] },
    { code = "000.00.22.H48", name = "C", level = "province", aliases = ["000.00.99.H48"] },
    { code = "H48.21", name = "D", level = "province" },
]
"#;

fn check(text: &str, expected: Option<&str>) {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    assert_eq!(directory.find_text(text).map(|agency| &*agency.name), expected, "{text}");
    if let Ok(code) = types::AgencyCode::opaque(text) {
        assert_eq!(directory.find(&code).map(|agency| &*agency.name), expected, "{text}");
    }
}

#[test]
fn a_code_is_found_verbatim_and_by_its_other_generation() {
    check("H48.20", Some("B"));
    check("000.00.20.H48", Some("B"));
    check("000.00.22.H48", Some("C"));
    check("H48.22", Some("C"));
}

#[test]
fn an_explicit_alias_wins_over_the_computed_form() {
    // H48.21 is listed as an agency of its own, but its computed form is B's explicit alias.
    check("000.00.21.H48", Some("B"));
    check("H48.21", Some("D"));
}

#[test]
fn the_other_form_of_an_alias_is_found_when_nobody_else_has_it() {
    check("000.00.99.H48", Some("C"));
    check("H48.99", Some("C"));
}

#[test]
fn a_free_form_code_is_found_only_verbatim() {
    check("vxp.saas.02", Some("A"));
    check("VXP.SAAS.02", None);
    check("vxp.saas.0", None);
    check("", None);
}

#[test]
fn agencies_come_in_the_order_of_their_canonical_codes() {
    let directory = Directory::from_toml(FIXTURE).unwrap();
    let codes: Vec<&str> = directory.iter().map(|agency| agency.code.as_str()).collect();
    assert_eq!(codes, ["H48", "H48.20", "H48.21", "000.00.22.H48"]);
    assert_eq!((directory.len(), directory.is_empty()), (4, false));
}
