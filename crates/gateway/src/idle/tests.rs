use bytes::Bytes;
use futures_util::FutureExt;

use super::*;

fn chunks(parts: &[&'static str]) -> ByteStream {
    let parts: Vec<_> = parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect();
    Box::pin(stream::iter(parts))
}

fn codes(bytes: ByteStream) -> Vec<Result<Bytes, ErrorCode>> {
    let all = bytes.map(|item| item.map_err(|refusal| refusal.code())).collect::<Vec<_>>();
    all.now_or_never().expect("the stream never waits")
}

#[test]
fn a_content_of_the_right_length_passes() {
    assert_eq!(codes(exact(chunks(&["ab", "c"]), 3)), [Ok("ab".into()), Ok("c".into())]);
}

#[test]
fn a_short_content_ends_in_an_error() {
    assert_eq!(codes(exact(chunks(&["ab"]), 3)), [Ok("ab".into()), Err(ErrorCode::StoreDamaged)]);
}

#[test]
fn a_long_content_ends_in_an_error() {
    assert_eq!(codes(exact(chunks(&["ab", "cd"]), 3)), [Ok("ab".into()), Err(ErrorCode::StoreDamaged)]);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_upload_is_cancelled_after_its_idle_time_and_then_ends() {
    let stalled: ByteStream = Box::pin(chunks(&["ab"]).chain(stream::pending()));
    let mut bytes = bounded(stalled, Duration::from_secs(60));
    assert_eq!(bytes.next().await, Some(Ok("ab".into())));
    let started = tokio::time::Instant::now();
    assert_eq!(bytes.next().await.unwrap().unwrap_err().code(), ErrorCode::Cancelled);
    assert_eq!(started.elapsed(), Duration::from_secs(60));
    assert!(bytes.next().await.is_none());
}

#[tokio::test]
async fn nothing_follows_the_first_error() {
    let broken: Vec<Result<Bytes, Refusal>> = vec![Err(Refusal::new(ErrorCode::Cancelled, "")), Ok("late".into())];
    let mut bytes = bounded(Box::pin(stream::iter(broken)), Duration::from_secs(60));
    assert!(bytes.next().await.unwrap().is_err());
    assert!(bytes.next().await.is_none());
}
