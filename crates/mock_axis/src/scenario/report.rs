//! What a run found, and as JUnit XML for CI tools.

use std::fmt::Write as _;
use std::time::Duration;

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What was expected held.
    Passed,
    /// It did not, for this reason.
    Failed(String),
    /// An earlier step failed.
    Skipped,
}

/// One step's end.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Its name.
    pub name: String,
    /// The acting party; empty for what is done to the mock itself.
    pub by: String,
    /// The action's word.
    pub act: &'static str,
    /// Line in the file.
    pub line: usize,
    /// How it ended.
    pub outcome: Outcome,
    /// Time from its start.
    pub took: Duration,
}

/// One scenario's end.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it shows.
    pub title: String,
    /// Its steps, all of them, in order.
    pub steps: Vec<StepReport>,
}

impl Report {
    /// Whether every step passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.steps.iter().all(|step| step.outcome == Outcome::Passed)
    }

    /// The step that failed.
    #[must_use]
    pub fn failed(&self) -> Option<&StepReport> {
        self.steps.iter().find(|step| matches!(step.outcome, Outcome::Failed(_)))
    }

    /// Time of all steps.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.steps.iter().map(|step| step.took).sum()
    }
}

/// JUnit XML: one suite for each file, one case for each step.
#[must_use]
pub fn junit(reports: &[(String, Report)]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (file, report) in reports {
        let count = |wanted: fn(&Outcome) -> bool| report.steps.iter().filter(|step| wanted(&step.outcome)).count();
        // Writing to a string cannot fail.
        _ = writeln!(
            xml,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3}\">",
            escaped(&format!("{file}: {}", report.title)),
            report.steps.len(),
            count(|outcome| matches!(outcome, Outcome::Failed(_))),
            count(|outcome| *outcome == Outcome::Skipped),
            report.took().as_secs_f64()
        );
        for step in &report.steps {
            let name = if step.by.is_empty() { step.name.clone() } else { format!("{} ({})", step.name, step.by) };
            _ = write!(
                xml,
                "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
                escaped(file),
                escaped(&name),
                step.took.as_secs_f64()
            );
            match &step.outcome {
                Outcome::Passed => xml.push_str("/>\n"),
                Outcome::Skipped => xml.push_str("><skipped/></testcase>\n"),
                Outcome::Failed(reason) => {
                    let place = format!("{file}:{}", step.line);
                    let (reason, place) = (escaped(reason), escaped(&place));
                    _ = writeln!(xml, "><failure message=\"{reason}\">{place}</failure></testcase>");
                }
            }
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Text inside XML; characters that XML 1.0 has no place for become U+FFFD.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' | '\r' => safe.push(' '),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
