//! Clients that go away.

use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, interval, timeout};

use crate::started::Started;
use crate::written::{Client, PACKET};
use axis::server::Options;

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut ticks = interval(Duration::from_millis(5));
    let end = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        ticks.tick().await;
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let started = Started::new().await;
    let mut connection = started.connect().await;
    let request = Client::new().send(&vec![b'x'; 500_000]);
    connection.write(&request[..300_000]).await;
    until("the packet was begun", || started.shelf.names() == ["d0.part"]).await;
    drop(connection);
    until("what came was thrown away", || started.shelf.names().is_empty()).await;
}

#[tokio::test]
async fn a_packet_that_came_whole_is_taken_though_the_client_left() {
    let options = Options::default();
    let tasks = options.tasks.clone();
    let started = Started::with(options, |shelf| shelf.ends = Semaphore::new(0)).await;
    let mut connection = started.connect().await;
    connection.write(&Client::new().send(PACKET)).await;
    until("the packet was begun", || started.shelf.names() == ["d0.part"]).await;
    drop(connection);
    // Another call is answered after the first client's leave is noticed, or as soon.
    started.ask(&Client::new().call("countReceiveEdoc", "{}")).await;
    started.shelf.ends.add_permits(1);
    tasks.close();
    timeout(Duration::from_secs(20), tasks.wait()).await.unwrap();
    assert_eq!(started.shelf.names(), ["d0", "d0.json"]);
}

#[tokio::test]
async fn a_body_that_stands_still_is_given_up() {
    let started =
        Started::with(Options { idle_timeout: Duration::from_millis(50), ..Options::default() }, |_| {}).await;
    let mut connection = started.connect().await;
    let request = Client::new().send(PACKET);
    connection.write(&request[..request.len() - 5]).await;
    assert_eq!(connection.answer().await.code(), "20");
    assert_eq!(started.shelf.names(), [""; 0]);
}
