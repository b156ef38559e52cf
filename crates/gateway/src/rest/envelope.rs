//! The sender's signature beside a packet: in two headers, or in two parts of a form.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;
use types::Digest;
use wire::types_v1::Envelope;
use wire::types_v1::envelope::Signature;

use crate::Refusal;

/// Canonical manifest, base64.
pub(super) const MANIFEST: &str = "lienthong-manifest";
/// Detached JWS, or detached CMS in base64.
pub(super) const SIGNATURE: &str = "lienthong-signature";

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Reads the envelope of a raw packet; `None` when neither header is there.
pub(super) fn from_headers(headers: &HeaderMap) -> Result<Option<Envelope>, Refusal> {
    match (single(headers, MANIFEST)?, single(headers, SIGNATURE)?) {
        (None, None) => Ok(None),
        (Some(manifest), Some(signature)) => {
            let manifest = base64(MANIFEST, manifest)?;
            Ok(Some(Envelope { manifest, signature: Some(from_text(SIGNATURE, signature)?) }))
        }
        (None, Some(_)) => Err(Refusal::field(MANIFEST, "is missing beside the signature")),
        (Some(_), None) => Err(Refusal::field(SIGNATURE, "is missing beside the manifest")),
    }
}

/// Joins the parts of a form: the manifest's bytes, and the signature as DER, base64 or JWS text.
pub(super) fn from_parts(manifest: Option<Vec<u8>>, signature: Option<Vec<u8>>) -> Result<Option<Envelope>, Refusal> {
    match (manifest, signature) {
        (None, None) => Ok(None),
        (Some(manifest), Some(signature)) => {
            // A CMS starts with the tag SEQUENCE, 0x30; as base64 with `M`, a JWS with `ey`.
            let signature = if signature.first() == Some(&0x30) {
                Signature::Cms(signature)
            } else {
                let text = str::from_utf8(&signature)
                    .map_err(|_| Refusal::field("signature", "is neither DER, base64 nor a JWS"))?;
                from_text("signature", text)?
            };
            Ok(Some(Envelope { manifest, signature: Some(signature) }))
        }
        (None, Some(_)) => Err(Refusal::field("manifest", "is missing beside the signature")),
        (Some(_), None) => Err(Refusal::field("signature", "is missing beside the manifest")),
    }
}

/// SHA-256 of the content from `Content-Digest` or `Repr-Digest` (RFC 9530); empty when not declared.
pub(super) fn declared_digest(headers: &HeaderMap) -> Result<Vec<u8>, Refusal> {
    for name in ["content-digest", "repr-digest"] {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        for member in values.flat_map(|value| value.split(',')) {
            let Some(value) = member.trim().strip_prefix("sha-256=") else { continue };
            let text = value.trim().strip_prefix(':').and_then(|text| text.strip_suffix(':'));
            let text = text.ok_or_else(|| Refusal::field(name, "is not of the form sha-256=:<base64>:"))?;
            let bytes = base64(name, text)?;
            let digest = Digest::try_from(bytes.as_slice()).map_err(|error| Refusal::field(name, error))?;
            return Ok(digest.as_bytes().to_vec());
        }
    }
    Ok(Vec::new())
}

/// Two dots make a JWS; anything else is a CMS in base64.
fn from_text(field: &'static str, text: &str) -> Result<Signature, Refusal> {
    let text = text.trim();
    if text.matches('.').count() == 2 {
        return Ok(Signature::Jws(text.to_owned()));
    }
    base64(field, text).map(Signature::Cms)
}

fn base64(field: &'static str, text: &str) -> Result<Vec<u8>, Refusal> {
    let text: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(&text).or_else(|_| URL_SAFE.decode(&text)).map_err(|_| Refusal::field(field, "is not base64"))
}

fn single<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(Refusal::field(name, "is given twice"));
    }
    value.map(|value| value.to_str().map_err(|_| Refusal::field(name, "is not ASCII"))).transpose()
}

#[cfg(test)]
mod tests;
