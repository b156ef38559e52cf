use std::time::Duration;

use types::ErrorCode;
use wire::types_v1::Receipt;

use super::*;

fn decoded(status: &Status) -> Value {
    let bytes = status.metadata().get_bin("lienthong-problem-bin").unwrap().to_bytes().unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_status_carries_code_document_wait_and_problem() {
    let refusal =
        Refusal::new(ErrorCode::Overloaded, "full").about("7816/TTĐT").retry_after(Duration::from_millis(1500));
    let status = status(&refusal, &RequestId::default());
    assert_eq!(status.code(), tonic::Code::Unavailable);
    assert_eq!(status.metadata().get("lienthong-code").unwrap(), "overloaded");
    assert_eq!(status.metadata().get("lienthong-document-id").unwrap(), "7816/TT%C4%90T");
    assert_eq!(status.metadata().get("grpc-retry-pushback-ms").unwrap(), "1500");
    assert_eq!(decoded(&status)["code"], "overloaded");
}

#[test]
fn a_receipt_comes_along_when_it_is_small_and_is_left_out_when_it_is_not() {
    let with = |length| {
        let receipt = Receipt { payload: vec![b'x'; length], signature: "a..b".into() };
        decoded(&status(&Refusal::new(ErrorCode::SecretDocument, "").with_receipt(receipt), &RequestId::default()))
    };
    assert_eq!(with(100)["receipt"]["signature"], "a..b");
    assert_eq!(with(16 * 1024).get("receipt"), None);
}
