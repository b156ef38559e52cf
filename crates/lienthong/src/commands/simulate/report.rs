//! Totals over all seeds, and what was violated.

use serde::Serialize;
use simulation::{Summary, Violation};

use super::seeds::Ran;
use crate::output::Page;

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    /// Seconds that the runs took.
    seconds: f64,
    /// Whether some run was cut short.
    is_partial: bool,
    /// By seed.
    runs: Vec<Summary>,
    /// What was violated, by seed.
    pub(super) violations: Vec<Violation>,
}

impl Report {
    pub(super) fn of(ran: Ran) -> Self {
        let is_partial = ran.outcomes.iter().any(|outcome| outcome.summary.is_partial);
        let (mut runs, mut violations) = (Vec::new(), Vec::new());
        for outcome in ran.outcomes {
            runs.push(outcome.summary);
            violations.extend(outcome.violation);
        }
        Self { seconds: ran.took.as_secs_f64(), is_partial, runs, violations }
    }

    pub(super) fn show(&self, page: &mut Page, again: &dyn Fn(u64) -> String) {
        let sum = |of: fn(&Summary) -> u64| self.runs.iter().map(of).sum::<u64>().to_string();
        let nodes = self.runs.first().map_or(0, |run| run.nodes);
        page.facts([
            ("Hạt giống đã chạy (seeds)", self.runs.len().to_string()),
            ("Nút (nodes)", nodes.to_string()),
            ("Văn bản (documents)", sum(|run| run.documents)),
            ("Trạng thái (statuses)", sum(|run| run.statuses)),
            ("Lượt chuyển (deliveries)", sum(|run| run.deliveries)),
            ("– vào hộp đến (consigned)", sum(|run| run.consigned)),
            ("– trả lại, có lý do (returned)", sum(|run| run.returned)),
            ("– chờ người vận hành (parked)", sum(|run| run.parked)),
            ("Nơi nhận xác nhận (handed over)", sum(|run| run.handed_over)),
            ("Lượt truyền giữa các nút (transfers)", sum(|run| run.transfers)),
            ("– không có trả lời (without an answer)", sum(|run| run.failed_transfers)),
            (
                "Tin mất / lặp (messages lost / repeated)",
                format!("{} / {}", sum(|run| run.lost), sum(|run| run.repeated)),
            ),
            ("Nút sập (crashes)", sum(|run| run.crashes)),
            ("Đứt đường truyền (links cut)", sum(|run| run.cuts)),
            ("Ghi đĩa hỏng (failed flushes)", sum(|run| run.failed_flushes)),
            (
                "Lần ghi / thao tác (batches / operations)",
                format!("{} / {}", sum(|run| run.batches), sum(|run| run.operations)),
            ),
            ("Bước (events)", sum(|run| run.steps)),
            ("Thời gian chạy (took)", format!("{:.1} s", self.seconds)),
        ]);
        if let [only] = self.runs.as_slice() {
            page.line(format!("Dấu vết (trace) SHA-256: {}", only.digest));
        }
        if self.is_partial {
            page.line("Dừng giữa chừng: chưa kiểm tra hết (stopped before the end: not everything was checked).");
        }
        for violation in &self.violations {
            page.line(format!(
                "VI PHẠM (VIOLATED): hạt giống {}, bước {}, {}: {}",
                violation.seed, violation.step, violation.at, violation.what
            ));
            if let Some(document) = &violation.document {
                page.line(format!("  {document}"));
            }
            violation.story.iter().for_each(|line| page.line(format!("    {line}")));
            page.line(format!("  chạy lại (again): {}", again(violation.seed)));
        }
        if self.violations.is_empty() && !self.is_partial {
            page.line("Không bất biến nào bị vi phạm (no invariant was violated).");
        }
    }
}
