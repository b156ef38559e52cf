//! Two nodes joined by channels, with a tap on every frame.

use std::sync::{Arc, Mutex};

use relay::{Halves, Inbound, Limits, LinkEnd, Links, Presence};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use wire::relay_v1::{Frame, frame::Body};

use crate::fakes::{Door, FakeInbound, FakeOutbox, PATIENCE};

pub(crate) struct Node {
    pub(crate) links: Arc<Links<FakeOutbox>>,
    pub(crate) outbox: Arc<FakeOutbox>,
    pub(crate) inbound: Arc<FakeInbound>,
    /// Stops the links of this node.
    pub(crate) stop: CancellationToken,
}

pub(crate) fn node(name: &str, inbound: Arc<FakeInbound>, limits: Limits) -> Node {
    let door = Arc::new(Door(Arc::clone(&inbound)));
    node_with(name, inbound, door, limits)
}

pub(crate) fn node_with(name: &str, inbound: Arc<FakeInbound>, door: Arc<dyn Inbound>, limits: Limits) -> Node {
    let outbox = Arc::new(FakeOutbox::default());
    let links = Links::new(name.parse().unwrap(), Arc::clone(&outbox), door, limits);
    Node { links, outbox, inbound, stop: CancellationToken::new() }
}

impl Node {
    pub(crate) async fn wait_up(&self, neighbour: &str) {
        let mut status = self.links.watch(&neighbour.parse().unwrap());
        let up = status.wait_for(|status| matches!(status.presence, Presence::Up { .. }));
        tokio::time::timeout(PATIENCE, up).await.expect("the link comes up").unwrap();
    }
}

pub(crate) type Tap = Box<dyn FnMut(&Body) -> bool + Send>;

/// Lets every frame through.
pub(crate) fn open_tap() -> Tap {
    Box::new(|_| true)
}

/// A link between `left` and `right`; ends when both have.
pub(crate) struct Pair {
    pub(crate) left: JoinHandle<LinkEnd>,
    pub(crate) right: JoinHandle<LinkEnd>,
}

/// Joins two nodes. Each frame passes `from_left` or `from_right`; a tap that says no cuts the link.
pub(crate) fn join(left: &Node, right: &Node, from_left: Tap, from_right: Tap) -> Pair {
    let cut = CancellationToken::new();
    let (left_out, right_in) = cable(from_left, &cut);
    let (right_out, left_in) = cable(from_right, &cut);
    Pair { left: run(left, "right", left_out, left_in), right: run(right, "left", right_out, right_in) }
}

pub(crate) fn run(
    node: &Node,
    neighbour: &str,
    outgoing: mpsc::Sender<Frame>,
    incoming: mpsc::Receiver<Frame>,
) -> JoinHandle<LinkEnd> {
    use futures_util::StreamExt;
    let halves = Halves { incoming: Box::pin(ReceiverStream::new(incoming).map(Ok)), outgoing };
    let (links, neighbour, stop) = (Arc::clone(&node.links), neighbour.parse().unwrap(), node.stop.clone());
    tokio::spawn(async move { links.run_link(neighbour, halves, &stop).await })
}

fn cable(mut tap: Tap, cut: &CancellationToken) -> (mpsc::Sender<Frame>, mpsc::Receiver<Frame>) {
    let (sender, mut entrance) = mpsc::channel::<Frame>(2);
    let (exit, receiver) = mpsc::channel(2);
    let cut = cut.clone();
    tokio::spawn(async move {
        let carry = async {
            while let Some(frame) = entrance.recv().await {
                if !tap(frame.body.as_ref().unwrap()) {
                    return cut.cancel();
                }
                if exit.send(frame).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = carry => {}
            () = cut.cancelled() => {}
        }
    });
    (sender, receiver)
}

/// A shared counter for taps.
pub(crate) fn shared<T: Default>() -> (Arc<Mutex<T>>, Arc<Mutex<T>>) {
    let value = Arc::new(Mutex::new(T::default()));
    (Arc::clone(&value), value)
}

/// The other end of a link, played by the test frame by frame.
pub(crate) struct Script {
    pub(crate) to: mpsc::Sender<Frame>,
    pub(crate) from: mpsc::Receiver<Frame>,
    pub(crate) end: JoinHandle<LinkEnd>,
}

impl Script {
    /// Opens a link from `neighbour` and sends its Hello.
    pub(crate) async fn start(node: &Node, neighbour: &str) -> Self {
        let (outgoing, from) = mpsc::channel(2);
        let (to, incoming) = mpsc::channel(2);
        let mut script = Self { to, from, end: run(node, neighbour, outgoing, incoming) };
        let hello = relay::state::LinkState::new(&neighbour.parse().unwrap(), &Limits::default()).1;
        script.send(hello.body.unwrap()).await;
        assert!(matches!(script.receive().await, Body::Hello(_)));
        script
    }

    pub(crate) async fn send(&mut self, body: Body) {
        self.to.send(Frame { body: Some(body) }).await.expect("the link listens");
    }

    pub(crate) async fn receive(&mut self) -> Body {
        let frame = tokio::time::timeout(PATIENCE, self.from.recv()).await.expect("a frame in time");
        frame.expect("the link speaks").body.unwrap()
    }
}
