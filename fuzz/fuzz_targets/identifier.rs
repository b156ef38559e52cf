//! Agency and case-file codes: any text is read or refused; what is read prints back, and converts exactly.

#![no_main]

use libfuzzer_sys::fuzz_target;
use types::{AgencyCode, CaseFileCode};

fuzz_target!(|text: &str| {
    for result in [text.parse::<AgencyCode>(), AgencyCode::opaque(text)] {
        match result {
            Ok(code) => check(text, &code),
            Err(error) => assert!(error.position <= text.chars().count()),
        }
    }
    match text.parse::<CaseFileCode>() {
        Ok(code) => assert_eq!(code.to_string(), text),
        Err(error) => assert!(error.position <= text.chars().count()),
    }
});

fn check(text: &str, code: &AgencyCode) {
    assert_eq!(code.to_string(), text);
    if let (Some(one), Some(two)) = (code.as_qcvn2016(), code.as_decision2020()) {
        let (one, two): (AgencyCode, AgencyCode) = (one.parse().expect("a code"), two.parse().expect("a code"));
        assert_eq!(one, two);
        assert_eq!(&one, code);
        assert_eq!(one.as_decision2020().as_deref(), Some(two.as_str()));
        assert_eq!(two.as_qcvn2016().as_deref(), Some(one.as_str()));
    }
    for ancestor in code.ancestors() {
        assert!(ancestor.parse::<AgencyCode>().is_ok());
    }
}
