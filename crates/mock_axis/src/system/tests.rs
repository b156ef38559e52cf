use super::*;

fn code(text: &str) -> AgencyCode {
    AgencyCode::opaque(text).unwrap()
}

#[test]
fn a_system_without_agencies_speaks_for_its_own_tree() {
    let system: System = "000.00.00.H48:a/b+c==".parse().unwrap();
    assert_eq!(system.scopes, [Scope::Below(code("H48"))]);
    assert_eq!(system.secret.as_bytes(), b"a/b+c==");
}

#[test]
fn agencies_are_listed_after_the_secret() {
    let system: System = "vxp.saas.02:s:H17.*,28.22.H17".parse().unwrap();
    assert_eq!(system.scopes, [Scope::Below(code("H17")), Scope::Agency(code("28.22.H17"))]);
}

#[test]
fn a_wrong_text_is_refused_without_its_secret() {
    for wrong in ["H48", "H48:", "H48:geheim:H48:x", "x y:geheim", "saas:geheim"] {
        let error = wrong.parse::<System>().unwrap_err().to_string();
        assert!(!error.contains("geheim"), "{error}");
    }
}

#[test]
fn the_nearest_system_speaks_for_an_agency() {
    let systems = Systems::new(vec!["H48:a".parse().unwrap(), "city:b:H48.35.*".parse().unwrap()]).unwrap();
    let serving = |text| systems.serving(&code(text)).map(|system| system.id.as_str());
    assert_eq!(serving("000.00.20.H48"), Some("H48"));
    assert_eq!(serving("H48.35.12"), Some("city"));
    assert_eq!(serving("H48.3"), Some("H48"));
    assert_eq!(serving("H4"), None);
}

#[test]
fn an_agency_belongs_to_one_system() {
    let twice = Systems::new(vec!["H48:a".parse().unwrap(), "other:b:000.00.00.H48".parse().unwrap()]);
    assert!(matches!(twice, Err(SystemError::Twice { what: "agency", .. })));
}

#[test]
fn a_broken_file_is_named_by_line_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("systems.toml");
    std::fs::write(&path, "[[system]]\nid = \"H48\"\nsecret = geheim\n").unwrap();
    let error = read_file(&path).unwrap_err().to_string();
    assert!(error.contains("line 3") && !error.contains("geheim"), "{error}");
}
