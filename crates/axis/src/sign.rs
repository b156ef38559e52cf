//! The headers of a signed request, as the operator's client builds them.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::tz::{Offset, TimeZone};
use ring::hmac;
use types::UnixMillis;

use crate::Secret;

/// Prefix of every parameter on the wire.
const PREFIX: &str = "XroadVnpt-";

/// `XroadVnpt-version` of SDK 2.0.x.
const VERSION: &str = "3.0.201608";

/// A signed parameter.
///
/// `Ord` is the order in which the operator's client signs them: that of a Java `HashMap` with 16 buckets over the names
/// without prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// `fromDate` of the list of what waits.
    FromDate,
    /// `systemid`; every request has it.
    SystemId,
    /// `servicetype`: `eDoc`.
    ServiceType,
    /// `messagetype`: `edoc` or `status`.
    MessageType,
    /// `hash-file`, see [`crate::file_hash::render`].
    HashFile,
    /// `docId` of everything but `updateStatus`.
    DocId,
    /// `docid` of `updateStatus`.
    DocIdOfStatus,
    /// `toDate` of the list of what waits.
    ToDate,
    /// `AgencyCode` of `deleteAgency`.
    AgencyCode,
    /// `from` of `sendEdoc`.
    From,
    /// `to` of `sendEdoc`: a JSON array as text.
    To,
    /// `timestamp`; every request has it.
    Timestamp,
    /// `Content-Type`; every request has it, and the HTTP header of that name too.
    ContentType,
    /// `status` of `updateStatus`.
    Status,
}

impl Parameter {
    /// The name on the wire, without prefix.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FromDate => "fromDate",
            Self::SystemId => "systemid",
            Self::ServiceType => "servicetype",
            Self::MessageType => "messagetype",
            Self::HashFile => "hash-file",
            Self::DocId => "docId",
            Self::DocIdOfStatus => "docid",
            Self::ToDate => "toDate",
            Self::AgencyCode => "AgencyCode",
            Self::From => "from",
            Self::To => "to",
            Self::Timestamp => "timestamp",
            Self::ContentType => "Content-Type",
            Self::Status => "status",
        }
    }
}

/// A parameter whose value no HTTP header can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: a control character, which no header can carry", .0.as_str())]
pub struct Unsendable(pub Parameter);

/// A system and its secret: what signs.
#[derive(Clone, Debug)]
pub struct Signer {
    system: String,
    secret: Secret,
}

impl Signer {
    /// Signs for the system with this id.
    #[must_use]
    pub fn new(system: impl Into<String>, secret: Secret) -> Self {
        Self { system: system.into(), secret }
    }

    /// The system's id.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The headers of one request made at `at`: its own `parameters`, `systemid`, `timestamp` and `Content-Type`, the
    /// signature over exactly those, and `XroadVnpt-version`. Nothing of an earlier request.
    ///
    /// # Errors
    /// The first parameter that cannot travel.
    pub fn headers(
        &self,
        parameters: impl IntoIterator<Item = (Parameter, String)>,
        content_type: &'static str,
        at: UnixMillis,
    ) -> Result<HeaderMap, Unsendable> {
        let mut signed: Vec<_> = parameters.into_iter().collect();
        signed.push((Parameter::SystemId, self.system.clone()));
        signed.push((Parameter::Timestamp, timestamp(at)));
        signed.push((Parameter::ContentType, content_type.to_owned()));
        signed.sort_by_key(|(parameter, _)| *parameter);

        let mut headers = HeaderMap::with_capacity(signed.len() + 5);
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        for (parameter, value) in &signed {
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| Unsendable(*parameter))?;
            headers.append(name(parameter.as_str()), value);
        }
        let names: Vec<_> = signed.iter().map(|(parameter, _)| parameter.as_str()).collect();
        let object = object(&signed);
        let mut put = |key: &str, value: &str| {
            // A JSON text escapes what a header cannot carry; the rest is ASCII of our own.
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.append(name(key), value);
            }
        };
        put("sign-header-key", &names.join(";"));
        put("sign-header", &object);
        put("hash-header", &self.hash(object.as_bytes()));
        put("version", VERSION);
        Ok(headers)
    }

    /// `hash-header`: HMAC-SHA256 in lower-case hex.
    fn hash(&self, object: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        hmac::sign(&key, object).as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ignored = write!(text, "{byte:02x}");
            text
        })
    }
}

fn name(parameter: &str) -> HeaderName {
    HeaderName::from_bytes(format!("{PREFIX}{parameter}").as_bytes()).expect("every parameter is a header's name")
}

/// The JSON object in the order of `signed`, without a space.
fn object(signed: &[(Parameter, String)]) -> String {
    let fields = signed.iter().map(|(parameter, value)| {
        format!("\"{PREFIX}{}\":{}", parameter.as_str(), serde_json::Value::from(value.as_str()))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// `ddMMyyyy'T'HHmmss+SSSS` in Vietnam's time; what follows the `+` is milliseconds in four digits.
fn timestamp(at: UnixMillis) -> String {
    let vietnam = TimeZone::fixed(Offset::constant(7));
    let millis = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX).to_zoned(vietnam);
    format!("{}+{:04}", moment.strftime("%d%m%YT%H%M%S"), moment.millisecond())
}

#[cfg(test)]
mod tests;
