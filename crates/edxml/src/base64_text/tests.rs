use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::{Base64Error, Base64Text, STAGED_MAX};

#[derive(Debug)]
enum Seen {
    NotBase64 { position: u64 },
    Entity,
}

impl From<Base64Error> for Seen {
    fn from(error: Base64Error) -> Self {
        match error {
            Base64Error::Text { position, .. } => Self::NotBase64 { position },
            Base64Error::Entity(_) => Self::Entity,
        }
    }
}

fn decode(text: &[u8], piece: usize) -> Result<Vec<u8>, Seen> {
    let mut decoder = Base64Text::new();
    let mut out = Vec::new();
    let mut keep = |bytes: &[u8]| {
        assert!(!bytes.is_empty() && bytes.len() <= 64 << 10);
        out.extend_from_slice(bytes);
        Ok::<(), Seen>(())
    };
    for piece in text.chunks(piece) {
        decoder.push(piece, &mut keep)?;
    }
    decoder.finish(&mut keep)?;
    Ok(out)
}

#[test]
fn white_space_of_every_kind_is_passed_over() {
    for text in ["Q2jDoG8=", " Q2jD\r\noG8= \n", "Q 2 j\tDoG8\n=", "Q2jD&#13;\noG8=&#xD;", "Q2jD&#x0A;&#9;&#32;oG8="] {
        for piece in 1..text.len() {
            assert_eq!(decode(text.as_bytes(), piece).unwrap(), "Chào".as_bytes(), "{text:?} by {piece}");
        }
    }
}

#[test]
fn an_empty_text_decodes_to_nothing() {
    assert_eq!(decode(b"", 1).unwrap(), b"");
    assert_eq!(decode(b" \r\n ", 1).unwrap(), b"");
}

#[test]
fn everything_else_is_refused() {
    let texts: [&[u8]; 14] = [
        b"Q2jDoG8",
        b"Q2jDoG8==",
        b"Q2jD=oG8",
        b"Q2jD-G8=",
        b"Q2jD_G8=",
        b"Q",
        b"Q2jDoG9=",
        b"=",
        b"Q2jDoG8=Q2jD",
        b"Q2jDoG8=\n=",
        b"Q2jD&#65;oG8=",
        b"Q2jD&lt;",
        b"Q2jD&#13",
        b"Q2j\xC2\xA0D",
    ];
    for text in texts {
        for piece in [1, 3, 100] {
            let result = decode(text, piece);
            assert!(matches!(result, Err(Seen::NotBase64 { .. })), "{:?}: {result:?}", text.escape_ascii().to_string());
        }
    }
}

#[test]
fn an_entity_is_told_apart() {
    assert!(matches!(decode(b"Q2jD&secret;", 1), Err(Seen::Entity)));
}

#[test]
fn the_place_of_a_foreign_character_is_counted_without_white_space() {
    let error = decode(b"Q2jD\r\nQ2 jD\r\nQ2!D", 100).unwrap_err();
    assert!(matches!(error, Seen::NotBase64 { position: 10 }), "{error:?}");
}

#[test]
fn padding_at_the_edge_of_a_stage_ends_the_text() {
    let mut text = STANDARD.encode(vec![7; STAGED_MAX / 4 * 3 - 1]).into_bytes();
    assert_eq!(text.len(), STAGED_MAX);
    assert!(decode(&text, 1000).is_ok());
    text.extend_from_slice(b"Q2jD");
    assert!(matches!(decode(&text, 1000), Err(Seen::NotBase64 { .. })));
}

proptest! {
    // Few, because each moves up to 200 KB byte by byte; the sizes cross three stages.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_in_any_lines_and_pieces_come_back(
        bytes in prop::collection::vec(any::<u8>(), 0..200_000),
        line in prop::sample::select(vec![4_usize, 64, 76, 1000, 1_000_000]),
        end in prop::sample::select(vec!["\n", "\r\n", " ", "&#13;\n"]),
        piece in prop::sample::select(vec![7_usize, 1024, 8192, 65_536, 1_000_000]),
    ) {
        let encoded = STANDARD.encode(&bytes);
        let lines: Vec<&[u8]> = encoded.as_bytes().chunks(line).collect();
        let text = lines.join(end.as_bytes());
        prop_assert!(decode(&text, piece).unwrap() == bytes);
    }
}
