//! Dependencies between our crates point down only (ARCHITECTURE.md, «Crates»).
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Level of each crate; a crate may depend only on crates of a lower level.
const LEVELS: &[(&str, u8)] = &[
    ("types", 0),
    ("directory", 1),
    ("delivery", 1),
    ("edxml", 1),
    ("signature", 1),
    ("wire", 1),
    ("axis", 2),
    ("evidence", 2),
    ("gateway", 2),
    ("queue", 2),
    ("relay", 2),
    ("validation_data", 2),
    ("token", 2),
    ("mock_axis", 3),
    ("mock_pki", 3),
    ("node", 3),
    ("simulation", 3),
    ("lienthong", 4),
    ("xtask", 5),
    ("faults", 5),
    // Preloaded by the fault harness, linked by nothing.
    ("fault_shim", 5),
];

/// What the pure crates (level 0 and 1) may never depend on: clocks, sockets, executors, stores.
const IMPURE: &[&str] = &["tokio", "hyper", "axum", "sled", "fjall", "rustls", "tracing"];

/// Third-party crates that only some of ours may use, so that they can be replaced in one place.
const WRAPPERS: &[(&str, &[&str])] = &[
    ("sled", &["queue"]),
    ("fjall", &["queue"]),
    ("quick-xml", &["edxml"]),
    ("zip", &["edxml"]),
    ("cryptoki", &["token"]),
    ("pkcs8", &["signature"]),
    ("axum", &["axis", "gateway", "mock_axis", "mock_pki", "node"]),
    ("prost-reflect", &["gateway", "xtask"]),
    ("aws-lc-rs", &["signature"]),
];

/// Never in the tree of the default features: other cryptography than ring, and the `rsa` crate (Marvin attack).
/// The feature `aws-lc-rs` brings the first two.
const BANNED: &[&str] = &["aws-lc-sys", "aws-lc-rs", "openssl-sys", "native-tls", "rsa"];

struct Edge {
    from: String,
    to: String,
    is_optional: bool,
}

fn metadata() -> Value {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// Dependencies that our crates ship with; development dependencies may point anywhere.
fn edges(metadata: &Value) -> Vec<Edge> {
    let members: Vec<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages.iter().filter(|package| members.contains(&text(package, "id")));
    ours.flat_map(|package| {
        package["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["kind"] != "dev").map(
            |dependency| Edge {
                from: text(package, "name").to_owned(),
                to: text(dependency, "name").to_owned(),
                is_optional: dependency["optional"].as_bool().unwrap(),
            },
        )
    })
    .collect()
}

#[test]
fn every_crate_has_a_level() {
    let levels: BTreeMap<_, _> = LEVELS.iter().copied().collect();
    let missing: Vec<_> =
        edges(&metadata()).into_iter().filter(|edge| !levels.contains_key(edge.from.as_str())).collect();
    assert!(missing.is_empty(), "give {} a level", missing[0].from);
}

#[test]
fn dependencies_point_down() {
    let levels: BTreeMap<_, _> = LEVELS.iter().copied().collect();
    for edge in edges(&metadata()) {
        if let Some(to) = levels.get(edge.to.as_str()) {
            assert!(levels[edge.from.as_str()] > *to, "{} may not depend on {}", edge.from, edge.to);
        }
    }
}

#[test]
fn the_lower_crates_are_pure() {
    let levels: BTreeMap<_, _> = LEVELS.iter().copied().collect();
    for edge in edges(&metadata()) {
        let is_pure = levels[edge.from.as_str()] <= 1 && !edge.is_optional;
        assert!(!(is_pure && IMPURE.contains(&edge.to.as_str())), "{} may not depend on {}", edge.from, edge.to);
    }
}

#[test]
fn replaceable_crates_stay_behind_their_wrapper() {
    let wrappers: BTreeMap<_, _> = WRAPPERS.iter().copied().collect();
    for edge in edges(&metadata()) {
        if let Some(allowed) = wrappers.get(edge.to.as_str()) {
            assert!(allowed.contains(&edge.from.as_str()), "{} may not use {}", edge.from, edge.to);
        }
    }
}

#[test]
fn banned_crates_are_not_in_the_tree() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        assert!(!BANNED.contains(&text(package, "name")), "{} is in the tree", package["name"]);
    }
}
