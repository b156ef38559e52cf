//! Objects into bytes, and the small constructors that go with it. Source: ISO 32000-2 clause 7.3.

use crate::pdf::object::{Dictionary, Id, Object, Text};

/// What an indirect object holds.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Plain(Object),
    Stream(Dictionary, Vec<u8>),
    /// A signature dictionary whose `ByteRange` and `Contents` are left blank, with room for this many bytes.
    Signature(Dictionary, usize),
}

/// Where the blanks of a signature dictionary stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blanks {
    /// The first digit position of each of the last three numbers of `ByteRange`.
    pub(super) numbers: [usize; 3],
    /// The token of `Contents`, brackets included.
    pub(super) contents: std::ops::Range<usize>,
}

/// Digits of a blank number: files of up to 9,999,999,999 bytes.
pub(super) const NUMBER_DIGITS: usize = 10;

/// Appends an indirect object; the blanks of a signature, when it is one.
pub(super) fn indirect(id: Id, body: &Body, out: &mut Vec<u8>) -> Option<Blanks> {
    out.extend_from_slice(format!("{} {} obj\n", id.number, id.generation).as_bytes());
    let mut blanks = None;
    match body {
        Body::Plain(value) => object(value, out),
        Body::Stream(own, data) => {
            let mut own = own.clone();
            own.set("Length", size(data.len()));
            object(&Object::Dictionary(own), out);
            out.extend_from_slice(b"\nstream\n");
            out.extend_from_slice(data);
            out.extend_from_slice(b"\nendstream");
        }
        Body::Signature(own, room) => blanks = Some(signature(own, *room, out)),
    }
    out.extend_from_slice(b"\nendobj\n");
    blanks
}

fn signature(own: &Dictionary, room: usize, out: &mut Vec<u8>) -> Blanks {
    out.extend_from_slice(b"<<");
    for (key, value) in own.entries() {
        entry(key, value, out);
    }
    out.extend_from_slice(b" /ByteRange [0");
    let numbers = [(); 3].map(|()| {
        out.push(b' ');
        let at = out.len();
        out.extend(std::iter::repeat_n(b' ', NUMBER_DIGITS));
        at
    });
    out.extend_from_slice(b"] /Contents ");
    let start = out.len();
    out.push(b'<');
    out.extend(std::iter::repeat_n(b'0', room.saturating_mul(2)));
    out.push(b'>');
    let contents = start..out.len();
    out.extend_from_slice(b" >>");
    Blanks { numbers, contents }
}

/// Appends a direct object.
pub(super) fn object(value: &Object, out: &mut Vec<u8>) {
    match value {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(true) => out.extend_from_slice(b"true"),
        Object::Boolean(false) => out.extend_from_slice(b"false"),
        Object::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Object::Real(written) => out.extend_from_slice(written),
        Object::Name(name) => write_name(name.as_ref(), out),
        Object::Text(text) => hexadecimal(&text.bytes, out),
        Object::Array(list) => {
            out.push(b'[');
            for (index, value) in list.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                object(value, out);
            }
            out.push(b']');
        }
        Object::Dictionary(own) => {
            out.extend_from_slice(b"<<");
            for (key, value) in own.entries() {
                entry(key, value, out);
            }
            out.extend_from_slice(b" >>");
        }
        Object::Reference(id) => {
            out.extend_from_slice(format!("{} {} R", id.number, id.generation).as_bytes());
        }
    }
}

fn entry(key: &[u8], value: &Object, out: &mut Vec<u8>) {
    out.push(b' ');
    write_name(key, out);
    out.push(b' ');
    object(value, out);
}

fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for byte in name {
        // Everything but printable regular characters goes as a number (7.3.5).
        if byte.is_ascii_graphic() && !b"()<>[]{}/%#".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("#{byte:02x}").as_bytes());
        }
    }
}

fn hexadecimal(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'<');
    digits(bytes, out);
    out.push(b'>');
}

/// Two hexadecimal digits a byte.
pub(super) fn digits(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            out.push(if half < 10 { b'0' + half } else { b'a' + half - 10 });
        }
    }
}

impl Dictionary {
    /// A dictionary of these entries.
    pub(super) fn of<const N: usize>(entries: [(&str, Object); N]) -> Self {
        let mut own = Self::default();
        entries.into_iter().for_each(|(key, value)| own.set(key, value));
        own
    }

    /// Puts a value under a key, in place of what was there.
    pub(super) fn set(&mut self, key: &str, value: Object) {
        self.put(key.as_bytes(), value);
    }
}

pub(super) fn name(text: &str) -> Object {
    Object::Name(text.as_bytes().into())
}

pub(super) fn size(number: usize) -> Object {
    Object::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A number with two decimals: a hundredth of a point is a four-thousandth of a millimetre.
pub(super) fn real(number: f64) -> Object {
    Object::Real(decimal(number).into_bytes().into())
}

/// The same, as text.
pub(super) fn decimal(number: f64) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A string of bytes.
pub(super) fn bytes(bytes: &[u8]) -> Object {
    Object::Text(Text { bytes: bytes.into(), at: None })
}

/// A text string (7.9.2.2): as it is in ASCII, else UTF-16BE with its mark.
pub(super) fn text(text: &str) -> Object {
    if text.is_ascii() {
        return bytes(text.as_bytes());
    }
    let units = text.encode_utf16().flat_map(u16::to_be_bytes);
    bytes(&[0xfe, 0xff].into_iter().chain(units).collect::<Vec<_>>())
}
