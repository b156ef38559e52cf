use std::collections::BTreeSet;

use super::*;

fn walk(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| walk(member, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter().map(move |(verb, operation)| (path.clone(), verb.clone(), operation.clone()))
    });
    all.collect()
}

#[test]
fn every_reference_resolves() {
    let document = document();
    let mut references = 0;
    walk(&document, &mut |members| {
        if let Some(Value::String(reference)) = members.get("$ref") {
            references += 1;
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some_and(Value::is_object), "{reference}");
        }
    });
    assert!(references > 50, "{references}");
}

#[test]
fn every_operation_has_an_id_of_its_own_texts_and_responses() {
    let mut ids = BTreeSet::new();
    for (path, verb, operation) in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id.clone()), "{id} twice");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 10), "{verb} {path} has no summary");
        assert!(operation["responses"].as_object().is_some_and(|responses| responses.contains_key("200")), "{id}");
        if path != "/openapi.json" {
            assert!(operation["responses"]["default"].is_object(), "{id} has no problem response");
        }
    }
}

#[test]
fn path_parameters_are_those_of_the_template() {
    for (path, verb, operation) in operations(&document()) {
        let template: BTreeSet<_> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        let no_parameters = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&no_parameters);
        let declared = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let declared: BTreeSet<_> = declared.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(declared, template, "{verb} {path}");
        for parameter in parameters {
            assert!(parameter["schema"].is_object(), "{parameter}");
            assert_eq!(parameter["required"], parameter["in"] == "path", "{parameter}");
        }
    }
}

#[test]
fn schemas_follow_the_json_mapping() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let item = &schemas["InboxItem"]["properties"];
    assert_eq!(item["item"]["type"], "string");
    assert_eq!(item["arrivedAt"]["format"], "date-time");
    assert_eq!(schemas["Receipt"]["properties"]["payload"]["contentEncoding"], "base64");
    assert_eq!(schemas["DocumentHeader"]["properties"]["to"]["items"]["$ref"], "#/components/schemas/Party");
    let priorities = schemas["Priority"]["enum"].as_array().unwrap();
    assert_eq!(priorities[3], "PRIORITY_EXPRESS");
}

#[test]
fn ranges_replace_offset_and_length() {
    let document = document();
    let fetch = &document["paths"]["/v1/documents/{exchange_id}/packet"]["get"];
    let names: Vec<_> = fetch["parameters"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"Range") && !names.contains(&"offset"), "{names:?}");
}

#[test]
fn no_two_messages_share_a_short_name() {
    let pool = DescriptorPool::decode(wire::DESCRIPTORS).unwrap();
    let mut names = BTreeSet::new();
    for message in pool.all_messages().filter(|message| {
        ["lienthong.types", "lienthong.exchange"].iter().any(|package| message.full_name().starts_with(package))
    }) {
        assert!(names.insert(message.name().to_owned()), "{}", message.full_name());
    }
}
