//! Times-Roman, one of the fonts that every reader has (ISO 32000-2 clause 9.6.2.2), in WinAnsiEncoding with Đ added.

use super::{Line, missing};
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::sign::error::PdfSignError;
use crate::pdf::sign::update::Update;
use crate::pdf::sign::write::{Body, name, size};

/// Codes that WinAnsiEncoding has for quotation marks and the like.
const LARGE_D: u8 = 0x80;
const SMALL_D: u8 = 0x81;

pub(super) fn line(text: &str) -> Result<Line, PdfSignError> {
    let (mut codes, mut width) = (Vec::new(), 0.0);
    for character in text.chars() {
        let code = match character {
            'Đ' => LARGE_D,
            'đ' => SMALL_D,
            ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(character)).unwrap_or(b'?'),
            _ => return Err(missing(character, text)),
        };
        codes.push(code);
        width += f64::from(advance(code));
    }
    Ok(Line { codes, width })
}

pub(super) fn add(update: &mut Update<'_, '_>) -> Result<Id, PdfSignError> {
    let differences = vec![size(usize::from(LARGE_D)), name("Dcroat"), name("dcroat")];
    let encoding = Dictionary::of([
        ("Type", name("Encoding")),
        ("BaseEncoding", name("WinAnsiEncoding")),
        ("Differences", Object::Array(differences.into())),
    ]);
    update.add(Body::Plain(Object::Dictionary(Dictionary::of([
        ("Type", name("Font")),
        ("Subtype", name("Type1")),
        ("BaseFont", name("Times-Roman")),
        ("Encoding", Object::Dictionary(encoding)),
    ]))))
}

fn advance(code: u8) -> u16 {
    let index = match code {
        LARGE_D => return 722,
        SMALL_D => return 500,
        b' '..=b'~' => usize::from(code) - 0x20,
        0xa0.. => usize::from(code) - 0xa0 + 95,
        _ => return 0,
    };
    ADVANCES.get(index).copied().unwrap_or(0)
}

/// Advances in thousandths, codes 32 to 126 and 160 to 255, from the font's published metrics.
#[rustfmt::skip]
const ADVANCES: [u16; 191] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444,
    921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722,
    556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500,
    333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500,
    500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
    250, 333, 500, 500, 500, 500, 200, 500, 333, 760, 276, 500, 564, 333, 760, 333,
    400, 564, 300, 300, 333, 500, 453, 250, 333, 300, 310, 500, 750, 750, 750, 444,
    722, 722, 722, 722, 722, 722, 889, 667, 611, 611, 611, 611, 333, 333, 333, 333,
    722, 722, 722, 722, 722, 722, 722, 564, 722, 722, 722, 722, 722, 722, 556, 500,
    444, 444, 444, 444, 444, 444, 667, 444, 444, 444, 444, 444, 278, 278, 278, 278,
    500, 500, 500, 500, 500, 500, 500, 564, 500, 500, 500, 500, 500, 500, 500, 500,
];
