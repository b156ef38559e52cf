//! Writing XML signatures: enveloped XMLDSig over a whole packet, for integrators and tests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{KeyKind, RsaPadding, SignError, Signer};
use crate::algorithm::{EcdsaForm, Hash};
use crate::xml::{Method, canonical_signed_info, canonical_text, insertion};

const CANONICAL: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

/// Signs a packet: XMLDSig, enveloped, `URI=""`, C14N 1.0, SHA-256, the certificates in X509Data.
///
/// The signature becomes the last child of `edXMLHeader`, or of the root element where there is none; every other byte
/// stays as it is. `packet` begins at its XML.
///
/// # Errors
/// `invalid_argument` when the packet is not well-formed UTF-8 XML without a DTD, or its root is empty; `internal` when
/// the key refuses.
pub fn sign_xml(signer: &Signer, packet: &[u8]) -> Result<Vec<u8>, SignError> {
    let broken = |error: crate::reason::XmlReason| SignError::Xml { why: error.to_string() };
    let text = std::str::from_utf8(packet).map_err(|error| SignError::Xml { why: error.to_string() })?;
    let method = Method::default_for_references();
    let digest = Hash::Sha256.of(&canonical_text(text, &method).map_err(broken)?);
    let at = insertion(text).map_err(broken)?;
    let (before, after) = text.split_at_checked(at).ok_or(SignError::Refused)?;
    let certificates: String = signer
        .embedded()
        .map(|certificate| format!("<X509Certificate>{}</X509Certificate>", STANDARD.encode(certificate.der())))
        .collect();
    let head = format!(
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo>\
         <CanonicalizationMethod Algorithm=\"{CANONICAL}\"/><SignatureMethod Algorithm=\"{}\"/>\
         <Reference URI=\"\"><Transforms>\
         <Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\
         <Transform Algorithm=\"{CANONICAL}\"/></Transforms>\
         <DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
         <DigestValue>{}</DigestValue></Reference></SignedInfo><SignatureValue>",
        algorithm(signer.kind(), signer.padding),
        STANDARD.encode(digest),
    );
    let tail = format!("</SignatureValue><KeyInfo><X509Data>{certificates}</X509Data></KeyInfo></Signature>");
    let unsigned = [before, &head, &tail, after].concat();
    let signed_info = canonical_signed_info(&unsigned, at, &method).map_err(broken)?;
    let value = signer.sign(&signed_info, EcdsaForm::Fixed)?;
    Ok([before, &head, &STANDARD.encode(value), &tail, after].concat().into_bytes())
}

/// RFC 9231.
const fn algorithm(key: KeyKind, padding: RsaPadding) -> &'static str {
    match (key, padding) {
        (KeyKind::Rsa, RsaPadding::Pkcs1) => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        (KeyKind::Rsa, RsaPadding::Pss) => "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        (KeyKind::P256, _) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        (KeyKind::P384, _) => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        (KeyKind::Ed25519, _) => "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
    }
}
