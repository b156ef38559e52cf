//! The file as written: every key with its unit and default. The reference is generated from here.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod fairness;
mod neighbour;
mod policy;
mod quarantine;
mod validation;

pub(super) use fairness::{FairnessSection, QuotaSection};
pub(super) use neighbour::{AgencySyncText, NeighbourKindText, NeighbourSection};
pub(super) use policy::{
    ActiveContentText, DemandText, FailedText, IndeterminateText, PolicyAnchorSection, PolicyNameText,
    PolicyRuleSection, PolicySection, RevocationText, RoleText, SignedByText, SignerSection, VerificationSection,
};
pub(super) use quarantine::{AdminSection, QuarantineSection};
pub(super) use validation::{RevocationSection, TimestampSection};

/// Cấu hình một nút Liên Thông. / Configuration of one node.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// Nút này. / This node.
    pub(super) node: NodeSection,
    /// Cổng phục vụ. / The port it serves.
    #[serde(default)]
    pub(super) listen: ListenSection,
    /// Chứng thư kênh truyền. / Transport identity (mutual TLS).
    pub(super) tls: TlsSection,
    /// Khóa ký biên nhận. / The key that signs receipts.
    pub(super) signing: SigningSection,
    /// Nguồn tin cậy của chữ ký số. / What signatures chain to.
    pub(super) trust: TrustSection,
    /// Chính sách chữ ký. / Signature policy.
    #[serde(default)]
    pub(super) policy: PolicySection,
    /// Kiểm tra chữ ký trong tệp và gói tin. / The check of signatures inside files and packets.
    #[serde(default)]
    pub(super) verification: VerificationSection,
    /// Dữ liệu thu hồi chứng thư. / Revocation data.
    #[serde(default)]
    pub(super) revocation: RevocationSection,
    /// Dấu thời gian cho biên nhận của nút. / Time-stamps for this node's own receipts.
    #[serde(default)]
    pub(super) timestamp: TimestampSection,
    /// Danh bạ cơ quan. / The directory of agencies.
    pub(super) directory: DirectorySection,
    /// Kho lưu trữ. / The store.
    #[serde(default)]
    pub(super) store: StoreSection,
    /// Giới hạn tiếp nhận. / Limits of intake.
    #[serde(default)]
    pub(super) limits: LimitsSection,
    /// Gửi lại và thời hạn. / Retry and time to live.
    #[serde(default)]
    pub(super) delivery: DeliverySection,
    /// Chia đường truyền giữa các nơi gửi. / How senders share the way to a neighbour.
    #[serde(default)]
    pub(super) fairness: FairnessSection,
    /// Hạn mức của mỗi hệ thống kết nối. / What each connected system may bring.
    #[serde(default)]
    pub(super) quota: QuotaSection,
    /// Văn bản giữ lại chờ kiểm tra chữ ký. / Documents kept back until their signatures can be checked.
    #[serde(default)]
    pub(super) quarantine: QuarantineSection,
    /// Người vận hành nút. / The people who run the node.
    #[serde(default)]
    pub(super) admin: AdminSection,
    /// Dừng nút. / Stopping.
    #[serde(default)]
    pub(super) shutdown: ShutdownSection,
    /// Giao thức HTTP của trục liên thông văn bản quốc gia, cho hệ thống có `axis_secret`. / The national axis's HTTP protocol, for systems with an `axis_secret`.
    #[serde(default)]
    pub(super) axis: AxisSection,
    /// Nhật ký. / Logs.
    #[serde(default)]
    pub(super) log: LogSection,
    /// Hệ thống kết nối (phần mềm quản lý văn bản). / Connected systems.
    #[serde(default)]
    pub(super) system: Vec<SystemSection>,
    /// Người ký được khai báo: chứng thư nào ký nhân danh cơ quan nào, với vai trò gì. / Signers by certificate: on behalf of which agency, and as what.
    #[serde(default)]
    pub(super) signer: Vec<SignerSection>,
    /// Nút láng giềng. / Neighbour nodes.
    #[serde(default)]
    pub(super) neighbour: Vec<NeighbourSection>,
}

