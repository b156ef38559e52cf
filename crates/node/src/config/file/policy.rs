//! What is asked of signatures, and how they are checked.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use signature::BudgetLimits;

use super::RequirementText;

/// Chính sách chữ ký. / Signature policy.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicySection {
    /// Chính sách có sẵn làm nền; các khóa dưới đây đổi từng phần. `default`: bản kê ký số bắt buộc, chữ ký sai trong PDF và XML bị từ chối, chưa kết luận được thì ghi nhận. `lienthong policy show NAME` cho biết từng chính sách. / The policy to start from; the keys below change parts of it. `default`: a signed manifest is required, disproved signatures in PDF and XML are refused, undecided ones flagged.
    #[serde(rename = "use")]
    pub(crate) name: PolicyNameText,
    /// Bản kê ký số của văn bản: `required` hoặc `optional` (nhận và ghi rõ). / The signed manifest of documents; `optional` takes and flags them.
    pub(crate) documents: Option<RequirementText>,
    /// Bản kê ký số của gói trạng thái; mặc định `optional`. / The signed manifest of status packets.
    pub(crate) statuses: Option<RequirementText>,
    /// Như `documents`, riêng theo cấp của nơi gửi (central, province, district, commune, other). / As `documents`, by level of the sender.
    pub(crate) by_level: BTreeMap<String, RequirementText>,
    /// Người ký bản kê phải gắn với cơ quan gửi: `required`, `expected` (thiếu thì ghi nhận), `optional`. / That the manifest's signer is bound to the sender.
    pub(crate) envelope_signer: Option<DemandText>,
    /// Chữ ký XML trên toàn bộ gói tin. / An XML signature over the whole packet.
    pub(crate) packet: Option<DemandText>,
    /// Chữ ký của người có thẩm quyền trên tệp PDF chính. / The leader's signature on the main PDF, the packet's first.
    pub(crate) leader: Option<DemandText>,
    /// Chữ ký (dấu) của cơ quan trên tệp PDF chính. / The agency's seal on the main PDF.
    pub(crate) seal: Option<DemandText>,
    /// Chữ ký (dấu) của cơ quan trên từng tệp PDF kèm theo. / The agency's seal on each further PDF.
    pub(crate) attachment_seal: Option<DemandText>,
    /// Tệp kèm theo phải là PDF để kiểm tra được dấu. / That further files are PDFs, whose seals can be checked.
    pub(crate) attachment_pdf: Option<DemandText>,
    /// Chữ ký chưa kết luận được (INDETERMINATE): `accept`, `flag`, `quarantine` (giữ lại chờ dữ liệu), `refuse`. / What an undecided signature does.
    pub(crate) indeterminate: Option<IndeterminateText>,
    /// Chữ ký sai (TOTAL_FAILED) hoặc chứng thư bị thu hồi: `refuse` hoặc `flag`. / What a disproved signature, or a revoked certificate, does.
    pub(crate) failed: Option<FailedText>,
    /// Chữ ký của ai được tính cho nơi gửi: `sender`, `sender_or_parent`. / Whose signatures count as the sender's.
    pub(crate) signed_by: Option<SignedByText>,
    /// Thu hồi chứng thư (CRL, OCSP): `require`, `prefer`, `off`. / Revocation of certificates.
    pub(crate) revocation: Option<RevocationText>,
    /// Tuổi tối đa của dữ liệu thu hồi; bỏ trống: theo `nextUpdate`. / Oldest revocation data taken; absent: until its `nextUpdate`.
    #[schemars(with = "Option<String>")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
    pub(crate) revocation_age_max: Option<Duration>,
    /// Độ dài khóa RSA tối thiểu, bit; mặc định 2048. / Smallest RSA modulus, bits, 2048–8192.
    pub(crate) rsa_bits_min: Option<u32>,
    /// Thuật toán ký được nhận; bỏ trống: mọi thuật toán được hỗ trợ. / Signature algorithms taken; empty: every one that is supported.
    pub(crate) algorithms: Vec<String>,
    /// Thời điểm ký được phép sớm hơn giờ của nút; mặc định 5m. / How far ahead a claimed time may lie.
    #[schemars(with = "Option<String>")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::optional")]
    pub(crate) clock_tolerance: Option<Duration>,
    /// PDF có mã lệnh hoặc lệnh chạy chương trình: `refuse` (không đạt) hoặc `note`. / PDFs with JavaScript or launch actions.
    pub(crate) active_content: Option<ActiveContentText>,
    /// Ngoại lệ theo cấp nơi gửi và loại văn bản, cái sau đổi cái trước. / Exceptions by level and document type, each changing those before.
    pub(crate) rule: Vec<PolicyRuleSection>,
    /// Quy định riêng theo CA gốc. / What holds under single anchors.
    pub(crate) anchor: Vec<PolicyAnchorSection>,
}

