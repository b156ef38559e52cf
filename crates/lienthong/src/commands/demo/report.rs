//! What the demo found: for people two tables, for programs one object.

use serde::Serialize;

use crate::output::Page;
use crate::pki::NODES;

/// Everything that was seen and whether it was what had to be seen.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) dir: String,
    pub(super) nodes: Vec<Node>,
    pub(super) documents: Vec<Traced>,
    pub(super) refusals: Vec<Refused>,
    /// Expectations that held.
    pub(super) held: usize,
    /// What did not hold, in words.
    pub(super) failed: Vec<String>,
}

/// A running node.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    pub(super) id: &'static str,
    pub(super) address: String,
}

/// A document that arrived.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Traced {
    pub(super) code: String,
    pub(super) exchange_id: String,
    pub(super) from: &'static str,
    /// Bytes of the packet.
    pub(super) length: u64,
    pub(super) recipients: Vec<Journey>,
}

/// The way to one recipient; times are milliseconds since the sender's node accepted.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Journey {
    pub(super) to: String,
    /// Nodes, the sender's first.
    pub(super) path: Vec<String>,
    /// `RelayAcceptance` of each node after the first.
    pub(super) relayed_ms: Vec<u64>,
    /// `ContentConsignment`.
    pub(super) consigned_ms: Option<u64>,
    /// `ContentHandover`.
    pub(super) handed_over_ms: Option<u64>,
    /// Status code and when the sender's node knew.
    pub(super) statuses: Vec<(u64, u64)>,
}

/// A document that had to be refused.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refused {
    pub(super) what: &'static str,
    pub(super) expected: &'static str,
    pub(super) code: String,
    pub(super) exit: i32,
}

/// Recipients of one document that get a line each; more are summed up.
pub(super) const LINES_MAX: usize = 4;

impl Report {
    pub(super) fn show(&self, page: &mut Page) {
        page.line("");
        page.line("Văn bản đã giao; giây kể từ khi nút gửi nhận (delivered; seconds since the sender's node accepted)");
        page.table(
            ["Văn bản", "Nơi nhận", "Qua nút của (path)", "Chặng", "Chuyển tiếp", "Vào hộp", "Đã lấy", "01   03   06"],
            self.documents.iter().flat_map(Traced::rows),
        );
        page.line("  Chặng: hops; Chuyển tiếp: RelayAcceptance; Vào hộp: ContentConsignment; Đã lấy: ContentHandover");
        page.line("  Trạng thái (statuses): 01 đã đến (arrived), 03 đã tiếp nhận (received), 06 đã hoàn thành (done)");
        page.line("  (*) chậm nhất trong số đó (the slowest of them)");
        page.line("  «Đã lấy» và trạng thái tùy lúc nơi nhận làm (these depend on when the receivers act)");
        page.line("");
        page.line("Văn bản bị từ chối (refused)");
        page.table(
            ["Thử gửi", "Nút trả lời (answer)", "Mã thoát (exit)", "Đúng?"],
            self.refusals.iter().map(|one| {
                let right = if one.code == one.expected { "đúng" } else { "SAI" };
                [one.what.to_owned(), one.code.clone(), one.exit.to_string(), right.to_owned()]
            }),
        );
        page.line("");
        self.verdict(page);
    }

    fn verdict(&self, page: &mut Page) {
        let held = self.held;
        if self.failed.is_empty() {
            page.line(format!("✓ Cả {held} kỳ vọng đều đạt (all {held} expectations held)"));
            return;
        }
        let failed = self.failed.len();
        page.line(format!("✗ {failed} kỳ vọng không đạt, {held} đạt ({failed} expectations failed, {held} held):"));
        for one in &self.failed {
            page.line(format!("  ✗ {one}"));
        }
    }
}

impl Traced {
    fn rows(&self) -> Vec<[String; 8]> {
        if self.recipients.len() <= LINES_MAX {
            return self.recipients.iter().map(|one| self.row(&one.to, one)).collect();
        }
        let to = format!("{} nơi (*)", self.recipients.len());
        vec![self.row(&to, &slowest(&self.recipients))]
    }

    fn row(&self, to: &str, journey: &Journey) -> [String; 8] {
        let seconds = |all: &mut dyn Iterator<Item = u64>| all.map(second).collect::<Vec<_>>().join(" ");
        let bodies: Vec<_> = journey.path.iter().map(|node| body(node)).collect();
        [
            format!("{} ({})", self.code, self.from),
            to.to_owned(),
            bodies.join(" → "),
            journey.relayed_ms.len().to_string(),
            seconds(&mut journey.relayed_ms.iter().copied()),
            journey.consigned_ms.map(second).unwrap_or_default(),
            journey.handed_over_ms.map(second).unwrap_or_default(),
            seconds(&mut journey.statuses.iter().map(|(_, ms)| *ms)),
        ]
    }
}

/// The body that a node of the example serves: shorter than the node's id, and it says the level.
fn body(node: &str) -> &str {
    NODES.iter().find(|seat| seat.id == node).map_or(node, |seat| seat.serves)
}

/// The latest of each time; the way is the first recipient's.
fn slowest(all: &[Journey]) -> Journey {
    let mut all = all.iter();
    let mut slowest = all.next().cloned().unwrap_or_default();
    for one in all {
        slowest.consigned_ms = slowest.consigned_ms.max(one.consigned_ms);
        slowest.handed_over_ms = slowest.handed_over_ms.max(one.handed_over_ms);
        for (latest, other) in slowest.relayed_ms.iter_mut().zip(&one.relayed_ms) {
            *latest = (*latest).max(*other);
        }
        for (latest, other) in slowest.statuses.iter_mut().zip(&one.statuses) {
            latest.1 = latest.1.max(other.1);
        }
    }
    slowest
}

fn second(ms: u64) -> String {
    format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
}

#[cfg(test)]
mod tests;
