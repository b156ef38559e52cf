//! `[[neighbour]]`: another node, or the national axis.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RequirementText;

/// Vị trí của láng giềng. / Place of a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum NeighbourKindText {
    /// Nút cấp trên. / The node above.
    Parent,
    /// Nút cấp dưới. / A node below.
    Child,
    /// Nút ngang cấp. / A node beside.
    Peer,
    /// Trục liên thông quốc gia. / The national axis.
    Axis,
}

/// Đồng bộ danh bạ với trục. / What happens to the axis's list of agencies.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum AgencySyncText {
    /// Lấy hằng ngày và áp dụng. / Fetched daily and applied.
    Apply,
    /// Lấy hằng ngày, chỉ ghi khác biệt vào nhật ký. / Fetched daily; the differences are logged.
    Propose,
    /// Không lấy. / Not fetched.
    Off,
}

/// Nút láng giềng hoặc trục liên thông quốc gia. / A neighbour node, or the national axis.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct NeighbourSection {
    /// Mã nút, như trong chứng thư của nút đó; với trục là tên tùy đặt. / Id, as in its certificate; of the axis, any name.
    pub(in crate::config) id: String,
    /// `parent`, `child`, `peer` hoặc `axis`. / Place.
    pub(in crate::config) kind: NeighbourKindText,
    /// Địa chỉ để gọi, `host:port`; bỏ trống khi nút kia gọi đến. / Where to dial; absent when it dials us.
    #[serde(default)]
    pub(in crate::config) address: Option<String>,
    /// Các cơ quan (và cấp dưới của chúng) ở phía nút đó. / Agencies behind it, with everything below.
    #[serde(default)]
    pub(in crate::config) serves: Vec<String>,
    /// Chỉ với `axis`: địa chỉ của trục, `https://…`. / Axis only: its address.
    #[serde(default)]
    pub(in crate::config) endpoint: Option<String>,
    /// Chỉ với `axis`: mã hệ thống (đơn vị trung tâm) do trục cấp. / Axis only: the system id that the axis gave.
    #[serde(default)]
    pub(in crate::config) system_id: Option<String>,
    /// Chỉ với `axis`: nơi giữ mã bí mật, `file:ĐƯỜNG_DẪN`, `env:TÊN` hoặc `credential:TÊN` (systemd). / Axis only: where the secret is kept.
    #[serde(default)]
    pub(in crate::config) secret: Option<String>,
    /// Chỉ với `axis`: chu kỳ hỏi danh sách chờ, mặc định 30 s. / Axis only: how often the waiting list is asked for; 30 s when absent, 1 s – 1 h.
    #[schemars(with = "Option<String>")]
    #[serde(default, with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
    pub(in crate::config) poll_interval: Option<Duration>,
    /// Chỉ với `axis`: chu kỳ hỏi trục về văn bản đã gửi mà nơi nhận chưa lấy, mặc định 10 phút. / Axis only: how often it is asked about sent packets that their receivers have not taken; 10 min when absent, 1 s – 24 h.
    #[schemars(with = "Option<String>")]
    #[serde(default, with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
    pub(in crate::config) follow_up_interval: Option<Duration>,
    /// Chỉ với `axis`: số dòng của một trang danh sách chờ đầy; trang đầy thì hỏi tiếp ngay. Mặc định 100. / Axis only: lines of a full page of the waiting list; after a full page the next is asked for at once. 100 when absent, 1–500.
    #[serde(default)]
    pub(in crate::config) batch: Option<usize>,
    /// Chỉ với `axis`: số gói tin gửi (và lấy) đồng thời, mặc định 4. / Axis only: packets sent (and fetched) at one time; 4 when absent, 1–64.
    #[serde(default)]
    pub(in crate::config) places: Option<usize>,
    /// Chỉ với `axis`: proxy HTTP, `http://host:port`. / Axis only: HTTP proxy.
    #[serde(default)]
    pub(in crate::config) proxy: Option<String>,
    /// Chỉ với `axis`: CA của trục, PEM; bỏ trống: dùng `tls.ca_files`. / Axis only: CAs of the axis; `tls.ca_files` when empty.
    #[serde(default)]
    pub(in crate::config) ca_files: Vec<PathBuf>,
    /// Chỉ với `axis`: chứng thư máy khách PEM, nếu trục yêu cầu. / Axis only: client certificate, where the axis asks for one.
    #[serde(default)]
    pub(in crate::config) certificate_file: Option<PathBuf>,
    /// Chỉ với `axis`: khóa của chứng thư đó. / Axis only: its key, PKCS#8 PEM.
    #[serde(default)]
    pub(in crate::config) key_file: Option<PathBuf>,
    /// Chữ ký của gói tin đến từ láng giềng này, thay cho `[policy]`; với `axis` mặc định `optional`. Đặt `optional` ở nút dưới nếu văn bản của trục đi qua nút trên. / Signatures of what comes from it, instead of `[policy]`; optional for the axis when absent, as its protocol carries no envelope. Set optional on a node below where documents of the axis come through this neighbour.
    #[serde(default)]
    pub(in crate::config) signatures: Option<RequirementText>,
    /// Chỉ với `axis`: chỉ lấy gói tin gửi cho các cơ quan này và cấp dưới; bỏ trống: tất cả. / Axis only: takes only packets for these agencies and below; all when empty.
    #[serde(default)]
    pub(in crate::config) agencies: Vec<String>,
    /// Chỉ với `axis`: danh bạ của trục, `apply`, `propose` (mặc định) hoặc `off`. / Axis only: what happens to its list of agencies; propose when absent.
    #[serde(default)]
    pub(in crate::config) agency_sync: Option<AgencySyncText>,
    /// Chỉ với `axis`: giờ đồng bộ danh bạ hằng ngày, giờ Việt Nam, mặc định 02:00. / Axis only: time of the daily synchronisation, Vietnam; 02:00 when absent.
    #[serde(default)]
    pub(in crate::config) agency_sync_at: Option<String>,
}
