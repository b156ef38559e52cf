use http::{HeaderValue, Request};

use super::*;

fn headers(secret: &'static [u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-systemid", HeaderValue::from_static("lgsp"));
    headers.insert("x-secretkey", HeaderValue::from_bytes(secret).unwrap());
    headers
}

fn secrets(texts: &[&'static str]) -> Vec<Secret> {
    texts.iter().map(|text| Secret::new(text.as_bytes())).collect()
}

#[test]
fn each_of_several_secrets_is_good_and_no_other() {
    assert_eq!(verify(&headers(b"new"), &secrets(&["old", "new"])), Ok(()));
    assert_eq!(verify(&headers(b"old"), &secrets(&["old", "new"])), Ok(()));
    assert_eq!(verify(&headers(b"ol"), &secrets(&["old", "new"])), Err(SignatureFault::Secret));
    assert_eq!(verify(&headers(b"old"), &[]), Err(SignatureFault::Secret));
}

#[test]
fn no_secret_shown_is_not_the_empty_secret() {
    assert_eq!(verify(&headers(b""), &secrets(&[""])), Err(SignatureFault::Header("X-SecretKey")));
}

#[test]
fn the_form_counts_before_the_query_and_the_query_before_the_headers() {
    let request = Request::get("/v1/getEdoc?DOCID=query&status=done").header("x-docid", "header").header("to", "a");
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let fields = vec![("docId".to_owned(), "form".to_owned())];
    assert_eq!(parameters(&parts, fields).text("docid"), Some("form"));
    let read = parameters(&parts, Fields::new());
    assert_eq!(read.text("docId"), Some("query"));
    assert_eq!(read.text("status"), Some("done"));
    assert_eq!(read.text("to"), Some("a"));
    assert_eq!(read.text("from"), None);
}
