//! Habits held by machine: file length, leftovers, inherited lints, no foreign paths.
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of a source file; the wall, not the goal (about 150).
const LINES_MAX: usize = 600;

/// Texts that may not stay behind, each split so that this file does not find itself.
const LEFTOVERS: &[(&str, &str)] = &[
    ("todo", "!("),
    ("unimplemented", "!("),
    ("dbg", "!("),
    ("FIX", "ME"),
    ("XX", "X"),
    ("thread::sle", "ep"),
    ("time::sle", "ep("),
    ("#[igno", "re]"),
];

/// Where waiting on the wall clock is the job itself, and why.
const SLEEP_EXEMPT: &[(&str, &str)] =
    &[("crates/queue/src/engine/sled_engine.rs", "sled's threads release its file lock without telling anyone")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(ending: &str) -> Vec<(String, String)> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().unwrap();
    assert!(output.status.success());
    let names = String::from_utf8(output.stdout).unwrap();
    let wanted = names.split('\0').filter(|name| name.ends_with(ending) && root().join(name).exists());
    wanted.map(|name| (name.to_owned(), fs::read_to_string(root().join(name)).unwrap_or_default())).collect()
}

#[test]
fn no_source_file_is_longer_than_the_wall() {
    for (name, text) in files(".rs") {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{name} has {lines} lines, limit {LINES_MAX}: split it");
    }
}

#[test]
fn no_leftovers() {
    for (name, text) in files(".rs") {
        for (start, end) in LEFTOVERS {
            let leftover = format!("{start}{end}");
            let is_exempt = SLEEP_EXEMPT.iter().any(|(file, _)| *file == name) && leftover.contains("sleep");
            assert!(is_exempt || !text.contains(&leftover), "{name} holds {leftover}");
        }
    }
}

#[test]
fn every_crate_inherits_the_lints() {
    for (name, text) in files("Cargo.toml") {
        // The library that stands in for the C library's functions cannot do without unsafe code; its manifest says more.
        let is_crate =
            text.contains("[package]") && !name.starts_with("fuzz/") && name != "tests/faults/shim/Cargo.toml";
        assert!(!is_crate || text.contains("[lints]\nworkspace = true"), "{name} does not inherit the lints");
    }
}

#[test]
fn no_module_is_named_for_nothing() {
    for (name, _) in files(".rs") {
        let stem = Path::new(&name).file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "helpers", "helper", "common", "misc"].contains(&stem),
            "{name}: name it for its noun"
        );
    }
}

#[test]
fn no_file_names_a_path_that_users_do_not_have() {
    let foreign = [["/wo", "rk/"].concat(), ["../sha", "red"].concat(), [".lib", "rary"].concat()];
    for ending in [".rs", ".md", ".toml", ".proto", ".sh", ".py", ".java", ".yml"] {
        for (name, text) in files(ending) {
            for path in &foreign {
                assert!(!text.contains(path.as_str()), "{name} names {path}");
            }
        }
    }
}

#[test]
fn private_keys_are_marked_as_examples() {
    let marker = ["PRIVATE", " KEY-----"].concat();
    for ending in [".pem", ".key"] {
        for (name, text) in files(ending) {
            assert!(
                !text.contains(&marker) || text.contains("EXAMPLE"),
                "{name} holds a key that is not marked EXAMPLE"
            );
        }
    }
}

/// Where the crate `signature` names a library of primitives; everything else goes through its provider.
const PRIMITIVES: &[&str] = &["crates/signature/src/provider/", "crates/signature/src/provider.rs"];

/// True when a line names one of the libraries, `String::` aside.
fn names_primitives(line: &str) -> bool {
    let names_ring = line.match_indices("ring::").any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
            && !line[..at].ends_with("crypto::")
    });
    names_ring || line.contains("aws_lc_rs::")
}

#[test]
fn only_the_provider_names_a_library_of_primitives() {
    for (name, text) in files(".rs") {
        let is_test = name.contains("/tests") || name.contains("/benches/");
        let is_held = name.starts_with("crates/signature/") && !is_test;
        if is_held && !PRIMITIVES.iter().any(|place| name.starts_with(place)) {
            let line = text.lines().find(|line| names_primitives(line));
            assert!(line.is_none(), "{name} names a library of primitives: {line:?}");
        }
    }
}

#[test]
fn no_public_item_has_a_type_of_a_library_of_primitives() {
    for (name, text) in files(".rs").into_iter().filter(|(name, _)| name.contains("/src/")) {
        let line = text.lines().find(|line| line.trim_start().starts_with("pub ") && names_primitives(line));
        assert!(line.is_none(), "{name}: {line:?}");
    }
}
