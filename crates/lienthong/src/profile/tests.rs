use super::*;

fn connection(profile: &Path) -> Connection {
    Connection { profile: ProfileFile { profile: Some(profile.to_owned()) }, ..Connection::default() }
}

#[test]
fn paths_count_from_the_profile_and_options_win() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("xa.toml");
    std::fs::write(&file, "node = \"https://a:1\"\nca = \"ca.pem\"\nkey = \"/abs/key.pem\"\nagency = \"H48\"\n")
        .unwrap();
    let options = Connection { node: Some("https://b:2".into()), ..connection(&file) };
    let profile = options.resolve().unwrap();
    assert_eq!(profile.ca, Some(dir.path().join("ca.pem")));
    assert_eq!(profile.key, Some(PathBuf::from("/abs/key.pem")));
    assert_eq!(profile.node.as_deref(), Some("https://b:2"));
    assert_eq!(agency(None, &profile, "--from").unwrap(), "H48");
    assert_eq!(agency(Some("G22"), &profile, "--from").unwrap(), "G22");
}

#[test]
fn a_misspelt_key_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("xa.toml");
    std::fs::write(&file, "nod = \"https://a:1\"\n").unwrap();
    let Err(Failure::Usage(text)) = connection(&file).resolve() else { panic!("must be refused") };
    assert!(text.contains("nod"), "{text}");
}

#[test]
fn a_missing_profile_is_a_local_file_problem() {
    let failure = connection(Path::new("/nonexistent/x.toml")).resolve().unwrap_err();
    assert_eq!(failure.exit(), crate::exit::Exit::LocalFile);
}

#[test]
fn a_missing_agency_names_the_option() {
    let Err(Failure::Usage(text)) = agency(None, &Profile::default(), "--from") else { panic!("must be refused") };
    assert!(text.contains("--from"), "{text}");
}

#[test]
fn a_written_profile_reads_back() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    let profile = Profile {
        node: Some("https://localhost:7443".into()),
        ca: Some("/pki/ca.pem".into()),
        agency: Some("H48.35.12".into()),
        ..Profile::default()
    };
    std::fs::write(&file, profile.to_toml()).unwrap();
    assert_eq!(connection(&file).resolve().unwrap(), profile);
}
