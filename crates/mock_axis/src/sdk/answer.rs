//! Answers as the real client reads them.

use serde_json::{Map, Value};

use super::Reply;

/// Where the real client throws.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The answer of `sendEdoc` is read as US-ASCII: a byte beyond is lost.
    #[error("byte {byte:#04x} at offset {offset}: the client reads this answer as US-ASCII")]
    NotAscii {
        /// The byte.
        byte: u8,
        /// Where, from 0.
        offset: usize,
    },
    /// No JSON object.
    #[error("no JSON object: {0}")]
    Json(String),
    /// A member that the client asks for is missing, `null` or no string.
    #[error("{member} is {found}, a string is needed")]
    Member {
        /// Which.
        member: &'static str,
        /// `missing`, `null`, or what it is.
        found: &'static str,
    },
}

/// An answer's object with the members that every answer has.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// `OK` or `FAIL`.
    pub status: String,
    /// A decimal number.
    pub error_code: String,
    /// Words for people.
    pub error_desc: String,
    /// The whole object.
    pub members: Map<String, Value>,
}

impl Answer {
    /// Reads an answer other than that of `sendEdoc`.
    ///
    /// # Errors
    /// Where the real client throws.
    pub fn read(reply: &Reply) -> Result<Self, Unreadable> {
        let value: Value = serde_json::from_slice(&reply.body).map_err(|error| Unreadable::Json(error.to_string()))?;
        let Value::Object(members) = value else { return Err(Unreadable::Json("another value".to_owned())) };
        let text = |member| text(&members, member);
        let (status, error_code) = (text("status")?, text("ErrorCode")?);
        Ok(Self { status, error_code, error_desc: text("ErrorDesc")?, members })
    }

    /// Reads the answer of `sendEdoc`: as US-ASCII, and with `DocId`.
    ///
    /// # Errors
    /// Where the real client throws, and where it would read something else than was meant.
    pub fn read_sent(reply: &Reply) -> Result<(Self, String), Unreadable> {
        if let Some((offset, byte)) = reply.body.iter().enumerate().find(|(_, byte)| !byte.is_ascii()) {
            return Err(Unreadable::NotAscii { byte: *byte, offset });
        }
        let answer = Self::read(reply)?;
        let doc_id = text(&answer.members, "DocId")?;
        Ok((answer, doc_id))
    }

    /// Whether it says `OK` and code 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status == "OK" && self.error_code == "0"
    }

    /// The lines of a list; none without `data`.
    #[must_use]
    pub fn data(&self) -> &[Value] {
        self.members.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

fn text(members: &Map<String, Value>, member: &'static str) -> Result<String, Unreadable> {
    let found = match members.get(member) {
        Some(Value::String(text)) => return Ok(text.clone()),
        None => "missing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "a truth value",
        Some(Value::Number(_)) => "a number",
        Some(Value::Array(_)) => "an array",
        Some(Value::Object(_)) => "an object",
    };
    Err(Unreadable::Member { member, found })
}
