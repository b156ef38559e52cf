//! Quarantine and operators, as written.

use std::time::Duration;

use queue::HoldQuota;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Văn bản giữ lại chờ kiểm tra chữ ký. / Documents kept back until their signatures can be checked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct QuarantineSection {
    /// Khoảng cách giữa hai lần kiểm tra lại, kể cả khi không có dữ liệu mới. / How often what is held is looked at again, also without new data.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) recheck: Duration,
    /// Giữ lâu nhất; không vượt thời hạn của độ khẩn. Hết hạn thì trả lại nơi gửi kèm lý do. / Longest hold, within the lane's time to live; then the document goes back with a signed reason.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) hold_max: Duration,
    /// Số nơi gửi được kiểm tra lại cùng lúc. / Senders whose documents are looked at again at one time, 1–64.
    pub(in crate::config) senders_at_once: usize,
    /// Số văn bản tối đa bị giữ của một cơ quan gửi; quá thì từ chối tạm thời với mã `quarantine_full`. / Documents of one sending agency that are held; more are refused for the time being.
    pub(in crate::config) sender_documents_max: u64,
    /// Dung lượng tối đa bị giữ của một cơ quan gửi, byte; văn bản đầu tiên luôn được nhận. / Bytes of one sending agency that are held; its first document is always taken.
    pub(in crate::config) sender_bytes_max: u64,
}

impl Default for QuarantineSection {
    fn default() -> Self {
        let HoldQuota { documents, bytes } = HoldQuota::default();
        Self {
            recheck: Duration::from_secs(600),
            hold_max: Duration::from_secs(72 * 3600),
            senders_at_once: 2,
            sender_documents_max: documents,
            sender_bytes_max: bytes,
        }
    }
}

/// Người vận hành nút. / The people who run the node.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct AdminSection {
    /// SHA-256 (hex) của chứng thư máy khách được dùng giao diện quản trị (`lienthong quarantine`); bỏ trống: không ai. / SHA-256 of the client certificates that may use the admin interface; empty: nobody.
    pub(in crate::config) certificate_sha256: Vec<String>,
}
