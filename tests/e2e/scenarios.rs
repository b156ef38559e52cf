//! `lienthong mock-axis run`: exit codes, JUnit XML, and the ready-made scenarios against a real node's axis door.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::axis_door::SECRET;
use crate::harness::{AXIS, PROVINCE, World};

/// What a node does otherwise than the mock on purpose: it withdraws what was not fetched (09, 12), and what needs faults
/// or locks (17, 22, 23), a third system (02, 04) or an agency of its own choice (19).
const ALSO_AT_A_NODE: [&str; 16] = [
    "01-new",
    "03-urgent",
    "05-update-content",
    "06-replace",
    "07-revoke-accepted",
    "08-revoke-refused",
    "10-take-back-agreed",
    "11-take-back-declined",
    "13-refused",
    "14-full-life",
    "15-late-status",
    "16-repeated-status",
    "18-large",
    "19-agency-changes",
    "20-refusals",
    "21-fail-then-fetch",
];

fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios").join(name).with_extension("toml")
}

fn run(args: &[&str], files: &[PathBuf]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lienthong")).args(["mock-axis", "run"]).args(args).args(files).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_scenario_that_holds_is_exit_code_0_and_a_suite_without_failures() {
    let folder = tempfile::tempdir().unwrap();
    let xml = folder.path().join("out.xml");
    let output = run(&["--junit", xml.to_str().unwrap()], &[scenario("01-new"), scenario("20-refusals")]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let xml = fs::read_to_string(xml).unwrap();
    assert_eq!(xml.matches("<testsuite ").count(), 2, "{xml}");
    assert_eq!(xml.matches("failures=\"0\"").count(), 2, "{xml}");
}

#[test]
fn a_scenario_that_does_not_hold_is_exit_code_1_and_names_the_step() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.toml");
    let text = fs::read_to_string(scenario("23-receiver-locked")).unwrap().replace("code = 23", "code = 18");
    fs::write(&file, text).unwrap();
    let xml = folder.path().join("out.xml");
    let output = run(&["--junit", xml.to_str().unwrap()], std::slice::from_ref(&file));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("expected code 18"), "{}", said(&output));
    assert!(fs::read_to_string(xml).unwrap().contains("failures=\"1\""));
}

#[test]
fn a_key_that_there_is_not_is_exit_code_2_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.toml");
    fs::write(&file, format!("colour = 1\n{}", fs::read_to_string(scenario("01-new")).unwrap())).unwrap();
    let output = run(&[], &[file]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("line 1, column 1"), "{}", said(&output));
}

#[test]
fn the_scenario_that_the_document_explains_is_the_first_one() {
    let document = fs::read_to_string(scenario("01-new").parent().unwrap().join("../../docs/mock-axis.md")).unwrap();
    assert!(document.contains(&fs::read_to_string(scenario("01-new")).unwrap()));
}

#[test]
fn a_node_behaves_as_the_mock_does() {
    let mut world = World::new();
    fs::write(world.scene.dir().join("axis.secret"), format!("{SECRET}\n")).unwrap();
    let system = |id: &str, agency: &str, axis_id: &str| {
        format!(
            "\n[[system]]\nid = \"{id}\"\nagencies = [\"{agency}\"]\naxis_id = \"{axis_id}\"\n\
             axis_secret = \"file:axis.secret\"\nsignatures = \"optional\"\n"
        )
    };
    // Both parties call the same node: the first scenarios' parties under agencies of this province.
    let systems = [system("gui", "H48", "scenario.a"), system("nhan", "H48.15", "scenario.b")].concat();
    world.scene.configure(PROVINCE, &systems);
    world.scene.configure(AXIS, "\n[policy]\ndocuments = \"optional\"\n");
    [AXIS, PROVINCE].into_iter().for_each(|node| world.start(node));
    let secrets: String = [("scenario.a", "H48"), ("scenario.b", "H48.15")]
        .map(|(id, agency)| format!("[[system]]\nid = \"{id}\"\nsecret = \"{SECRET}\"\nagencies = [\"{agency}\"]\n"))
        .concat();
    fs::write(world.path("secrets.toml"), secrets).unwrap();
    let files: Vec<PathBuf> = ALSO_AT_A_NODE
        .iter()
        .map(|name| {
            let text = fs::read_to_string(scenario(name)).unwrap();
            let text = text
                .replace("system = \"000.00.00.G22\"", "system = \"scenario.a\"")
                .replace("system = \"000.00.00.H48\"", "system = \"scenario.b\"")
                .replace("000.00.00.H48", "H48.15")
                .replace("000.00.00.G22", "H48")
                .replace("64 MiB", "4 MiB");
            let file = world.path(&format!("{name}.toml"));
            fs::write(&file, text).unwrap();
            file
        })
        .collect();
    let url = format!("https://{}/axis", world.nodes[PROVINCE].address());
    let (secrets, ca) = (world.path("secrets.toml"), world.scene.pki().join("ca/root.pem"));
    let target = ["--url", &url, "--secrets", secrets.to_str().unwrap(), "--ca", ca.to_str().unwrap()];
    let output = run(&target, &files);
    assert_eq!(output.status.code(), Some(0), "{}\n{}", said(&output), world.log(PROVINCE));
}
