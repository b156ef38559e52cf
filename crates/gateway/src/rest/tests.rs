use std::collections::BTreeSet;

use super::*;

#[test]
fn the_openapi_document_has_exactly_the_mounted_paths() {
    let document = openapi::document();
    let described: BTreeSet<_> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let mounted: BTreeSet<_> = routes().into_iter().map(|(path, _)| path).collect();
    assert_eq!(described, mounted);
}
