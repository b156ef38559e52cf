//! Wire values to domain values and back: parsed once, at the door.

use pbjson_types::Timestamp;
use types::{BusinessType, ErrorCode, Lane, PacketKind, UnixMillis};

use crate::types_v1;

/// A field of a request that is missing or does not parse. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: {problem}")]
pub struct FieldError {
    /// Path of the field, in the proto's spelling.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl FieldError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

/// Parses a text field; an empty one is missing.
///
/// # Errors
/// `invalid_argument` with the field's name and the parser's own words.
pub fn required<T>(field: &'static str, text: &str) -> Result<T, FieldError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    if text.is_empty() {
        return Err(FieldError { field, problem: "is required".into() });
    }
    text.parse().map_err(|error: T::Err| FieldError { field, problem: error.to_string() })
}

/// Milliseconds as a protobuf timestamp.
#[must_use]
pub fn timestamp(at: UnixMillis) -> Timestamp {
    let nanos = i32::try_from(at.as_millis() % 1000 * 1_000_000).unwrap_or(0);
    Timestamp { seconds: i64::try_from(at.as_seconds()).unwrap_or(i64::MAX), nanos }
}

/// A protobuf timestamp in milliseconds, cut towards the past.
///
/// # Errors
/// `invalid_argument` for a time before 1970.
pub fn millis(field: &'static str, at: &Timestamp) -> Result<UnixMillis, FieldError> {
    let seconds = u64::try_from(at.seconds)
        .map_err(|_| FieldError { field, problem: "lies before 1970-01-01T00:00:00Z".into() })?;
    let millis = u64::try_from(at.nanos / 1_000_000).unwrap_or(0);
    Ok(UnixMillis::new(seconds.saturating_mul(1000).saturating_add(millis)))
}

impl From<PacketKind> for types_v1::PacketKind {
    fn from(kind: PacketKind) -> Self {
        match kind {
            PacketKind::Document => Self::Document,
            PacketKind::Status => Self::Status,
        }
    }
}

impl From<types_v1::PacketKind> for Option<PacketKind> {
    fn from(kind: types_v1::PacketKind) -> Self {
        match kind {
            types_v1::PacketKind::Unspecified => None,
            types_v1::PacketKind::Document => Some(PacketKind::Document),
            types_v1::PacketKind::Status => Some(PacketKind::Status),
        }
    }
}

impl From<BusinessType> for types_v1::BusinessType {
    fn from(kind: BusinessType) -> Self {
        match kind {
            BusinessType::New => Self::New,
            BusinessType::Revoke => Self::Revoke,
            BusinessType::Update => Self::Update,
            BusinessType::Replace => Self::Replace,
        }
    }
}

impl From<types_v1::BusinessType> for BusinessType {
    fn from(kind: types_v1::BusinessType) -> Self {
        match kind {
            types_v1::BusinessType::New => Self::New,
            types_v1::BusinessType::Revoke => Self::Revoke,
            types_v1::BusinessType::Update => Self::Update,
            types_v1::BusinessType::Replace => Self::Replace,
        }
    }
}

impl From<Lane> for types_v1::Priority {
    fn from(lane: Lane) -> Self {
        match lane {
            Lane::Normal => Self::Normal,
            Lane::Urgent => Self::Urgent,
            Lane::VeryUrgent => Self::VeryUrgent,
            Lane::Express => Self::Express,
        }
    }
}

impl From<types_v1::Priority> for Lane {
    fn from(priority: types_v1::Priority) -> Self {
        match priority {
            types_v1::Priority::Normal => Self::Normal,
            types_v1::Priority::Urgent => Self::Urgent,
            types_v1::Priority::VeryUrgent => Self::VeryUrgent,
            types_v1::Priority::Express => Self::Express,
        }
    }
}

#[cfg(test)]
mod tests;
