//! Why a packet was not accepted, in words that are safe for its sender.

use std::time::Duration;

use evidence::SignReceiptError;
use gateway::Refusal;
use queue::StoreError;
use types::ErrorCode;

use super::UploadError;
use super::upload::position;

/// A packet that was not accepted.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// The public code.
    pub(crate) code: ErrorCode,
    /// What was wrong, with the values at fault.
    pub(crate) detail: String,
    /// The element or field at fault, where there is one.
    pub(crate) field: Option<String>,
    /// The byte or character at fault, from 0.
    pub(crate) position: Option<u64>,
    /// When the same may succeed, where that is known.
    pub(crate) wait: Option<Duration>,
}

impl Refused {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), field: None, position: None, wait: None }
    }

    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// With the time after which the same may succeed.
    pub(crate) const fn after(mut self, wait: Duration) -> Self {
        self.wait = Some(wait);
        self
    }

    /// The refusal as a caller gets it.
    pub(crate) fn into_refusal(self) -> Refusal {
        let mut refusal = Refusal::new(self.code, self.detail);
        if let Some(field) = self.field {
            refusal = refusal.at_field(field);
        }
        if let Some(wait) = self.wait {
            refusal = refusal.retry_after(wait);
        }
        match self.position {
            Some(position) => refusal.at_position(position),
            None => refusal,
        }
    }
}

impl From<UploadError> for Refused {
    fn from(error: UploadError) -> Self {
        let code = error.code();
        match &error {
            UploadError::Packet(packet) => Self {
                code,
                detail: packet.to_string(),
                field: Some(packet.path().to_owned()),
                position: position(packet),
                wait: None,
            },
            UploadError::Cut => Self::new(code, "the upload was cut off"),
            UploadError::Store(_) | UploadError::Disk(_) | UploadError::Reader => {
                tracing::error!(error.code = %code, error = &error as &dyn std::error::Error, "a packet could not be written");
                Self::new(code, "the node could not write the packet")
            }
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        let code = error.code();
        match code.fault() {
            types::Fault::Sender => Self::new(code, error.to_string()),
            types::Fault::Node | types::Fault::Peer => {
                tracing::error!(error.code = %code, error = &error as &dyn std::error::Error, "the store refused");
                Self::new(code, code.title_en())
            }
        }
    }
}

impl From<SignReceiptError> for Refused {
    fn from(error: SignReceiptError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a receipt could not be signed");
        Self::new(error.code(), "the node could not sign the receipt")
    }
}
