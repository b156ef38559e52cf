//! One route as an operation: parameters, body, responses.

use prost_reflect::{Kind, MethodDescriptor};
use serde_json::{Value, json};

use super::bindings::Binding;
use super::bodies;
use super::comments::{Comments, first_sentence};
use super::schema::Schemas;

/// Describes `binding` of `method`.
pub(super) fn describe(
    method: &MethodDescriptor,
    binding: &Binding,
    comments: &Comments,
    schemas: &mut Schemas<'_>,
) -> Value {
    let text = comments.at(method.parent_file().name(), method.path());
    let mut parameters = path_parameters(method, binding, schemas);
    let special = bodies::of(method, schemas);
    if binding.verb == "get" {
        parameters.extend(query_parameters(method, binding, &special.not_in_query, schemas));
    }
    parameters.extend(special.parameters);
    let mut operation = json!({
        "operationId": operation_id(method.name(), binding.index),
        "summary": first_sentence(text),
        "description": text,
        "tags": ["exchange"],
        "parameters": parameters,
        "responses": special.responses,
    });
    let body = match special.request_body {
        None if binding.verb == "post" => {
            let schema = schemas.message(&method.input());
            Some(json!({
                "description": "Fields of the path may be left out.",
                "content": {"application/json": {"schema": schema}},
            }))
        }
        body => body,
    };
    if let (Some(operation), Some(body)) = (operation.as_object_mut(), body) {
        operation.insert("requestBody".into(), body);
    }
    operation
}

fn path_parameters(method: &MethodDescriptor, binding: &Binding, schemas: &mut Schemas<'_>) -> Vec<Value> {
    let input = method.input();
    let fields = binding.path_fields().filter_map(|name| input.get_field_by_name(name));
    let parameters = fields.map(|field| {
        let schema = schemas.described(&field);
        json!({"name": field.name(), "in": "path", "required": true, "schema": schema})
    });
    parameters.collect()
}

fn query_parameters(
    method: &MethodDescriptor,
    binding: &Binding,
    left_out: &[&str],
    schemas: &mut Schemas<'_>,
) -> Vec<Value> {
    let in_path: Vec<_> = binding.path_fields().collect();
    let input = method.input();
    let fields = input.fields().filter(|field| {
        let message =
            matches!(field.kind(), Kind::Message(message) if message.full_name() != "google.protobuf.Timestamp");
        !message && !in_path.contains(&field.name()) && !left_out.contains(&field.name())
    });
    let parameters = fields.map(|field| {
        let schema = schemas.described(&field);
        json!({"name": field.json_name(), "in": "query", "required": false, "schema": schema})
    });
    parameters.collect()
}

/// The method's name in camel case; further bindings are numbered.
fn operation_id(name: &str, index: usize) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let id: String = first.into_iter().chain(letters).collect();
    if index == 0 { id } else { format!("{id}{}", index + 1) }
}
