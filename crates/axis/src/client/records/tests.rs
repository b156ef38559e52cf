use serde_json::json;

use super::super::answer::Answer;
use super::*;
use crate::ReceivedEdoc;

fn read(text: &str, size: usize) -> Result<(Vec<ReceivedEdoc>, u64), Malformed> {
    let mut answer = Answer::new(Records::default());
    text.as_bytes().chunks(size).try_for_each(|chunk| answer.feed(chunk))?;
    answer.finish()?;
    Ok((answer.data.ready.into(), answer.data.skipped))
}

#[test]
fn records_are_read_in_any_chunks() {
    let records = json!([{"docId": "a,1", "from": "[H1]"}, {"docId": 2, "to": null, "more": {"docId": ["x"]}}]);
    let text = json!({"status": "OK", "data": records, "ErrorCode": "0"});
    for text in [text.to_string(), serde_json::to_string_pretty(&text).unwrap()] {
        for size in 1..40 {
            let (found, skipped) = read(&text, size).unwrap();
            assert_eq!(found.iter().map(|record| record.doc_id.as_str()).collect::<Vec<_>>(), ["a,1", "2"]);
            assert_eq!((found[0].from.as_str(), skipped), ("[H1]", 0));
        }
    }
}

#[test]
fn a_record_of_another_shape_costs_only_itself() {
    let text = r#"{"data":["x", 7, null, {"docId":"a"}, true, {"docId":{}}, {"docId":"b"}]}"#;
    let (found, skipped) = read(text, 3).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(skipped, 5);
}

#[test]
fn no_data_is_an_empty_list() {
    for text in [r#"{"data":null}"#, r#"{"data":[]}"#, r#"{"status":"OK"}"#] {
        assert_eq!(read(text, 3).unwrap(), (vec![], 0));
    }
}

#[test]
fn data_that_is_no_list_is_refused() {
    assert_eq!(read(r#"{"data":"AAAA"}"#, 3).unwrap_err().what, "data that is no list");
}

#[test]
fn a_record_without_end_is_refused() {
    let text = format!(r#"{{"data":[{{"docId":"{}"}}]}}"#, "a".repeat(RECORD_MAX));
    assert_eq!(read(&text, 1000).unwrap_err().what, "a record that is too long");
}
