use super::*;
use crate::output::Form;
use crate::output::tests::printed;

fn journey(to: &str, ms: u64) -> Journey {
    Journey {
        to: to.to_owned(),
        path: vec!["axis-g22".to_owned(), "lgsp-h48".to_owned()],
        relayed_ms: vec![ms],
        consigned_ms: Some(ms + 10),
        handed_over_ms: Some(ms + 1000),
        statuses: vec![(1, ms + 1100), (3, ms + 1200)],
    }
}

fn report(recipients: Vec<Journey>) -> Report {
    let document = Traced { code: "1/VP".into(), exchange_id: "x".into(), from: "G22", length: 5, recipients };
    Report { documents: vec![document], held: 3, ..Report::default() }
}

fn shown(report: &Report) -> String {
    printed(Form::Text, |output| output.show(report, Report::show).unwrap())
}

#[test]
fn each_of_a_few_recipients_has_its_line() {
    let text = shown(&report(vec![journey("H48", 120), journey("H49", 2005)]));
    assert!(
        text.contains("│ 1/VP (G22) ┆ H48      ┆ G22 → H48          ┆ 1     ┆ 0.12        ┆ 0.13    ┆ 1.12"),
        "{text}"
    );
    assert!(text.contains("│ 1/VP (G22) ┆ H49      ┆"), "{text}");
    assert!(text.contains("┆ 3.10 3.20"), "{text}");
    assert!(text.ends_with("✓ Cả 3 kỳ vọng đều đạt (all 3 expectations held)\n"), "{text}");
}

#[test]
fn many_recipients_are_one_line_with_the_slowest_times() {
    let text = shown(&report((1..=5).map(|n| journey("H48", n * 100)).collect()));
    assert!(text.contains("┆ 5 nơi (*) ┆"), "{text}");
    assert!(text.contains("┆ 0.50        ┆ 0.51    ┆ 1.50   ┆ 1.60 1.70"), "{text}");
    assert!(!text.contains("0.40"), "{text}");
}

#[test]
fn what_failed_is_told_last() {
    let text = shown(&Report { failed: vec!["mã băm".to_owned()], ..report(Vec::new()) });
    assert!(text.contains("✗ 1 kỳ vọng không đạt"), "{text}");
    assert!(text.ends_with("  ✗ mã băm\n"), "{text}");
}

#[test]
fn a_refusal_with_another_code_stands_out() {
    let refused = |code: &str| Refused { what: "x", expected: "secret_document", code: code.to_owned(), exit: 1 };
    let report = Report { refusals: vec![refused("secret_document"), refused("")], ..Report::default() };
    let text = shown(&report);
    assert_eq!((text.matches("┆ đúng").count(), text.matches("┆ SAI").count()), (1, 1), "{text}");
}
