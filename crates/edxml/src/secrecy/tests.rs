use types::Secrecy::{self, Open, Secret, TopSecret, UltraSecret};

use super::mark_in;

fn check(table: &[(&str, Secrecy)]) {
    for (text, expected) in table {
        assert_eq!(mark_in(text), *expected, "{text:?}");
    }
}

#[test]
fn a_mark_alone_is_found_in_any_case() {
    check(&[
        ("Mật", Secret),
        ("MẬT", Secret),
        ("mật", Secret),
        ("Tối mật", TopSecret),
        ("TỐI MẬT", TopSecret),
        ("Tuyệt Mật", UltraSecret),
        ("  Tối \n mật  ", TopSecret),
        ("[MẬT]", Secret),
        ("\"Tuyệt mật\".", UltraSecret),
    ]);
}

#[test]
fn a_decomposed_mark_is_found() {
    check(&[("Ma\u{323}\u{302}t", Secret), ("To\u{302}\u{301}i ma\u{323}\u{302}t", TopSecret)]);
}

#[test]
fn a_mark_before_other_text_is_found() {
    check(&[
        ("Mật - khẩn", Secret),
        ("Mật, không phổ biến", Secret),
        ("Mật: an ninh", Secret),
        ("Tối mật quốc phòng", TopSecret),
        ("Tuyệt mật (bản số 1)", UltraSecret),
    ]);
}

#[test]
fn a_labelled_mark_is_found_anywhere() {
    check(&[
        ("Độ mật: Mật", Secret),
        ("Phạm vi: nội bộ; độ mật: tối mật", TopSecret),
        ("ĐỘ MẬT = TUYỆT MẬT", UltraSecret),
        ("độ mật - [Mật]", Secret),
        ("Do mat: toi mat", TopSecret),
    ]);
}

#[test]
fn a_mark_typed_without_diacritics_is_found_alone() {
    check(&[("MAT", Secret), ("Toi mat", TopSecret), ("tuyet mat", UltraSecret)]);
}

#[test]
fn the_highest_of_several_marks_counts() {
    check(&[("Mật; độ mật: tuyệt mật", UltraSecret), ("Tối mật. Độ mật: mật", TopSecret)]);
}

#[test]
fn ordinary_text_with_the_word_is_open() {
    check(&[
        ("", Open),
        ("Liên thông văn bản quốc gia", Open),
        ("Liên thông văn bản mật mã", Open),
        ("Mật mã dân sự", Open),
        ("Mật độ dân số", Open),
        ("Mật độ: 500 người/km2", Open),
        ("Mật khẩu", Open),
        ("Bí mật nhà nước", Open),
        ("Bảo mật thông tin", Open),
        ("Mặt trận Tổ quốc", Open),
        ("Mất điện", Open),
        ("Mat tran To quoc", Open),
        ("Độ mật: không", Open),
        ("Độ mật: thường", Open),
        ("cường độ mậtx: mật", Open),
        ("Mậtx", Open),
        ("Thường", Open),
    ]);
}
