use pbjson_types::Timestamp;
use wire::exchange_v1::{DeliveryState, DocumentSummary};

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
    }
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
