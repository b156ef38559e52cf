//! Our own node under the conformance checks: the real client's habits, rule by rule, over TLS.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::{AXIS, PROVINCE, Ran, World, binary, list, text};

const SECRET: &str = "Kh0a/Rieng+Cua-Chung-Toi==";

/// The province, where one system without a certificate speaks for two agencies.
fn world() -> World {
    let mut world = World::new();
    fs::write(world.scene.dir().join("axis.secret"), format!("{SECRET}\n")).unwrap();
    fs::write(world.scene.dir().join("other.secret"), "another\n").unwrap();
    let system = "\n[[system]]\nid = \"qlvb-cu\"\nagencies = [\"H48\", \"H48.15\"]\naxis_id = \"000.00.00.H48\"\n\
                  axis_secret = \"file:axis.secret\"\nsignatures = \"optional\"\n";
    world.scene.configure(PROVINCE, system);
    [AXIS, PROVINCE].into_iter().for_each(|node| world.start(node));
    world
}

fn conformance(world: &World, secret: &str, more: &[&str]) -> Ran {
    let url = format!("https://{}/axis", world.nodes[PROVINCE].address());
    let secret = format!("file:{}", world.scene.dir().join(secret).display());
    let ca = world.scene.pki().join("ca/root.pem");
    let mut command = Command::new(binary());
    command.args(["--json", "mock-axis", "conformance", "--url", &url, "--system", "000.00.00.H48"]);
    command.args(["--secret", &secret, "--agency", "H48", "--receiver", "H48.15", "--ca", ca.to_str().unwrap()]);
    Ran::of(command.args(more).stdin(Stdio::null()))
}

#[test]
fn the_node_holds_every_rule() {
    let world = world();
    let junit = world.path("junit.xml");
    let ran = conformance(&world, "axis.secret", &["--yes", "--large", "8", "--junit", junit.to_str().unwrap()]);
    let outcomes = list(&ran.out[0]["outcomes"]);
    let troubles: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome["verdict"] != "passed")
        .map(|outcome| {
            let answer = text(&outcome["shown"]["answer"]);
            format!("{} {}: {}\n{answer}", outcome["id"], outcome["verdict"], outcome["reason"])
        })
        .collect();
    assert_eq!(troubles, Vec::<String>::new());
    assert_eq!(ran.exit, 0, "{}", ran.error);
    assert!(outcomes.len() > 60);
    let xml = fs::read_to_string(junit).unwrap();
    assert!(xml.contains("failures=\"0\" skipped=\"0\""), "{xml}");
}

#[test]
fn nothing_is_sent_before_it_is_allowed() {
    let world = world();
    let ran = conformance(&world, "axis.secret", &[]);
    assert_eq!((ran.exit, ran.out.len()), (2, 0), "{}", ran.error);
    assert!(world.inbox("ubnd-h48", "H48").is_empty());
}

#[test]
fn a_wrong_secret_fails_with_what_was_sent_and_answered_and_shows_no_secret() {
    let world = world();
    let ran = conformance(&world, "other.secret", &["--yes", "--no-register", "--no-v1"]);
    assert_eq!(ran.exit, 6, "{}", ran.error);
    let first: &Value = &list(&ran.out[0]["outcomes"])[0];
    assert_eq!((text(&first["id"]), text(&first["verdict"])), ("AX-SIGN-1", "failed"));
    assert!(text(&first["shown"]["request"]).starts_with("POST /axis/countReceiveEdoc HTTP/1.1"));
    assert!(text(&first["shown"]["answer"]).contains("\"ErrorCode\":\"15\""));
    assert!(!ran.out[0].to_string().contains("\"another\""));
}
