use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use proptest::prelude::*;

use super::*;
use crate::server::Options;
use crate::server::places::Places;
use crate::{AxisCode, Caller, Failure};

fn place() -> Place {
    Places::new(&Options::default()).take(&Caller { system: "000.00.00.H48".into() }).unwrap()
}

async fn encoded(length: u64, chunks: Vec<Result<Bytes, Failure>>) -> (u64, Result<Vec<u8>, axum::Error>) {
    let edoc = EdocContent { length, bytes: stream::iter(chunks).boxed() };
    let response = base64(Answer::success(), edoc, place());
    let declared = response.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    (declared, response.into_body().collect().await.map(|body| body.to_bytes().to_vec()))
}

fn chunk(bytes: &[u8]) -> Result<Bytes, Failure> {
    Ok(Bytes::copy_from_slice(bytes))
}

proptest! {
    #[test]
    fn any_cut_gives_the_text_of_the_whole_and_the_length_promised(
        chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..7), 0..9),
    ) {
        let whole = chunks.concat();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let items = chunks.iter().map(|bytes| chunk(bytes)).collect();
        let (declared, body) = runtime.block_on(encoded(whole.len() as u64, items));
        let body = body.unwrap();
        prop_assert_eq!(declared, body.len() as u64);
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        prop_assert_eq!(STANDARD.decode(read["data"].as_str().unwrap()).unwrap(), whole);
    }
}

#[tokio::test]
async fn fewer_bytes_more_bytes_and_a_failure_break_off() {
    let failure = Failure::new(AxisCode::Internal, "disk");
    for (length, chunks) in [(4, vec![chunk(b"abc")]), (2, vec![chunk(b"abc")]), (6, vec![chunk(b"abc"), Err(failure)])]
    {
        let (_, body) = encoded(length, chunks).await;
        assert!(body.is_err(), "{length}");
    }
}
