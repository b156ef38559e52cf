//! The mock axis as a process: the first steps of its document, a record, and the record played again.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::{AXIS, PATIENCE, World, text, until};

/// A mock axis and what it said of itself.
struct Mock {
    process: Child,
    ready: Value,
}

impl Mock {
    fn start(options: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(["--json", "mock-axis", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { process, ready: serde_json::from_str(&line).unwrap() }
    }

    /// `curl` as the document has it: the provincial dialect, the first system.
    fn curl(&self, operation: &str) -> Value {
        let system = &self.ready["systems"][0];
        let output = Command::new("curl")
            .args(["-sS", "-X", "POST", "-H", &format!("X-SystemId: {}", text(&system["id"]))])
            .args(["-H", &format!("X-SecretKey: {}", text(&system["secret"]))])
            .arg(format!("{}/v1/{operation}", text(&self.ready["url"])))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// SIGTERM; the exit code.
    fn stop(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.process.wait().unwrap().code()
    }
}

fn replay(record: &Path, mock: &Mock, secret: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["mock-axis", "replay", "--url", text(&mock.ready["url"]), "--secret", secret])
        .arg(record)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_first_steps_of_the_document_work() {
    let mock = Mock::start(&[]);
    assert!(mock.ready["agencies"].as_u64() > Some(4000));
    let list = mock.curl("getReceivedEdocList");
    assert_eq!(list["ErrorCode"], "0");
    assert!(list["data"].as_array().unwrap().len() >= 7, "the samples wait: {list}");
    assert_eq!(mock.stop(), Some(0));
}

#[test]
fn a_record_is_played_against_another_mock() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("traffic.jsonl");
    let mock = Mock::start(&["--record", record.to_str().unwrap()]);
    mock.curl("getReceivedEdocList");
    mock.curl("countReceiveStatus");
    let secret = text(&mock.ready["systems"][0]["secret"]).to_owned();
    assert_eq!(mock.stop(), Some(0));
    let other = Mock::start(&[]);
    let (code, told) = replay(&record, &other, &secret);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(told.matches("(same)").count(), 2, "{told}");
    let (code, told) = replay(&record, &other, "wrong");
    assert_eq!(code, Some(6), "{told}");
    assert_eq!(other.stop(), Some(0));
}

#[test]
fn wrong_options_are_told_and_nothing_starts() {
    for wrong in [["--fault", "reset=200%"], ["--system", "H48"], ["--admin", "0.0.0.0:0"], ["--root", "x"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_lienthong"))
            .args(["mock-axis", "--listen", "127.0.0.1:0"])
            .args(wrong)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A node beside a mock over TLS, whose certificate chains to the nodes' own CA.
fn beside_tls(ca: &str) -> (World, Mock) {
    let mut world = World::new();
    let seat = world.scene.pki().join("nodes/axis-g22");
    let (certificate, key) = (seat.join("transport.pem"), seat.join("transport.key.pem"));
    let tls = ["--tls-certificate", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let system = "000.00.00.G22:a-shared-secret:G22";
    let mock = Mock::start(&[&tls[..], &["--no-samples", "--system", system]].concat());
    fs::write(world.path("axis.secret"), "a-shared-secret").unwrap();
    let toml = format!(
        "\n[[neighbour]]\nid = \"truc\"\nkind = \"axis\"\nendpoint = \"{}\"\nsystem_id = \"000.00.00.G22\"\n\
         secret = \"file:{}\"\npoll_interval = \"1s\"\nagency_sync = \"apply\"\nca_files = [\"{}\"]\n",
        text(&mock.ready["url"]),
        world.path("axis.secret").display(),
        world.scene.pki().join(ca).display(),
    );
    world.scene.configure(AXIS, &toml);
    world.start(AXIS);
    (world, mock)
}

#[test]
fn a_node_speaks_to_the_axis_over_tls() {
    let (world, mock) = beside_tls("ca/transport.pem");
    assert!(text(&mock.ready["url"]).starts_with("https://"), "{}", mock.ready);
    until("an agency of the axis", PATIENCE, || {
        (world.run("vpcp", &["agency", "show", "G06"]).exit == 0).then_some(())
    });
    let exchange = text(&world.send("vpcp", "1", &["G06"], &world.file("a.txt", "nội dung"))["exchangeId"]).to_owned();
    until("a receipt for the axis", PATIENCE, || {
        let receipts = world.receipts("vpcp", &exchange);
        receipts.iter().any(|(event, _)| event == "RelayToNonERDS").then_some(())
    });
}

#[test]
fn an_axis_that_another_ca_vouches_for_gets_nothing() {
    let (world, _mock) = beside_tls("ca/signing.pem");
    until("the refusal in the log", PATIENCE, || world.log(AXIS).contains("UnknownIssuer").then_some(()));
    assert_ne!(world.run("vpcp", &["agency", "show", "G06"]).exit, 0);
}
