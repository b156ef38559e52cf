//! RFC 8785 (JSON Canonicalization Scheme), for values without fractions.

use serde::Serialize;
use serde_json::Value;

/// Why a value has no canonical form here. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// A fraction, or an integer beyond 2^53 − 1 (RFC 8785 3.2.2.3 sends those through IEEE doubles).
    #[error("the number {text} is not an integer of at most 53 bits")]
    Number {
        /// The number, as serde prints it.
        text: String,
    },
    /// The value cannot be JSON (a map with keys that are no strings, for example).
    #[error("not a JSON value: {why}")]
    NotJson {
        /// What serde said.
        why: String,
    },
}

impl CanonicalError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> types::ErrorCode {
        types::ErrorCode::InvalidArgument
    }
}

/// Largest integer that every JSON reader keeps exactly (I-JSON, RFC 7493 2.2).
pub(crate) const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Writes `value` as the one byte sequence that RFC 8785 gives it.
///
/// Members are sorted by the UTF-16 units of their names, nothing is padded, integers only.
///
/// # Errors
/// `invalid_argument` for fractions, integers beyond 2^53 − 1, and values that are not JSON.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|error| CanonicalError::NotJson { why: error.to_string() })?;
    let mut out = String::new();
    write(&value, &mut out)?;
    Ok(out.into_bytes())
}

fn write(value: &Value, out: &mut String) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::String(text) => write_string(text, out)?,
        Value::Number(number) => {
            let text = number.to_string();
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            if magnitude.is_none_or(|magnitude| magnitude > INTEGER_MAX) {
                return Err(CanonicalError::Number { text });
            }
            out.push_str(&text);
        }
        Value::Array(items) => {
            let mut separator = "[";
            for item in items {
                out.push_str(separator);
                write(item, out)?;
                separator = ",";
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            let mut separator = "{";
            for (name, member) in &members {
                out.push_str(separator);
                write_string(name, out)?;
                out.push(':');
                write(member, out)?;
                separator = ",";
            }
            out.push_str(if members.is_empty() { "{}" } else { "}" });
        }
    }
    Ok(())
}

/// serde_json escapes exactly what RFC 8785 3.2.2.2 asks for: the two-letter forms and `\u00xx` in lower case.
fn write_string(text: &str, out: &mut String) -> Result<(), CanonicalError> {
    let quoted = serde_json::to_string(text).map_err(|error| CanonicalError::NotJson { why: error.to_string() })?;
    out.push_str(&quoted);
    Ok(())
}

#[cfg(test)]
mod tests;
