use futures_util::StreamExt;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use wire::exchange_v1::{ListInboxRequest, WatchInboxRequest};

use crate::client::get;
use crate::started::{Started, start, start_with, within};

const WATCH: &str = "/v1/agencies/A/inbox/watch";

/// Reads a stream of events until it has `count` lines that start with `prefix`.
async fn lines(body: &mut Incoming, prefix: &str, count: usize) -> Vec<String> {
    let mut text = String::new();
    loop {
        let found: Vec<_> = text.lines().filter(|line| line.starts_with(prefix)).map(str::to_owned).collect();
        if found.len() >= count && text.ends_with("\n\n") {
            return found;
        }
        let frame = within(body.frame()).await.expect("the stream goes on").unwrap();
        text.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
    }
}

async fn open(node: &Started, last: Option<&str>) -> (crate::client::Http, Incoming) {
    let mut http = node.http1().await;
    let mut request = get(WATCH);
    if let Some(last) = last {
        request.headers_mut().insert("last-event-id", last.parse().unwrap());
    }
    let response = http.send(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    (http, response.into_body())
}

#[tokio::test]
async fn events_have_the_cursor_as_their_id() {
    let node = start().await;
    node.fake.inbox.send_replace(2);
    let (_http, mut body) = open(&node, None).await;
    assert_eq!(lines(&mut body, "id:", 2).await, ["id: 1", "id: 2"]);
}

#[tokio::test]
async fn an_event_arrives_while_the_client_watches() {
    let node = start().await;
    let (_http, mut body) = open(&node, None).await;
    node.fake.inbox.send_replace(1);
    assert_eq!(lines(&mut body, "data:", 1).await, [r#"data: {"item":{"item":"1"}}"#]);
}

#[tokio::test]
async fn a_client_that_comes_back_goes_on_after_its_last_event() {
    let node = start().await;
    node.fake.inbox.send_replace(5);
    let (_http, mut body) = open(&node, Some("3")).await;
    assert_eq!(lines(&mut body, "id:", 2).await, ["id: 4", "id: 5"]);
}

#[tokio::test]
async fn the_last_event_wins_over_the_query_and_nonsense_is_refused() {
    let mut node = start().await;
    let request = Request::get(format!("{WATCH}?after=1")).header("last-event-id", "3");
    let _response = node.http2().await.send(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert!(node.call().await.contains("after: 3"));
    let request = Request::get(WATCH).header("last-event-id", "abc").body(axum::body::Body::empty()).unwrap();
    assert_eq!(node.http1().await.answer(request).await.problem(), "invalid_argument");
}

#[tokio::test]
async fn a_shutdown_ends_watches_with_a_problem_and_the_server_with_them() {
    let node = start().await;
    let (_http, mut body) = open(&node, None).await;
    let mut watch = node.grpc().await.watch_inbox(WatchInboxRequest::default()).await.unwrap().into_inner();
    node.stop.cancel();
    let data = lines(&mut body, "data:", 1).await.remove(0);
    assert!(data.contains(r#""code":"shutting_down""#), "{data}");
    let status = within(watch.message()).await.unwrap_err();
    assert_eq!(status.metadata().get("lienthong-code").unwrap(), "shutting_down");
    within(node.server).await.unwrap();
}

#[tokio::test]
async fn a_long_poll_answers_as_soon_as_something_arrives() {
    let mut node = start().await;
    let mut http = node.http1().await;
    let polled = tokio::spawn(async move { http.answer(get("/v1/agencies/A/inbox?after=4&waitSeconds=60")).await });
    assert!(node.call().await.contains("after: 4"));
    assert!(!polled.is_finished());
    node.fake.inbox.send_replace(5);
    let answer = within(polled).await.unwrap();
    assert_eq!(answer.json()["items"][0]["item"], "5");
}

#[tokio::test]
async fn a_shutdown_ends_a_long_poll() {
    let mut node = start().await;
    let mut grpc = node.grpc().await;
    let request = ListInboxRequest { wait_seconds: 60, ..ListInboxRequest::default() };
    let polled = tokio::spawn(async move { grpc.list_inbox(request).await });
    node.call().await;
    node.stop.cancel();
    let status = within(polled).await.unwrap().unwrap_err();
    assert_eq!(status.metadata().get("lienthong-code").unwrap(), "shutting_down");
}

#[tokio::test]
async fn grpc_watches_what_waits_and_what_arrives() {
    let node = start().await;
    node.fake.inbox.send_replace(1);
    let watch = node.grpc().await.watch_inbox(WatchInboxRequest::default()).await.unwrap().into_inner();
    let mut items = watch.map(|message| message.unwrap().item.unwrap().item);
    assert_eq!(within(items.next()).await, Some(1));
    node.fake.inbox.send_replace(2);
    assert_eq!(within(items.next()).await, Some(2));
}

#[tokio::test]
async fn watchers_do_not_take_the_places_of_calls_and_have_a_limit() {
    let node = start_with(|options, _| (options.calls_max, options.watches_max) = (1, 1)).await;
    let (_http, _body) = open(&node, None).await;
    assert_eq!(node.get("/v1/node").await.status, 200);
    assert_eq!(node.get(WATCH).await.problem(), "overloaded");
}

#[tokio::test]
async fn a_watcher_that_leaves_frees_its_place() {
    let node = start_with(|options, _| options.watches_max = 1).await;
    drop(open(&node, None).await);
    within(async {
        loop {
            let response = node.http1().await.send(get(WATCH)).await.unwrap();
            if response.status() == 200 {
                break;
            }
        }
    })
    .await;
}
