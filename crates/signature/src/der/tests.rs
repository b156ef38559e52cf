use super::*;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn check(ber: &str, der: &str) {
    assert_eq!(to_der(&hex(ber)).unwrap().into_owned(), hex(der), "{ber}");
}

#[test]
fn der_is_left_alone() {
    let der = hex("30 06 04 01 07 31 01 00");
    // A SET of one byte is no DER inside, yet 31 01 00 is read as far as its own length only.
    assert!(to_der(&der).is_err());
    let der = hex("30 07 04 01 07 31 02 05 00");
    assert!(matches!(to_der(&der).unwrap(), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn indefinite_and_long_lengths_become_short_ones() {
    check("30 80 02 01 05 00 00", "30 03 02 01 05");
    check("30 80 30 80 00 00 30 80 05 00 00 00 00 00", "30 06 30 00 30 02 05 00");
    check("30 81 03 02 01 05", "30 03 02 01 05");
    check("30 84 00 00 00 03 02 01 05", "30 03 02 01 05");
    check("30 04 02 81 01 05", "30 03 02 01 05");
}

#[test]
fn string_parts_are_joined() {
    check("24 80 04 02 01 02 04 01 03 00 00", "04 03 01 02 03");
    check("24 05 04 01 01 04 00", "04 01 01");
    check("24 80 24 80 04 01 01 00 00 04 01 02 00 00", "04 02 01 02");
    check("24 80 00 00", "04 00");
}

#[test]
fn nothing_is_sorted() {
    check("31 80 02 01 09 02 01 01 00 00", "31 06 02 01 09 02 01 01");
}

#[test]
fn broken_values_are_refused() {
    for broken in [
        "",
        "30",
        "30 80",
        "30 80 02 01 05",
        "30 80 02 01 05 00",
        "30 03 02 01",
        "30 03 02 01 05 00",
        "30 80 00 00 00 00",
        "04 80 01 02 00 00",
        "24 03 02 01 05",
        "30 85 00 00 00 00 03 02 01 05",
        "30 84 ff ff ff ff 02 01 05",
        "3f 21 00",
        "30 ff",
    ] {
        assert!(to_der(&hex(broken)).is_err(), "{broken}");
    }
}

#[test]
fn sixty_four_levels_are_read_and_more_are_refused() {
    let nested = |levels: usize| (0..levels).fold(vec![5, 0], |inner, _| tlv(tag::SEQUENCE, &inner));
    assert!(to_der(&nested(DEPTH_MAX)).is_ok());
    assert_eq!(to_der(&nested(DEPTH_MAX + 1)), Err(DerError::Depth));
    let endless = [0x30, 0x80].repeat(100_000);
    assert_eq!(to_der(&endless), Err(DerError::Depth));
}

#[test]
fn the_reader_takes_shortest_definite_lengths_only() {
    for broken in ["30 81 03 02 01 05", "30 80 02 01 05 00 00", "30 82 00 80", "30 04 02 01 05"] {
        assert!(Reader::new(&hex(broken)).next().is_err(), "{broken}");
    }
    let bytes = hex("30 03 02 01 05 05 00");
    let mut reader = Reader::new(&bytes);
    assert_eq!(reader.expect(tag::SET), Err(DerError::Tag));
    assert_eq!(single(&bytes, tag::SEQUENCE), Err(DerError::Trailing));
}

#[test]
fn written_lengths_are_the_shortest() {
    for length in [0_usize, 1, 127, 128, 255, 256, 65_535, 65_536] {
        let value = tlv(tag::OCTET_STRING, &vec![7; length]);
        assert_eq!(single(&value, tag::OCTET_STRING).unwrap().content.len(), length);
    }
    assert_eq!(integer(127), hex("02 01 7f"));
    assert_eq!(integer(128), hex("02 02 00 80"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_what_comes_out_is_der(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(der) = to_der(&bytes) {
            let again = to_der(&der).unwrap();
            prop_assert_eq!(&*again, &*der);
            prop_assert!(matches!(again, std::borrow::Cow::Borrowed(_)));
        }
    }

    #[test]
    fn nested_bytes_are_read_without_panic(tags in prop::collection::vec(prop::sample::select(vec![0x30_u8, 0x31, 0x24, 0xa0, 0x04, 0x80, 0x00, 0x02, 0x01]), 0..80)) {
        if let Ok(der) = to_der(&tags) {
            prop_assert_eq!(&*to_der(&der).unwrap(), &*der);
        }
    }
}
