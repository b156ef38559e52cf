use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The tokens of `text` cut into chunks of `size` bytes, joined strings and all.
fn tokens(text: &[u8], size: usize) -> Result<Vec<String>, Malformed> {
    let mut scanner = Scanner::new();
    let mut found: Vec<String> = Vec::new();
    for chunk in text.chunks(size.max(1)) {
        let mut input = chunk;
        while let Some(token) = scanner.next(&mut input)? {
            let lossy = |text| String::from_utf8_lossy(text).into_owned();
            match token {
                Token::Begin(_) => found.push("{".into()),
                Token::End => found.push("}".into()),
                Token::Key(key) => found.push(format!("key {}", lossy(key))),
                Token::StringBegin => found.push(String::from("text ")),
                Token::Text(text) => {
                    // Pieces may be cut inside a character: kept as bytes of Latin-1 until the end.
                    found.last_mut().unwrap().extend(text.iter().map(|byte| char::from(*byte)));
                }
                Token::StringEnd => {}
                Token::Scalar(text) => found.push(lossy(text)),
            }
        }
    }
    scanner.finish().map(|()| found)
}

/// The same of a value that serde_json read.
fn expected(value: &Value, found: &mut Vec<String>) {
    let latin = |text: &str| text.bytes().map(char::from).collect::<String>();
    match value {
        Value::Object(fields) => {
            found.push("{".into());
            for (key, value) in fields {
                found.push(format!("key {key}"));
                expected(value, found);
            }
            found.push("}".into());
        }
        Value::Array(values) => {
            found.push("{".into());
            values.iter().for_each(|value| expected(value, found));
            found.push("}".into());
        }
        Value::String(text) => found.push(format!("text {}", latin(text))),
        other => found.push(other.to_string()),
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC*".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-zé\"\\\\]{0,8}", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-z]{0,8}", value, 0..5)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

/// As an ASCII-only writer writes it.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    text.chars().fold(String::new(), |mut out, character| {
        if character.is_ascii() {
            out.push(character);
        } else {
            character.encode_utf16(&mut units).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04X}")));
        }
        out
    })
}

proptest! {
    #[test]
    fn any_text_in_any_chunks_is_read_as_serde_json_reads_it(value in json(), size in 1..40_usize) {
        let mut wanted = Vec::new();
        expected(&value, &mut wanted);
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap(), escaped(&value.to_string())] {
            prop_assert_eq!(&tokens(text.as_bytes(), size).unwrap(), &wanted);
        }
    }

    #[test]
    fn what_serde_json_refuses_is_refused(value in json(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = value.to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        let theirs = serde_json::from_slice::<Value>(&text);
        let ours = tokens(&text, 7);
        let is_object = text.first() == Some(&b'{');
        let is_text = std::str::from_utf8(&text).is_ok();
        // Lone halves of a surrogate pair, and numbers beyond a double, are let through.
        let is_let_through = text.windows(2).any(|pair| pair == b"\\u") || theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        if is_object && is_text && !is_let_through {
            prop_assert_eq!(theirs.is_ok(), ours.is_ok(), "{:?} {:?}", theirs, ours);
        }
    }

    #[test]
    fn a_text_that_breaks_off_is_refused(value in json(), at in any::<prop::sample::Index>()) {
        let text = value.to_string();
        prop_assert!(tokens(&text.as_bytes()[..at.index(text.len())], 5).is_err());
    }

    #[test]
    fn no_input_panics(text in prop::collection::vec(any::<u8>(), 0..200), size in 1..20_usize) {
        drop(tokens(&text, size));
    }
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(tokens(b"\xef\xbb\xbf{}", 1).unwrap(), ["{", "}"]);
}

#[test]
fn the_error_says_where() {
    let error = tokens(br#"{"a":tru3}"#, 4).unwrap_err();
    assert_eq!(error, Malformed { offset: 8, what: "none of null, true and false" });
}

#[test]
fn half_a_surrogate_pair_is_replaced() {
    let text = |escaped: &str| tokens(format!(r#"{{"a":"{escaped}"}}"#).as_bytes(), 3).unwrap()[2].clone();
    let latin = |text: &str| text.bytes().map(char::from).collect::<String>();
    assert_eq!(text(r"\ud83d"), format!("text {}", latin("\u{fffd}")));
    assert_eq!(text(r"\ud83dx"), format!("text {}", latin("\u{fffd}x")));
    assert_eq!(text(r"\ud83d\n"), format!("text {}", latin("\u{fffd}\n")));
    assert_eq!(text(r"\ud83d\u0041"), format!("text {}", latin("\u{fffd}A")));
    assert_eq!(text(r"\ude00"), format!("text {}", latin("\u{fffd}")));
    assert_eq!(text(r"\ud83d\ude00"), format!("text {}", latin("\u{1f600}")));
}

#[test]
fn nesting_has_an_end() {
    let text = format!("{{\"a\":{}", "[".repeat(1000));
    assert_eq!(tokens(text.as_bytes(), 64).unwrap_err().what, "nested too deeply");
}
