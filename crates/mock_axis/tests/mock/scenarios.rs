//! The ready-made scenarios against the mock.

use std::path::{Path, PathBuf};

use axis::MessageType;
use mock_axis::scenario::{Outcome, Progress, RunOptions, Scenario, run};

use crate::stage::{client_at, document, send};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Scenario {
    let text = std::fs::read_to_string(path).unwrap();
    Scenario::from_toml(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

async fn failures(scenario: &Scenario, options: &RunOptions) -> Vec<String> {
    let report = run(scenario, options, |_| {}).await.unwrap();
    let failed = report.steps.iter().filter_map(|step| match &step.outcome {
        Outcome::Failed(reason) => Some(format!("{} (line {}): {reason}", step.name, step.line)),
        Outcome::Passed | Outcome::Skipped => None,
    });
    failed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ready_made_scenario_passes() {
    let files = files();
    assert!(files.len() >= 20, "{}", files.len());
    let mut failed = Vec::new();
    for path in files {
        let of_this = failures(&read(&path), &RunOptions::default()).await;
        failed.extend(of_this.into_iter().map(|text| format!("{}: {text}", path.file_name().unwrap().display())));
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_fails_at_the_step_that_does_not_hold_and_ends_there() {
    let text = std::fs::read_to_string(&files()[0]).unwrap().replace("bytes_of = \"gửi\"", "code = 21");
    let report = run(&Scenario::from_toml(&text).unwrap(), &RunOptions::default(), |_| {}).await.unwrap();
    assert_eq!(report.failed().unwrap().act, "fetch");
    assert_eq!(report.steps.last().unwrap().outcome, Outcome::Skipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_software_outside_does_stands_for_its_partys_steps() {
    let scenario = read(&files()[0]);
    let options = RunOptions { external: vec!["vpcp".to_owned()], ..RunOptions::default() };
    let report = run(&scenario, &options, |progress| {
        if let Progress::Listening(address) = progress {
            tokio::spawn(async move {
                let client = client_at(address, ("000.00.00.G22", "mock-secret-000.00.00.G22"));
                let id = "000.00.00.G22,2026/11/20,77/NGOAI";
                let packet = document("000.00.00.G22", &["000.00.00.H48"], id);
                send(&client, "000.00.00.G22", MessageType::Edoc, packet).await.unwrap();
                client.sent_edocs(MessageType::Edoc, None).await.unwrap();
            });
        }
    });
    let report = report.await.unwrap();
    assert!(report.has_passed(), "{:#?}", report.failed());
}

#[tokio::test(flavor = "multi_thread")]
async fn software_outside_that_does_nothing_fails_its_step() {
    let patience = std::time::Duration::from_millis(300);
    let options = RunOptions { external: vec!["vpcp".to_owned()], patience, ..RunOptions::default() };
    let failed = failures(&read(&files()[0]), &options).await;
    assert!(failed[0].contains("the software outside did not send"), "{failed:?}");
}

#[test]
fn the_scenario_that_the_document_explains_is_the_first_one() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/mock-axis.md");
    let document = std::fs::read_to_string(document).unwrap();
    assert!(document.contains(&std::fs::read_to_string(&files()[0]).unwrap()));
}
