//! Writing DER.

use super::tag;

/// One value with its tag and shortest length.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    let length = content.len().to_be_bytes();
    let digits = length.iter().position(|byte| *byte != 0).map_or(&[0_u8][..], |start| length.split_at(start).1);
    match digits {
        [short] if *short < 0x80 => out.push(*short),
        _ => {
            // A length has at most eight digits, so the count fits beside the marker bit.
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0x7f));
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE of values already written.
pub(crate) fn sequence(values: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SEQUENCE, &values.concat())
}

/// SET OF values already written, sorted as DER asks (X.690 11.6).
pub(crate) fn set_of(values: &[&[u8]]) -> Vec<u8> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    tlv(tag::SET, &sorted.concat())
}

/// OBJECT IDENTIFIER from its content bytes.
pub(crate) fn object_id(content: &[u8]) -> Vec<u8> {
    tlv(tag::OBJECT_ID, content)
}

/// OCTET STRING.
pub(crate) fn octet_string(content: &[u8]) -> Vec<u8> {
    tlv(tag::OCTET_STRING, content)
}

/// Small INTEGER.
pub(crate) fn integer(value: u8) -> Vec<u8> {
    let padded = [0, value];
    let content = if value < 0x80 { &padded[1..] } else { &padded[..] };
    tlv(tag::INTEGER, content)
}

/// INTEGER of any size that is not negative, in the shortest form (X.690 8.3.2).
pub(crate) fn unsigned(value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let (_, significant) = bytes.split_at(first);
    let is_negative = significant.first().is_some_and(|byte| *byte >= 0x80);
    tlv(tag::INTEGER, &if is_negative { [&[0], significant].concat() } else { significant.to_vec() })
}
