use super::*;

fn content(index: u32, name: &str) -> Content {
    Content { source: Source::Attachment(index), exchange_id: "x".into(), name: name.into(), length: 1, sha256: vec![] }
}

#[test]
fn two_attachments_of_one_name_do_not_write_over_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let paths = destinations(&[content(0, "a.pdf"), content(1, "a.pdf")], Some(dir.path())).unwrap();
    assert_eq!(paths, [dir.path().join("a.pdf"), dir.path().join("1-a.pdf")]);
}

#[test]
fn one_file_takes_the_given_name_and_a_folder_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("b.pdf");
    assert_eq!(destinations(&[content(0, "a.pdf")], Some(&file)).unwrap(), std::slice::from_ref(&file));
    assert_eq!(destinations(&[content(0, "a.pdf")], None).unwrap(), [PathBuf::from("a.pdf")]);
    assert!(destinations(&[content(0, "a"), content(1, "b")], Some(&file)).is_err());
}

#[test]
fn an_attachment_that_is_not_there_is_a_usage_error() {
    let args = FetchArgs {
        exchange_id: "x".into(),
        attachment: vec![1],
        all: false,
        output: None,
        connection: Connection::default(),
    };
    let answer = GetDocumentResponse { attachments: vec![Attachment::default()], ..GetDocumentResponse::default() };
    assert!(matches!(contents(&args, &answer), Err(Failure::Usage(_))));
}
