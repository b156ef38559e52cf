use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::answer::Answer;
use super::super::head::Verdict;
use super::*;

/// The verdict and the decoded bytes of an answer that comes in chunks of `size` bytes.
fn read(text: &[u8], size: usize) -> Result<(Verdict, Progress, Vec<u8>), Malformed> {
    let mut answer = Answer::new(Base64Data::default());
    text.chunks(size.max(1)).try_for_each(|chunk| answer.feed(chunk))?;
    let verdict = answer.finish()?.1;
    Ok((verdict, answer.data.progress(), answer.data.decoded))
}

/// An object of these fields, in this order.
fn ordered(fields: &[(String, Value)]) -> String {
    let fields = fields.iter().map(|(key, value)| format!("{}: {value}", Value::from(key.as_str())));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(" ,"))
}

/// The base64 with escapes that a JSON writer may use, and line breaks.
fn written(text: &str, style: u8) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    match style % 4 {
        0 => format!("\"{text}\""),
        1 => format!("\"{}\"", text.replace('/', "\\/")),
        2 => format!("\"{}\"", text.replace('/', "\\u002f").replace('+', "\\u002B")),
        _ => format!("\"{}\\r\\n\"", lines.join("\\r\\n")),
    }
}

fn other() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!({"data": "AAAA", "status": ["FAIL", {"status": "FAIL"}]})),
        Just(json!([1.5e3, "data", []])),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn a_file_comes_out_as_it_went_in(
        file in prop::collection::vec(any::<u8>(), 1..600),
        others in prop::collection::vec(("x[a-z]{0,4}", other()), 0..4),
        order in any::<prop::sample::Index>(),
        style in any::<u8>(),
        size in 1..300_usize,
    ) {
        let mark = "\"@data@\"";
        let mut fields: Vec<(String, Value)> = others;
        fields.push(("data".into(), json!("@data@")));
        fields.push(("ErrorCode".into(), json!(0)));
        fields.push(("status".into(), json!("OK")));
        let turn = order.index(fields.len());
        fields.rotate_left(turn);
        let text = ordered(&fields).replace(mark, &written(&STANDARD.encode(&file), style));

        let theirs: Value = serde_json::from_str(&text).unwrap();
        let plain = theirs["data"].as_str().unwrap().replace("\r\n", "");
        prop_assert_eq!(&STANDARD.decode(plain).unwrap(), &file);
        prop_assert_eq!(read(text.as_bytes(), size), Ok((Verdict::Ok, Progress::Some, file)));
    }

    #[test]
    fn an_answer_that_breaks_off_is_never_whole(
        file in prop::collection::vec(any::<u8>(), 1..200),
        at in any::<prop::sample::Index>(),
        size in 1..50_usize,
    ) {
        let text = json!({"status": "OK", "data": STANDARD.encode(file), "ErrorCode": "0"}).to_string();
        prop_assert!(read(&text.as_bytes()[..at.index(text.len())], size).is_err());
    }

    #[test]
    fn a_changed_character_never_gives_other_bytes_than_serde_json_and_base64(
        file in prop::collection::vec(any::<u8>(), 1..60),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut text = json!({"status": "OK", "data": STANDARD.encode(file)}).to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        if let Ok((Verdict::Ok, Progress::Some, ours)) = read(&text, 9) {
            let theirs: Value = serde_json::from_slice(&text).unwrap();
            let plain = theirs["data"].as_str().unwrap().replace(['\r', '\n'], "");
            prop_assert_eq!(STANDARD.decode(plain).unwrap(), ours);
        }
    }
}

#[track_caller]
fn refused(text: &str, what: &str) {
    assert_eq!(read(text.as_bytes(), 3).unwrap_err().what, what, "{text}");
}

#[test]
fn what_is_no_base64_is_refused() {
    refused(r#"{"data":"AA*A"}"#, "what is no base64 in data");
    refused(r#"{"data":"AA==AAAA"}"#, "base64 after its padding");
    refused(r#"{"data":"AAAAA"}"#, "base64 without its last characters");
    refused(r#"{"data":"AAAA AAAA"}"#, "what is no base64 in data");
}

#[test]
fn data_that_is_no_string_is_refused() {
    for data in ["7", "true", "{}", "[\"AAAA\"]"] {
        refused(&format!(r#"{{"data":{data}}}"#), "data that is no string");
    }
}

#[test]
fn data_comes_once() {
    refused(r#"{"data":"AAAA","data":"BBBB"}"#, "data a second time");
}

#[test]
fn data_of_null_is_as_good_as_absent() {
    for text in [r#"{"status":"OK","data":null}"#, r#"{"status":"OK"}"#] {
        assert_eq!(read(text.as_bytes(), 4).unwrap(), (Verdict::Ok, Progress::Absent, vec![]));
    }
    assert_eq!(read(br#"{"status":"OK","data":""}"#, 4).unwrap().1, Progress::Empty);
}

#[test]
fn a_failure_keeps_its_code_and_words_whatever_their_type() {
    let fail =
        |code: &str| read(format!(r#"{{"ErrorDesc":"kh\u00f4ng","status":"FAIL","ErrorCode":{code}}}"#).as_bytes(), 5);
    for code in ["\"18\"", "18"] {
        assert_eq!(fail(code).unwrap().0, Verdict::Fail("18".into(), "không".into()));
    }
}

#[test]
fn an_answer_must_be_an_object() {
    refused("[]", "an answer that is no object");
    refused("\"OK\"", "an answer that is no object");
}