/// Nút này. / This node.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeSection {
    /// Mã của nút, trùng với SAN `urn:lienthong:node:<id>` trong chứng thư. / Id of the node, the same as in its certificate's SAN. 1–64 of A–Z a–z 0–9 . _ -
    pub(super) id: String,
    /// Thư mục dữ liệu. / Folder of the store; made when absent.
    pub(super) data_dir: PathBuf,
    /// Cho phép chứng thư EXAMPLE; không bao giờ bật khi vận hành thật. / Take certificates marked EXAMPLE; never in production.
    #[serde(default)]
    pub(super) allow_example_certificates: bool,
}

/// Cổng phục vụ. / The port it serves.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ListenSection {
    /// Địa chỉ và cổng cho gRPC, HTTP và nút khác. / Address and port of gRPC, HTTP and other nodes; port 0 lets the system choose.
    pub(super) address: String,
}

impl Default for ListenSection {
    fn default() -> Self {
        Self { address: "0.0.0.0:8443".into() }
    }
}

/// Chứng thư kênh truyền. / Transport identity.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsSection {
    /// Chuỗi chứng thư PEM, chứng thư nút trước. / PEM chain, leaf first.
    pub(super) certificate_file: PathBuf,
    /// Khóa riêng PKCS#8 PEM. / PKCS#8 PEM key.
    pub(super) key_file: PathBuf,
    /// CA cấp chứng thư cho hệ thống và nút. / CAs that issue to systems and nodes, PEM.
    pub(super) ca_files: Vec<PathBuf>,
}

/// Khóa ký biên nhận. / The key that signs receipts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningSection {
    /// Chuỗi chứng thư PEM, chứng thư nút trước. / PEM chain, leaf first.
    pub(super) certificate_file: PathBuf,
    /// Khóa riêng PKCS#8 PEM, chỉ chủ tệp đọc được (`chmod 600`); hoặc dùng `pkcs11_key`. / PKCS#8 PEM key that only its owner can read; or `pkcs11_key` instead.
    #[serde(default)]
    pub(super) key_file: Option<PathBuf>,
    /// Mật khẩu của khóa đã mã hóa: `file:PATH`, `env:NAME` hoặc `credential:NAME`. / Passphrase of an encrypted key.
    #[serde(default)]
    pub(super) passphrase: Option<String>,
    /// Mô-đun PKCS#11 của nhà cung cấp HSM hoặc token, tệp .so. / The vendor's PKCS#11 module.
    #[serde(default)]
    pub(super) pkcs11_module: Option<PathBuf>,
    /// Nhãn token, xem `lienthong token list`. / Label of the token.
    #[serde(default)]
    pub(super) pkcs11_token: Option<String>,
    /// Nhãn khóa, hoặc `id:HEX`. / Label of the key, or `id:HEX`.
    #[serde(default)]
    pub(super) pkcs11_key: Option<String>,
    /// Mã PIN: `file:PATH`, `env:NAME` hoặc `credential:NAME`. / Its PIN.
    #[serde(default)]
    pub(super) pkcs11_pin: Option<String>,
    /// Chứng thư kế tiếp: tự thay khi bắt đầu có hiệu lực, hoặc khi nhận SIGHUP sau đó. / Certificate that takes over by itself once it is valid.
    #[serde(default)]
    pub(super) next_certificate_file: Option<PathBuf>,
    /// Khóa của chứng thư kế tiếp. / Its key.
    #[serde(default)]
    pub(super) next_key_file: Option<PathBuf>,
    /// Mật khẩu của khóa kế tiếp. / Its passphrase.
    #[serde(default)]
    pub(super) next_passphrase: Option<String>,
    /// Khóa kế tiếp trên cùng token. / The next key, in the same token.
    #[serde(default)]
    pub(super) next_pkcs11_key: Option<String>,
}

/// Nguồn tin cậy của chữ ký số. / What signatures chain to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrustSection {
    /// CA gốc của chữ ký văn bản. / Anchors of document signatures, PEM.
    pub(super) document_anchor_files: Vec<PathBuf>,
    /// CA trung gian mà chữ ký không kèm theo. / Intermediates that signatures do not carry, PEM.
    #[serde(default)]
    pub(super) document_intermediate_files: Vec<PathBuf>,
    /// CA gốc của biên nhận từ nút khác. / Anchors of other nodes' receipts, PEM.
    pub(super) node_anchor_files: Vec<PathBuf>,
}

/// Bắt buộc hay không. / Whether an unsigned packet is taken.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RequirementText {
    /// Từ chối gói tin không ký. / Refused with `signature_missing`.
    Required,
    /// Nhận và ghi rõ là không ký. / Taken, and reported as not signed.
    Optional,
}

