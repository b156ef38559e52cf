//! A node's ports, as a test wants them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axis::client::Client;
use axis::connector::{
    Connector, ConnectorOptions, Health, Inbox, Known, Outbox, Outgoing, Reason, RefusedBefore, Room, SendOutcome,
    SentState, Taken, Waiting,
};
use axis::{DocId, FileStream, MessageType};
use futures_util::StreamExt;
use ring::digest::{SHA256, digest};
use tokio::io::AsyncRead;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use types::{Digest, ErrorCode, Lane};

/// What a test's node makes of a packet.
type Answer = dyn Fn(&Waiting) -> Taken + Send + Sync;

/// Keeps what it takes, and the order of everything.
pub(crate) struct Node {
    pub(crate) files: Mutex<HashMap<String, Vec<u8>>>,
    /// `begin ID`, `end ID`, in order.
    pub(crate) events: Mutex<Vec<String>>,
    pub(crate) refusals: Mutex<HashMap<String, RefusedBefore>>,
    pub(crate) due: Mutex<Vec<Outgoing<Vec<u8>>>>,
    pub(crate) settled: Mutex<Vec<(String, SendOutcome)>>,
    pub(crate) states: Mutex<Vec<SentState>>,
    pub(crate) unconfirmed: Mutex<Vec<DocId>>,
    pub(crate) is_claim_lost: Mutex<bool>,
    changed: Notify,
    answer: Box<Answer>,
}

impl Node {
    pub(crate) fn new(answer: impl Fn(&Waiting) -> Taken + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            files: Mutex::default(),
            events: Mutex::default(),
            refusals: Mutex::default(),
            due: Mutex::default(),
            settled: Mutex::default(),
            states: Mutex::default(),
            unconfirmed: Mutex::default(),
            is_claim_lost: Mutex::default(),
            changed: Notify::new(),
            answer: Box::new(answer),
        })
    }

    pub(crate) fn willing() -> Arc<Self> {
        Self::new(|_| Taken::Accepted)
    }

    /// Makes a packet due; it is named by its content.
    pub(crate) fn send(&self, to: &str, lane: Lane, file: &[u8]) {
        self.due.lock().unwrap().push(Outgoing {
            claim: file.to_vec(),
            lane,
            message_type: MessageType::Edoc,
            from: "000.00.00.H30".to_owned(),
            to: vec![to.to_owned()],
            length: file.len() as u64,
            digest: Digest::try_from(digest(&SHA256, file).as_ref()).unwrap(),
        });
        self.changed.notify_waiters();
    }

    pub(crate) fn events(&self) -> Vec<String> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn settled(&self) -> Vec<(String, SendOutcome)> {
        self.settled.lock().unwrap().clone()
    }

    /// How often a packet was begun.
    pub(crate) fn begun(&self, id: &str) -> usize {
        self.events().iter().filter(|event| **event == format!("begin {id}")).count()
    }
}

#[async_trait]
impl Inbox for Node {
    async fn known(&self, waiting: &Waiting) -> Known {
        if self.files.lock().unwrap().contains_key(waiting.doc_id.as_str()) {
            return Known::Have;
        }
        self.refusals
            .lock()
            .unwrap()
            .get(waiting.doc_id.as_str())
            .map_or(Known::New, |refused| Known::Refused(*refused))
    }

    async fn take(&self, waiting: &Waiting, mut file: FileStream) -> Taken {
        let id = waiting.doc_id.as_str().to_owned();
        self.events.lock().unwrap().push(format!("begin {id}"));
        let mut bytes = Vec::new();
        while let Some(chunk) = file.next().await {
            match chunk {
                Ok(chunk) => bytes.extend_from_slice(&chunk),
                Err(failure) => return Taken::Refused(Reason::new(ErrorCode::Cancelled, failure.to_string())),
            }
        }
        self.events.lock().unwrap().push(format!("end {id}"));
        let taken = (self.answer)(waiting);
        if taken == Taken::Accepted {
            self.files.lock().unwrap().insert(id, bytes);
        }
        taken
    }

    async fn remember_refusal(&self, waiting: &Waiting, refused: RefusedBefore) {
        self.refusals.lock().unwrap().insert(waiting.doc_id.as_str().to_owned(), refused);
    }
}

#[async_trait]
impl Outbox for Node {
    type Claim = Vec<u8>;

    async fn next(&self, room: Room, stop: &CancellationToken) -> Vec<Outgoing<Vec<u8>>> {
        loop {
            let changed = self.changed.notified();
            {
                let mut due = self.due.lock().unwrap();
                due.sort_by_key(|item| std::cmp::Reverse(item.lane));
                let fitting = due.iter().filter(|item| item.lane >= room.lane_min).count().min(room.items);
                if fitting > 0 {
                    return due.drain(..fitting).collect();
                }
            }
            tokio::select! {
                () = stop.cancelled() => return Vec::new(),
                () = changed => {}
            }
        }
    }

    async fn open(&self, item: &Outgoing<Vec<u8>>) -> Result<Box<dyn AsyncRead + Send + Unpin>, Reason> {
        Ok(Box::new(std::io::Cursor::new(item.claim.clone())))
    }

    async fn extend(&self, _: &Outgoing<Vec<u8>>) -> Result<(), Reason> {
        if *self.is_claim_lost.lock().unwrap() { Err(Reason::new(ErrorCode::LeaseLost, "")) } else { Ok(()) }
    }

    async fn settle(&self, item: &Outgoing<Vec<u8>>, outcome: SendOutcome) {
        let name = String::from_utf8_lossy(&item.claim).into_owned();
        self.settled.lock().unwrap().push((name, outcome));
    }

    async fn unconfirmed(&self, max: usize) -> Vec<(DocId, MessageType)> {
        self.unconfirmed.lock().unwrap().iter().take(max).map(|id| (id.clone(), MessageType::Edoc)).collect()
    }

    async fn sent_state(&self, state: SentState) {
        self.states.lock().unwrap().push(state);
    }
}

/// A connector at work.
pub(crate) struct Running {
    pub(crate) health: watch::Receiver<Health>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    /// Starts one with the pace of a test.
    pub(crate) fn start(client: Client, node: &Arc<Node>, set: impl FnOnce(&mut ConnectorOptions)) -> Self {
        let mut options = ConnectorOptions::new("axis-test");
        options.poll_interval = Duration::from_millis(20);
        options.follow_up_every = None;
        options.grace = Duration::from_millis(200);
        set(&mut options);
        let connector = Connector::new(Arc::new(client), Arc::clone(node) as _, Arc::clone(node), options);
        let (health, stop) = (connector.watch(), CancellationToken::new());
        let task = tokio::spawn(connector.run(stop.clone()));
        Self { health, stop, task }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(20), self.task).await.unwrap().unwrap();
    }
}
