//! Example certificates and wrong configurations stop a node before it starts, and say where the fault is.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::harness::{AXIS, World, binary};

/// The configuration of a node that has run, changed.
fn changed(world: &World, change: impl Fn(String) -> String) -> PathBuf {
    let config = world.scene.config(AXIS);
    fs::write(&config, change(fs::read_to_string(&config).unwrap())).unwrap();
    config
}

fn run(command: &str, config: &PathBuf) -> (i32, String) {
    let Output { status, stderr, .. } =
        Command::new(binary()).arg(command).arg("--config").arg(config).output().unwrap();
    (status.code().unwrap_or(-1), String::from_utf8(stderr).unwrap())
}

fn stopped() -> World {
    let mut world = World::with(&[AXIS]);
    assert!(world.stop(AXIS).success());
    world
}

#[test]
fn example_certificates_are_refused_unless_allowed() {
    let world = stopped();
    let config = changed(&world, |text| text.replace("allow_example_certificates = true", ""));
    for command in ["serve", "check-config"] {
        let (exit, told) = run(command, &config);
        assert_ne!(exit, 0, "{command}: {told}");
        assert!(told.contains("EXAMPLE"), "{command}: {told}");
        assert!(told.contains("certs-example/nodes/axis-g22/transport.pem"), "{command} names the file: {told}");
    }
}

#[test]
fn a_wrong_key_is_named_with_its_line() {
    let world = stopped();
    let config = changed(&world, |text| text.replace("[node]\n", "[node]\ndatadir = \"x\"\n"));
    for command in ["serve", "check-config"] {
        let (exit, told) = run(command, &config);
        assert_eq!(exit, 2, "{command}: {told}");
        assert!(told.contains("datadir") && told.contains("line 2"), "{command}: {told}");
    }
}
