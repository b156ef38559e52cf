//! Shares, deadlines and quotas, as written.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Chia đường truyền giữa các nơi gửi. / How senders share the way to a neighbour.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct FairnessSection {
    /// Văn bản độ khẩn thấp chờ quá thời gian này thì được một phần lượt dù có văn bản khẩn hơn. / What has waited longer than this in a less urgent lane gets a share of the turns, 1 s – 7 days.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) ageing: Duration,
    /// Phần lượt đó: một trong số này. / That share: one turn in so many, 2–1000.
    pub(in crate::config) aged_share: u64,
    /// Thời hạn (`DueDate`) đưa một văn bản lên trước văn bản khác của cùng nơi gửi nhiều nhất chừng này. / How far a deadline (`DueDate`) puts a document before others of its sender, at most 7 days; 0s: the order of acceptance.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) deadline_patience: Duration,
    /// Báo động trước thời hạn chừng này nếu văn bản dự kiến đến trễ. / How long before its deadline a document that will probably miss it is reported, at least.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) deadline_warning: Duration,
    /// Nơi gửi có phần khác 1. / Senders with another share than 1.
    pub(in crate::config) weight: Vec<WeightSection>,
}

impl Default for FairnessSection {
    fn default() -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        Self {
            ageing: Duration::from_secs(600),
            aged_share: 8,
            deadline_patience: hours(24),
            deadline_warning: hours(2),
            weight: Vec::new(),
        }
    }
}

/// Phần của một nơi gửi. / The share of a sender.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct WeightSection {
    /// Cơ quan gửi. / The sending agency, exactly.
    pub(in crate::config) agency: String,
    /// Số văn bản mỗi vòng so với nơi gửi khác. / Documents in a round against one of every other sender, 1–100.
    pub(in crate::config) weight: u64,
}

/// Hạn mức của mỗi hệ thống kết nối. / What each connected system may bring.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct QuotaSection {
    /// Số văn bản mỗi phút. / Documents per minute.
    pub(in crate::config) documents_per_minute: u64,
    /// Số byte mỗi phút. / Bytes per minute.
    pub(in crate::config) bytes_per_minute: u64,
    /// Số lượt chuyển chưa xong. / Transmissions to neighbours that are not settled.
    pub(in crate::config) waiting: u64,
}

impl Default for QuotaSection {
    fn default() -> Self {
        // More than this machine takes in a minute, and five times the backlog it is measured with: a fence, not a limit.
        Self { documents_per_minute: 1_000_000, bytes_per_minute: 64 << 30, waiting: 5_000_000 }
    }
}
