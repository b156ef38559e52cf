//! The report as a table, and what did not hold in full.

use mock_axis::conformance::{Outcome, Report, Verdict};

use crate::output::Page;

/// The table of all rules, then each one that was not held with its request and answer.
pub(super) fn report(report: &Report, page: &mut Page) {
    page.table(
        ["Quy tắc", "Kết quả", "Nội dung", "Rule"],
        report.outcomes.iter().map(|outcome| {
            let rule = outcome.rule;
            [rule.id.to_owned(), word(&outcome.verdict).to_owned(), rule.vi.to_owned(), rule.en.to_owned()]
        }),
    );
    for outcome in &report.outcomes {
        detail(outcome, page);
    }
    let (passed, failed, skipped) = (report.passed().len(), report.failed().len(), report.skipped().len());
    page.line(format!(
        "{passed} đạt (passed), {failed} không đạt (failed), {skipped} không kiểm tra được (not checked)"
    ));
}

const fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "đạt",
        Verdict::Failed(_) => "KHÔNG ĐẠT",
        Verdict::Skipped(_) => "bỏ qua",
    }
}

fn detail(outcome: &Outcome, page: &mut Page) {
    let rule = outcome.rule;
    match &outcome.verdict {
        Verdict::Passed => {}
        Verdict::Skipped(why) => page.line(format!("{}: bỏ qua (skipped): {why}", rule.id)),
        Verdict::Failed(why) => {
            page.line(format!("{}: {} ({})", rule.id, rule.vi, rule.en));
            page.line(format!("  {why}"));
            let Some(shown) = &outcome.shown else { return };
            for (mark, text) in [("  > ", &shown.request), ("  < ", &shown.answer)] {
                text.lines().for_each(|line| page.line(format!("{mark}{line}")));
            }
        }
    }
}
