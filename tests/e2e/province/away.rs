//! An axis that is away, refuses, or does not know a node.

use std::fs;
use std::io::Cursor;
use std::time::Duration;

use axis::client::{Client, SentPacket};
use axis::{DocId, MessageType, SentEdoc};
use lienthong::scene::provinces::{SIDES, Side};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use types::{Digest, Lane};

use super::packets::{self, Draft};
use super::stage::Stage;
use crate::harness::{PATIENCE, pause, text, until};

const A: Side = SIDES[0];
const B: Side = SIDES[1];

/// Software at its node, called from a test.
struct Software {
    client: Client,
    runtime: Runtime,
}

impl Software {
    fn new(stage: &Stage, side: Side) -> Self {
        Self { client: stage.software(side), runtime: Runtime::new().unwrap() }
    }

    fn send(&self, to: &str, number: usize, lane: Lane) -> DocId {
        let to = [to.to_owned()];
        let draft = Draft { from: "G22.01", to: &to, number, updates: None, lane };
        let packet = packets::write_document(Vec::new(), &draft, b"n\xE1\xBB\x99i dung".as_slice());
        let sent = SentPacket {
            from: draft.from.to_owned(),
            to: None,
            message_type: MessageType::Edoc,
            length: packet.len() as u64,
            digest: Digest::new(digest(&SHA256, &packet).as_ref().try_into().unwrap()),
        };
        self.runtime.block_on(self.client.send_edoc(sent, Cursor::new(packet))).unwrap().unwrap()
    }

    /// The one receiver's line of a sent packet.
    fn line(&self, doc_id: &DocId) -> SentEdoc {
        self.runtime.block_on(self.client.sent_edocs(MessageType::Edoc, Some(doc_id))).unwrap().remove(0)
    }

    /// What waits for the receiver, by the numbers in it, oldest first.
    fn numbers(&self) -> Vec<usize> {
        let lines = self.runtime.block_on(self.client.received_edocs(MessageType::Edoc, None, None)).unwrap();
        let number = |doc_id: &str| {
            let file = self.runtime.block_on(self.client.get_edoc(&doc_id.parse().unwrap()));
            let mut file = file.unwrap();
            let mut packet = Vec::new();
            while let Some(bytes) = self.runtime.block_on(file.next()).unwrap() {
                packet.extend_from_slice(&bytes);
            }
            let id = packets::read(&packet).document_id;
            id.split(',').nth(2).unwrap().split('/').next().unwrap().parse().unwrap()
        };
        lines.iter().map(|line| number(&line.doc_id)).collect()
    }
}

fn is_connected(stage: &Stage, side: Side) -> bool {
    stage.neighbour(side)["connected"] == true
}

fn connected(stage: &Stage) {
    for side in SIDES {
        until(&format!("{} sees the axis", side.node), PATIENCE, || is_connected(stage, side).then_some(()));
    }
}

/// What waits during a maintenance, seen by the operator and the sender, and what happens after it.
#[track_caller]
fn check_maintenance(mode: &str) {
    // One place, so that what is sent later cannot overtake by chance.
    let stage = Stage::new("places = 1\n", &[]);
    connected(&stage);
    stage.set_faults(&json!({ "maintenance": { "every_seconds": 0, "for_seconds": 0, "mode": mode } }));
    for side in SIDES {
        let away = || (!is_connected(&stage, side)).then_some(());
        until(&format!("{} sees that the axis is away", side.node), PATIENCE, away);
    }
    let sender = Software::new(&stage, A);
    let lanes = [Lane::Normal, Lane::Urgent, Lane::Express, Lane::Normal, Lane::VeryUrgent];
    let sent: Vec<DocId> = (1..).zip(lanes).map(|(number, lane)| sender.send("H48.02", number, lane)).collect();
    assert_eq!(text(&stage.neighbour(A)["waiting"]), "5");
    for doc_id in &sent {
        assert_eq!(sender.line(doc_id).send_status, "waiting");
    }
    let receiver = Software::new(&stage, B);
    assert!(receiver.numbers().is_empty());
    stage.set_faults(&json!({}));
    until("everything at its receiver", PATIENCE, || (receiver.numbers().len() == 5).then_some(()));
    assert_eq!(receiver.numbers(), [3, 5, 2, 1, 4], "the most urgent first, then as they came");
    connected(&stage);
    // JSON leaves a zero out.
    until("nothing waits", PATIENCE, || stage.neighbour(A)["waiting"].is_null().then_some(()));
}

