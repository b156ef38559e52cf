//! The signer's certificate, and what XAdES signs about it. Source: XMLDSig 4.5.4; ETSI EN 319 132-1 clause 5.2.

use types::UnixMillis;

use super::tree::{Node, hash};
use crate::certificate::Certificate;
use crate::reason::{CmsReason, Reason, XmlReason};
use crate::time::from_rfc3339;
use crate::trust::TrustStore;

/// Certificates read from one KeyInfo.
const CERTIFICATES_MAX: usize = 16;

/// The certificate that KeyInfo names, and every one it brings. KeyValue, KeyName and RetrievalMethod are ignored.
pub(super) fn find(signature: &Node, trust: &TrustStore) -> Result<(Certificate, Vec<Certificate>), Reason> {
    let key_info = signature.one("KeyInfo").map_err(|_| CmsReason::CertificateMissing)?;
    let data = || key_info.all("X509Data");
    let mut embedded = Vec::new();
    for node in data().flat_map(|data| data.all("X509Certificate")).take(CERTIFICATES_MAX) {
        embedded.extend(trust.read(&node.base64()?).ok());
    }
    let serial = data().flat_map(|data| data.all("X509IssuerSerial")).next();
    let serial =
        serial.map(|serial| serial.one("X509SerialNumber")).transpose()?.map(|node| node.text.trim().to_owned());
    let is_named = |certificate: &&Certificate| serial.as_deref().is_none_or(|text| decimal(certificate) == text);
    // Only a choice: the signature, then the path, have to bear it out.
    let mut leaves = embedded.iter().filter(|certificate| !certificate.is_ca()).filter(is_named);
    let chosen = match (leaves.next(), leaves.next()) {
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) => None,
        (None, _) if serial.is_some() => trust.known().find(is_named),
        (None, _) => None,
    };
    let chosen = chosen.cloned().ok_or(CmsReason::CertificateMissing)?;
    Ok((chosen, embedded))
}

/// The serial number in decimal, as X509SerialNumber writes it.
fn decimal(certificate: &Certificate) -> String {
    let mut digits: Vec<u8> = vec![0];
    for byte in certificate.serial() {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            let value = u32::from(*digit) * 256 + carry;
            *digit = u8::try_from(value % 10).unwrap_or_default();
            carry = value / 10;
        }
        while carry > 0 {
            digits.push(u8::try_from(carry % 10).unwrap_or_default());
            carry /= 10;
        }
    }
    digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect()
}

/// Signed properties of XAdES below the element that `uri` names, whose digest was checked before: the certificate they
/// name has to be the chosen one. Gives the claimed time.
pub(super) fn properties(signature: &Node, uri: &str, certificate: &Certificate) -> Result<Option<UnixMillis>, Reason> {
    let signed = signature.identified(uri.trim_start_matches('#'));
    let Some(signed) = signed.and_then(|node| node.find("SignedSignatureProperties")) else { return Ok(None) };
    let named = signed.find("SigningCertificateV2").or_else(|| signed.find("SigningCertificate"));
    if let Some(digest) = named.and_then(|named| named.find("CertDigest")) {
        let value = digest.one("DigestValue")?.base64()?;
        if hash(digest.one("DigestMethod")?)?.of(certificate.der()).as_ref() != value {
            return Err(CmsReason::CertificateMismatch.into());
        }
    }
    let Some(time) = signed.find("SigningTime") else { return Ok(None) };
    let time = claimed(time.text.trim()).ok_or(XmlReason::Structure { what: "SigningTime" })?;
    Ok(Some(time))
}

/// `dateTime` of XML Schema with `Z` or an offset.
fn claimed(text: &str) -> Option<UnixMillis> {
    if let Some(at) = from_rfc3339(text) {
        return Some(at);
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let (sign, clock) = offset.split_at_checked(1)?;
    let (hours, minutes) = clock.split_once(':')?;
    let millis = (hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?) * 60_000;
    let local = from_rfc3339(&format!("{local}Z"))?.as_millis();
    match sign {
        "+" => local.checked_sub(millis).map(UnixMillis::new),
        "-" => local.checked_add(millis).map(UnixMillis::new),
        _ => None,
    }
}
