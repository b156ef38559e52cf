//! What the profiles found, one line each.

use clap::ValueEnum;
use serde::Serialize;

use crate::commands::bench::report::figure;
use crate::failure::Failure;
use crate::output::Output;

/// How the table is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Aligned, for people.
    #[default]
    Text,
    /// For documents.
    Markdown,
    /// For spreadsheets.
    Csv,
}

/// A bound of the goal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

/// One measurement.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    /// The profile.
    pub(super) profile: &'static str,
    /// What was done.
    pub(super) work: String,
    /// The figure, in `unit`.
    pub(super) measured: f64,
    /// Its unit.
    pub(super) unit: &'static str,
    /// What it is compared with, in the same unit; absent where the goal is a figure of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<f64>,
    /// What the reference is.
    pub(super) beside: &'static str,
    /// The goal: of measured / reference, or of the figure itself.
    pub(super) goal: Goal,
}

/// A measurement with what follows from it, for programs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(flatten)]
    row: &'a Row,
    /// Measured / reference, or the figure itself: what the goal is about.
    value: f64,
    is_met: bool,
}

impl<'a> Told<'a> {
    fn of(row: &'a Row) -> Self {
        Self { row, value: row.value(), is_met: row.is_met() }
    }
}

#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
}

const HEADINGS: [&str; 7] =
    ["profile", "việc (work)", "đo (measured)", "so với (beside)", "tỷ lệ", "đích (goal)", "đạt"];

impl Row {
    /// Measured / reference, or the figure itself.
    pub(super) fn value(&self) -> f64 {
        self.reference.map_or(self.measured, |reference| self.measured / reference)
    }

    /// Whether the goal is met.
    pub(super) fn is_met(&self) -> bool {
        match self.goal {
            Goal::AtLeast(bound) => self.value() >= bound,
            Goal::AtMost(bound) => self.value() <= bound,
        }
    }

    fn cells(&self) -> [String; 7] {
        let beside = self.reference.map(|reference| format!("{} {}", figure(reference), self.beside));
        let unit = if self.reference.is_some() { "×" } else { self.unit };
        [
            self.profile.to_owned(),
            self.work.clone(),
            format!("{} {}", figure(self.measured), self.unit),
            beside.unwrap_or_else(|| self.beside.to_owned()),
            self.reference.map(|_| format!("{:.2}", self.value())).unwrap_or_default(),
            match self.goal {
                Goal::AtLeast(bound) => format!("≥ {bound} {unit}"),
                Goal::AtMost(bound) => format!("≤ {bound} {unit}"),
            },
            if self.is_met() { "có (yes)" } else { "KHÔNG (no)" }.to_owned(),
        ]
    }
}

impl Table {
    pub(super) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(super) fn show(&self, form: Form, output: &mut Output) -> Result<(), Failure> {
        let told: Vec<Told<'_>> = self.rows.iter().map(Told::of).collect();
        output.show(&told, |told, page| {
            let cells = told.iter().map(|told| told.row.cells());
            match form {
                Form::Text => page.table(HEADINGS, cells),
                Form::Markdown => {
                    page.line(format!("| {} |", HEADINGS.join(" | ")));
                    page.line(format!("|{}", "---|".repeat(HEADINGS.len())));
                    cells.for_each(|cells| page.line(format!("| {} |", cells.join(" | "))));
                }
                Form::Csv => {
                    page.line(quoted(&HEADINGS));
                    cells.for_each(|cells| page.line(quoted(&cells)));
                }
            }
        })
    }
}

fn quoted<T: AsRef<str>>(cells: &[T]) -> String {
    let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.as_ref().replace('"', "\"\""))).collect();
    quoted.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(measured: f64, reference: Option<f64>, goal: Goal) -> Row {
        Row { profile: "accept", work: "a \"b\"".to_owned(), measured, unit: "/s", reference, beside: "raw", goal }
    }

    #[test]
    fn a_goal_is_of_the_ratio_where_there_is_a_reference_and_else_of_the_figure() {
        assert!(row(35.0, Some(100.0), Goal::AtLeast(0.35)).is_met());
        assert!(!row(34.0, Some(100.0), Goal::AtLeast(0.35)).is_met());
        assert!(row(49.0, None, Goal::AtMost(50.0)).is_met());
        assert!(!row(51.0, None, Goal::AtMost(50.0)).is_met());
    }

    #[test]
    fn a_quote_in_a_cell_is_doubled() {
        assert_eq!(quoted(&["a \"b\"", "c"]), "\"a \"\"b\"\"\",\"c\"");
    }
}
