//! The examples of `docs/axis.md`, run as they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::axis_door::{H48, SECRET, sdk, world};
use crate::harness::{PROVINCE, World};
use crate::sdk::document;

fn example(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples")).join(name)
}

/// Sends to an agency of the same system, so that the example finds what it sent.
fn run(command: &mut Command, world: &World) {
    let packet = world.file("packet.edxml", document("H48", &["H48.15"], "77", "Báo cáo"));
    let node = format!("https://{}/axis", world.nodes[PROVINCE].address());
    let ca = world.scene.pki().join("ca/root.pem");
    command.env("NODE", node).env("CA", ca).env("SYSTEM", H48).env("SECRET", SECRET);
    let output = command.env("FROM", "H48").env("PACKET", packet).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("H48.15"), "{told}");
    assert!(sdk(world).received("edoc").is_empty(), "it was fetched and confirmed: {told}");
}

#[test]
fn the_curl_example_sends_fetches_and_confirms() {
    let world = world("");
    run(Command::new("bash").arg(example("axis.sh")), &world);
}

#[test]
fn the_python_example_sends_fetches_and_confirms() {
    let world = world("");
    let succeeds = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    let mut python = PathBuf::from("python3");
    if !succeeds(Command::new(&python).args(["-c", "import requests"])) {
        let venv = world.path("venv");
        assert!(succeeds(Command::new(&python).args(["-m", "venv"]).arg(&venv)), "python3 with venv is needed");
        python = venv.join("bin/python");
        let mut install = Command::new(&python);
        let installed = succeeds(install.args(["-m", "pip", "install", "--quiet", "requests"]));
        assert!(installed, "requests is neither here nor to be had from the package registry");
    }
    run(Command::new(python).arg(example("axis_client.py")), &world);
}