/// Ngoại lệ. / An exception.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyRuleSection {
    /// Cấp của nơi gửi; bỏ trống: mọi cấp. / Levels of the sender; empty: every level.
    pub(crate) levels: Vec<String>,
    /// Số loại văn bản (`DocumentType/Type`); bỏ trống: mọi loại. / Numbers of document types; empty: every type.
    pub(crate) document_types: Vec<i64>,
    /// Bản kê ký số. / The signed manifest.
    pub(crate) envelope: Option<DemandText>,
    /// Người ký bản kê gắn với nơi gửi. / That its signer is bound to the sender.
    pub(crate) envelope_signer: Option<DemandText>,
    /// Chữ ký XML. / The XML signature.
    pub(crate) packet: Option<DemandText>,
    /// Chữ ký người có thẩm quyền. / The leader's signature.
    pub(crate) leader: Option<DemandText>,
    /// Dấu cơ quan. / The agency's seal.
    pub(crate) seal: Option<DemandText>,
    /// Dấu trên tệp kèm theo. / The seal on each further PDF.
    pub(crate) attachment_seal: Option<DemandText>,
    /// Tệp kèm theo phải là PDF. / That further files are PDFs.
    pub(crate) attachment_pdf: Option<DemandText>,
}

/// Quy định riêng theo một CA gốc. / What holds under one anchor.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyAnchorSection {
    /// SHA-256 (hex) của chứng thư gốc. / SHA-256 of the anchor's certificate.
    pub(crate) certificate_sha256: String,
    /// Thu hồi dưới gốc này, thay cho `policy.revocation`. / Revocation under this anchor.
    #[serde(default)]
    pub(crate) revocation: Option<RevocationText>,
    /// Chỉ nhận SHA-1 của chữ ký được dấu thời gian chứng minh có trước thời điểm này, RFC 3339. / SHA-1 only of what a time-stamp proves to be older than this.
    #[serde(default)]
    pub(crate) sha1_proved_before: Option<String>,
    /// SHA-1 được nhận ở đâu: `certificates`, `documents`. / Where SHA-1 may stand.
    #[serde(default)]
    pub(crate) sha1: Vec<String>,
    /// Thời kỳ: bảng `{ from, until, algorithms, rsa_bits_min }`, thời điểm theo RFC 3339; bỏ trống: như chính sách. / Periods with the algorithms and sizes taken; empty: as the policy.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(crate) periods: Vec<toml::Table>,
}

/// Kiểm tra chữ ký trong tệp và gói tin. / The check of signatures inside files and packets.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct VerificationSection {
    /// Số tiến trình kiểm tra; 0: không kiểm tra chữ ký trong PDF và XML. / Worker processes; 0 turns the check of PDF and XML off.
    pub(crate) workers: usize,
    /// Dung lượng tối đa của một tệp được kiểm tra, byte. / Bytes of one file, decoded.
    pub(crate) file_bytes_max: u64,
    /// Bộ nhớ tối đa của một tiến trình, byte. / Bytes of memory of one worker.
    pub(crate) memory_max: u64,
    /// Thời gian tối đa cho một tệp. / Longest check of one file.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(crate) time_max: Duration,
    /// Thời gian tối đa cho một văn bản với mọi tệp. / Longest check of one document with all its files.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(crate) document_time_max: Duration,
    /// Số chữ ký tối đa phải kiểm tra cho một văn bản với mọi tệp, kể cả chữ ký của chứng thư, CRL, OCSP, dấu thời gian. / Signatures checked for one document with all its files, those of certificates, lists, responses and time-stamps included.
    pub(crate) document_checks_max: u64,
    /// Số byte tối đa được đọc và băm khi kiểm tra một văn bản với mọi tệp; mỗi chữ ký PDF băm lại cả tệp. / Bytes read and hashed for one document with all its files; every signature of a PDF hashes the file again.
    pub(crate) document_bytes_max: u64,
    /// Thời gian kiểm tra mà một hệ thống hoặc nút láng giềng được dùng mỗi phút. / Time of the workers that one system or neighbour may have per minute.
    #[schemars(with = "String")]
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub(crate) time_per_minute: Duration,
}