/// Danh bạ cơ quan. / The directory of agencies.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectorySection {
    /// Tệp danh bạ TOML hoặc CSV; đọc lại khi tệp đổi hoặc khi nhận SIGHUP. / TOML or CSV; read again on SIGHUP and when it changes.
    pub(super) file: PathBuf,
}

/// Bộ máy lưu trữ. / The embedded engine.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum EngineText {
    /// Mặc định. / The default.
    Sled,
    /// Nhận nhanh hơn, trả lại chỗ trên đĩa. / Takes more in, gives space back.
    Fjall,
}

/// Kho lưu trữ. / The store.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StoreSection {
    /// Bộ máy lưu trữ: `sled` hoặc `fjall`; đổi bằng `lienthong store migrate`. / The embedded engine; a store changes it by `lienthong store migrate`.
    pub(super) engine: EngineText,
    /// Bộ nhớ đệm của bộ máy lưu trữ, MiB. / The engine's cache, MiB, 1–16384.
    pub(super) cache_mib: u32,
    /// Phần đĩa để trống, phần trăm. / Part of the disk that intake leaves free, percent, 0–50.
    pub(super) disk_reserve_percent: u8,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { engine: EngineText::Sled, cache_mib: 64, disk_reserve_percent: 5 }
    }
}

/// Giới hạn tiếp nhận. / Limits of intake.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsSection {
    /// Dung lượng tối đa của một gói tin, byte. / Bytes of one packet.
    pub(super) packet_bytes_max: u64,
    /// Số tệp đính kèm tối đa. / Attachments of one packet.
    pub(super) attachments_max: usize,
    /// Số gói nhận đồng thời. / Uploads at one time.
    pub(super) uploads_max: usize,
}

impl Default for LimitsSection {
    fn default() -> Self {
        Self { packet_bytes_max: 4 << 30, attachments_max: 1_000, uploads_max: 128 }
    }
}

/// Gửi lại và thời hạn. / Retry and time to live.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DeliverySection {
    /// Chờ ngắn nhất giữa hai lần gửi. / Shortest wait between attempts.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) wait_min: Duration,
    /// Chờ dài nhất. / Longest wait between attempts.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) wait_max: Duration,
    /// Số lần gửi trước khi chuyển cho người vận hành. / Attempts before a delivery goes to the operator's list.
    pub(super) attempts_max: u32,
    /// Thời hạn văn bản thường. / Time to live of normal documents.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) ttl_normal: Duration,
    /// Thời hạn văn bản khẩn. / Time to live of urgent documents.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) ttl_urgent: Duration,
    /// Thời hạn văn bản thượng khẩn. / Time to live of very urgent documents.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) ttl_very_urgent: Duration,
    /// Thời hạn văn bản hỏa tốc. / Time to live of express documents.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) ttl_express: Duration,
}

impl Default for DeliverySection {
    fn default() -> Self {
        Self {
            wait_min: Duration::from_secs(1),
            wait_max: Duration::from_secs(600),
            attempts_max: 1_000,
            ttl_normal: Duration::from_secs(7 * 24 * 3600),
            ttl_urgent: Duration::from_secs(48 * 3600),
            ttl_very_urgent: Duration::from_secs(24 * 3600),
            ttl_express: Duration::from_secs(4 * 3600),
        }
    }
}

/// Dừng nút. / Stopping.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ShutdownSection {
    /// Chờ việc đang chạy kết thúc. / How long a stop waits for what is in flight.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(super) grace: Duration,
}

impl Default for ShutdownSection {
    fn default() -> Self {
        Self { grace: Duration::from_secs(20) }
    }
}

/// Giao thức của trục quốc gia. / The national axis's protocol.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AxisSection {
    /// Đường dẫn gốc trên cổng của nút; phần mềm gọi `https://nút:cổng<root>/sendEdoc`. / Path on the node's port below which the operations lie.
    pub(super) root: String,
    /// Số dòng tối đa của một danh sách. / Lines of one list, 1–5000.
    pub(super) list_max: usize,
    /// Độ lệch cho phép của `timestamp` so với giờ của nút; bỏ trống: không giới hạn, vì phần mềm đặt giá trị này một lần rồi dùng nhiều giờ. / How far `timestamp` may be from the node's time; absent: unlimited, because clients set it once and keep it for hours.
    #[schemars(with = "Option<String>")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
    pub(super) timestamp_window: Option<Duration>,
}

