use super::*;

fn named(name: &str) -> FileHeader {
    FileHeader { name: name.into(), ..FileHeader::default() }
}

#[test]
fn files_take_the_headers_entries_in_order() {
    let mut order = Order::new(vec![named("a"), named("b")], Unlisted::AllowedWithoutList);
    assert_eq!(order.begin(0, named("x")), Ok(FilePart::File { index: 0, header: named("a") }));
    assert_eq!(order.begin(1, named("x")), Ok(FilePart::File { index: 1, header: named("b") }));
    assert_eq!(order.end(), Ok(()));
}

#[test]
fn a_file_out_of_turn_is_refused() {
    let mut order = Order::new(vec![named("a"), named("b")], Unlisted::Refused);
    assert_eq!(order.begin(1, named("")).unwrap_err().code(), ErrorCode::InvalidArgument);
}

#[test]
fn a_missing_file_is_named() {
    let mut order = Order::new(vec![named("a"), named("b")], Unlisted::Refused);
    order.begin(0, named("")).unwrap();
    let refusal = order.end().unwrap_err();
    assert_eq!(refusal.code(), ErrorCode::AttachmentMissing);
    assert!(refusal.detail().contains("\"b\""), "{refusal}");
}

#[test]
fn a_file_beyond_the_list_is_refused() {
    let mut order = Order::new(vec![named("a")], Unlisted::AllowedWithoutList);
    order.begin(0, named("")).unwrap();
    assert_eq!(order.begin(1, named("")).unwrap_err().code(), ErrorCode::AttachmentUnlisted);
}

#[test]
fn without_a_list_a_part_describes_itself_over_http_only() {
    let mut order = Order::new(vec![], Unlisted::AllowedWithoutList);
    assert_eq!(order.begin(0, named("x")), Ok(FilePart::File { index: 0, header: named("x") }));
    let mut order = Order::new(vec![], Unlisted::Refused);
    assert_eq!(order.begin(0, named("x")).unwrap_err().code(), ErrorCode::AttachmentUnlisted);
}

#[test]
fn the_number_of_files_is_limited() {
    let mut order = Order::new(vec![], Unlisted::AllowedWithoutList);
    for index in 0..FILES_MAX {
        order.begin(index, named("x")).unwrap();
    }
    assert_eq!(order.begin(FILES_MAX, named("x")).unwrap_err().code(), ErrorCode::LimitExceeded);
}
