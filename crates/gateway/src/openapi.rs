//! The OpenAPI 3.1 document, made of the contract's descriptors and its comments.
//!
//! One contract: paths come from the `google.api.http` options, schemas from the messages in the
//! protobuf JSON mapping, texts from the comments. What HTTP does differently from gRPC (raw
//! bodies, forms, ranges, server-sent events) is in `bodies`.

use std::sync::OnceLock;

use prost_reflect::DescriptorPool;
use serde_json::{Map, Value, json};
use types::ErrorCode;

mod bindings;
mod bodies;
mod comments;
mod operation;
mod schema;

use comments::Comments;
use schema::Schemas;

/// The service that is described.
const SERVICE: &str = "lienthong.exchange.v1.ExchangeService";

/// The document, as `GET /openapi.json` answers it.
///
/// # Panics
/// When the descriptors that were compiled in cannot be read: a broken build, which a test would show.
#[must_use]
pub fn document() -> Value {
    let pool = DescriptorPool::decode(wire::DESCRIPTORS).expect("the descriptors were compiled by the same build");
    let service = pool.get_service_by_name(SERVICE).expect("the contract has the exchange service");
    let comments = Comments::of(&pool);
    let mut schemas = Schemas::new(&comments);
    let mut paths = Map::new();
    for method in service.methods() {
        for binding in bindings::of(&pool, &method) {
            let operation = operation::describe(&method, &binding, &comments, &mut schemas);
            let item = paths.entry(binding.path).or_insert_with(|| json!({}));
            if let Some(item) = item.as_object_mut() {
                item.insert(binding.verb.to_owned(), operation);
            }
        }
    }
    paths.insert("/openapi.json".into(), json!({"get": own_operation()}));
    let mut components = schemas.finish();
    components.insert("Problem".into(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Liên Thông: trao đổi văn bản điện tử (exchange of electronic documents)",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The same surface as the gRPC service lienthong.exchange.v1.ExchangeService. JSON is the \
                protobuf JSON mapping: 64-bit numbers are strings, bytes are base64, times are RFC 3339, fields with \
                default values are left out. Errors are application/problem+json (RFC 9457) with a stable code.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This node."}],
        "security": [{"clientCertificate": []}, {"bearer": []}],
        "tags": [{"name": "exchange", "description": comments.at(service.parent_file().name(), service.path())}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {"Problem": {
                "description": "Refused or failed; the code says why.",
                "headers": {
                    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait before a repeat."},
                    "x-request-id": {"schema": {"type": "string"}, "description": "Names the request to the operator."},
                },
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }},
            "securitySchemes": {
                "clientCertificate": {
                    "type": "mutualTLS",
                    "description": "Client certificate with the name urn:lienthong:system:<id>, or a registered fingerprint.",
                },
                "bearer": {"type": "http", "scheme": "bearer", "description": "Token given by the node's operator."},
            },
        },
    })
}

/// The document as text, made once.
pub(crate) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| document().to_string())
}

fn own_operation() -> Value {
    json!({
        "operationId": "openapi",
        "summary": "Describes this interface.",
        "security": [],
        "responses": {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}}},
    })
}

fn problem() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "description": "Problem details (RFC 9457).",
        "required": ["type", "title", "titleEn", "status", "detail", "code", "action", "actionEn", "retryable", "requestId"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "urn:lienthong:error:<code>"},
            "title": text("What it means, in Vietnamese."),
            "titleEn": text("What it means, in English."),
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "HTTP status."},
            "detail": text("What went wrong this time, in English."),
            "detailVi": text("What went wrong this time, in Vietnamese."),
            "code": {"type": "string", "description": "Stable code; new ones may be added.", "examples": codes},
            "action": text("What to do next, in Vietnamese."),
            "actionEn": text("What to do next, in English."),
            "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
            "retryAfterSeconds": {"type": "integer", "description": "Wait before a repeat, as Retry-After."},
            "requestId": text("Names the request to the operator, as x-request-id."),
            "documentId": text("DocumentId, where known."),
            "exchangeId": text("Exchange id, where known."),
            "field": text("Field, header, part or element at fault."),
            "position": {"type": "integer", "description": "Byte or character at fault, from 0."},
            "receipt": {"$ref": "#/components/schemas/Receipt", "description": "Signed SubmissionRejection."},
        },
    })
}

#[cfg(test)]
mod tests;
