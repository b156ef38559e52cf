use super::*;
use std::collections::BTreeSet;

#[test]
fn every_code_has_its_own_text() {
    let texts: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), ErrorCode::ALL.len());
}

#[test]
fn a_code_is_found_by_its_text() {
    for code in ErrorCode::ALL {
        assert_eq!(ErrorCode::from_text(code.as_str()), Some(*code));
    }
}

#[test]
fn a_text_is_lower_case_words_and_digits() {
    for code in ErrorCode::ALL {
        assert!(code.as_str().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{code}");
    }
}
