//! A refusal as a gRPC status.

use http::StatusCode;
use serde_json::Value;
use tonic::Status;
use tonic::metadata::{MetadataMap, MetadataValue};

use crate::layers::RequestId;
use crate::{Refusal, outcome};

/// Bytes of the problem in a trailer: clients take 8 KiB of headers by default, base64 adds a third.
const PROBLEM_BYTES_MAX: usize = 5 * 1024;

/// The status with the code, the document id and the problem details in its metadata.
///
/// A receipt that would make the trailers larger than clients take is left out.
pub(crate) fn status(refusal: &Refusal, id: &RequestId) -> Status {
    outcome::note(refusal);
    let (code, http) = outcome::statuses(refusal.code());
    let mut metadata = MetadataMap::new();
    metadata.insert("lienthong-code", MetadataValue::from_static(refusal.code().as_str()));
    metadata.insert_bin("lienthong-problem-bin", MetadataValue::from_bytes(&problem(refusal, http, id)));
    if let Some(document_id) = refusal.document_id() {
        // Ids carry Vietnamese letters, so they are percent-encoded as `grpc-message` is.
        if let Ok(value) = percent_encoded(document_id).parse() {
            metadata.insert("lienthong-document-id", value);
        }
    }
    if let Some(wait) = refusal.wait() {
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        metadata.insert("grpc-retry-pushback-ms", MetadataValue::from(millis));
    }
    Status::with_metadata(code, format!("{}: {}", refusal.code(), short(refusal.detail())), metadata)
}

fn problem(refusal: &Refusal, http: StatusCode, id: &RequestId) -> Vec<u8> {
    let mut members = outcome::problem(refusal, http, id.as_str());
    let mut bytes = Value::Object(members.clone()).to_string();
    if bytes.len() > PROBLEM_BYTES_MAX {
        members.remove("receipt");
        members.insert("detail".into(), short(refusal.detail()).into());
        members.remove("detailVi");
        bytes = Value::Object(members).to_string();
    }
    bytes.into_bytes()
}

/// The first 500 characters: the text becomes a header.
fn short(text: &str) -> String {
    text.chars().take(500).collect()
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' || byte == b' ' {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
