use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn line(answer: Answer) -> String {
    String::from_utf8(answer.finish()).unwrap()
}

#[test]
fn a_success_has_the_three_fields_as_texts() {
    let read: Value = serde_json::from_str(&line(Answer::success())).unwrap();
    assert_eq!(read["status"], "OK");
    assert_eq!(read["ErrorCode"], "0");
    assert!(read["ErrorDesc"].is_string());
}

#[test]
fn a_failure_carries_its_code_and_words() {
    let failure = Failure::new(AxisCode::UnknownReceiver, "không có cơ quan nhận");
    let read: Value = serde_json::from_str(&line(Answer::failure(&failure).with("DocId", &""))).unwrap();
    assert_eq!(read["status"], "FAIL");
    assert_eq!(read["ErrorCode"], "18");
    assert_eq!(read["ErrorDesc"], "không có cơ quan nhận");
    assert_eq!(read["DocId"], "");
}

#[test]
fn letters_beyond_the_first_plane_become_two_surrogates() {
    let mut written = Vec::new();
    write(&mut written, &"Đ\u{1f600}\n\"");
    assert_eq!(String::from_utf8(written).unwrap(), r#""\u0110\ud83d\ude00\n\"""#);
}

proptest! {
    #[test]
    fn any_words_are_one_ascii_line_and_read_back(words in any::<String>()) {
        let text = line(Answer::failure(&Failure::new(AxisCode::Internal, words.clone())));
        prop_assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte) || byte == 0x7f));
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read["ErrorDesc"].as_str().unwrap(), words);
    }
}
