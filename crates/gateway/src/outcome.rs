//! One code, three spellings: gRPC status, HTTP status, problem details (RFC 9457).

use http::StatusCode;
use serde_json::{Map, Value, json};
use tonic::Code;
use types::{ErrorCode, Fault};

use crate::Refusal;

/// The gRPC and the HTTP status of a code. Total: a new code does not compile until it has both.
pub(crate) const fn statuses(code: ErrorCode) -> (Code, StatusCode) {
    use ErrorCode as E;
    match code {
        E::InvalidArgument | E::MalformedCode => (Code::InvalidArgument, StatusCode::BAD_REQUEST),
        E::Unauthenticated => (Code::Unauthenticated, StatusCode::UNAUTHORIZED),
        E::PermissionDenied | E::AgencyNotSpokenFor | E::SenderMismatch => {
            (Code::PermissionDenied, StatusCode::FORBIDDEN)
        }
        E::NotFound => (Code::NotFound, StatusCode::NOT_FOUND),
        E::UnknownAgency
        | E::UnknownSender
        | E::AgencyDissolved
        | E::NoRoute
        | E::SecretDocument
        | E::ReferenceUnknown
        | E::SignatureMissing
        | E::SignatureInvalid
        | E::CertificateExpired
        | E::CertificateRevoked
        | E::DocumentAltered
        | E::SignerNotOfSender
        | E::VerificationUnfinished
        | E::CertificateUntrusted
        | E::CertificateUnsuitable
        | E::AlgorithmRefused
        | E::ManifestMismatch => (Code::FailedPrecondition, StatusCode::UNPROCESSABLE_ENTITY),
        E::MalformedDocument
        | E::ForbiddenXml
        | E::WrongNamespace
        | E::MissingElement
        | E::InvalidElement
        | E::InvalidBase64
        | E::AttachmentMissing
        | E::AttachmentDuplicate
        | E::AttachmentUnlisted
        | E::ArchiveUnsafe
        | E::DigestMismatch
        | E::LengthMismatch
        | E::LimitExceeded
        | E::SignatureMalformed
        | E::ManifestMalformed => (Code::InvalidArgument, StatusCode::UNPROCESSABLE_ENTITY),
        // Not RESOURCE_EXHAUSTED: clients repeat that one, and a repeat does not make it smaller.
        E::DocumentTooLarge => (Code::InvalidArgument, StatusCode::PAYLOAD_TOO_LARGE),
        E::DocumentConflict => (Code::AlreadyExists, StatusCode::CONFLICT),
        E::LeaseLost | E::Recalled | E::Replaced => (Code::Aborted, StatusCode::CONFLICT),
        E::RateLimited | E::QuotaExceeded | E::QuarantineFull => {
            (Code::ResourceExhausted, StatusCode::TOO_MANY_REQUESTS)
        }
        E::Overloaded
        | E::DiskReserve
        | E::StorePoisoned
        | E::KeyUnavailable
        | E::ShuttingDown
        | E::PeerUnavailable
        | E::RevocationUnknown
        | E::VerificationPending => (Code::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
        E::StoreDamaged => (Code::DataLoss, StatusCode::INTERNAL_SERVER_ERROR),
        E::PeerRefused | E::ProtocolViolation | E::OperatorRefused => {
            (Code::FailedPrecondition, StatusCode::BAD_GATEWAY)
        }
        E::LoopDetected | E::HopLimit => (Code::FailedPrecondition, StatusCode::LOOP_DETECTED),
        E::TimeToLive | E::DeadlineAtRisk => (Code::DeadlineExceeded, StatusCode::GATEWAY_TIMEOUT),
        E::Cancelled => (Code::Cancelled, StatusCode::REQUEST_TIMEOUT),
        E::Internal => (Code::Internal, StatusCode::INTERNAL_SERVER_ERROR),
        E::Unsupported => (Code::Unimplemented, StatusCode::NOT_IMPLEMENTED),
    }
}

/// The problem details of a refusal, answered with `status` to the request `request_id`.
pub(crate) fn problem(refusal: &Refusal, status: StatusCode, request_id: &str) -> Map<String, Value> {
    let code = refusal.code();
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    put("type", json!(format!("urn:lienthong:error:{code}")));
    put("title", json!(code.title_vi()));
    put("titleEn", json!(code.title_en()));
    put("status", json!(status.as_u16()));
    put("detail", json!(refusal.detail()));
    put("code", json!(code.as_str()));
    put("action", json!(code.action_vi()));
    put("actionEn", json!(code.action_en()));
    put("retryable", json!(code.is_retryable()));
    put("requestId", json!(request_id));
    let known = [
        ("detailVi", refusal.detail_vi().map(|text| json!(text))),
        ("field", refusal.field_at_fault().map(|text| json!(text))),
        ("position", refusal.position().map(|at| json!(at))),
        ("documentId", refusal.document_id().map(|id| json!(id))),
        ("exchangeId", refusal.exchange_id().map(|id| json!(id))),
        ("retryAfterSeconds", retry_after_seconds(refusal).map(|seconds| json!(seconds))),
        ("receipt", refusal.receipt().and_then(|receipt| serde_json::to_value(receipt).ok())),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            put(name, value);
        }
    }
    members
}

/// Whole seconds for `Retry-After`, rounded up: too early is refused again.
pub(crate) fn retry_after_seconds(refusal: &Refusal) -> Option<u64> {
    refusal.wait().map(|wait| wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX))
}

/// Logs a refusal once, where it becomes an answer.
pub(crate) fn note(refusal: &Refusal) {
    let code = refusal.code();
    let doc = refusal.document_id().unwrap_or_default();
    match code.fault() {
        Fault::Node if code == ErrorCode::Internal => {
            tracing::error!(error.code = %code, doc.id = doc, "answered an internal error");
        }
        Fault::Node => tracing::warn!(error.code = %code, doc.id = doc, "refused: {}", code.title_en()),
        Fault::Peer | Fault::Sender => {
            tracing::info!(error.code = %code, doc.id = doc, "refused: {}", code.title_en());
        }
    }
}

#[cfg(test)]
mod tests;
