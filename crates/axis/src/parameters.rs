//! Parameters of a call: what was signed, or what the second dialect sends.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use types::ErrorCode;

use crate::verify::PREFIX;
use crate::{DocId, Failure, MessageType, TransferState};

/// Names in one object: the real client signs about a dozen.
const NAMES_MAX: usize = 100;
/// Receivers in `to`.
const RECEIVERS_MAX: usize = 10_000;

/// Names and values, without the prefix. The case of a name counts: `docId` and `docid` are two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The value of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names and values by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds a value; the first of a name counts.
    pub(crate) fn add(&mut self, name: &str, value: String) {
        if self.0.len() < NAMES_MAX {
            self.0.entry(name.to_owned()).or_insert(value);
        }
    }

    /// A value that is there and not empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.text(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// A value that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.given(name).ok_or_else(|| invalid(&format!("thiếu tham số {name} / parameter {name} is missing")))
    }

    /// The id under this name.
    pub(crate) fn doc_id(&self, name: &str) -> Result<DocId, Failure> {
        self.required(name)?.parse().map_err(|error| invalid(&format!("{error}")))
    }

    /// `messagetype`, when it is said.
    pub(crate) fn message_type(&self) -> Result<Option<MessageType>, Failure> {
        let read = |word: &str| word.parse().map_err(|error| invalid(&format!("{error}")));
        self.given("messagetype").map(read).transpose()
    }

    /// `status` of `updateStatus`.
    pub(crate) fn transfer_state(&self) -> Result<TransferState, Failure> {
        self.required("status")?.parse().map_err(|error| invalid(&format!("{error}")))
    }

    /// The day under this name: `dd/MM/yyyy`, `yyyy-MM-dd` or `yyyy/MM/dd`, a time after it ignored.
    pub(crate) fn day(&self, name: &str) -> Result<Option<Date>, Failure> {
        let Some(text) = self.given(name) else { return Ok(None) };
        let form =
            || invalid(&format!("{name}: ngày dạng dd/MM/yyyy hoặc yyyy-MM-dd / write dd/MM/yyyy or yyyy-MM-dd"));
        let day = text.split(['T', ' ']).next().unwrap_or_default();
        let read = |form: &&str| Date::strptime(form, day).ok();
        // The day of the month may be read as a year and the other way round: the place of the first slash decides.
        let forms: &[&str] = match day.as_bytes() {
            [_, _, b'/', ..] if day.len() == 10 => &["%d/%m/%Y"],
            [_, _, _, _, _, ..] if day.len() == 10 => &["%Y-%m-%d", "%Y/%m/%d"],
            _ => &[],
        };
        forms.iter().find_map(read).map(Some).ok_or_else(form)
    }

    /// `to`: a JSON array as text; a bare code, or several joined with commas, are taken too. Empty: the packet's `To`.
    pub(crate) fn receivers(&self) -> Result<Option<Vec<String>>, Failure> {
        let Some(text) = self.given("to") else { return Ok(None) };
        let codes: Vec<String> = if text.starts_with('[') {
            let form = |_| invalid("to: mảng JSON các mã cơ quan / write a JSON array of agency codes");
            serde_json::from_str(text).map_err(form)?
        } else {
            text.split([',', ';']).map(str::to_owned).collect()
        };
        if codes.len() > RECEIVERS_MAX {
            return Err(Failure::of(ErrorCode::LimitExceeded, &format!("to: at most {RECEIVERS_MAX} receivers")));
        }
        let codes: Vec<String> =
            codes.iter().map(|code| code.trim()).filter(|code| !code.is_empty()).map(str::to_owned).collect();
        Ok(if codes.is_empty() { None } else { Some(codes) })
    }
}

pub(crate) fn invalid(detail: &str) -> Failure {
    Failure::of(ErrorCode::InvalidArgument, detail)
}

/// Reads `sign-header`: an object of texts with distinct, prefixed names. Bytes that are no UTF-8 are Latin-1.
pub(crate) fn signed_object(bytes: &[u8]) -> Result<Parameters, String> {
    let latin1;
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => {
            latin1 = bytes.iter().copied().map(char::from).collect::<String>();
            &latin1
        }
    };
    let object: Object = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut parameters = BTreeMap::new();
    for (name, value) in object.0 {
        let name = name.strip_prefix(PREFIX).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| format!("a name lacks the prefix {PREFIX}"))?;
        parameters.insert(name.to_owned(), value);
    }
    Ok(Parameters(parameters))
}

/// Reads the object of plain values in a request's body.
pub(crate) fn plain_object(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let object: Object = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(object.0.into_iter().collect())
}

/// An object of plain values; a repeated name is an error, since one reader would take the first and another the last.
struct Object(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Plain;
        impl<'de> Visitor<'de> for Plain {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut values = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    let Value(value) = map.next_value()?;
                    if values.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name is repeated"));
                    }
                    if values.len() > NAMES_MAX {
                        return Err(A::Error::custom(format!("more than {NAMES_MAX} names")));
                    }
                }
                Ok(Object(values))
            }
        }
        deserializer.deserialize_map(Plain)
    }
}

/// A text, or a number or truth value as its text.
struct Value(String);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Plain;
        impl Visitor<'_> for Plain {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(Value(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
                Ok(Value(number.to_string()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value(value.to_string()))
            }
        }
        deserializer.deserialize_any(Plain)
    }
}

#[cfg(test)]
mod tests;
