//! What a run found: a table for people, one object for programs.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::drive::Seen;
use super::stage::Flushes;
use super::usage::Usage;
use crate::output::{Page, size};

/// The figures of one run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) documents: u64,
    pub(super) clients: usize,
    pub(super) recipients: usize,
    pub(super) size_bytes: u64,
    pub(super) signed: bool,
    /// Documents per second.
    pub(super) accepted_per_second: f64,
    pub(super) accept: Latency,
    /// Documents per second at every receiver; absent when nobody could look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delivered_per_second: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deliver: Option<Latency>,
    /// The sender's node first; empty for nodes that this run did not start.
    pub(super) nodes: Vec<Node>,
    /// Lists of all agencies over the axis's protocol; empty without the axis.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lists: Vec<List>,
    /// The disk alone.
    pub(super) raw: Raw,
}

/// Fetching all agencies from one server.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    /// The process that answered.
    pub(super) server: &'static str,
    pub(super) agencies: u64,
    /// Of all fetches: the middle one, and the longest.
    pub(super) median_ms: f64,
    pub(super) max_ms: f64,
}

/// Milliseconds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Latency {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) max_ms: f64,
}

/// A node process; what it used per document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node {
    pub(super) id: &'static str,
    pub(super) cpu_ms_per_document: f64,
    pub(super) rss_bytes_max: u64,
    pub(super) written_bytes_per_document: f64,
    /// Commits of the store, one flush each.
    pub(super) commits_per_document: f64,
    /// Payload files and folders synced on their own.
    pub(super) file_syncs_per_document: f64,
}

/// Append and fdatasync.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Raw {
    /// Documents of one append.
    pub(super) batch: f64,
    pub(super) documents_per_second: f64,
    /// Accepted documents per second as a share of it.
    pub(super) ratio: f64,
}

impl Latency {
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        let ms = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1e3;
        Self {
            p50_ms: ms(histogram.value_at_quantile(0.5)),
            p99_ms: ms(histogram.value_at_quantile(0.99)),
            max_ms: ms(histogram.max()),
        }
    }
}

impl Node {
    pub(super) fn new(id: &'static str, usage: Usage, flushes: Flushes, documents: u64) -> Self {
        Self {
            id,
            cpu_ms_per_document: usage.cpu_seconds * 1e3 / float(documents),
            rss_bytes_max: usage.rss_bytes_max,
            written_bytes_per_document: float(usage.written_bytes) / float(documents),
            commits_per_document: float(flushes.commits) / float(documents),
            file_syncs_per_document: float(flushes.files) / float(documents),
        }
    }
}

impl Raw {
    /// `batch` documents at a time gave `documents_per_second`.
    pub(super) fn new(batch: f64, documents_per_second: f64, accepted_per_second: f64) -> Self {
        Self { batch, documents_per_second, ratio: accepted_per_second / documents_per_second }
    }
}

/// Documents in one commit: what the disk alone is asked to do at a time.
pub(super) fn batch(flushes: Option<&Flushes>, documents: u64) -> f64 {
    match flushes {
        Some(flushes) if flushes.commits > 0 => (float(documents) / float(flushes.commits)).max(1.0),
        _ => 1.0,
    }
}

/// Documents per second.
pub(super) fn rate(documents: u64, time: Duration) -> f64 {
    float(documents) / time.as_secs_f64()
}

/// Both rates and latencies of a run.
pub(super) type Rates = (f64, Latency, Option<f64>, Option<Latency>);

pub(super) fn rates(seen: &Seen, documents: u64) -> Rates {
    let delivered = seen.delivering.map(|time| rate(documents, time));
    let deliver = delivered.map(|_| Latency::of(&seen.deliver));
    (rate(documents, seen.accepting), Latency::of(&seen.accept), delivered, deliver)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people needs no 53 bits")]
const fn float(number: u64) -> f64 {
    number as f64
}

impl Report {
    pub(super) fn show(&self, page: &mut Page) {
        let signed = if self.signed { "có ký số (signed)" } else { "không ký số (unsigned)" };
        page.line(format!(
            "{} văn bản, {}, {signed}; {} luồng gửi, {} nơi nhận (documents, clients, recipients)",
            self.documents,
            size(self.size_bytes),
            self.clients,
            self.recipients
        ));
        let row = |what: &str, rate: f64, latency: &Latency| {
            let ms = |ms: f64| format!("{ms:.1}");
            [what.to_owned(), figure(rate), ms(latency.p50_ms), ms(latency.p99_ms), ms(latency.max_ms)]
        };
        let accepted = row("nhận (accepted)", self.accepted_per_second, &self.accept);
        let arrived = self.delivered_per_second.zip(self.deliver.as_ref());
        let arrived = arrived.map(|(rate, latency)| row("đến nơi (delivered)", rate, latency));
        page.table(["", "văn bản/s", "p50 ms", "p99 ms", "max ms"], [Some(accepted), arrived].into_iter().flatten());
        if !self.nodes.is_empty() {
            self.show_nodes(page);
        }
        for list in &self.lists {
            page.line(format!(
                "getAgenciesList, {}: {} cơ quan (agencies), {:.0} ms, lâu nhất (longest) {:.0} ms",
                list.server, list.agencies, list.median_ms, list.max_ms
            ));
        }
        page.line(format!(
            "Đĩa, chỉ ghi nối và fdatasync, {:.1} văn bản một lần: {} văn bản/s; nút đạt {:.2} lần \
             (append + fdatasync alone; the node reaches this share of it)",
            self.raw.batch,
            figure(self.raw.documents_per_second),
            self.raw.ratio
        ));
    }

    fn show_nodes(&self, page: &mut Page) {
        page.line("Mỗi văn bản (per document):");
        page.table(
            ["Nút (node)", "CPU ms", "Ghi đĩa (written)", "Commit", "Tệp sync (files)", "RSS max"],
            self.nodes.iter().map(|node| {
                [
                    node.id.to_owned(),
                    format!("{:.2}", node.cpu_ms_per_document),
                    written(node.written_bytes_per_document),
                    format!("{:.3}", node.commits_per_document),
                    format!("{:.3}", node.file_syncs_per_document),
                    size(node.rss_bytes_max),
                ]
            }),
        );
    }
}

/// A rate; slow ones, of gibibytes, with more places.
pub(super) fn figure(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.3}") } else { format!("{rate:.1}") }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a figure for people, never negative")]
fn written(bytes: f64) -> String {
    size(bytes as u64)
}