impl Default for VerificationSection {
    fn default() -> Self {
        Self {
            workers: 2,
            file_bytes_max: 256 << 20,
            memory_max: 2 << 30,
            time_max: Duration::from_secs(20),
            document_time_max: Duration::from_secs(60),
            document_checks_max: BudgetLimits::document().checks_max,
            document_bytes_max: BudgetLimits::document().bytes_max,
            time_per_minute: Duration::from_secs(60),
        }
    }
}

/// Người ký được khai báo. / A signer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignerSection {
    /// SHA-256 (hex) của chứng thư ký. / SHA-256 of the certificate.
    pub(crate) certificate_sha256: String,
    /// Mã cơ quan. / The agency.
    pub(crate) agency: String,
    /// Vai trò: `leader` (người có thẩm quyền), `seal` (dấu cơ quan), `copy` (sao y), `incoming` (dấu đến). / As what.
    pub(crate) role: RoleText,
}

/// Vai trò. / Role.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleText {
    /// Người có thẩm quyền. / Who approves.
    Leader,
    /// Dấu cơ quan. / The seal.
    Seal,
    /// Sao y. / Certifies copies.
    Copy,
    /// Dấu văn bản đến. / The receiver's stamp.
    Incoming,
}

/// Chính sách có sẵn. / A policy that comes with the program.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PolicyNameText {
    /// Như khi không chọn. / As without a choice.
    #[default]
    Default,
    /// Bắt buộc mọi chữ ký. / Everything is required.
    Strict,
    /// Ghi nhận, không từ chối. / Flags.
    Transition,
    /// Văn bản cũ. / Old documents.
    LegacyArchive,
}

/// Mức đòi hỏi. / How much a signature is asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DemandText {
    /// Bắt buộc. / Refused without.
    Required,
    /// Thiếu thì ghi nhận. / Flagged without.
    Expected,
    /// Không đòi hỏi. / Not asked for.
    Optional,
}

/// Chữ ký chưa kết luận được. / An undecided signature.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IndeterminateText {
    /// Nhận. / Accepted.
    Accept,
    /// Nhận và ghi nhận. / Flagged.
    Flag,
    /// Giữ lại chờ dữ liệu. / Held.
    Quarantine,
    /// Từ chối. / Refused.
    Refuse,
}

/// Chữ ký sai. / A disproved signature.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FailedText {
    /// Từ chối. / Refused.
    Refuse,
    /// Nhận và ghi nhận. / Flagged.
    Flag,
}

/// Chữ ký của ai được tính. / Whose signatures count.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignedByText {
    /// Chỉ của nơi gửi. / The sender's.
    Sender,
    /// Của nơi gửi và cơ quan cấp trên trực tiếp trong danh bạ. / Also those of the body listed above it.
    SenderOrParent,
}

/// Thu hồi chứng thư. / Revocation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RevocationText {
    /// Phải biết được. / Every certificate's status has to be known.
    Require,
    /// Kiểm tra khi có dữ liệu. / Looked at where there is data.
    Prefer,
    /// Không kiểm tra. / Not looked at.
    Off,
}

/// Nội dung động trong PDF. / Active content.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ActiveContentText {
    /// Không đạt. / Does not pass.
    Refuse,
    /// Ghi nhận. / Noted.
    Note,
}