#[test]
fn while_the_axis_answers_20_everything_waits_in_sight_and_then_drains_in_order_of_urgency() {
    check_maintenance("code20");
}

#[test]
fn while_the_axis_closes_connections_everything_waits_in_sight_and_then_drains_in_order_of_urgency() {
    check_maintenance("refuse");
}

#[test]
fn a_packet_that_the_axis_refuses_comes_back_to_its_sender_with_the_reason() {
    let stage = Stage::new("", &[]);
    connected(&stage);
    let sender = Software::new(&stage, A);
    stage.set_agency(&json!({ "code": "H48.02", "deleted": true }));
    let doc_id = sender.send("H48.02", 1, Lane::Normal);
    let line =
        until("its return", PATIENCE, || Some(sender.line(&doc_id)).filter(|line| line.send_status == "returned"));
    assert_eq!(line.receive_status, "fail");
    assert!(line.send_status_desc.contains("H48.02") && line.send_status_desc.contains("18"), "{line:?}");
    let other = sender.send("H48.03", 2, Lane::Normal);
    until("what else is sent", PATIENCE, || (sender.line(&other).send_status == "sent").then_some(()));
}

#[test]
fn code_20_for_one_packet_is_tried_again_and_keeps_nothing_else_back() {
    let stage = Stage::new("", &["--fault", "error=20@100%:sendEdoc"]);
    connected(&stage);
    let sender = Software::new(&stage, A);
    let doc_id = sender.send("H48.02", 1, Lane::Normal);
    let tries = || stage.run(A, &["track", doc_id.as_str()]).out.first().map(Value::to_string).unwrap_or_default();
    pause(Duration::from_secs(3));
    assert_eq!(sender.line(&doc_id).send_status, "waiting", "{}", tries());
    assert!(is_connected(&stage, A), "an axis that answers its lists is there");
    stage.set_faults(&json!({}));
    let receiver = Software::new(&stage, B);
    until("it arrives", PATIENCE, || (receiver.numbers() == [1]).then_some(()));
}

#[test]
fn a_wrong_secret_is_said_once_and_tried_ever_more_seldom() {
    let record = tempfile::NamedTempFile::new().unwrap();
    let stage = Stage::new("", &["--record", record.path().to_str().unwrap()]);
    connected(&stage);
    stage.provinces.tell_secret(A, "sai-roi").unwrap();
    let asked = || {
        let record = fs::read_to_string(record.path()).unwrap();
        record.lines().filter(|line| line.contains(A.axis_id)).count()
    };
    stage.reload(A);
    until("the axis refuses", PATIENCE, || (!is_connected(&stage, A)).then_some(()));
    let sender = Software::new(&stage, A);
    let doc_id = sender.send("H48.02", 1, Lane::Normal);
    let before = asked();
    pause(Duration::from_secs(12));
    let calls = asked() - before;
    println!("{calls} calls in 12 s with a wrong secret");
    assert!(calls <= 4, "{calls} calls");
    assert_eq!(sender.line(&doc_id).send_status, "waiting", "nothing is lost by it");
    let log = stage.log(A.node);
    assert_eq!(log.matches("does not know this system").count(), 1, "{log}");
    stage.provinces.tell_secret(A, A.axis_secret).unwrap();
    stage.reload(A);
    until("it is sent", PATIENCE, || (sender.line(&doc_id).send_status == "sent").then_some(()));
    let shown = stage.log(A.node);
    assert!(!shown.contains("sai-roi") && !shown.contains(A.axis_secret), "a secret is in the log");
}
