use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use evidence::{Receipt, ReceiptEvent, Recipients};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, poll_immediate};
use signature::{Certificate, FileKey, KeyKind, Policy, RsaPadding, SigningKey, TrustStore};
use types::UnixMillis;

use super::*;

/// A key in a device that signs when it is told to, and counts.
struct SlowKey {
    key: FileKey,
    signatures: Arc<AtomicUsize>,
    /// Each signature waits for one word; a broken line is a device that was taken out.
    go: Mutex<Receiver<()>>,
}

impl fmt::Debug for SlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlowKey")
    }
}

impl SigningKey for SlowKey {
    fn kind(&self) -> KeyKind {
        self.key.kind()
    }

    fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, SignError> {
        let gone = |_| SignError::Unavailable { why: "the token was taken out".to_owned() };
        self.go.lock().unwrap_or_else(PoisonError::into_inner).recv().map_err(gone)?;
        self.signatures.fetch_add(1, Ordering::SeqCst);
        self.key.sign(message, padding)
    }
}

struct Bench {
    signing: Signing,
    trust: TrustStore,
    go: SyncSender<()>,
    signatures: Arc<AtomicUsize>,
}

/// A node's key and certificate, and their anchor.
struct Identity {
    key: FileKey,
    certificate: Certificate,
    anchor: Certificate,
}

fn identity() -> Identity {
    let mut root = rcgen::CertificateParams::default();
    root.distinguished_name.push(rcgen::DnType::CommonName, "EXAMPLE Nodes");
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let root_key = rcgen::KeyPair::generate().unwrap();
    let anchor = Certificate::parse(root.self_signed(&root_key).unwrap().der()).unwrap();
    let mut leaf = rcgen::CertificateParams::default();
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "EXAMPLE Node");
    leaf.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    leaf.subject_alt_names = vec![rcgen::SanType::URI("urn:lienthong:node:node-h48".try_into().unwrap())];
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = leaf.signed_by(&key, &rcgen::Issuer::new(root, root_key)).unwrap();
    Identity {
        key: FileKey::from_pem(key.serialize_pem().as_bytes()).unwrap(),
        certificate: Certificate::parse(certificate.der()).unwrap(),
        anchor,
    }
}

fn loaded(signer: Signer) -> Loaded {
    Loaded { signer, next_at: None }
}

fn bench() -> Bench {
    let Identity { key, certificate, anchor } = identity();
    let (go, told) = sync_channel(4096);
    let signatures = Arc::new(AtomicUsize::new(0));
    let key = SlowKey { key, signatures: signatures.clone(), go: Mutex::new(told) };
    let signer = Signer::new(Arc::new(key), vec![certificate]).unwrap();
    let signing = Signing::start(loaded(signer)).unwrap();
    Bench { signing, trust: TrustStore::new(vec![anchor], vec![]), go, signatures }
}

fn receipt(number: u64) -> UnsignedReceipt {
    let receipt = Receipt {
        event: ReceiptEvent::SubmissionRejection,
        id: crate::core::new_receipt(),
        exchange: crate::core::new_exchange(),
        node: "node-h48".parse().unwrap(),
        at: UnixMillis::new(1_795_258_123_000 + number),
        document: None,
        content: None,
        manifest: None,
        signature: None,
        recipients: Recipients::Listed(Vec::new()),
        peer: None,
        reason: Some(evidence::Notice::new(types::ErrorCode::Internal, "a test")),
        verdict: None,
        report: None,
        warnings: Vec::new(),
        previous: None,
    };
    UnsignedReceipt::of(&receipt).unwrap()
}

impl Bench {
    fn check(&self, signed: &SignedReceipt) {
        evidence::verify(signed, &self.trust, &Policy::envelope(), crate::clock::now()).unwrap();
    }

    /// `count` requests of one receipt each, all of which wait for the key when this returns.
    async fn ask(&self, count: u64) -> Vec<BoxFuture<'_, Answer>> {
        // Unconstrained: a task that polls this many would be made to pause before all have asked.
        let ask = |number| tokio::task::unconstrained(self.signing.sign(vec![receipt(number)])).boxed();
        let mut asked: Vec<_> = (0..count).map(ask).collect();
        for asked in &mut asked {
            assert!(poll_immediate(asked).await.is_none());
        }
        asked
    }
}

#[tokio::test]
async fn one_receipt_alone_keeps_the_plain_form() {
    let bench = bench();
    bench.go.send(()).unwrap();
    let signed = bench.signing.sign(vec![receipt(1)]).await.unwrap();
    assert!(!signed[0].signature.contains(':'));
    bench.check(&signed[0]);
}

#[tokio::test]
async fn a_thousand_receipts_that_wait_for_a_slow_key_take_few_signatures() {
    let bench = bench();
    let asked = bench.ask(1000).await;
    // Two words: the first signature takes whoever had come, the second all the others.
    for _ in 0..2 {
        bench.go.send(()).unwrap();
    }
    for asked in asked {
        let signed = asked.await.unwrap();
        assert_eq!(signed.len(), 1);
        bench.check(&signed[0]);
    }
    assert!(bench.signatures.load(Ordering::SeqCst) <= 2);
}

#[tokio::test]
async fn receipts_of_one_request_come_back_in_their_order_whatever_their_number() {
    let bench = bench();
    let receipts: Vec<_> = (0..3000).map(receipt).collect();
    for _ in 0..3 {
        bench.go.send(()).unwrap();
    }
    let signed = bench.signing.sign(receipts.clone()).await.unwrap();
    assert_eq!(
        signed.iter().map(SignedReceipt::digest).collect::<Vec<_>>(),
        receipts.iter().map(UnsignedReceipt::digest).collect::<Vec<_>>()
    );
    bench.check(&signed[2999]);
    assert_eq!(bench.signatures.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_key_that_is_gone_is_told_to_everyone_who_waits_and_serves_again_when_replaced() {
    let Bench { signing, go, .. } = bench();
    drop(go);
    for _ in 0..2 {
        let error = signing.sign(vec![receipt(1)]).await.unwrap_err();
        assert_eq!(error.code(), types::ErrorCode::KeyUnavailable);
    }
    let Identity { key, certificate, .. } = identity();
    signing.replace(loaded(Signer::new(Arc::new(key), vec![certificate]).unwrap()));
    assert!(signing.sign(vec![receipt(1)]).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_does_not_answer_is_not_waited_for_forever() {
    let bench = bench();
    let error = bench.signing.sign(vec![receipt(1)]).await.unwrap_err();
    assert_eq!(error.code(), types::ErrorCode::KeyUnavailable);
    drop(bench.go);
}

#[tokio::test]
async fn whoever_waits_while_the_key_is_replaced_gets_a_signature_of_one_of_the_two() {
    let bench = bench();
    let asked = bench.ask(100).await;
    let Identity { key, certificate, anchor } = identity();
    bench.signing.replace(loaded(Signer::new(Arc::new(key), vec![certificate]).unwrap()));
    // The old key goes away with its last signature, if it is asked for one at all.
    for _ in 0..2 {
        if bench.go.send(()).is_err() {
            break;
        }
    }
    let both = TrustStore::new(bench.trust.anchors().iter().cloned().chain([anchor]).collect(), vec![]);
    for asked in asked {
        let signed = asked.await.unwrap();
        evidence::verify(&signed[0], &both, &Policy::envelope(), crate::clock::now()).unwrap();
    }
}
