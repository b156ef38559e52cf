//! Messages and enums as JSON Schema, in the protobuf JSON mapping.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::comments::Comments;

/// The schemas that were referred to, each by its short name.
pub(super) struct Schemas<'a> {
    comments: &'a Comments,
    made: BTreeMap<String, Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(comments: &'a Comments) -> Self {
        Self { comments, made: BTreeMap::new() }
    }

    /// Everything that was referred to.
    pub(super) fn finish(self) -> Map<String, Value> {
        self.made.into_iter().collect()
    }

    /// A reference to a message, which is added when it is new.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        let reference = reference(message.name());
        if self.made.contains_key(message.name()) {
            return reference;
        }
        // Placed before its fields are read, so that a message may contain itself.
        self.made.insert(message.name().to_owned(), Value::Null);
        let mut properties = Map::new();
        for field in message.fields() {
            properties.insert(field.json_name().to_owned(), self.described(&field));
        }
        let text = self.comments.at(message.parent_file().name(), message.path());
        let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
        describe(&mut schema, text);
        self.made.insert(message.name().to_owned(), schema);
        reference
    }

    /// The schema of a field, with its comment.
    pub(super) fn described(&mut self, field: &FieldDescriptor) -> Value {
        let mut schema = self.field(field);
        let mut text = self.comments.at(field.parent_file().name(), field.path()).to_owned();
        if let Some(oneof) = field.containing_oneof() {
            let names: Vec<_> = oneof.fields().map(|field| field.json_name().to_owned()).collect();
            text = format!("{text} At most one of {} is set.", names.join(", ")).trim().to_owned();
        }
        describe(&mut schema, &text);
        schema
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let one = self.kind(&field.kind());
        if field.is_list() { json!({"type": "array", "items": one}) } else { one }
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Double | Kind::Float => json!({"type": "number"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
            Kind::Uint32 | Kind::Fixed32 => json!({"type": "integer", "minimum": 0, "maximum": u32::MAX}),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"})
            }
            Kind::Uint64 | Kind::Fixed64 => json!({"type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"}),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
                json!({"type": "string", "format": "date-time"})
            }
            Kind::Message(message) => self.message(message),
            Kind::Enum(values) => self.values(values),
        }
    }

    fn values(&mut self, values: &EnumDescriptor) -> Value {
        let file = values.parent_file();
        let meanings = values.values().map(|value| {
            let text = self.comments.at(file.name(), value.path());
            if text.is_empty() { value.name().to_owned() } else { format!("{}: {text}", value.name()) }
        });
        let text =
            format!("{} {}", self.comments.at(file.name(), values.path()), meanings.collect::<Vec<_>>().join(" "));
        let names: Vec<_> = values.values().map(|value| value.name().to_owned()).collect();
        let mut schema = json!({"type": "string", "enum": names});
        describe(&mut schema, text.trim());
        self.made.insert(values.name().to_owned(), schema);
        reference(values.name())
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn describe(schema: &mut Value, text: &str) {
    if let (Some(schema), false) = (schema.as_object_mut(), text.is_empty()) {
        schema.insert("description".into(), text.into());
    }
}
