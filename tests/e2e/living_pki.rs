//! A node under `strict` with `lienthong pki serve` behind it, both as processes: the PKI answers, revokes, fails, and comes
//! back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use signature::{Certificate, PdfPlace, PdfRole, PdfSignOptions, Signer, sign_pdf};
use tempfile::TempDir;
use types::UnixMillis;

use crate::harness::{PATIENCE, PROVINCE, Ran, World, base64, binary, list, send_args, text, until};
use crate::verification::pdf;

const SENDER: &str = "so-ttt";
/// Signs as the sender's leader: the example has one certificate for each agency, so that another one stands for it.
const LEADER: &str = "xa-h48-35-14";
const RECEIVER: (&str, &str) = ("ubnd-h48", "H48");
/// Where the certificates say that their PKI is; the node's configuration says where that is in truth.
const NAMED: &str = "http://pki.example";

/// The server, ended with the test.
struct Pki {
    dir: TempDir,
    server: Child,
    /// Host and port.
    place: String,
}

impl Pki {
    fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let made = run(&["pki", "example", dir.path().to_str().unwrap(), "--url", NAMED]);
        assert_eq!(made.exit, 0, "{made:?}");
        let mut serve = Command::new(binary());
        serve.args(["--json", "pki", "serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir.path());
        let mut server = serve.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let place = text(&ready["url"]).strip_prefix("http://").unwrap().to_owned();
        Self { dir, server, place }
    }

    /// Puts these faults in force, as the documentation says.
    fn faults(&self, faults: &str) {
        let mut stream = TcpStream::connect(&self.place).unwrap();
        let length = faults.len();
        let head = format!("PUT /admin/faults HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.place);
        write!(stream, "{head}Content-Length: {length}\r\n\r\n{faults}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn signer(&self, system: &str) -> Signer {
        let read = |name: &str| std::fs::read(self.dir.path().join("systems").join(system).join(name)).unwrap();
        Signer::from_pem(&read("signing.key.pem"), &read("signing.pem")).unwrap()
    }

    /// A PDF signed by the leader and sealed by the sender.
    fn signed(&self) -> Vec<u8> {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let time = UnixMillis::new(u64::try_from(since.as_millis()).unwrap());
        let sign = |file: &[u8], system: &str, role: PdfRole| {
            let signer = self.signer(system);
            let options = PdfSignOptions { place: PdfPlace::Invisible, ..PdfSignOptions::new(role, &signer, time) };
            sign_pdf(&signer, file, &options).unwrap()
        };
        sign(&sign(&pdf::plain(0), LEADER, PdfRole::Leader), SENDER, PdfRole::Seal)
    }

    /// A node that asks for everything, and asks this PKI about it.
    fn configuration(&self) -> String {
        let pem = std::fs::read(self.dir.path().join("systems").join(LEADER).join("signing.pem")).unwrap();
        let leader = Certificate::parse_all(&pem).unwrap()[0].sha256();
        let Self { place, .. } = self;
        format!(
            "\n[policy]\nuse = \"strict\"\n\n[revocation]\nrefresh_interval = \"1s\"\n\
             crl_urls = [\"http://{place}/pki/pub/crl/signing.crl\"]\nrewrite = {{ \"{NAMED}/\" = \"http://{place}/\" }}\n\n\
             [timestamp]\nurl = \"http://{place}/tsa\"\npolicy = \"2.999.1\"\ninterval = \"1s\"\n\n\
             [quarantine]\nrecheck = \"1h\"\n\n\
             [[signer]]\ncertificate_sha256 = \"{leader}\"\nagency = \"H48.15\"\nrole = \"leader\"\n"
        )
    }

    fn world(&self) -> World {
        let mut world = World::over(self.dir.path());
        world.scene.configure(PROVINCE, &self.configuration());
        world.start(PROVINCE);
        world
    }
}

impl Drop for Pki {
    fn drop(&mut self) {
        drop(self.server.kill().and_then(|()| self.server.wait()));
    }
}

fn run(args: &[&str]) -> Ran {
    Ran::of(Command::new(binary()).arg("--json").args(args))
}

fn send(world: &World, number: &str, file: &Path) -> Ran {
    world.run(SENDER, &send_args(number, &[RECEIVER.1], file))
}

fn exchange(ran: &Ran) -> &str {
    assert_eq!(ran.exit, 0, "{ran:?}");
    text(&ran.out[0]["exchangeId"])
}

/// The payloads of a document's receipts, once each has its time-stamp.
fn stamped(world: &World, exchange: &str, event: &str) -> Option<Value> {
    let found = world.ok(SENDER, &["receipts", exchange]);
    let payloads = list(&found["receipts"]).iter().map(|one| base64(text(&one["payload"])));
    let payloads: Vec<Value> = payloads.map(|bytes| serde_json::from_slice(&bytes).unwrap()).collect();
    let place = payloads.iter().position(|payload| payload["event"] == event)?;
    let proof = list(&found["timeProofs"]).get(place).filter(|proof| proof["state"] == "stamped");
    proof.map(|_| payloads[place].clone())
}

#[test]
fn a_good_packet_is_accepted_and_stamped_and_the_next_is_refused_once_its_certificate_is_revoked() {
    let pki = Pki::start();
    let world = pki.world();
    let file = world.file("a.pdf", pki.signed());
    let first = send(&world, "1", &file);
    let id = exchange(&first);
    let report = &first.out[0]["signatureReport"];
    assert_eq!((&report["ruling"], &report["policy"]), (&"ACCEPT".into(), &"lienthong-strict-1".into()), "{report}");
    let statuses: Vec<&str> = list(&report["signatures"])
        .iter()
        .flat_map(|signature| list(&signature["revocation"]))
        .map(|status| text(&status["state"]))
        .collect();
    assert!(statuses.len() >= 3 && statuses.iter().all(|state| *state == "GOOD"), "{report}");
    world.arrived(RECEIVER.0, RECEIVER.1, id);
    for event in ["SubmissionAcceptance", "ContentConsignment"] {
        until("a time-stamp", PATIENCE, || stamped(&world, id, event));
    }

    let name = format!("systems/{SENDER}/signing");
    let revoked = run(&["pki", "revoke", &name, "--dir", pki.dir.path().to_str().unwrap()]);
    assert_eq!(revoked.exit, 0, "{revoked:?}");
    let mut number = 1;
    let refused = until("a refusal", PATIENCE, || {
        number += 1;
        Some(send(&world, &number.to_string(), &file)).filter(|ran| ran.exit != 0)
    });
    assert_eq!((refused.exit, text(&refused.error["code"])), (1, "certificate_revoked"), "{refused:?}");
}

#[test]
fn while_the_pki_is_away_a_packet_waits_and_it_goes_on_by_itself_when_the_pki_is_back() {
    let pki = Pki::start();
    pki.faults(r#"{"ocsp":["away"],"crl":["away"],"tsa":["away"]}"#);
    let world = pki.world();
    let file = world.file("a.pdf", pki.signed());
    let held = send(&world, "1", &file);
    let id = exchange(&held).to_owned();
    assert_eq!(held.out[0]["signatureReport"]["ruling"], "QUARANTINE", "{held:?}");
    assert!(world.inbox(RECEIVER.0, RECEIVER.1).is_empty());
    // Answers that prove nothing settle nothing either.
    pki.faults(r#"{"ocsp":["wrong-signer"],"crl":["wrong-signer"],"tsa":["wrong-imprint"]}"#);
    let sources = || list(&world.ok(SENDER, &["node"])["validationSources"]).to_vec();
    until("a source that fails", PATIENCE, || sources().iter().any(|one| one["failing"] == true).then_some(()));
    assert!(world.inbox(RECEIVER.0, RECEIVER.1).is_empty());
    assert!(stamped(&world, &id, "SubmissionAcceptance").is_none());

    pki.faults("{}");
    world.arrived(RECEIVER.0, RECEIVER.1, &id);
    let tracked = world.ok(SENDER, &["track", &id]);
    let released = list(&tracked["quarantine"]["events"]).iter().find(|event| event["event"] == "Released").unwrap();
    assert_eq!(released["signatureReport"]["ruling"], "ACCEPT", "{released}");
    // What the receiver was given is proved with what the last look came to.
    let consigned = until("a stamped consignment", PATIENCE, || stamped(&world, &id, "ContentConsignment"));
    let digest = ring::digest::digest(&ring::digest::SHA256, &base64(text(&released["signatureReport"]["full"])));
    assert_eq!(consigned["report"]["sha256"], crate::harness::hex(digest.as_ref()), "{consigned}");
    assert_eq!(consigned["verdict"], "TOTAL_PASSED", "{consigned}");
}
