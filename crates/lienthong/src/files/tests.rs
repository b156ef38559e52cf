use super::*;

#[test]
fn a_file_is_announced_with_its_length_and_digest() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("Công văn.PDF");
    std::fs::write(&path, "abc").unwrap();
    let file = LocalFile::inspect(&path).unwrap();
    assert_eq!((file.name.as_str(), file.content_type.as_str(), file.length), ("Công văn.PDF", "application/pdf", 3));
    assert_eq!(
        file.sha256.to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "FIPS 180-4, example of one block"
    );
}

#[test]
fn a_missing_file_is_a_local_file_problem() {
    let failure = LocalFile::inspect(Path::new("/nonexistent/a.pdf")).unwrap_err();
    assert_eq!(failure.exit(), crate::exit::Exit::LocalFile);
}

#[test]
fn a_name_from_a_packet_stays_in_its_folder() {
    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(safe_name(name, "0.bin"), expected);
    }
    check("Công văn 12.pdf", "Công văn 12.pdf");
    check("../../etc/passwd", "passwd");
    check("C:\\x\\a.pdf", "a.pdf");
    check("..", "0.bin");
    check(".bashrc", "bashrc");
    check("a\u{1b}b:c", "a_b_c");
    check("", "0.bin");
}

#[test]
fn a_file_over_its_limit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    std::fs::write(&path, [0; 11]).unwrap();
    assert!(read_small(&path, 10).is_err());
    assert_eq!(read_small(&path, 11).unwrap().len(), 11);
}

#[test]
fn an_existing_file_is_not_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    write_new(&path, b"first").unwrap();
    assert!(write_new(&path, b"second").is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"first");
}
