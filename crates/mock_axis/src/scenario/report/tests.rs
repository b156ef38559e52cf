use super::*;

fn step(outcome: Outcome) -> StepReport {
    let took = Duration::from_millis(1500);
    StepReport { name: "gửi <\"1\">".to_owned(), by: "bộ".to_owned(), act: "send", line: 7, outcome, took }
}

#[test]
fn junit_counts_and_escapes() {
    let steps = vec![step(Outcome::Passed), step(Outcome::Failed("a & \u{1}".to_owned())), step(Outcome::Skipped)];
    let report = Report { title: "Thử".to_owned(), steps };
    assert!(!report.has_passed());
    let xml = junit(&[("a.toml".to_owned(), report)]);
    assert!(xml.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"4.500\""), "{xml}");
    assert!(xml.contains("name=\"gửi &lt;&quot;1&quot;&gt; (bộ)\" time=\"1.500\"/>"), "{xml}");
    assert!(xml.contains("<failure message=\"a &amp; \u{fffd}\">a.toml:7</failure>"), "{xml}");
}
