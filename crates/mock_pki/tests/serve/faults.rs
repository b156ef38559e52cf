//! What the PKI answers when told to, and what a verifier makes of it.

use std::time::{Duration, Instant};

use http::{Method, StatusCode};
use mock_pki::{Faults, Service};
use signature::{Crl, OcspResponse, Policy, TimestampRequest, TrustStore};

use crate::http::{Failure, call, fetched};
use crate::stage::{NONCE, Stage, now};

fn faults(flags: &[&str]) -> Faults {
    let mut faults = Faults::none();
    flags.iter().for_each(|flag| faults.set(flag).unwrap());
    faults
}

#[tokio::test]
async fn a_service_that_is_away_breaks_the_connection_and_the_others_go_on() {
    let stage = Stage::new().await;
    stage.server.set_faults(faults(&["ocsp=away"]));
    assert_eq!(call(Method::POST, &stage.url("/ocsp"), stage.question()).await, Err(Failure::Broken));
    stage.list("signing").await;
    stage.server.set_faults(Faults::none());
    stage.response().await;
    assert_eq!(stage.server.requests(Service::Ocsp), 2);
}

#[tokio::test]
async fn errors_redirects_and_refusals_are_told_by_status() {
    let stage = Stage::new().await;
    for (fault, status) in [
        ("error", StatusCode::INTERNAL_SERVER_ERROR),
        ("redirect", StatusCode::FOUND),
        ("refuse", StatusCode::NOT_FOUND),
    ] {
        stage.server.set_faults(faults(&[&format!("crl={fault}")]));
        let (found, _) = call(Method::GET, &stage.url("/pki/pub/crl/signing.crl"), Vec::new()).await.unwrap();
        assert_eq!(found, status, "{fault}");
    }
}

#[tokio::test]
async fn a_slow_service_answers_later() {
    let stage = Stage::new().await;
    stage.server.set_faults(faults(&["ocsp=slow:300ms"]));
    let began = Instant::now();
    stage.response().await;
    assert!(began.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn an_oversized_answer_does_not_end_at_a_sane_length() {
    let stage = Stage::new().await;
    stage.server.set_faults(faults(&["crl=oversized"]));
    let answer = call(Method::GET, &stage.url("/pki/pub/crl/signing.crl"), Vec::new()).await;
    assert_eq!(answer, Err(Failure::TooLarge));
}

#[tokio::test]
async fn a_truncated_list_does_not_read() {
    let stage = Stage::new().await;
    stage.server.set_faults(faults(&["crl=truncated"]));
    let body = fetched(Method::GET, &stage.url("/pki/pub/crl/signing.crl"), Vec::new()).await;
    assert!(Crl::parse(&body).is_err());
}

#[tokio::test]
async fn wrong_responses_are_not_believed() {
    let stage = Stage::new().await;
    for fault in ["expired", "wrong-signer", "unknown"] {
        stage.server.set_faults(faults(&[&format!("ocsp={fault}")]));
        let evidence = stage.with_response(stage.response().await).await;
        assert_eq!(stage.refusal(&evidence), Some("revocation_unknown"), "{fault}");
    }
    stage.server.set_faults(faults(&["ocsp=wrong-nonce"]));
    assert!(!stage.response().await.answers_nonce(&NONCE));
    stage.server.set_faults(faults(&["ocsp=refuse"]));
    let body = fetched(Method::POST, &stage.url("/ocsp"), stage.question()).await;
    assert!(OcspResponse::parse(&body).unwrap_err().to_string().contains("status 3"));
}

#[tokio::test]
async fn wrong_lists_are_not_believed() {
    let stage = Stage::new().await;
    for fault in ["expired", "wrong-signer"] {
        stage.server.set_faults(faults(&[&format!("crl={fault}")]));
        let list = stage.list("signing").await;
        stage.server.set_faults(Faults::none());
        assert_eq!(stage.refusal(&stage.with_list(list).await), Some("revocation_unknown"), "{fault}");
    }
}

#[tokio::test]
async fn wrong_time_stamps_are_refused_by_name() {
    let stage = Stage::new().await;
    let request = TimestampRequest::over(b"stamped", 7);
    let trust = TrustStore::new(vec![stage.certificate("ca/root")], Vec::new());
    for (fault, rule) in [
        ("wrong-imprint", "timestamp_imprint_mismatch"),
        ("wrong-nonce", "timestamp_other_request"),
        ("wrong-signer", "timestamping_purpose"),
        ("refuse", "timestamp_refused"),
    ] {
        stage.server.set_faults(faults(&[&format!("tsa={fault}")]));
        let body = fetched(Method::POST, &stage.url("/tsa"), request.to_der()).await;
        let refused = request.read_response(&body, &trust, &Policy::envelope(), now()).unwrap_err();
        assert_eq!(refused.rule(), rule, "{fault}: {refused}");
    }
}

#[tokio::test]
async fn faults_are_set_over_http_too() {
    let stage = Stage::new().await;
    let admin = stage.url("/admin/faults");
    let body = br#"{"ocsp":["refuse"]}"#.to_vec();
    assert_eq!(fetched(Method::PUT, &admin, body.clone()).await, body);
    assert_eq!(stage.server.faults(), faults(&["ocsp=refuse"]));
    let (status, _) = call(Method::PUT, &admin, br#"{"aia":["wrong-nonce"]}"#.to_vec()).await.unwrap();
    assert_eq!((status, stage.server.faults()), (StatusCode::BAD_REQUEST, faults(&["ocsp=refuse"])));
}
