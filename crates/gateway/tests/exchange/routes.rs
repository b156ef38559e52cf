use axum::body::Body;
use http::{Method, Request};
use prost_reflect::{DescriptorPool, DynamicMessage, Value};

use crate::client::Http;
use crate::started::start;

/// (rpc, method, path) of every binding in the contract.
fn bindings() -> Vec<(String, Method, String)> {
    let pool = DescriptorPool::decode(wire::DESCRIPTORS).unwrap();
    let http = pool.get_extension_by_name("google.api.http").unwrap();
    let service = pool.get_service_by_name("lienthong.exchange.v1.ExchangeService").unwrap();
    let mut all = Vec::new();
    for method in service.methods() {
        let options = method.options();
        let rule = options.get_extension(&http);
        let rule = rule.as_message().unwrap_or_else(|| panic!("{} has no HTTP binding", method.name()));
        let more = rule.get_field_by_name("additional_bindings").unwrap();
        let rules = std::iter::once(rule).chain(more.as_list().unwrap().iter().filter_map(Value::as_message));
        for rule in rules {
            let (verb, path) = route(rule);
            all.push((method.name().to_owned(), verb, path));
        }
    }
    all
}

fn route(rule: &DynamicMessage) -> (Method, String) {
    for (name, method) in [("get", Method::GET), ("post", Method::POST)] {
        let path = rule.get_field_by_name(name).unwrap().as_str().unwrap_or_default().to_owned();
        if !path.is_empty() {
            return (method, path);
        }
    }
    panic!("a binding is neither get nor post: {rule:?}")
}

fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_binding_of_the_contract_is_mounted_and_needs_a_known_caller() {
    let node = start().await;
    let stranger = node.pki.client(None, b"http/1.1");
    let all = bindings();
    assert!(all.len() >= 18, "{all:?}");
    for (rpc, method, path) in all {
        let request = Request::builder().method(method.clone()).uri(filled(&path)).body(Body::empty()).unwrap();
        let answer = Http::one(node.address, stranger.clone()).await.answer(request).await;
        assert_eq!(answer.status, 401, "{rpc}: {method} {path}");
        assert_eq!(answer.problem(), "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn a_method_is_answered_exactly_when_the_openapi_document_has_it() {
    let node = start().await;
    let document = node.get("/openapi.json").await.json();
    let mut http = node.http2().await;
    for (path, item) in document["paths"].as_object().unwrap() {
        for verb in ["get", "post", "put", "patch", "delete"] {
            let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
            // A wrong media type stops every upload before it waits for more.
            let request = Request::builder().method(method).uri(filled(path)).header("authorization", "Bearer no");
            let answer = http.answer(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status != 405, item.get(verb).is_some(), "{verb} {path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn the_openapi_document_is_served_to_anyone() {
    let node = start().await;
    let stranger = node.pki.client(None, b"http/1.1");
    let answer = Http::one(node.address, stranger).await.answer(crate::client::get("/openapi.json")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
}
