use super::*;
use serde_json::json;

fn check(value: &Value, expected: &str) {
    assert_eq!(String::from_utf8(canonical_json(value).unwrap()).unwrap(), expected);
}

#[test]
fn members_are_sorted_by_utf16_units() {
    // RFC 8785 3.2.3: the emoji (a surrogate pair, d83d) sorts before U+FB33.
    check(
        &json!({"\u{fb33}": 1, "\u{1f600}": 2, "\u{80}": 3, "1": 4, "\r": 5}),
        "{\"\\r\":5,\"1\":4,\"\u{80}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}",
    );
}

#[test]
fn strings_are_escaped_as_the_standard_says() {
    check(&json!("\u{20ac}$\u{f}\nA'\u{42}\"\\\"/\u{7f}"), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\u{7f}\"");
}

#[test]
fn empty_containers_and_literals_are_plain() {
    check(&json!([{}, [], null, true, false, -1, 0]), "[{},[],null,true,false,-1,0]");
}

#[test]
fn a_fraction_or_a_large_integer_is_refused() {
    for value in [json!(1.5), json!(9_007_199_254_740_992_u64), json!(-9_007_199_254_740_992_i64)] {
        assert!(matches!(canonical_json(&value), Err(CanonicalError::Number { .. })), "{value}");
    }
}
