use http_body_util::BodyExt as _;

use super::*;

fn answer(pieces: &[&'static str]) -> Response<Body> {
    let pieces: Vec<_> = pieces.iter().map(|piece| Ok::<_, io::Error>(Bytes::from_static(piece.as_bytes()))).collect();
    Response::new(Body::from_stream(stream::iter(pieces)))
}

async fn text(response: Response<Body>) -> Result<String, axum::Error> {
    Ok(String::from_utf8(response.into_body().collect().await?.to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn a_reset_breaks_within_the_body() {
    let whole = Response::new(Body::from("0123456789"));
    assert!(text(spoil(whole, BodyFault::Reset { place: 13 })).await.is_err());
}

#[tokio::test]
async fn a_truncated_answer_says_the_length_that_it_has() {
    let spoilt = spoil(Response::new(Body::from("0123456789")), BodyFault::Truncate { place: 13 });
    assert_eq!(spoilt.headers()[header::CONTENT_LENGTH], "3");
    assert_eq!(text(spoilt).await.unwrap(), "012");
}

#[tokio::test]
async fn a_duplicated_answer_comes_twice() {
    assert_eq!(text(spoil(answer(&["{\"a\"", ":1}"]), BodyFault::Duplicate)).await.unwrap(), "{\"a\":1}{\"a\":1}");
}

#[tokio::test]
async fn a_foreign_character_is_at_the_start_of_the_content_wherever_the_pieces_end() {
    let whole = answer(&["{\"ErrorCode\":\"0\",\"da", "ta\":\"", "QUJD", "REVG\"}"]);
    let spoilt = text(spoil(whole, BodyFault::WrongBase64)).await.unwrap();
    assert_eq!(spoilt, "{\"ErrorCode\":\"0\",\"data\":\"*UJDREVG\"}");
}
