//! Dữ liệu kiểm tra chữ ký. / Validation data.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Dữ liệu thu hồi: danh sách CRL, OCSP, chứng thư CA. / Revocation data: lists, responders, issuers' certificates.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct RevocationSection {
    /// Máy chủ được phép hỏi khi chứng thư nêu địa chỉ: `HOST` (cổng 80, 443) hoặc `HOST:PORT`; mọi máy khác không bao giờ được hỏi. / Hosts that may be asked when a certificate names them: `HOST` (ports 80, 443) or `HOST:PORT`; no other host is ever asked.
    pub(in crate::config) allow: Vec<String>,
    /// Đổi địa chỉ: tiền tố trong chứng thư = địa chỉ thật, ví dụ `"http://ocsp.ca.btc/" = "http://10.1.2.3/"`; hai bên cùng kết thúc bằng `/`. / Rewrites: prefix in a certificate = where it leads; both end in `/`, or neither does.
    pub(in crate::config) rewrite: BTreeMap<String, String>,
    /// Địa chỉ CRL luôn được tải, ngoài các địa chỉ trong chứng thư CA. / Lists that are fetched besides those that CAs' certificates name.
    pub(in crate::config) crl_urls: Vec<String>,
    /// Proxy HTTP, `http://[USER:PASSWORD@]HOST:PORT`. / HTTP proxy.
    pub(in crate::config) proxy: Option<String>,
    /// CA cho địa chỉ `https`, PEM; bỏ trống: dùng `tls.ca_files`. / CAs of https addresses; `tls.ca_files` when empty.
    pub(in crate::config) ca_files: Vec<PathBuf>,
    /// Chu kỳ tải CRL; sớm hơn nếu CRL sắp hết hạn. / Between two fetches of a list, sooner when it ends sooner; 1 s – 7 d.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) refresh_interval: Duration,
    /// Quá thời gian này không có tin mới thì coi là cũ và cảnh báo. / With no news for longer, a source counts as stale and is warned about.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) stale_after: Duration,
    /// Thời gian tối đa của một lần tải. / Longest time of one fetch, 1 s – 10 min.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) fetch_time_max: Duration,
    /// Hỏi OCSP khi cần trạng thái mà dữ liệu đang giữ không có. / Ask responders for statuses that nothing kept tells.
    pub(in crate::config) ocsp: bool,
    /// Kèm nonce và từ chối trả lời thiếu nonce; nhiều máy OCSP ký sẵn không hỗ trợ. / Send a nonce and refuse answers without it; responders that sign ahead have none.
    pub(in crate::config) ocsp_nonce: bool,
}

impl Default for RevocationSection {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            rewrite: BTreeMap::new(),
            crl_urls: Vec::new(),
            proxy: None,
            ca_files: Vec::new(),
            refresh_interval: Duration::from_secs(3600),
            stale_after: Duration::from_secs(24 * 3600),
            fetch_time_max: Duration::from_secs(60),
            ocsp: true,
            ocsp_nonce: false,
        }
    }
}

/// Dấu thời gian cho biên nhận của nút. / Time-stamps for this node's own receipts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::config) struct TimestampSection {
    /// Địa chỉ TSA (RFC 3161); bỏ trống: không lấy dấu thời gian. / Address of the authority; absent: no time-stamps.
    pub(in crate::config) url: Option<String>,
    /// OID chính sách yêu cầu của TSA. / Policy asked of the authority, dotted.
    pub(in crate::config) policy: Option<String>,
    /// Chu kỳ đóng một lô biên nhận. / How often a batch of receipts is closed, 1 s – 24 h.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(in crate::config) interval: Duration,
    /// Số biên nhận làm lô đóng sớm hơn chu kỳ. / Receipts that close a batch before its time, 1 – 1000000.
    pub(in crate::config) batch_max: usize,
}

impl Default for TimestampSection {
    fn default() -> Self {
        Self { url: None, policy: None, interval: Duration::from_secs(600), batch_max: 10_000 }
    }
}
