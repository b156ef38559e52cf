//! Time-stamps of receipts: an authority that is away, lies, and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use signature::{Policy, Signer, Stamping as Making, TrustStore, stamp};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use types::Digest;
use validation_data::{Authority, FetchOptions, Stamping, StampingOptions, TimeProof};

use crate::pki::{Entity, authority_params, now, root};
use crate::server::{Answer, Server, until};

struct Stage {
    dir: TempDir,
    server: Server,
    signer: Arc<Signer>,
    trust: Arc<TrustStore>,
}

fn leaf(number: u8) -> Digest {
    Digest::new([number; 32])
}

impl Stage {
    fn new() -> Self {
        let root: Entity = root("EXAMPLE Root");
        let signer = Arc::new(root.issue(authority_params()).signer());
        let trust = Arc::new(TrustStore::new(vec![root.certificate()], Vec::new()));
        Self { dir: tempfile::tempdir().unwrap(), server: Server::start(), signer, trust }
    }

    /// Stamps whatever is asked.
    fn answer(&self) {
        let (signer, serial) = (self.signer.clone(), AtomicU64::new(1));
        self.server.make("/tsa", move |request| {
            let serial = serial.fetch_add(1, Ordering::Relaxed);
            let making = Making { policy: "1.2.3.4".to_owned(), serial, time: now(), accuracy_seconds: 1 };
            stamp(&signer, request, &making).unwrap()
        });
    }

    fn start(&self, interval: Duration, batch_max: u64) -> Running {
        let fetch = FetchOptions { time_max: Duration::from_millis(500), ..FetchOptions::default() };
        let authority = Authority::new(self.server.url("/tsa").parse().unwrap(), Some("1.2.3.4".to_owned()), fetch);
        let options = StampingOptions { authority, interval, batch_max };
        let stamping = Stamping::open(self.dir.path(), "lgsp-h48", options).unwrap();
        let (stop, trust) = (CancellationToken::new(), self.trust.clone());
        let task = tokio::spawn(stamping.clone().run(stop.clone(), move || (trust.clone(), Policy::envelope())));
        Running { stamping, stop, task }
    }
}

struct Running {
    stamping: Stamping,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn stamped(&self, leaf: Digest) -> validation_data::StampedProof {
        until("a stamped receipt", || match self.stamping.proof(leaf, now()).unwrap() {
            Some(TimeProof::Stamped(proof)) => Some(*proof),
            _ => None,
        })
        .await
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn receipts_are_stamped_together_and_each_has_its_proof() {
    let stage = Stage::new();
    stage.answer();
    let running = stage.start(Duration::from_millis(100), 1000);
    running.stamping.note(&[leaf(1), leaf(2), leaf(3)]);
    for number in [1, 2, 3] {
        let proof = running.stamped(leaf(number)).await;
        let statement = proof.check(leaf(number)).unwrap();
        assert_eq!((statement.node.as_str(), statement.size), ("lgsp-h48", 3));
        let report =
            signature::verify_timestamp(&proof.token, &proof.statement, &stage.trust, &Policy::envelope(), now());
        assert_eq!(report.indication, signature::Indication::TotalPassed, "{report:?}");
    }
    assert_eq!(stage.server.asked("/tsa"), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_full_batch_does_not_wait_for_its_time() {
    let stage = Stage::new();
    stage.answer();
    let running = stage.start(Duration::from_secs(3600), 2);
    running.stamping.note(&[leaf(1)]);
    assert_eq!(running.stamping.proof(leaf(1), now()).unwrap(), Some(TimeProof::Open));
    running.stamping.note(&[leaf(2)]);
    running.stamped(leaf(1)).await;
    running.stop().await;
}

#[tokio::test]
async fn while_the_authority_is_away_receipts_wait_over_a_restart_and_are_stamped_in_order() {
    let stage = Stage::new();
    stage.server.answer("/tsa", Answer::Status(503));
    let running = stage.start(Duration::from_millis(100), 1000);
    running.stamping.note(&[leaf(1)]);
    until("the failure", || running.stamping.state().error).await;
    running.stamping.note(&[leaf(2)]);
    let backlog = running.stamping.state().backlog;
    assert_eq!((backlog.batches, backlog.receipts, backlog.stamped), (1, 1, 0));
    running.stop().await;

    stage.answer();
    let running = stage.start(Duration::from_millis(100), 1000);
    let (first, second) = (running.stamped(leaf(1)).await, running.stamped(leaf(2)).await);
    assert_eq!((first.number, second.number), (1, 2));
    let state = running.stamping.state();
    assert_eq!((state.error, state.backlog.batches, state.backlog.receipts), (None, 0, 0));
    running.stop().await;
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_none() {
    let stage = Stage::new();
    let stranger = root("EXAMPLE Root").issue(authority_params()).signer();
    stage.server.make("/tsa", move |request| {
        let making = Making { policy: "1.2.3.4".to_owned(), serial: 7, time: now(), accuracy_seconds: 1 };
        stamp(&stranger, request, &making).unwrap()
    });
    let running = stage.start(Duration::from_millis(100), 1000);
    running.stamping.note(&[leaf(1)]);
    until("the stranger refused", || running.stamping.state().error).await;
    stage.server.answer("/tsa", Answer::Bytes(b"garbage".to_vec()));
    until("garbage refused", || running.stamping.state().error.filter(|error| error.contains("TimeStampResp"))).await;
    assert_eq!(running.stamping.proof(leaf(1), now()).unwrap(), Some(TimeProof::Waiting { number: 1 }));
    stage.answer();
    running.stamped(leaf(1)).await;
    running.stop().await;
}
