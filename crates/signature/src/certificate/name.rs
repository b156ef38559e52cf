//! Names: raw bytes for chaining, text for people.

use x509_parser::x509::X509Name;

use crate::der::{Reader, Tlv, tag, tlv};

/// A distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    raw: Box<[u8]>,
    folded: Box<[u8]>,
    /// False when an attribute's text is not certain, so that it was kept as bytes.
    is_folded: bool,
    emails: Vec<String>,
    text: Box<str>,
    is_example: bool,
    common_name: Option<String>,
    organisations: Vec<String>,
}

impl Name {
    pub(crate) fn read(name: &X509Name<'_>) -> Self {
        let marked = name.iter_common_name().chain(name.iter_organization());
        let is_example = marked.filter_map(|part| part.as_str().ok()).any(|text| text.contains("EXAMPLE"));
        let raw = name.as_raw();
        let (folded, is_folded) = folded(raw).unwrap_or_else(|| (raw.to_vec(), false));
        let emails = name.iter_email().filter_map(|part| part.as_str().ok()).map(str::to_owned).collect();
        let texts = |part: &x509_parser::x509::AttributeTypeAndValue<'_>| part.as_str().ok().map(str::to_owned);
        Self {
            raw: raw.into(),
            folded: folded.into(),
            is_folded,
            emails,
            text: name.to_string().into(),
            is_example,
            common_name: name.iter_common_name().find_map(texts),
            organisations: name.iter_organization().chain(name.iter_organizational_unit()).filter_map(texts).collect(),
        }
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

    /// True for a name without attributes.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_folded && self.folded.is_empty()
    }

    /// True when every attribute's text was compared as text.
    pub(crate) fn is_folded(&self) -> bool {
        self.is_folded
    }

    /// The first common name, as far as it is text.
    pub(crate) fn common_name(&self) -> Option<&str> {
        self.common_name.as_deref()
    }

    /// Organisation and organisational units, as far as they are text.
    pub(crate) fn organisations(&self) -> &[String] {
        &self.organisations
    }

    /// The emailAddress attributes.
    pub(crate) fn emails(&self) -> &[String] {
        &self.emails
    }

    /// True when this name is `base` or below it (RFC 5280 7.1: every RDN of `base`, in order, first).
    pub(crate) fn is_within(&self, base: &Self) -> bool {
        self.folded.starts_with(&base.folded)
    }

    /// What names chain by: equal for the same bytes, and for the same attributes in the same order when string
    /// types, case and white space are put aside (RFC 5280 7.1): issuers have changed PrintableString to
    /// UTF8String between certificates.
    pub(crate) fn chain_key(&self) -> &[u8] {
        &self.folded
    }
}

/// Object identifier and folded value of every attribute, RDN by RDN, and whether every value had a certain text;
/// one without is kept as bytes. `None` when this is no Name.
fn folded(raw: &[u8]) -> Option<(Vec<u8>, bool)> {
    let sequence = crate::der::single(raw, tag::SEQUENCE).ok()?;
    let (mut rdns, mut is_folded) = (Vec::new(), true);
    for set in sequence.inside().all().ok()? {
        let mut attributes = Vec::new();
        for attribute in set.inside().all().ok()? {
            let mut inside: Reader<'_> = attribute.inside();
            let oid = inside.expect(tag::OBJECT_ID).ok()?;
            let value = inside.next().ok()?;
            let text = string(&value).map(|text| tlv(UTF8_STRING, fold(&text).as_bytes()));
            is_folded &= text.is_some();
            attributes.push([oid.raw, text.as_deref().unwrap_or(value.raw)].concat());
        }
        attributes.sort_unstable();
        rdns.extend_from_slice(&tlv(tag::SET, &attributes.concat()));
    }
    Some((rdns, is_folded))
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
