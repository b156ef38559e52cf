//! Why a packet is refused.

use std::error::Error;
use std::{fmt, io};

use types::ErrorCode;

use crate::{NAMESPACE, SinkError};

/// A refused packet: what is wrong, and where.
#[derive(Debug)]
pub struct EdxmlError {
    offset: u64,
    path: String,
    problem: Problem,
}

impl fmt::Display for EdxmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {}, in {})", self.problem, self.offset, self.path)
    }
}

impl Error for EdxmlError {
    /// The problem's own cause: the text already names the problem.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.problem.source()
    }
}

impl EdxmlError {
    pub(crate) fn new(problem: Problem, offset: u64, path: &str) -> Self {
        let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        Self { offset, path, problem }
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Byte of the packet at which reading stopped, from 0, the byte order mark counted.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Local names from the root to the element at fault, joined by `/`: `edXML/edXMLEnvelope/…`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        self.problem.code()
    }
}

/// What is wrong with a packet.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Not well-formed XML in UTF-8. `malformed_document`.
    #[error("not well-formed: {reason}")]
    Malformed {
        /// The rule broken.
        reason: String,
    },
    /// A DTD, or an entity reference that only a DTD could explain. `forbidden_xml`.
    #[error("forbidden XML: {found}")]
    Forbidden {
        /// What was found.
        found: String,
    },
    /// An element of another namespace where one of the standard's is due. `wrong_namespace`.
    #[error("element {element} is in the namespace {found:?}; required: {required:?}")]
    WrongNamespace {
        /// Local name.
        element: String,
        /// Its namespace, cut to 256 characters; empty for none.
        found: String,
        /// The standard's namespace.
        required: &'static str,
    },
    /// A required element is absent or empty. `missing_element`.
    #[error("required element {element} is missing")]
    Missing {
        /// Path of the missing element.
        element: String,
    },
    /// An element's value breaks its type, or a single element occurs twice. `invalid_element`.
    #[error("element {element} has {value:?}; {expected}")]
    Invalid {
        /// Path of the element.
        element: String,
        /// Its text, cut to 64 characters.
        value: String,
        /// What it takes.
        expected: String,
    },
    /// A count or length limit. `limit_exceeded`.
    #[error("more than {max} {what}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// The limit.
        max: u64,
    },
    /// An attachment or the packet has too many bytes. `document_too_large`.
    #[error("{what} has more than {max} bytes")]
    TooLarge {
        /// The attachment or the packet.
        what: String,
        /// The limit in bytes.
        max: u64,
    },
    /// Attachment content is not base64. `invalid_base64`.
    #[error("attachment {content_id:?} is not base64: {reason} (at base64 character {position})")]
    InvalidBase64 {
        /// `ContentId`, empty when it comes after the content.
        content_id: String,
        /// Base64 characters before the offence, white space not counted.
        position: u64,
        /// The offence.
        reason: String,
    },
    /// The manifest lists content that is not there. `attachment_missing`.
    #[error("the manifest lists {content_id:?}, which is not attached")]
    AttachmentMissing {
        /// `ContentId`.
        content_id: String,
    },
    /// A `ContentId` occurs twice in the manifest or among the attachments. `attachment_duplicate`.
    #[error("content id {content_id:?} occurs twice")]
    AttachmentDuplicate {
        /// `ContentId`.
        content_id: String,
    },
    /// An attachment is not in the manifest. `attachment_unlisted`.
    #[error("attachment {content_id:?} is not in the manifest")]
    AttachmentUnlisted {
        /// `ContentId`.
        content_id: String,
    },
    /// The input failed before its end. `cancelled`.
    #[error("read the packet")]
    Input {
        /// The input's error.
        source: io::Error,
    },
    /// The sink refused. The code is the sink's.
    #[error("hand over an attachment")]
    Sink {
        /// The sink's error.
        source: SinkError,
    },
}

impl Problem {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed { .. } => ErrorCode::MalformedDocument,
            Self::Forbidden { .. } => ErrorCode::ForbiddenXml,
            Self::WrongNamespace { .. } => ErrorCode::WrongNamespace,
            Self::Missing { .. } => ErrorCode::MissingElement,
            Self::Invalid { .. } => ErrorCode::InvalidElement,
            Self::Limit { .. } => ErrorCode::LimitExceeded,
            Self::TooLarge { .. } => ErrorCode::DocumentTooLarge,
            Self::InvalidBase64 { .. } => ErrorCode::InvalidBase64,
            Self::AttachmentMissing { .. } => ErrorCode::AttachmentMissing,
            Self::AttachmentDuplicate { .. } => ErrorCode::AttachmentDuplicate,
            Self::AttachmentUnlisted { .. } => ErrorCode::AttachmentUnlisted,
            Self::Input { .. } => ErrorCode::Cancelled,
            Self::Sink { source } => source.code(),
        }
    }

    pub(crate) fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed { reason: reason.into() }
    }

    pub(crate) fn forbidden(found: impl Into<String>) -> Self {
        Self::Forbidden { found: found.into() }
    }

    pub(crate) fn wrong_namespace(element: &str, found: &str) -> Self {
        Self::WrongNamespace {
            element: element.to_owned(),
            found: found.chars().take(256).collect(),
            required: NAMESPACE,
        }
    }
}
