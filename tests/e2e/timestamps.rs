//! Time-stamps of a node's receipts: the authority away, the node killed, and every receipt stamped once all the same.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use rcgen::{CertificateParams, CustomExtension, DnType, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::Value;
use signature::{Signer, Stamping, stamp};
use types::UnixMillis;

use crate::harness::{AXIS, PATIENCE, World, files, list, pki, text, until};

/// A time-stamping authority below the example's root.
struct Authority {
    address: SocketAddr,
    is_away: Arc<AtomicBool>,
}

fn signer() -> Signer {
    let read = |name: &str| fs::read_to_string(pki().join("ca").join(name)).unwrap();
    let ca_key = KeyPair::from_pem(&read("root.key.pem")).unwrap();
    let ca = Issuer::from_ca_cert_pem(&read("root.pem"), ca_key).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "EXAMPLE TSA");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // The one purpose timeStamping, critical (RFC 3161 2.3).
    let purposes = vec![0x30, 0x0a, 0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8];
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 37], purposes);
    extension.set_criticality(true);
    params.custom_extensions.push(extension);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &ca).unwrap().pem();
    Signer::from_pem(key.serialize_pem().as_bytes(), certificate.as_bytes()).unwrap()
}

impl Authority {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_away = Arc::new(AtomicBool::new(true));
        let (signer, away) = (signer(), is_away.clone());
        std::thread::spawn(move || {
            for (serial, stream) in (1..).zip(listener.incoming()) {
                let stream = stream.unwrap();
                if !away.load(Ordering::Relaxed) {
                    answer(stream, &signer, serial);
                }
            }
        });
        Self { address, is_away }
    }
}

fn answer(mut stream: TcpStream, signer: &Signer, serial: u64) {
    let mut request = Vec::new();
    let head = loop {
        let mut byte = [0];
        // Whoever hangs up wants no answer.
        if stream.read_exact(&mut byte).is_err() {
            return;
        }
        request.push(byte[0]);
        if request.ends_with(b"\r\n\r\n") {
            break String::from_utf8(std::mem::take(&mut request)).unwrap();
        }
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let time = UnixMillis::new(u64::try_from(since.as_millis()).unwrap());
    let making = Stamping { policy: "2.999.1".to_owned(), serial, time, accuracy_seconds: 1 };
    let token = stamp(signer, &body, &making).unwrap();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", token.len());
    drop(stream.write_all(&[head.as_bytes(), &token].concat()));
}

/// The receipts' states, once all are stamped.
fn stamped(world: &World, exchange: &str) -> Option<Vec<Value>> {
    let found = world.ok("vpcp", &["receipts", exchange]);
    let proofs = list(&found["timeProofs"]);
    let all = !proofs.is_empty() && proofs.iter().all(|proof| text(&proof["state"]) == "stamped");
    all.then(|| proofs.to_vec())
}

#[test]
fn receipts_wait_for_the_authority_over_a_kill_and_each_is_stamped_once() {
    let mut world = World::new();
    let authority = Authority::start();
    let url = format!("http://{}/tsa", authority.address);
    world.scene.configure(AXIS, &format!("\n[timestamp]\nurl = \"{url}\"\npolicy = \"2.999.1\"\ninterval = \"1s\"\n"));
    world.start(AXIS);
    let file = world.file("a.txt", "nội dung");
    let send =
        |world: &World, number: &str| text(&world.send("vpcp", number, &["H48"], &file)["exchangeId"]).to_owned();
    let first = send(&world, "1");
    until("a batch that waits", PATIENCE, || {
        let state = world.ok("vpcp", &["node"])["timestamps"].clone();
        (text(&state["waitingBatches"]) == "1" && state["failing"] == true).then_some(())
    });
    let second = send(&world, "2");
    world.kill(AXIS);
    world.start(AXIS);
    let third = send(&world, "3");
    authority.is_away.store(false, Ordering::Relaxed);

    for exchange in [&first, &second, &third] {
        let proofs = until("stamped", PATIENCE, || stamped(&world, exchange));
        assert!(proofs.iter().all(|proof| !proof["time"].is_null()), "{proofs:?}");
    }
    let records: Vec<Vec<u8>> = files(&world.scene.data(AXIS).join("timestamps"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "leaves"))
        .flat_map(|path| fs::read(path).unwrap().chunks(40).map(|record| record[..32].to_vec()).collect::<Vec<_>>())
        .collect();
    assert_eq!(records.iter().collect::<BTreeSet<_>>().len(), records.len(), "a receipt is in two batches");

    let out = world.path("proof");
    world.ok("vpcp", &["receipts", &first, "--export", out.to_str().unwrap()]);
    let endings: BTreeSet<String> =
        files(&out).iter().map(|path| path.file_name().unwrap().to_str().unwrap()[37..].to_owned()).collect();
    let expected = ["batch.json", "jws", "leaf", "path.json", "receipt.json", "tst"].map(str::to_owned);
    assert_eq!(endings, BTreeSet::from(expected));
}
