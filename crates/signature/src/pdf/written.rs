//! What every program writes into a file that it saves, whatever it adds: when, and which program it is.
//!
//! Source: ISO 32000-2 clauses 14.3.2 and 14.3.3; ISO 16684-1 clause 8.4 (XMP basic namespace).

use super::object::{Dictionary, Indirect, Object};
use super::stream::unpack;
use super::view::View;

/// Entries of the document information.
const KEYS: [&[u8]; 2] = [b"ModDate", b"Producer"];
/// The same in XMP, as properties or attributes.
const PROPERTIES: [&[u8]; 3] = [b"ModifyDate", b"MetadataDate", b"pdf:Producer"];
/// Bytes of metadata that are compared.
const BYTES_MAX: usize = 1024 * 1024;

/// Whether two document informations differ in that alone, and the newer one tells it in text.
pub(super) fn is_all_of_info(old: &Dictionary, new: &Dictionary) -> bool {
    let is_quiet = |key: &[u8]| KEYS.contains(&key) || old.get(key) == new.get(key);
    let is_text = |key: &&[u8]| matches!(new.get(key), None | Some(Object::Text(_)));
    old.keys().chain(new.keys()).all(is_quiet) && KEYS.iter().all(is_text)
}

/// Whether two metadata streams differ in that alone; `false` where one cannot be read.
pub(super) fn is_all_of_metadata(old: (&View<'_>, &Indirect), new: (&View<'_>, &Indirect)) -> bool {
    match (content(old), content(new)) {
        (Some(old), Some(new)) => plain(&old) == plain(&new),
        _ => false,
    }
}

fn content((view, indirect): (&View<'_>, &Indirect)) -> Option<Vec<u8>> {
    let raw = view.bytes.get(indirect.stream.clone()?)?;
    unpack(indirect.object.dictionary()?, raw, BYTES_MAX).ok()
}

/// The text without what is looked for, without white space, and with one kind of quotation mark.
fn plain(metadata: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(metadata.len());
    let mut rest = metadata;
    while let Some((byte, behind)) = rest.split_first() {
        let property = PROPERTIES.into_iter().find(|property| rest.starts_with(property));
        let found = property.and_then(|property| Some((property, opened(rest.get(property.len()..)?)?)));
        if let Some((property, (opened, value))) = found {
            let closing = if opened == b'>' { b'<' } else { opened };
            // A value that does not end is compared as it stands.
            if let Some(end) = value.iter().position(|byte| *byte == closing) {
                plain.extend_from_slice(property);
                rest = value.get(end..).unwrap_or_default();
                continue;
            }
        }
        if !byte.is_ascii_whitespace() {
            plain.push(if *byte == b'\'' { b'"' } else { *byte });
        }
        rest = behind;
    }
    plain
}

/// What begins a value behind its name, `>` or a quotation mark, and the value with all that follows.
fn opened(behind: &[u8]) -> Option<(u8, &[u8])> {
    match behind {
        [b'>', value @ ..] => Some((b'>', value)),
        [b'=', quote @ (b'"' | b'\''), value @ ..] => Some((*quote, value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn dates_programs_and_white_space_count_for_nothing() {
        let one = b"<x a='1'>\n  <xmp:ModifyDate>2026-11-21</xmp:ModifyDate><dc:title>T</dc:title></x>";
        let other = b"<x a=\"1\"><xmp:ModifyDate>2027-01-02</xmp:ModifyDate><dc:title>T</dc:title></x>   ";
        assert_eq!(plain(one), plain(other));
        assert_eq!(plain(b"<a xmp:MetadataDate='1' b='2'>"), plain(b"<a xmp:MetadataDate=\"9\" b='2'>"));
        assert_eq!(plain(b"<pdf:Producer>A</pdf:Producer>"), plain(b"<pdf:Producer>B</pdf:Producer>"));
    }

    #[test]
    fn everything_else_counts() {
        let title =
            |text: &str| plain(format!("<xmp:ModifyDate>1</xmp:ModifyDate><dc:title>{text}</dc:title>").as_bytes());
        assert_ne!(title("Dong y"), title("Khong dong y"));
        assert_ne!(title("a"), title("aModifyDate>b"));
        assert_ne!(plain(b"<xmp:ModifyDate>1"), plain(b"<xmp:ModifyDate>2"));
        assert_ne!(plain(b"<xmp:ModifyDate>1</x>"), plain(b"<xmp:ModifyDate><b/>1</x>"));
        assert_ne!(plain(b"<xmp:CreateDate>1</xmp:CreateDate>"), plain(b"<xmp:CreateDate>2</xmp:CreateDate>"));
    }
}
