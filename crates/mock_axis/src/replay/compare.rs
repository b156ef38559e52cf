//! Two answers: status, code and shape.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::traffic::Recorded;

/// Ids that stand for each other, at most: a long record must not fill the memory.
const IDS_MAX: usize = 100_000;

/// Notes which ids the server gave now in the places of the recorded ones.
pub(super) fn pair_ids(before: &Value, after: &Value, ids: &mut BTreeMap<String, String>) {
    for name in ["DocId", "docId", "senderDocId", "receiverDocId"] {
        if let (Some(Value::String(old)), Some(Value::String(new))) = (before.get(name), after.get(name))
            && !old.is_empty()
            && old != new
            && ids.len() < IDS_MAX
        {
            ids.insert(old.clone(), new.clone());
        }
    }
    if let (Some(Value::Array(old)), Some(Value::Array(new))) = (before.get("data"), after.get("data")) {
        old.iter().zip(new).for_each(|(old, new)| pair_ids(old, new, ids));
    }
}

/// Each difference in words.
pub(super) fn differences(
    recorded: &Recorded,
    before: Option<&Value>,
    status: u16,
    after: Option<&Value>,
) -> Vec<String> {
    let mut found = Vec::new();
    if recorded.answer.status != status {
        found.push(format!("HTTP {} in the record, {status} now", recorded.answer.status));
    }
    match (before, after) {
        (Some(before), Some(after)) => {
            let code = |value: &Value| value.get("ErrorCode").and_then(Value::as_str).unwrap_or("-").to_owned();
            let (old, new) = (code(before), code(after));
            if old != new {
                found.push(format!("ErrorCode {old} in the record, {new} now"));
            } else {
                compare("", before, after, &mut found);
            }
        }
        (Some(_), None) => found.push("JSON in the record, none now".to_owned()),
        // A download, or an answer that is not whole in the record.
        (None, _) => {}
    }
    found
}

/// Members and kinds of values; of a list, those of its first line.
fn compare(place: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let place = format!("{place}/{name}");
                match (old.get(name), new.get(name)) {
                    (Some(old), Some(new)) => compare(&place, old, new, found),
                    (Some(_), None) => found.push(format!("{place} is missing now")),
                    (None, _) => found.push(format!("{place} is new")),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            if let (Some(old), Some(new)) = (old.first(), new.first()) {
                compare(&format!("{place}/0"), old, new, found);
            }
        }
        _ if kind(before) != kind(after) => {
            found.push(format!("{place} was {}, is {} now", kind(before), kind(after)));
        }
        _ => {}
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
