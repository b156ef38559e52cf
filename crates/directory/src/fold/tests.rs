use proptest::prelude::*;

use super::*;

#[test]
fn diacritics_case_and_the_crossed_d_are_folded() {
    for (text, folded) in [
        ("Ủy ban nhân dân xã Đông Sơn", "uy ban nhan dan xa dong son"),
        ("ĐẮK LẮK", "dak lak"),
        ("Thừa Thiên Huế", "thua thien hue"),
        ("Quảng Ngãi", "quang ngai"),
        ("ƯƠNG đường ỡ ự Ỵ", "uong duong o u y"),
    ] {
        assert_eq!(fold(text), folded);
    }
}

#[test]
fn composed_and_decomposed_text_fold_alike() {
    let text = "Sở Tài chính tỉnh Đắk Lắk";
    assert_eq!(fold(&text.nfd().collect::<String>()), fold(&text.nfc().collect::<String>()));
}

#[test]
fn words_are_runs_of_letters_and_digits() {
    assert_eq!(words("  Bà Rịa – Vũng-Tàu (P.12)").collect::<Vec<_>>(), ["ba", "ria", "vung", "tau", "p", "12"]);
}

proptest! {
    #[test]
    fn folding_twice_changes_nothing(text in ".{0,60}|[A-Za-zĐđẮỡỰự̣̂ ]{0,40}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }

    #[test]
    fn case_and_composition_do_not_matter(text in "[A-Za-zĐđẮắỡỠỰựỷỶÊêÔô ]{0,40}") {
        let expected = fold(&text);
        prop_assert_eq!(fold(&text.to_uppercase()), expected.clone());
        prop_assert_eq!(fold(&text.nfd().collect::<String>()), expected.clone());
        prop_assert!(expected.is_ascii());
    }
}
