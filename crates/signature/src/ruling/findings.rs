//! What the checks of one document found, and who signs for whom.

use std::fmt;

use serde::{Deserialize, Serialize};
use types::{AgencyCode, ErrorCode, Level};

use crate::pdf::PdfReport;
use crate::report::{Indication, Report, SubIndication};

/// In what capacity somebody signs. Source: ND 30/2020, annex I; the functions of the government's signing tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Who approves the document (ký phê duyệt).
    Leader,
    /// The agency's seal (ký phát hành).
    Seal,
    /// Who certifies a copy (sao y).
    Copy,
    /// The receiver's stamp (ký văn bản đến).
    Incoming,
}

/// How a signer was bound to an agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundBy {
    /// The operator lists the certificate.
    Configuration,
    /// The certificate's alternative name is `urn:lienthong:agency:<code>`.
    AlternativeName,
    /// The certificate's organisation or common name is the agency's name in the directory.
    Name,
}

impl BoundBy {
    /// As reports write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::AlternativeName => "alternative_name",
            Self::Name => "name",
        }
    }
}

impl Role {
    /// As reports and configurations write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leader => "leader",
            Self::Seal => "seal",
            Self::Copy => "copy",
            Self::Incoming => "incoming",
        }
    }
}

/// On behalf of which agency a certificate signs, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// The agency.
    pub agency: AgencyCode,
    /// As what.
    pub role: Role,
    /// How that is known.
    pub bound_by: BoundBy,
}

/// What the rules turn on, of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFacts {
    /// The sender.
    pub sender: AgencyCode,
    /// The bodies above the sender, as the directory lists them.
    pub above: Vec<AgencyCode>,
    /// The sender's level.
    pub level: Level,
    /// `DocumentType/Type`.
    pub document_type: Option<i64>,
}

/// Why something was not examined to its end. None of it is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unexamined {
    /// More bytes than are examined.
    TooLarge,
    /// The check took longer than it may.
    TimedOut,
    /// The files before it used up what the checks of one document may cost.
    WorkSpent,
    /// The process that checked it ended: out of memory, killed, or a fault of its own.
    WorkerDied,
    /// The content could not be read.
    Unreadable,
    /// The checks are turned off.
    TurnedOff,
}

impl Unexamined {
    /// The public code.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::TooLarge | Self::WorkSpent => ErrorCode::LimitExceeded,
            Self::TimedOut | Self::WorkerDied | Self::Unreadable | Self::TurnedOff => ErrorCode::VerificationUnfinished,
        }
    }

    /// The sub-indication of ETSI EN 319 102-1; the indication is always `INDETERMINATE`. `None` for what the operator
    /// turned off.
    #[must_use]
    pub const fn sub_indication(self) -> Option<SubIndication> {
        match self {
            Self::TimedOut | Self::WorkerDied => Some(SubIndication::TryLater),
            Self::TooLarge | Self::WorkSpent => Some(SubIndication::SigConstraintsFailure),
            Self::Unreadable => Some(SubIndication::SignedDataNotFound),
            Self::TurnedOff => None,
        }
    }

    /// In Vietnamese.
    #[must_use]
    pub const fn vi(self) -> &'static str {
        match self {
            Self::TooLarge => "Chưa kiểm tra chữ ký số: tệp lớn hơn giới hạn kiểm tra",
            Self::TimedOut => "Chưa kiểm tra xong chữ ký số trong thời hạn cho phép",
            Self::WorkSpent => "Chưa kiểm tra chữ ký số: các tệp trước đã dùng hết công việc kiểm tra của một văn bản",
            Self::WorkerDied => "Tiến trình kiểm tra chữ ký số bị dừng vì tệp này",
            Self::Unreadable => "Chưa kiểm tra chữ ký số: không đọc được nội dung tệp",
            Self::TurnedOff => "Nút này không kiểm tra chữ ký số bên trong tệp và gói tin",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::TooLarge => "signatures not checked: larger than the limit of the check",
            Self::TimedOut => "signatures not checked to the end within the time allowed",
            Self::WorkSpent => {
                "signatures not checked: the files before it used up the work that one document may cost"
            }
            Self::WorkerDied => "the process that checked the signatures was ended by this file",
            Self::Unreadable => "signatures not checked: the content could not be read",
            Self::TurnedOff => "this node does not check signatures inside files and packets",
        }
    }

    /// Whether a later try may get further.
    #[must_use]
    pub(crate) const fn may_settle(self) -> bool {
        match self {
            Self::TimedOut | Self::WorkerDied => true,
            Self::TooLarge | Self::WorkSpent | Self::Unreadable | Self::TurnedOff => false,
        }
    }
}

/// What came out for the XML signatures of the packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PacketOutcome {
    /// The packet has none.
    Unsigned,
    /// They were checked.
    Checked(Box<Report>),
    /// They were not checked to the end.
    Unexamined(Unexamined),
}

/// What came out for one attached file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileFinding {
    /// Its place in the packet, from 0.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// What came out.
    pub outcome: FileOutcome,
}

/// What came out for the signatures of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileOutcome {
    /// A PDF, checked.
    Pdf(Box<PdfReport>),
    /// A file of another kind: no signature inside it is looked for.
    NotPdf,
    /// Not checked to the end.
    Unexamined(Unexamined),
}

/// Everything that was found about one document's signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentFindings {
    /// The envelope's report; `None` when there is no envelope.
    pub envelope: Option<Report>,
    /// The packet's own signatures.
    pub packet: PacketOutcome,
    /// The attached files, in the packet's order.
    pub files: Vec<FileFinding>,
}

impl DocumentFindings {
    /// The worst of what was found; `None` where nothing was signed.
    #[must_use]
    pub fn indication(&self) -> Option<Indication> {
        let packet = match &self.packet {
            PacketOutcome::Checked(report) => Some(report.as_ref()),
            PacketOutcome::Unsigned | PacketOutcome::Unexamined(_) => None,
        };
        let reports = self.envelope.iter().chain(packet).flat_map(|report| &report.signatures);
        let pdfs = self.files.iter().filter_map(|file| match &file.outcome {
            FileOutcome::Pdf(report) if !is_unsigned(report) => Some(report.indication),
            FileOutcome::Pdf(_) | FileOutcome::NotPdf => None,
            FileOutcome::Unexamined(_) => Some(Indication::Indeterminate),
        });
        let unexamined = matches!(&self.packet, PacketOutcome::Unexamined(_)).then_some(Indication::Indeterminate);
        let found: Vec<Indication> =
            reports.map(|signature| signature.indication).chain(pdfs).chain(unexamined).collect();
        [Indication::TotalFailed, Indication::Indeterminate, Indication::TotalPassed]
            .into_iter()
            .find(|worst| found.contains(worst))
    }
}

/// True for a PDF that reads and has no signature.
pub(super) fn is_unsigned(report: &PdfReport) -> bool {
    report.signatures.is_empty() && report.reason_code == Some(ErrorCode::SignatureMissing)
}

/// What a remark is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// The signed manifest.
    Envelope,
    /// The packet's XML.
    Packet,
    /// An attached file.
    File {
        /// From 0.
        index: usize,
        /// Its name.
        name: String,
    },
    /// The document as a whole.
    Document,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Envelope => f.write_str("envelope"),
            Self::Packet => f.write_str("packet"),
            Self::File { index, name } => write!(f, "attachments[{index}] {name:?}"),
            Self::Document => f.write_str("document"),
        }
    }
}
