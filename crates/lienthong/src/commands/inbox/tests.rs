use wire::exchange_v1::DocumentReference;

use super::*;
use crate::output::Form;
use crate::output::tests::printed;

fn status() -> DocumentSummary {
    DocumentSummary {
        exchange_id: "0199f1f0-7b1a-7c11-8a43-8a3e6f3f0c11".into(),
        kind: PacketKind::Status.into(),
        sender: "H48".into(),
        status_code: 2,
        status_description: "gửi nhầm".into(),
        about: Some(DocumentReference { code: "7816/VPCP-TTĐT".into(), ..DocumentReference::default() }),
        length: 900,
        ..DocumentSummary::default()
    }
}

#[test]
fn a_status_shows_its_code_what_it_is_about_and_why() {
    assert_eq!(what(&status()), "02 từ chối tiếp nhận · 7816/VPCP-TTĐT · gửi nhầm");
}

#[test]
fn an_empty_inbox_says_so() {
    let text = printed(Form::Text, |output| output.show(&ListInboxResponse::default(), show_inbox).unwrap());
    assert_eq!(text, "(không có gì — nothing)\n");
}

#[test]
fn an_inbox_names_the_exchange_of_each_item_and_the_next_page() {
    let item = InboxItem { item: 41, document: Some(status()), ..InboxItem::default() };
    let inbox = ListInboxResponse { items: vec![item], next_after: 41 };
    let text = printed(Form::Text, |output| output.show(&inbox, show_inbox).unwrap());
    assert!(text.contains("  41: 0199f1f0-7b1a-7c11-8a43-8a3e6f3f0c11\n"), "{text}");
    assert!(text.ends_with("Còn nữa: --after 41 (more)\n"), "{text}");
    assert!(text.contains("┆ trạng thái ┆"), "{text}");
}

#[test]
fn a_watched_item_is_one_line_of_json() {
    let item = InboxItem { item: 41, document: Some(status()), ..InboxItem::default() };
    let text = printed(Form::Json, |output| output.show_line(&item, line).unwrap());
    assert_eq!(text.lines().count(), 1);
    assert_eq!(serde_json::from_str::<InboxItem>(&text).unwrap(), item);
}

#[test]
fn a_revocation_is_told_from_a_new_document() {
    let document =
        DocumentSummary { kind: PacketKind::Document.into(), business_type: 1, ..DocumentSummary::default() };
    assert_eq!(kind(&document), "văn bản thu hồi");
}
