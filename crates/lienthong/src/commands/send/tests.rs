use types::ErrorCode;
use wire::exchange_v1::{ResolvedRecipient, Warning};
use wire::types_v1::{Receipt, SignatureRemark, SignatureReport, SignatureResult};

use super::*;
use crate::output::Form;
use crate::output::tests::printed;

fn acceptance() -> Acceptance {
    Acceptance {
        exchange_id: "0199f1f0-7b1a-7c11-8a43-8a3e6f3f0c11".into(),
        document_id: "000.00.00.G22,2026/11/21,1/VPCP".into(),
        sha256: vec![0xab; 32],
        length: 1536,
        accepted_at: Some(pbjson_types::Timestamp { seconds: 1_795_258_800, nanos: 0 }),
        receipt: Some(Receipt {
            payload: br#"{"event":"SubmissionAcceptance","id":"r1"}"#.to_vec(),
            signature: "x".into(),
        }),
        warnings: vec![Warning { code: "code_gap".into(), text_vi: "mã hụt nhóm".into(), text_en: "gap".into() }],
        signature_report: Some(SignatureReport {
            signatures: vec![SignatureResult {
                kind: "ENVELOPE".into(),
                indication: "TOTAL_PASSED".into(),
                signer: "CN=VPCP".into(),
                ..SignatureResult::default()
            }],
            not_checked: vec!["thu hồi".into()],
            policy: "lienthong-strict-1".into(),
            ruling: "ACCEPT".into(),
            ..SignatureReport::default()
        }),
        recipients: vec![ResolvedRecipient {
            code: "000.00.00.H48".into(),
            agency: "H48".into(),
            name: "UBND tỉnh Quảng Ngãi".into(),
            route: "neighbour:lgsp-h48".into(),
        }],
        ..Acceptance::default()
    }
}

#[test]
fn an_acceptance_is_told_in_full() {
    let text = printed(Form::Text, |output| output.show(&acceptance(), show_acceptance).unwrap());
    assert_eq!(
        text,
        "\
Nút đã nhận và lưu văn bản (accepted and on disk)
Mã trao đổi (exchange id):  0199f1f0-7b1a-7c11-8a43-8a3e6f3f0c11
Mã văn bản (document id):   000.00.00.G22,2026/11/21,1/VPCP
Thời điểm (accepted at):    21/11/2026 18:00:00
Gói tin (packet):           1.5 KiB, SHA-256 abababababababababababababababababababababababababababababababab
Biên nhận (receipt):        SubmissionAcceptance r1
Chữ ký, theo chính sách (signatures, policy):  lienthong-strict-1
Quyết định (ruling):                           nhận (ACCEPT)
  Bản kê (manifest): hợp lệ (TOTAL_PASSED) · VPCP
  Chưa kiểm tra (not checked): thu hồi
┌───────────────┬─────────┬──────────────────────┬──────────────┐
│ Nơi nhận      ┆ Cơ quan ┆ Tên                  ┆ Đường đi     │
╞═══════════════╪═════════╪══════════════════════╪══════════════╡
│ 000.00.00.H48 ┆ H48     ┆ UBND tỉnh Quảng Ngãi ┆ qua lgsp-h48 │
└───────────────┴─────────┴──────────────────────┴──────────────┘
Cảnh báo code_gap: mã hụt nhóm (gap)
"
    );
}

#[test]
fn json_of_an_acceptance_is_the_message_itself() {
    let text = printed(Form::Json, |output| output.show(&acceptance(), show_acceptance).unwrap());
    let read: Acceptance = serde_json::from_str(&text).unwrap();
    assert_eq!(read, acceptance());
}

#[test]
fn a_duplicate_is_told_apart() {
    let again = Acceptance { duplicate: true, ..acceptance() };
    let text = printed(Form::Text, |output| output.show(&again, show_acceptance).unwrap());
    assert!(text.starts_with("Gói tin này đã được nhận từ trước"), "{text}");
}

#[test]
fn a_receipt_without_an_id_shows_its_event() {
    assert_eq!(receipt_id(br#"{"event":"ContentHandover"}"#), "ContentHandover");
    assert_eq!(receipt_id(b"not json"), "");
}

#[test]
fn an_unverified_group_names_its_code() {
    let failure = Failure::Unverified { code: ErrorCode::UnknownAgency, detail: "group:X".into() };
    assert!(failure.lines()[0].contains("unknown_agency"));
}

#[test]
fn one_that_is_held_says_so_first_and_each_reason_once() {
    let remark = SignatureRemark {
        code: "revocation_unknown".into(),
        place: "envelope".into(),
        text_vi: "chưa biết".into(),
        text_en: "not known".into(),
        ..SignatureRemark::default()
    };
    let report = SignatureReport { ruling: "QUARANTINE".into(), remarks: vec![remark], ..SignatureReport::default() };
    let warnings = ["verification_pending", "revocation_unknown"].map(|code| Warning {
        code: code.into(),
        text_vi: "chưa biết".into(),
        text_en: "not known".into(),
    });
    let held = Acceptance { signature_report: Some(report), warnings: warnings.to_vec(), ..acceptance() };
    let text = printed(Form::Text, |output| output.show(&held, show_acceptance).unwrap());
    assert!(text.lines().next().unwrap().contains("ĐANG GIỮ LẠI"), "{text}");
    assert!(text.contains("! bản kê (manifest): chưa biết (not known)"), "{text}");
    assert!(text.contains("Cảnh báo verification_pending") && !text.contains("Cảnh báo revocation_unknown"), "{text}");
}
