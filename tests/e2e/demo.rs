//! The README's first command.

use std::process::Command;

#[test]
fn the_demo_ends_well_when_every_expectation_holds() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_lienthong"))
        .args(["demo", "--once", "--json", "--dir"])
        .arg(folder.path().join("demo"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert!(report.as_object().is_some_and(|report| !report.is_empty()), "{told}");
}
