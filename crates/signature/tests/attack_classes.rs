//! The table of attack classes in `docs/signature-corpora.md` names tests that exist, and every class has one.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::fs;
use std::path::Path;

fn sources(directory: &Path, into: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_attack_class_names_tests_that_exist() {
    let crate_directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    sources(&crate_directory.join("src"), &mut code);
    let document = fs::read_to_string(crate_directory.join("../../docs/signature-corpora.md")).unwrap();
    let (_, table) = document.split_once("## Attack classes").unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 30, "{} classes", rows.len());
    for row in rows {
        let names: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(code.contains(&format!("fn {name}(")), "{name} is no test");
        }
    }
}
