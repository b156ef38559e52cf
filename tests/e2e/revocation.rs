//! Revocation data of a running node: fetched, imported, kept over a restart without a network, stale where it is seen.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use signature::{CrlContents, Signer, sign_crl};
use types::UnixMillis;

use crate::harness::{AXIS, PATIENCE, Ran, World, binary, list, pki, text, until};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap())
}

/// A list of the example's signing CA.
fn example_list(number: u64, next_update: UnixMillis) -> Vec<u8> {
    let read = |name: &str| std::fs::read(pki().join("ca").join(name)).unwrap();
    let signer = Signer::from_pem(&read("signing.key.pem"), &read("signing.pem")).unwrap();
    let contents = CrlContents {
        this_update: now() - Duration::from_secs(60),
        next_update,
        number,
        base: None,
        indirect_point: None,
        freshest: None,
        revoked: Vec::new(),
    };
    sign_crl(&signer, &contents).unwrap()
}

/// Answers every request with the same bytes, until it goes away.
struct Site {
    address: SocketAddr,
    body: Arc<Mutex<Vec<u8>>>,
    is_gone: Arc<AtomicBool>,
}

impl Site {
    fn start(body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (body, is_gone) = (Arc::new(Mutex::new(body)), Arc::new(AtomicBool::new(false)));
        let (served, gone) = (body.clone(), is_gone.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 4096];
                // Whoever is turned away sees the connection end.
                if gone.load(Ordering::Relaxed) || stream.read(&mut request).is_err() {
                    continue;
                }
                let body = served.lock().unwrap().clone();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                drop(stream.write_all(&[head.as_bytes(), &body].concat()));
            }
        });
        Self { address, body, is_gone }
    }

    fn configuration(&self) -> String {
        format!("\n[revocation]\ncrl_urls = [\"http://{}/signing.crl\"]\nrefresh_interval = \"1s\"\n", self.address)
    }
}

fn source(world: &World) -> Option<Value> {
    list(&world.ok("vpcp", &["node"])["validationSources"]).first().cloned()
}

fn revocation(world: &World, args: &[&str]) -> Ran {
    let mut command = std::process::Command::new(binary());
    let config = world.scene.config(AXIS);
    Ran::of(command.args(["--json", "revocation"]).args(args).arg("--config").arg(config))
}

fn is(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or_default()
}

#[test]
fn a_list_is_fetched_outlives_its_server_and_a_restart_and_is_seen_to_be_stale() {
    let mut world = World::new();
    let site = Site::start(example_list(1, now() + DAY));
    world.scene.configure(AXIS, &site.configuration());
    world.start(AXIS);
    let found = until("the list", PATIENCE, || source(&world).filter(|source| !source["lastSuccess"].is_null()));
    assert!(!is(&found, "stale") && !is(&found, "failing"), "{found}");
    assert!(text(&found["issuer"]).contains("Signing CA"), "{found}");

    site.is_gone.store(true, Ordering::Relaxed);
    until("the failure", PATIENCE, || source(&world).filter(|source| is(source, "failing")));
    assert!(world.stop(AXIS).success());
    world.start(AXIS);
    let kept = revocation(&world, &["list"]).out.remove(0);
    assert_eq!((text(&kept["lists"][0]["number"]), is(&kept["lists"][0], "stale")), ("01", false), "{kept}");

    site.is_gone.store(false, Ordering::Relaxed);
    *site.body.lock().unwrap() = example_list(2, now() + Duration::from_secs(3));
    until("the list that ends soon", PATIENCE, || source(&world).filter(|source| !is(source, "failing")));
    until("stale", PATIENCE, || source(&world).filter(|source| is(source, "stale")));
    until("stale in the log", PATIENCE, || world.log(AXIS).contains("the revocation list is stale").then_some(()));
}

#[test]
fn an_import_is_verified_and_a_running_node_takes_it_up() {
    let world = World::with(&[AXIS]);
    let good = world.file("signing.crl", example_list(7, now() + DAY));
    let ran = revocation(&world, &["import", good.to_str().unwrap()]);
    assert_eq!((ran.exit, text(&ran.out[0][0]["outcome"])), (0, "added"), "{ran:?}");
    until("the import in the log", PATIENCE, || {
        world.log(AXIS).contains("imported validation data is in use").then_some(())
    });

    let older = world.file("older.crl", example_list(6, now() + DAY));
    let mut altered = example_list(8, now() + DAY);
    let last = altered.len() - 1;
    altered[last] ^= 1;
    let altered = world.file("altered.crl", altered);
    let ran = revocation(&world, &["import", older.to_str().unwrap(), altered.to_str().unwrap()]);
    assert_eq!(ran.exit, 6, "{ran:?}");
    let outcomes: Vec<&str> = list(&ran.out[0]).iter().map(|one| text(&one["outcome"])).collect();
    assert_eq!(outcomes, ["refused", "refused"], "{ran:?}");
    let kept = revocation(&world, &["list"]).out.remove(0);
    assert_eq!(text(&kept["lists"][0]["number"]), "07", "{kept}");
}

#[test]
fn fetching_by_hand_says_what_could_not_be_had() {
    let mut world = World::new();
    let site = Site::start(example_list(3, now() + DAY));
    world.scene.configure(AXIS, &site.configuration());
    world.start(AXIS);
    assert!(world.stop(AXIS).success());
    let ran = revocation(&world, &["fetch"]);
    assert_eq!((ran.exit, text(&ran.out[0][0]["number"])), (0, "03"), "{ran:?}");
    *site.body.lock().unwrap() = b"<html>".to_vec();
    let ran = revocation(&world, &["fetch"]);
    assert_eq!(ran.exit, 4, "{ran:?}");
    assert!(text(&ran.out[0][0]["error"]).contains("not a revocation list"), "{ran:?}");
}
