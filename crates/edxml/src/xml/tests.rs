use super::chars::{ReferenceError, first_illegal, is_qualified_name, resolve_reference};

#[test]
fn a_reference_is_one_of_five_names_or_a_legal_character() {
    for (name, expected) in [
        ("lt", Ok('<')),
        ("apos", Ok('\'')),
        ("#65", Ok('A')),
        ("#x1F1", Ok('Ǳ')),
        ("#x1f1", Ok('Ǳ')),
        ("nbsp", Err(ReferenceError::Entity)),
        ("LT", Err(ReferenceError::Entity)),
        ("", Err(ReferenceError::Entity)),
        ("#", Err(ReferenceError::Character)),
        ("#x", Err(ReferenceError::Character)),
        ("#X41", Err(ReferenceError::Character)),
        ("#-65", Err(ReferenceError::Character)),
        ("#0", Err(ReferenceError::Character)),
        ("#xD800", Err(ReferenceError::Character)),
        ("#xFFFE", Err(ReferenceError::Character)),
        ("#99999999999", Err(ReferenceError::Character)),
    ] {
        assert_eq!(resolve_reference(name), expected, "{name}");
    }
}

#[test]
fn names_have_one_colon_at_most() {
    for name in ["a", "a:b", "_a-1.b", "Đơn:vị", "a\u{B7}"] {
        assert!(is_qualified_name(name), "{name}");
    }
    for name in ["", ":", "a:", ":a", "a:b:c", "1a", "-a", "a b", "a=", "a\u{D7}", "a:1"] {
        assert!(!is_qualified_name(name), "{name}");
    }
}

#[test]
fn control_characters_and_non_characters_are_illegal() {
    assert_eq!(first_illegal("Văn bản\t\r\n\u{FFFD}\u{10FFFF}"), None);
    for c in ['\0', '\u{8}', '\u{B}', '\u{C}', '\u{E}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
        assert_eq!(first_illegal(&format!("ab{c}")), Some(c));
    }
}
