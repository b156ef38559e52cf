//! A report as JUnit XML.

use std::fmt::Write as _;

use super::{Report, Verdict};

/// The report as one JUnit test suite: a test case a rule.
#[must_use]
pub fn junit(suite: &str, report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (total, failed, skipped) = (report.outcomes.len(), report.failed().len(), report.skipped().len());
    let name = escaped(suite);
    // Writing to a String cannot fail.
    let _ignored = writeln!(
        xml,
        "<testsuites><testsuite name=\"{name}\" tests=\"{total}\" failures=\"{failed}\" skipped=\"{skipped}\">"
    );
    for outcome in &report.outcomes {
        let title = escaped(&format!("{} {}", outcome.rule.id, outcome.rule.en));
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a check")]
        let seconds = outcome.millis as f64 / 1000.0;
        let _ignored = write!(xml, "<testcase classname=\"{name}\" name=\"{title}\" time=\"{seconds:.3}\">");
        let _ignored = match &outcome.verdict {
            Verdict::Passed => Ok(()),
            Verdict::Skipped(why) => write!(xml, "<skipped message=\"{}\"/>", escaped(why)),
            Verdict::Failed(why) => {
                let shown = outcome.shown.clone().unwrap_or_default();
                let body = escaped(&format!("{}\n\n{}", shown.request, shown.answer));
                write!(xml, "<failure message=\"{}\">{body}</failure>", escaped(why))
            }
        };
        xml.push_str("</testcase>\n");
    }
    xml.push_str("</testsuite></testsuites>\n");
    xml
}

/// Text for XML 1.0: characters that it does not have are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Outcome, RULES, Shown};
    use super::*;

    #[test]
    fn what_an_answer_holds_does_not_break_the_xml() {
        let shown = Shown { request: "POST /a".to_owned(), answer: "<b>\u{1}&\"]]>".to_owned() };
        let verdict = Verdict::Failed("expected <0>".to_owned());
        let outcome = Outcome { rule: RULES[0], verdict, millis: 1500, shown: Some(shown) };
        let xml = junit("a & b", &Report { outcomes: vec![outcome] });
        assert!(xml.contains("failures=\"1\"") && xml.contains("time=\"1.500\""), "{xml}");
        assert!(xml.contains("message=\"expected &lt;0&gt;\"") && xml.contains("&lt;b&gt;&amp;&quot;]]&gt;"), "{xml}");
    }
}
