//! What was appended after a signature and may be, in words.

use serde::{Deserialize, Serialize};

/// Something appended after a signature that leaves what was signed as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Change {
    /// Another signature, which passed.
    Signature {
        /// Name of its field.
        field: String,
    },
    /// A document time-stamp that shows nothing.
    Timestamp {
        /// Name of its field.
        field: String,
    },
    /// Certificates and revocation data (DSS).
    SecurityStore,
    /// Declared version or extensions of the format, as validation data and time-stamps need them.
    Declaration,
    /// Metadata or document information: nothing that pages show.
    Metadata,
    /// When the file was last written, and by which program, in the document information.
    Written,
}

impl Change {
    /// In Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        match self {
            Self::Signature { field } => format!("thêm chữ ký {field}"),
            Self::Timestamp { field } => format!("thêm dấu thời gian {field}"),
            Self::SecurityStore => "thêm dữ liệu kiểm tra chứng thư (DSS)".to_owned(),
            Self::Declaration => "khai báo phiên bản hoặc phần mở rộng của định dạng".to_owned(),
            Self::Metadata => "sửa siêu dữ liệu".to_owned(),
            Self::Written => "ghi lại thời điểm và phần mềm lưu tệp".to_owned(),
        }
    }

    /// In English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Signature { field } => format!("signature {field} added"),
            Self::Timestamp { field } => format!("time-stamp {field} added"),
            Self::SecurityStore => "validation data (DSS) added".to_owned(),
            Self::Declaration => "version or extensions of the format declared".to_owned(),
            Self::Metadata => "metadata changed".to_owned(),
            Self::Written => "date and program of the last change noted".to_owned(),
        }
    }
}
