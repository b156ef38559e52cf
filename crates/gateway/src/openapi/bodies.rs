//! Where HTTP differs from gRPC: forms, raw bodies, ranges, server-sent events.

use prost_reflect::MethodDescriptor;
use serde_json::{Value, json};

use super::schema::Schemas;

/// What is special about one method over HTTP.
pub(super) struct Bodies {
    pub(super) parameters: Vec<Value>,
    /// Fields that have another place than the query.
    pub(super) not_in_query: Vec<&'static str>,
    pub(super) request_body: Option<Value>,
    pub(super) responses: Value,
}

/// The bodies of `method`.
pub(super) fn of(method: &MethodDescriptor, schemas: &mut Schemas<'_>) -> Bodies {
    match method.name() {
        "Submit" => submit(method, schemas),
        "SubmitPacket" => submit_packet(method, schemas),
        "FetchPacket" => fetch("application/xml"),
        "FetchAttachment" => fetch("application/octet-stream"),
        "WatchInbox" => watch(method, schemas),
        _ => plain(method, schemas),
    }
}

fn problem() -> Value {
    json!({"$ref": "#/components/responses/Problem"})
}

fn header(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "header", "required": false, "schema": {"type": "string"}, "description": description})
}

fn plain(method: &MethodDescriptor, schemas: &mut Schemas<'_>) -> Bodies {
    let answer = json!({"application/json": {"schema": schemas.message(&method.output())}});
    Bodies {
        parameters: Vec::new(),
        not_in_query: Vec::new(),
        request_body: None,
        responses: json!({"200": {"description": "Done.", "content": answer}, "default": problem()}),
    }
}

fn accepted(method: &MethodDescriptor, schemas: &mut Schemas<'_>) -> Value {
    let answer = json!({"application/json": {"schema": schemas.message(&method.output())}});
    let location = json!({"Location": {"schema": {"type": "string"}, "description": "The document's address."}});
    json!({
        "201": {"description": "Accepted; it is on disk.", "headers": location, "content": answer},
        "200": {"description": "Accepted before; the receipt is the first one.", "headers": location, "content": answer},
        "default": problem(),
    })
}

fn submit(method: &MethodDescriptor, schemas: &mut Schemas<'_>) -> Bodies {
    let header = method.input().get_field_by_name("header").map(|field| schemas.described(&field));
    Bodies {
        parameters: Vec::new(),
        not_in_query: Vec::new(),
        request_body: Some(json!({
            "required": true,
            "description": "The part metadata first, then the files in its order. Without a list of files in the \
                metadata each part describes itself by its file name, content type and Content-Digest.",
            "content": {"multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["metadata"],
                    "properties": {
                        "metadata": header,
                        "file": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}},
                    },
                },
                "encoding": {
                    "metadata": {"contentType": "application/json"},
                    "file": {"contentType": "application/octet-stream"},
                },
            }},
        })),
        responses: accepted(method, schemas),
    }
}

fn submit_packet(method: &MethodDescriptor, schemas: &mut Schemas<'_>) -> Bodies {
    let binary = json!({"type": "string", "contentMediaType": "application/xml"});
    Bodies {
        parameters: vec![
            header("Lienthong-Manifest", "With a raw body: the signed manifest, base64."),
            header(
                "Lienthong-Signature",
                "With a raw body: detached JWS (it has two dots), or detached CMS in base64.",
            ),
            header("Content-Digest", "sha-256=:<base64>: of the packet (RFC 9530); checked when present."),
        ],
        not_in_query: Vec::new(),
        request_body: Some(json!({
            "required": true,
            "description": "The packet itself, or a form with manifest and signature before the packet. An envelope \
                larger than 48 KiB has to come as a form.",
            "content": {
                "application/xml": {"schema": binary},
                "application/octet-stream": {"schema": binary},
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["packet"],
                        "properties": {
                            "manifest": {"type": "string", "description": "Canonical manifest, its bytes as signed."},
                            "signature": {"type": "string", "description": "Detached JWS, or CMS as DER or base64."},
                            "packet": binary,
                        },
                    },
                    "encoding": {
                        "manifest": {"contentType": "application/json"},
                        "packet": {"contentType": "application/xml"},
                    },
                },
            },
        })),
        responses: accepted(method, schemas),
    }
}

fn fetch(media_type: &str) -> Bodies {
    let text = |description: &str| json!({"schema": {"type": "string"}, "description": description});
    let headers = json!({
        "ETag": text("SHA-256 of the whole content, lower-case hex, in quotes."),
        "Repr-Digest": text("sha-256=:<base64>: of the whole content (RFC 9530)."),
        "Accept-Ranges": text("bytes"),
        "Content-Disposition": text("File name to offer."),
    });
    let content = json!({media_type: {"schema": {"type": "string", "contentMediaType": media_type}}});
    let mut part = headers.clone();
    if let Some(part) = part.as_object_mut() {
        part.insert("Content-Range".into(), text("bytes <first>-<last>/<total>"));
    }
    Bodies {
        parameters: vec![
            header("Range", "One range of bytes (RFC 9110 clause 14), for example bytes=1000-."),
            header("If-Range", "ETag for which the range counts."),
            header("If-None-Match", "ETag that the client has."),
        ],
        not_in_query: vec!["offset", "length"],
        request_body: None,
        responses: json!({
            "200": {"description": "The whole content.", "headers": headers, "content": content},
            "206": {"description": "The asked part.", "headers": part, "content": content},
            "304": {"description": "The client has this content."},
            "416": problem(),
            "default": problem(),
        }),
    }
}

fn watch(method: &MethodDescriptor, schemas: &mut Schemas<'_>) -> Bodies {
    let data = schemas.message(&method.output());
    Bodies {
        parameters: vec![header("Last-Event-ID", "Cursor of the last event that was read; wins over after.")],
        not_in_query: Vec::new(),
        request_body: None,
        responses: json!({
            "200": {
                "description": "Events named item: the id is the cursor, the data is a WatchInboxResponse. An event \
                    named problem is the last one; its data is a Problem.",
                "content": {"text/event-stream": {"schema": {
                    "type": "string",
                    "contentMediaType": "text/event-stream",
                    "x-event-data": data,
                }}},
            },
            "default": problem(),
        }),
    }
}
