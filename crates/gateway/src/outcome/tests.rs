use std::time::Duration;

use super::*;

#[test]
fn a_retryable_code_has_a_status_that_clients_repeat_and_no_other_has() {
    for code in ErrorCode::ALL {
        let (grpc, http) = statuses(*code);
        let repeated = matches!(http.as_u16(), 408 | 429 | 503) || *code == ErrorCode::Internal;
        assert_eq!(repeated, code.is_retryable(), "{code}: {grpc:?} {http}");
    }
}

#[test]
fn every_code_answers_an_error_status_in_both_protocols() {
    for code in ErrorCode::ALL {
        let (grpc, http) = statuses(*code);
        assert!(grpc != Code::Ok && http.as_u16() >= 400, "{code}");
    }
}

#[test]
fn a_problem_says_what_why_and_what_next_in_both_languages() {
    let refusal = Refusal::new(ErrorCode::DocumentConflict, "document 7/VP differs")
        .in_vietnamese("văn bản 7/VP khác nội dung")
        .about("7/VP");
    let members = problem(&refusal, StatusCode::CONFLICT, "r1");
    assert_eq!(members["type"], "urn:lienthong:error:document_conflict");
    assert_eq!(members["code"], "document_conflict");
    assert_eq!(members["status"], 409);
    assert_eq!(members["title"], ErrorCode::DocumentConflict.title_vi());
    assert_eq!(members["titleEn"], ErrorCode::DocumentConflict.title_en());
    assert_eq!(members["action"], ErrorCode::DocumentConflict.action_vi());
    assert_eq!(members["actionEn"], ErrorCode::DocumentConflict.action_en());
    assert_eq!(members["detail"], "document 7/VP differs");
    assert_eq!(members["detailVi"], "văn bản 7/VP khác nội dung");
    assert_eq!(members["documentId"], "7/VP");
    assert_eq!(members["requestId"], "r1");
    assert!(!members.contains_key("receipt") && !members.contains_key("retryAfterSeconds"));
}

#[test]
fn a_wait_is_rounded_up_to_whole_seconds() {
    for (wait_ms, seconds) in [(0, 0), (1, 1), (1000, 1), (1001, 2)] {
        let refusal = Refusal::new(ErrorCode::Overloaded, "").retry_after(Duration::from_millis(wait_ms));
        assert_eq!(retry_after_seconds(&refusal), Some(seconds));
    }
}