impl Default for AxisSection {
    fn default() -> Self {
        Self { root: "/axis".into(), list_max: 500, timestamp_window: None }
    }
}

/// Cách ghi nhật ký. / How log lines are written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum LogFormatText {
    /// Cho người đọc. / For people.
    Text,
    /// Mỗi dòng một đối tượng JSON. / One JSON object a line.
    Json,
}

/// Nhật ký. / Logs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogSection {
    /// `text` hoặc `json`. / Format.
    pub(super) format: LogFormatText,
    /// Bộ lọc, ví dụ `info,relay=debug`. / Filter.
    pub(super) filter: String,
}

impl Default for LogSection {
    fn default() -> Self {
        Self { format: LogFormatText::Text, filter: "info".into() }
    }
}

/// Hệ thống kết nối. / A connected system.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SystemSection {
    /// Mã hệ thống, trùng với SAN `urn:lienthong:system:<id>`. / Id, the same as in its certificate's SAN.
    pub(super) id: String,
    /// Các cơ quan mà hệ thống đại diện; mỗi cơ quan có hộp nhận tại nút này. / Agencies it speaks for; each has an inbox here.
    pub(super) agencies: Vec<String>,
    /// SHA-256 (hex) của chứng thư máy khách không có SAN trên. / SHA-256 of client certificates without that SAN.
    #[serde(default)]
    pub(super) certificate_sha256: Vec<String>,
    /// SHA-256 (hex) của các chứng thư ký văn bản mà hệ thống được dùng; bỏ trống: mọi chứng thư tin cậy. / SHA-256 of the document-signing certificates the system may use; empty: any trusted one.
    #[serde(default)]
    pub(super) signing_certificate_sha256: Vec<String>,
    /// Tệp chứa SHA-256 (hex) của mã truy cập. / File with the SHA-256 of the bearer token, hex.
    #[serde(default)]
    pub(super) token_sha256_file: Option<PathBuf>,
    /// Nơi giữ mã bí mật của giao thức trục: `file:PATH`, `env:NAME` hoặc `credential:NAME`; đọc lại khi nhận SIGHUP. / Where the secret of the axis protocol is kept; read again on SIGHUP.
    #[serde(default)]
    pub(super) axis_secret: Option<String>,
    /// Mã bí mật trước đó, vẫn được nhận trong lúc đổi mã. / The secret before it, still taken while it is being replaced.
    #[serde(default)]
    pub(super) axis_secret_previous: Option<String>,
    /// Mã hệ thống trong giao thức trục (`000.00.00.H48`, `vxp.saas.02`); bỏ trống: như `id`. / Its `systemid` in the axis protocol; absent: the `id`.
    #[serde(default)]
    pub(super) axis_id: Option<String>,
    /// Dung lượng tối đa của một gói tin từ hệ thống này, byte; không vượt `limits.packet_bytes_max`. / Bytes of one packet of this system, at most `limits.packet_bytes_max`.
    #[serde(default)]
    pub(super) packet_bytes_max: Option<u64>,
    /// Số yêu cầu mỗi giây; bỏ trống: không giới hạn. / Requests per second; absent: unlimited.
    #[serde(default)]
    pub(super) requests_per_second: Option<u32>,
    /// Số yêu cầu được gửi dồn; bỏ trống: như `requests_per_second`. / Requests at once before the rate counts; absent: as `requests_per_second`.
    #[serde(default)]
    pub(super) requests_burst: Option<u32>,
    /// Số văn bản mỗi phút, thay cho `[quota]`. / Documents per minute, instead of `[quota]`.
    #[serde(default)]
    pub(super) documents_per_minute: Option<u64>,
    /// Số byte mỗi phút, thay cho `[quota]`. / Bytes per minute, instead of `[quota]`.
    #[serde(default)]
    pub(super) bytes_per_minute: Option<u64>,
    /// Số lượt chuyển chưa xong, thay cho `[quota]`. / Transmissions that are not settled, instead of `[quota]`.
    #[serde(default)]
    pub(super) waiting: Option<u64>,
    /// Yêu cầu chữ ký riêng cho hệ thống này, thay `[policy]`; gói tin của SDK trục không kèm chữ ký tách rời. / Signatures asked of this system instead of `[policy]`; packets of the axis's SDK come without a detached one.
    #[serde(default)]
    pub(super) signatures: Option<RequirementText>,
}
