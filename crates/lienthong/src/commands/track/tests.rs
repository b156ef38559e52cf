use pbjson_types::Timestamp;
use wire::exchange_v1::{DeliveryState, DocumentSummary, QuarantineEvent};
use wire::types_v1::{RevocationResult, SignatureRemark, SignatureReport, SignatureResult, TimestampResult};

use super::*;
use crate::output::Form;
use crate::output::tests::printed;

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_795_258_800 + seconds, nanos: 0 })
}

fn tracking() -> TrackDocumentResponse {
    let consigned =
        TrackEvent { at: at(1), event: "ContentConsignment".into(), node: "node-h48-35".into(), ..Default::default() };
    let refused = TrackEvent {
        at: at(60),
        event: "Status".into(),
        node: "node-h48-35".into(),
        status_code: 2,
        description: "gửi nhầm".into(),
        out_of_order: true,
        ..Default::default()
    };
    TrackDocumentResponse {
        document: Some(DocumentSummary { code: "1/CV".into(), subject: "Họp".into(), ..Default::default() }),
        recipients: vec![RecipientTracking {
            code: "H48.35.12".into(),
            name: "Xã Hành Phước".into(),
            state: DeliveryState::Delivered.into(),
            route: "local".into(),
            attempts: 1,
            events: vec![consigned, refused],
            ..Default::default()
        }],
        signature_report: None,
        quarantine: None,
    }
}

#[test]
fn a_held_document_says_since_when_what_is_missing_and_when_it_goes_back() {
    let step =
        QuarantineEvent { at: at(0), event: "Held".into(), code: "revocation_unknown".into(), ..Default::default() };
    let quarantine = Quarantine {
        code: "revocation_unknown".into(),
        text: "chưa có CRL / no list yet".into(),
        since: at(0),
        until: at(3600),
        events: vec![step],
    };
    let tracking = TrackDocumentResponse { quarantine: Some(quarantine), ..tracking() };
    let text = printed(Form::Text, |output| output.show(&tracking, show).unwrap());
    assert!(text.contains("(held since):"), "{text}");
    assert!(text.contains("revocation_unknown: chưa có CRL / no list yet"), "{text}");
    assert!(text.contains("  21/11/2026 18:00:00  bị giữ lại (held) · revocation_unknown\n"), "{text}");
}

#[test]
fn signatures_are_shown_with_whom_they_are_for_and_what_the_policy_says() {
    let seal = SignatureResult {
        kind: "DOCUMENT".into(),
        indication: "TOTAL_PASSED".into(),
        signer: "CN=Xã Hành Phước".into(),
        file: 1,
        file_name: "a.pdf".into(),
        agency: "H48.35.12".into(),
        role: "seal".into(),
        bound_by: "name".into(),
        ..Default::default()
    };
    let remark = SignatureRemark {
        place: "attachments[0]".into(),
        text_vi: "Thiếu".into(),
        text_en: "missing".into(),
        rule: "leader = expected".into(),
        ..Default::default()
    };
    let report = SignatureReport {
        signatures: vec![seal],
        remarks: vec![remark],
        ruling: "FLAG".into(),
        not_checked: vec!["thu hồi / revocation".into()],
        ..Default::default()
    };
    let tracking = TrackDocumentResponse { signature_report: Some(report), ..tracking() };
    let text = printed(Form::Text, |output| output.show(&tracking, show).unwrap());
    assert!(
        text.contains("Tệp (file) 1 a.pdf: hợp lệ (TOTAL_PASSED) · Xã Hành Phước · H48.35.12, con dấu cơ quan (seal), theo tên trong chứng thư (name)"),
        "{text}"
    );
    assert!(text.contains("! attachments[0]: Thiếu (missing) [leader = expected]"), "{text}");
    assert!(text.contains("Chưa kiểm tra (not checked): thu hồi / revocation"), "{text}");
}

#[test]
fn a_recipient_has_its_state_and_its_timeline() {
    let text = printed(Form::Text, |output| output.show(&tracking(), show).unwrap());
    assert!(text.starts_with("1/CV — Họp\n"), "{text}");
    assert!(text.contains("┆ đã giao    ┆ tại nút này"), "{text}");
    assert!(
        text.ends_with(
            "H48.35.12 Xã Hành Phước\n  21/11/2026 18:00:01  node-h48-35  đã vào hộp nơi nhận\n  \
             21/11/2026 18:01:00  node-h48-35  trạng thái xử lý · 02 từ chối tiếp nhận · gửi nhầm (sai thứ tự — out of order)\n"
        ),
        "{text}"
    );
}

#[test]
fn json_of_a_tracking_is_the_message_itself() {
    let text = printed(Form::Json, |output| output.show(&tracking(), show).unwrap());
    assert_eq!(serde_json::from_str::<TrackDocumentResponse>(&text).unwrap(), tracking());
}

#[test]
fn after_a_hold_the_last_look_is_shown_and_not_the_one_that_could_not_be_finished() {
    let report = |ruling: &str| SignatureReport { ruling: ruling.into(), ..Default::default() };
    let step =
        QuarantineEvent { event: "Released".into(), signature_report: Some(report("ACCEPT")), ..Default::default() };
    let quarantine = Quarantine { events: vec![step], ..Default::default() };
    let tracking = TrackDocumentResponse {
        signature_report: Some(report("QUARANTINE")),
        quarantine: Some(quarantine),
        ..tracking()
    };
    let text = printed(Form::Text, |output| output.show(&tracking, show).unwrap());
    assert!(text.contains("nhận (ACCEPT)") && !text.contains("(QUARANTINE)"), "{text}");
}

#[test]
fn the_revocation_of_a_signer_and_of_its_time_stamp_is_shown() {
    let status = |state: &str, subject: &str| RevocationResult {
        state: state.into(),
        subject: subject.into(),
        source: "OCSP".into(),
        this_update: at(0),
        ..Default::default()
    };
    let stamp = TimestampResult {
        kind: "SIGNATURE".into(),
        indication: "INDETERMINATE".into(),
        authority: "CN=TSA".into(),
        revocation: vec![status("UNKNOWN", "CN=TSA")],
        ..Default::default()
    };
    let signature = SignatureResult {
        kind: "ENVELOPE".into(),
        revocation: vec![status("GOOD", "CN=A"), status("GOOD", "CN=B")],
        timestamps: vec![stamp],
        ..Default::default()
    };
    let report = SignatureReport { signatures: vec![signature], ..Default::default() };
    let tracking = TrackDocumentResponse { signature_report: Some(report), ..tracking() };
    let text = printed(Form::Text, |output| output.show(&tracking, show).unwrap());
    let good = "    Thu hồi (revocation): 2 chứng thư chưa bị thu hồi (good) · OCSP · dữ liệu từ (data since) 21/11/2026 18:00:00\n";
    assert!(text.contains(good), "{text}");
    assert!(
        text.contains("      Chứng thư (certificate) TSA: chưa biết có bị thu hồi không (unknown) · OCSP"),
        "{text}"
    );
}
