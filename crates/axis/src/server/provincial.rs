//! The dialect of provincial LGSPs: a secret as a header, parameters wherever a client puts them.
//!
//! A parameter is looked for in the form (or the object of plain values) of the body, then in the query, then in the
//! headers, as `X-Name` or `Name`. The case of a name does not count.

use http::request::Parts;
use http::{HeaderMap, Method};
use ring::digest::{SHA256, digest};
use subtle::{Choice, ConstantTimeEq};

use super::form::Fields;
use super::handled::Dialect;
use crate::Secret;
use crate::operation::Operation;
use crate::parameters::Parameters;
use crate::verify::SignatureFault;

/// Bytes of a system's id.
const SYSTEM_BYTES_MAX: usize = 255;
/// Bytes of a secret.
const SECRET_BYTES_MAX: usize = 4096;
/// Secrets compared for every request at least, so that how many a system has does not show.
const TRIES_MIN: usize = 2;

/// The names of the axis's dialect, and those that stand for them here.
const NAMES: [(&str, &[&str]); 11] = [
    ("docId", &["docId"]),
    ("docid", &["docId"]),
    ("status", &["status"]),
    ("servicetype", &["serviceType"]),
    ("messagetype", &["messageType"]),
    ("fromDate", &["fromDate"]),
    ("toDate", &["toDate"]),
    ("from", &["from"]),
    ("to", &["to"]),
    ("hash-file", &["hash-file", "hashFile"]),
    ("AgencyCode", &["AgencyCode"]),
];

/// Reading is got as well as posted.
pub(super) fn takes(dialect: Dialect, operation: Operation, method: &Method) -> bool {
    let changes = matches!(
        operation,
        Operation::SendEdoc | Operation::UpdateStatus | Operation::RegisterAgency | Operation::DeleteAgency
    );
    dialect == Dialect::Provincial && !changes && method == Method::GET
}

/// The system that a request claims to be.
pub(super) fn claimed_system(headers: &HeaderMap) -> Result<&str, SignatureFault> {
    let system = headers.get("x-systemid").and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let system = system.filter(|system| !system.is_empty() && system.len() <= SYSTEM_BYTES_MAX);
    system.ok_or(SignatureFault::Header("X-SystemId"))
}

/// Compares `X-SecretKey` with every secret, whichever fits.
pub(super) fn verify(headers: &HeaderMap, secrets: &[Secret]) -> Result<(), SignatureFault> {
    let shown = headers.get("x-secretkey").map(|value| value.as_bytes());
    let shown = shown.filter(|shown| !shown.is_empty() && shown.len() <= SECRET_BYTES_MAX);
    let shown = digest(&SHA256, shown.ok_or(SignatureFault::Header("X-SecretKey"))?);
    let mut fits = Choice::from(0);
    for place in 0..TRIES_MIN.max(secrets.len()) {
        // An empty secret is nobody's: the shown one is not empty.
        let secret = secrets.get(place).map_or(&[][..], Secret::as_bytes);
        fits |= digest(&SHA256, secret).as_ref().ct_eq(shown.as_ref());
    }
    if fits.into() { Ok(()) } else { Err(SignatureFault::Secret) }
}

/// The parameters under the names of the axis's own dialect.
pub(super) fn parameters(parts: &Parts, mut fields: Fields) -> Parameters {
    let query = parts.uri.query().unwrap_or_default();
    fields.extend(form_urlencoded::parse(query.as_bytes()).into_owned());
    let mut parameters = Parameters::default();
    for (name, spellings) in NAMES {
        for spelling in spellings {
            let field = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(spelling));
            if let Some(value) = field.map(|(_, value)| value.clone()).or_else(|| header(&parts.headers, spelling)) {
                parameters.add(name, value);
            }
        }
    }
    parameters
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(format!("x-{name}")).or_else(|| headers.get(name))?;
    std::str::from_utf8(value.as_bytes()).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests;
