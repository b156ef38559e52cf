use pbjson_types::Timestamp;
use wire::admin_v1::{HeldShare, HoldRecord};
use wire::types_v1::{SignatureReport, SignatureResult};

use super::*;
use crate::output::Form;
use crate::output::tests::printed;

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_795_258_800 + seconds, nanos: 0 })
}

fn document() -> DocumentSummary {
    DocumentSummary {
        code: "1/CV".into(),
        sender: "H48.15".into(),
        exchange_id: "an-exchange".into(),
        ..Default::default()
    }
}

fn held(code: &str) -> HeldDocument {
    HeldDocument {
        document: Some(document()),
        origin: "system:so-ttt".into(),
        code: code.into(),
        text: "chưa có CRL / no list yet".into(),
        since: at(0),
        until: at(3600),
        recipients: ["H48", "H48.35", "H48.36", "H48.37", "H48.38"].map(str::to_owned).to_vec(),
    }
}

#[test]
fn a_list_says_what_is_missing_and_how_many_there_are() {
    let answer = ListHeldResponse {
        documents: vec![held("revocation_unknown"), held("")],
        next_page_token: "abc".into(),
        held: 7,
        waiting_behind: 2,
    };
    let text = printed(Form::Text, |output| output.show(&answer, list).unwrap());
    assert!(text.contains("revocation_unknown: chưa có CRL  ") && !text.contains("no list yet"), "{text}");
    assert!(text.contains("chờ gói tin trước của cùng văn bản"), "{text}");
    assert!(text.contains("H48, H48.35, H48.36 … +2"), "{text}");
    assert!(text.contains("Đang giữ 7 (held), chờ phía sau 2 (waiting behind them)\n"), "{text}");
    assert!(text.ends_with("Còn nữa: --page-token abc (more)\n"), "{text}");
}

#[test]
fn one_document_has_its_record_with_who_and_why() {
    let signature = SignatureResult { indication: "INDETERMINATE".into(), signer: "CN=A".into(), ..Default::default() };
    let record = HoldRecord {
        at: at(60),
        event: "Released".into(),
        text: "đã gọi điện".into(),
        by: "urn:lienthong:system:truc SHA-256 ab".into(),
        ..Default::default()
    };
    let answer = GetHeldResponse {
        held: None,
        document: Some(document()),
        record: vec![record],
        signature_report: Some(SignatureReport { signatures: vec![signature], ..Default::default() }),
    };
    let text = printed(Form::Text, |output| output.show(&answer, one).unwrap());
    assert!(text.contains("Không còn bị giữ (no longer held)\n"), "{text}");
    let line = "21/11/2026 18:01:00  được cho qua (released) · urn:lienthong:system:truc SHA-256 ab  đã gọi điện\n";
    assert!(text.ends_with(line), "{text}");
}

#[test]
fn shares_say_who_is_full() {
    let share = |sender: &str, documents: u64| HeldShare {
        sender: sender.into(),
        documents,
        bytes: 2048,
        ..Default::default()
    };
    let answer = GetHeldStatsResponse {
        held: 11,
        sender_documents_max: 10,
        sender_bytes_max: 1 << 30,
        senders: vec![share("H48.15", 10), share("H48", 1)],
        ..Default::default()
    };
    let text = printed(Form::Text, |output| output.show(&answer, stats).unwrap());
    let line = |sender: &str| text.lines().find(|line| line.contains(&format!("│ {sender} "))).unwrap_or_default();
    assert!(line("H48.15").contains("ĐẦY") && line("H48.15").contains("2.0 KiB"), "{text}");
    assert!(!line("H48").contains("ĐẦY") && line("H48").contains("1.0 GiB"), "{text}");
}
