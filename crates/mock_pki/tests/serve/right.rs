//! What the PKI answers when nothing is wrong.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use mock_pki::{RevokeError, Service};
use signature::{Certificate, Crl, CrlReason, OcspResponse, Policy, RevocationEvidence, TimestampRequest, TrustStore};
use types::UnixMillis;

use crate::http::{call, fetched};
use crate::stage::{LEAF, NONCE, Stage, now};

#[tokio::test]
async fn a_good_certificate_is_good_by_list_and_by_response() {
    let stage = Stage::new().await;
    let response = stage.response().await;
    assert!(response.answers_nonce(&NONCE));
    assert_eq!(stage.refusal(&stage.with_response(response).await), None);
    let list = stage.list("signing").await;
    assert_eq!(stage.refusal(&stage.with_list(list).await), None);
    assert_eq!(stage.refusal(&RevocationEvidence::new()), Some("revocation_unknown"));
    assert_eq!((stage.server.requests(Service::Ocsp), stage.server.requests(Service::Tsa)), (1, 0));
}

#[tokio::test]
async fn a_get_request_is_answered_like_a_post() {
    let stage = Stage::new().await;
    let encoded = STANDARD.encode(stage.question()).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let body = fetched(Method::GET, &stage.url(&format!("/ocsp/{encoded}")), Vec::new()).await;
    let response = OcspResponse::parse(&body).unwrap();
    assert_eq!(stage.refusal(&stage.with_response(response).await), None);
}

#[tokio::test]
async fn what_is_revoked_is_revoked_at_the_next_answer() {
    let stage = Stage::new().await;
    let before = stage.list("signing").await;
    stage.server.revoke(LEAF, CrlReason::KeyCompromise, now()).unwrap();
    let response = stage.response().await;
    assert_eq!(stage.refusal(&stage.with_response(response).await), Some("certificate_revoked"));
    let list = stage.list("signing").await;
    assert_eq!((before.entries(), list.entries()), (0, 1));
    assert!(list.number_hex() > before.number_hex());
    assert_eq!(stage.refusal(&stage.with_list(list).await), Some("certificate_revoked"));
}

#[tokio::test]
async fn a_delta_list_has_what_was_revoked_since_midnight() {
    let stage = Stage::new().await;
    let two_days_ago = UnixMillis::new(now().as_millis() - 2 * 24 * 3_600_000);
    stage.server.revoke("systems/so-ttt/signing", CrlReason::CessationOfOperation, two_days_ago).unwrap();
    let complete = stage.list("signing").await;
    stage.server.revoke(LEAF, CrlReason::Superseded, now()).unwrap();
    let delta = stage.list("signing-delta").await;
    assert_eq!((complete.entries(), delta.entries()), (1, 1));
    let evidence = stage.with_list(complete).await;
    assert_eq!(stage.refusal(&evidence), None);
    assert_eq!(stage.refusal(&evidence.with_crl(delta.into())), Some("certificate_revoked"));
}

#[tokio::test]
async fn a_certificate_of_another_ca_is_not_answered_for() {
    let stage = Stage::new().await;
    let (leaf, foreign) = (stage.certificate(LEAF), stage.certificate("ca/foreign"));
    let asked = signature::ocsp_request(&leaf, &foreign, None);
    let body = fetched(Method::POST, &stage.url("/"), asked).await;
    let response = OcspResponse::parse(&body).unwrap();
    assert_eq!(stage.refusal(&stage.with_response(response).await), Some("revocation_unknown"));
    let refused = OcspResponse::parse(&fetched(Method::POST, &stage.url("/ocsp"), b"no request".to_vec()).await);
    assert!(refused.unwrap_err().to_string().contains("status 1"));
}

#[tokio::test]
async fn the_certificate_of_each_ca_is_served() {
    let stage = Stage::new().await;
    for name in ["root", "transport", "signing", "foreign"] {
        let body = fetched(Method::GET, &stage.url(&format!("/pki/pub/crt/{name}.crt")), Vec::new()).await;
        assert_eq!(Certificate::parse(&body).unwrap().sha256(), stage.certificate(&format!("ca/{name}")).sha256());
    }
    for path in ["/pki/pub/crt/none.crt", "/pki/pub/crl/none.crl", "/pki/pub/crl/root", "/tsa/none"] {
        let method = if path.starts_with("/tsa") { Method::POST } else { Method::GET };
        assert_eq!(call(method, &stage.url(path), Vec::new()).await.unwrap().0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_time_stamp_verifies() {
    let stage = Stage::new().await;
    let request = TimestampRequest::over(b"stamped", 7);
    let trust = TrustStore::new(vec![stage.certificate("ca/root")], Vec::new());
    for path in ["/tsa", "/tsa/services/tsa"] {
        let body = fetched(Method::POST, &stage.url(path), request.to_der()).await;
        let stamp = request.read_response(&body, &trust, &Policy::envelope(), now()).unwrap();
        assert!(now().since(stamp.time) < Duration::from_secs(60));
    }
}

#[tokio::test]
async fn certificates_say_where_the_server_is() {
    let stage = Stage::new().await;
    let leaf = stage.certificate(LEAF);
    for path in ["/ocsp", "/pki/pub/crt/signing.crt", "/pki/pub/crl/signing.crl"] {
        let url = stage.url(path);
        assert!(leaf.der().windows(url.len()).any(|window| window == url.as_bytes()), "{url}");
    }
}

#[tokio::test]
async fn only_a_name_of_the_folder_is_revoked() {
    let stage = Stage::new().await;
    let error = stage.server.revoke("vpcp/signing", CrlReason::KeyCompromise, now()).unwrap_err();
    assert!(matches!(&error, RevokeError::Unknown { nearest, .. } if nearest.contains(LEAF)), "{error}");
    let list: Crl = stage.list("signing").await;
    assert_eq!(list.entries(), 0);
}
