//! Over real gRPC on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use relay::{Backoff, Dialer, Limits, PeerIdentity, Presence, Reason, TransferOutcome, prepare_endpoint};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Endpoint, Server};
use types::{ErrorCode, Lane};

use crate::fakes::{FakeInbound, PATIENCE, content, sha256};
use crate::pair::{Node, node};

/// Serves links of `node`; every caller is `caller`.
fn serve(node: &Node, listener: TcpListener, caller: Option<&str>, stop: &CancellationToken) -> JoinHandle<()> {
    let identity = caller.map(|caller| PeerIdentity(caller.parse().unwrap()));
    let service = InterceptedService::new(node.links.server(), move |mut request: tonic::Request<()>| {
        identity.clone().map(|identity| request.extensions_mut().insert(identity));
        Ok(request)
    });
    let stop = stop.clone();
    tokio::spawn(async move {
        let incoming = TcpListenerStream::new(listener).take_until(stop.clone().cancelled_owned());
        let server = Server::builder()
            .initial_stream_window_size(4 * 1024 * 1024)
            .initial_connection_window_size(16 * 1024 * 1024)
            .add_service(service)
            .serve_with_incoming(incoming);
        tokio::select! {
            served = server => served.unwrap(),
            // Drops every connection, like a process that dies.
            () = stop.cancelled() => {}
        }
    })
}

fn dial(node: &Node, neighbour: &str, to: SocketAddr) -> JoinHandle<()> {
    let connect = move || async move {
        let endpoint = prepare_endpoint(Endpoint::from_shared(format!("http://{to}")).unwrap());
        endpoint.connect().await.map_err(|error| Reason::new(ErrorCode::PeerUnavailable, error.to_string()))
    };
    let backoff = Backoff::new(Duration::from_millis(2), Duration::from_millis(20));
    tokio::spawn(Dialer::new(&node.links, neighbour.parse().unwrap(), backoff, connect).run(node.stop.clone()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_and_large_documents_pass_both_ways_at_once() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    let server = serve(&right, listener, Some("left"), &stop);
    let dialer = dial(&left, "right", address);

    let sizes = |claim: u64| match claim {
        0 => 64 * 1024 * 1024,
        claim => usize::try_from(claim).unwrap() * 1000,
    };
    for node in [&left, &right] {
        for claim in 0..200 {
            node.outbox.put(claim, Lane::Normal, content(u8::try_from(claim).unwrap(), sizes(claim)));
        }
    }
    for (sender, receiver) in [(&left, &right), (&right, &left)] {
        let settled = sender.outbox.settled(200).await;
        assert!(settled.values().all(|outcome| matches!(outcome, TransferOutcome::Accepted(_))));
        for claim in 0..200 {
            let data = content(u8::try_from(claim).unwrap(), sizes(claim));
            assert_eq!(receiver.inbound.finished(&sha256(&data)), Some(data));
        }
    }
    let (_, status) = left.links.statuses().remove(0);
    let bytes: u64 = (0..200).map(|claim| sizes(claim) as u64).sum();
    assert_eq!((status.bytes_sent, status.bytes_received), (bytes, bytes));

    left.links.shutdown().await;
    dialer.await.unwrap();
    right.links.shutdown().await;
    stop.cancel();
    server.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dialer_comes_back_after_the_neighbour_died() {
    let left = node("left", FakeInbound::new(), Limits::default());
    let right = node("right", FakeInbound::new(), Limits::default());
    // A runtime of its own: dropped, it takes every connection and task along, like a process that dies.
    let life = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let stop = CancellationToken::new();
    let listener = life.spawn(TcpListener::bind("127.0.0.1:0")).await.unwrap().unwrap();
    let address = listener.local_addr().unwrap();
    {
        let _inside = life.enter();
        serve(&right, listener, Some("left"), &stop);
    }
    let dialer = dial(&left, "right", address);
    left.wait_up("right").await;

    // Until its threads are gone, and the listener with them: the address is taken again below.
    tokio::task::spawn_blocking(move || life.shutdown_timeout(PATIENCE)).await.unwrap();
    let mut status = left.links.watch(&"right".parse().unwrap());
    let down = status.wait_for(|status| matches!(status.presence, Presence::Down { .. }));
    tokio::time::timeout(PATIENCE, down).await.expect("the loss is noticed").unwrap();

    serve(&right, TcpListener::bind(address).await.unwrap(), Some("left"), &stop);
    left.outbox.put(1, Lane::Normal, content(1, 1000));
    assert!(matches!(left.outbox.settled(1).await[&1], TransferOutcome::Accepted(_)));
    left.stop.cancel();
    dialer.await.unwrap();
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_dial_each_other_end_with_one_link() {
    let nodes = [("left", "right"), ("right", "left")].map(|(name, other)| {
        let node = node(name, FakeInbound::new(), Limits::default());
        (node, other)
    });
    let stop = CancellationToken::new();
    let mut addresses = Vec::new();
    for (node, other) in &nodes {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        addresses.push(listener.local_addr().unwrap());
        serve(node, listener, Some(other), &stop);
    }
    addresses.reverse();
    for ((node, other), address) in nodes.iter().zip(&addresses) {
        dial(node, other, *address);
    }
    // Whichever link carries an item may be replaced under it: offered again, each arrives in the end.
    for (node, _) in &nodes {
        let mut claims = 0;
        loop {
            node.outbox.put(claims, Lane::Normal, content(1, 100));
            claims += 1;
            let settled = node.outbox.settled(usize::try_from(claims).unwrap()).await;
            if matches!(settled[&(claims - 1)], TransferOutcome::Accepted(_)) {
                break;
            }
        }
    }
    let [(left, _), (right, _)] = nodes;
    tokio::join!(left.links.shutdown(), right.links.shutdown());
    stop.cancel();
}

#[tokio::test]
async fn a_caller_without_identity_is_turned_away() {
    let right = node("right", FakeInbound::new(), Limits::default());
    let left = node("left", FakeInbound::new(), Limits::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    serve(&right, listener, None, &stop);
    dial(&left, "right", address);
    let mut status = left.links.watch(&"right".parse().unwrap());
    let down = status.wait_for(|status| matches!(status.presence, Presence::Down { .. }));
    let status = tokio::time::timeout(PATIENCE, down).await.expect("an answer").unwrap().clone();
    let Presence::Down { reason, .. } = status.presence else { panic!() };
    assert!(reason.starts_with("Unauthenticated"), "{reason}");
    assert_eq!(Arc::strong_count(&right.inbound), 2, "nothing runs for it");
    left.links.shutdown().await;
}
