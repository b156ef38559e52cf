//! Names: raw bytes for chaining, text for people.

use x509_parser::x509::X509Name;

use crate::der::{Reader, Tlv, tag, tlv};

/// A distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    raw: Box<[u8]>,
    folded: Box<[u8]>,
    text: Box<str>,
    is_example: bool,
}

impl Name {
    pub(crate) fn read(name: &X509Name<'_>) -> Self {
        let marked = name.iter_common_name().chain(name.iter_organization());
        let is_example = marked.filter_map(|part| part.as_str().ok()).any(|text| text.contains("EXAMPLE"));
        let raw = name.as_raw();
        let folded = folded(raw).unwrap_or_else(|| raw.to_vec());
        Self { raw: raw.into(), folded: folded.into(), text: name.to_string().into(), is_example }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    pub(crate) fn is_example(&self) -> bool {
        self.is_example
    }

    /// What names chain by: equal for the same bytes, and for the same attributes in the same order when string
    /// types, case and white space are put aside (RFC 5280 7.1): issuers have changed PrintableString to
    /// UTF8String between certificates.
    pub(crate) fn chain_key(&self) -> &[u8] {
        &self.folded
    }
}

/// Object identifier and folded value of every attribute, each with its length, RDN by RDN; `None` when one
/// has no certain text.
fn folded(raw: &[u8]) -> Option<Vec<u8>> {
    let sequence = crate::der::single(raw, tag::SEQUENCE).ok()?;
    let mut rdns = Vec::new();
    for set in sequence.inside().all().ok()? {
        let mut attributes = Vec::new();
        for attribute in set.inside().all().ok()? {
            let mut inside: Reader<'_> = attribute.inside();
            let oid = inside.expect(tag::OBJECT_ID).ok()?;
            attributes.extend_from_slice(oid.raw);
            attributes.extend_from_slice(&tlv(UTF8_STRING, fold(&string(&inside.next().ok()?)?).as_bytes()));
        }
        rdns.extend_from_slice(&tlv(tag::SET, &attributes));
    }
    Some(rdns)
}

const UTF8_STRING: u8 = 0x0c;

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// UTF8String, PrintableString, IA5String, and BMPString; `None` for types whose text is not certain.
fn string(value: &Tlv<'_>) -> Option<String> {
    match value.tag {
        0x0c | 0x13 | 0x16 => std::str::from_utf8(value.content).ok().map(str::to_owned),
        0x1e => {
            let units: Vec<u16> = value
                .content
                .chunks_exact(2)
                .filter_map(|pair| <[u8; 2]>::try_from(pair).ok())
                .map(u16::from_be_bytes)
                .collect();
            if units.len() * 2 == value.content.len() { String::from_utf16(&units).ok() } else { None }
        }
        _ => None,
    }
}
