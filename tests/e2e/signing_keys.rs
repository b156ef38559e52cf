//! Signing keys of a node that runs: a new one takes over under load.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use rcgen::{CertificateParams, DnType, Issuer, KeyPair, KeyUsagePurpose, SanType};
use rustix::process::Signal;
use serde_json::Value;
use signature::{Policy, TrustStore, verify_detached};
use types::UnixMillis;

use crate::harness::{AXIS, PATIENCE, PROVINCE, World, base64, text, until};

const ROTATIONS: usize = 3;
const SENDERS: usize = 2;
/// Documents under each key.
const DOCUMENTS: usize = 6;

#[test]
fn a_new_signing_key_takes_over_under_load_without_a_lost_or_unsigned_receipt() {
    let world = World::with_own_pki(&[AXIS, PROVINCE]);
    let file = world.file("a.txt", "nội dung");
    let (is_open, sent) = (AtomicBool::new(true), AtomicUsize::new(0));
    let send = || {
        let mut acknowledged = Vec::new();
        while is_open.load(Ordering::Relaxed) {
            let number = sent.fetch_add(1, Ordering::Relaxed).to_string();
            acknowledged.push(world.send("vpcp", &number, &["H48.15"], &file));
        }
        acknowledged
    };
    let more = || {
        let wanted = sent.load(Ordering::Relaxed) + DOCUMENTS;
        until("further documents", PATIENCE, || (sent.load(Ordering::Relaxed) >= wanted).then_some(()));
    };
    let acknowledged: Vec<Value> = thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(send)).collect();
        for number in 1..=ROTATIONS {
            more();
            replace(&world, AXIS);
            world.signal(AXIS, Signal::HUP);
            let changed = "receipts are signed with the key of this certificate";
            until("the new key", PATIENCE, || (world.log(AXIS).matches(changed).count() == number).then_some(()));
        }
        more();
        is_open.store(false, Ordering::Relaxed);
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });

    let pem = |name: &str| fs::read(world.scene.pki().join(name)).unwrap();
    let trust = TrustStore::from_pem(&pem("ca/root.pem"), &pem("ca/signing.pem")).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = UnixMillis::new(u64::try_from(now.as_millis()).unwrap());
    let mut signers = BTreeSet::new();
    for acceptance in &acknowledged {
        let (signature, payload) = (&acceptance["receipt"]["signature"], &acceptance["receipt"]["payload"]);
        let report = verify_detached(text(signature), &base64(text(payload)), &trust, &Policy::envelope(), now);
        assert!(report.is_passed(), "{}", report.explanation_en);
        signers.insert(report.signer.unwrap().sha256.to_string());
    }
    println!("{} documents, {} signing certificates", acknowledged.len(), signers.len());
    assert_eq!(signers.len(), ROTATIONS + 1, "each key has signed");
    // The province took the receipts of every key, and its own came back.
    for acceptance in &acknowledged {
        let exchange = text(&acceptance["exchangeId"]);
        world.arrived("so-ttt", "H48.15", exchange);
        until("the province's receipt", PATIENCE, || {
            let receipts = world.receipts("vpcp", exchange);
            receipts.iter().any(|(event, _)| event == "ContentConsignment").then_some(())
        });
    }
    assert!(!world.log(PROVINCE).contains("proves nothing"), "{}", world.log(PROVINCE));
}

/// Puts a new key and its certificate in the place of a node's.
fn replace(world: &World, node: &str) {
    let pki = world.scene.pki();
    let authority = |name: &str| fs::read_to_string(pki.join("ca").join(name)).unwrap();
    let issuer_key = KeyPair::from_pem(&authority("signing.key.pem")).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&authority("signing.pem"), issuer_key).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("Receipts {node} EXAMPLE"));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let name = format!("urn:lienthong:node:{node}");
    params.subject_alt_names = vec![SanType::URI(name.as_str().try_into().unwrap())];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let below = pki.join("nodes").join(node);
    fs::write(below.join("signing.key.pem"), key.serialize_pem()).unwrap();
    fs::write(below.join("signing.pem"), certificate.pem() + &authority("signing.pem")).unwrap();
}
