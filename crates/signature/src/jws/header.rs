//! The protected header: what may stand in it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;
use types::UnixMillis;

use crate::reason::JwsReason;

/// Members that would bring a key past the trust store.
const KEY_MEMBERS: [&str; 3] = ["jku", "x5u", "jwk"];

/// The header's members, each name at most once (RFC 7515 4).
pub(super) struct Header(BTreeMap<String, Value>);

impl Header {
    pub(super) fn read(json: &[u8]) -> Result<Self, JwsReason> {
        serde_json::from_slice(json).map_err(|error| JwsReason::Malformed { why: format!("header: {error}") })
    }

    /// Everything that can be said without a key.
    pub(super) fn check(&self, wanted_type: &'static str) -> Result<(), JwsReason> {
        for name in KEY_MEMBERS {
            if self.0.contains_key(name) {
                return Err(JwsReason::KeyInHeader { name });
            }
        }
        self.check_critical()?;
        match self.text("typ")? {
            Some(found) if found == wanted_type => Ok(()),
            found => Err(JwsReason::Type {
                found: found.unwrap_or_default().chars().take(64).collect(),
                expected: wanted_type,
            }),
        }
    }

    /// `crit` is `["b64"]`, the one extension known here, and `b64` is `false` (RFC 7797 6).
    fn check_critical(&self) -> Result<(), JwsReason> {
        let Some(Value::Array(names)) = self.0.get("crit") else { return Err(JwsReason::Encoding) };
        for name in names {
            if name != "b64" {
                let name = name.as_str().unwrap_or("?").chars().take(32).collect();
                return Err(JwsReason::UnknownCritical { name });
            }
        }
        match (names.len(), self.0.get("b64")) {
            (1, Some(Value::Bool(false))) => Ok(()),
            _ => Err(JwsReason::Encoding),
        }
    }

    /// `alg`, empty when absent.
    pub(super) fn algorithm(&self) -> &str {
        self.0.get("alg").and_then(Value::as_str).unwrap_or_default()
    }

    /// `iat`, seconds since 1970: a claim.
    pub(super) fn issued_at(&self) -> Option<UnixMillis> {
        let seconds = self.0.get("iat")?.as_u64()?;
        Some(UnixMillis::new(seconds.saturating_mul(1000)))
    }

    /// `x5c`.
    pub(super) fn certificates(&self) -> Result<Option<Vec<&str>>, JwsReason> {
        let wrong = || JwsReason::Malformed { why: "x5c is not an array of texts".to_owned() };
        let Some(member) = self.0.get("x5c") else { return Ok(None) };
        let texts = member.as_array().ok_or_else(wrong)?.iter().map(Value::as_str).collect::<Option<_>>();
        texts.ok_or_else(wrong).map(Some)
    }

    /// `x5t#S256`.
    pub(super) fn thumbprint(&self) -> Result<Option<&str>, JwsReason> {
        self.text("x5t#S256")
    }

    fn text(&self, name: &str) -> Result<Option<&str>, JwsReason> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(JwsReason::Malformed { why: format!("{name} is not a text") }),
        }
    }
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

/// Collects members and refuses a name that comes twice: readers that take the first and readers that take
/// the last would see two different headers.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member {name:?} occurs twice")));
            }
            members.insert(name, value);
        }
        Ok(Header(members))
    }
}
