use super::*;

#[test]
fn a_path_with_spaces_or_quotes_is_quoted_for_the_shell() {
    assert_eq!(quoted(Path::new("/tmp/lienthong-demo-1/a.toml")), "/tmp/lienthong-demo-1/a.toml");
    assert_eq!(quoted(Path::new("/tmp/my dir")), "'/tmp/my dir'");
    assert_eq!(quoted(Path::new("/tmp/it's")), r"'/tmp/it'\''s'");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(folder(Some(dir.path())).unwrap(), dir.path());
    fs::write(dir.path().join("mine"), "x").unwrap();
    assert!(folder(Some(dir.path())).is_err());
}

#[test]
fn a_folder_without_the_example_pki_is_no_pki() {
    let dir = tempfile::tempdir().unwrap();
    assert!(certificates(Path::new("/a"), Some(dir.path())).is_err());
    write_example(dir.path(), 2026, Existing::Keep).unwrap();
    assert_eq!(certificates(Path::new("/a"), Some(dir.path())).unwrap(), dir.path());
}
