//! Checking a signed request: the keyed hash over `sign-header` as received, then header by header.

use std::collections::BTreeSet;

use http::{HeaderMap, HeaderName};
use jiff::civil::DateTime;
use ring::hmac;
use subtle::Choice;

use crate::parameters::{Parameters, signed_object};
use crate::{Failure, Secret};

/// Prefix of every header of the protocol.
pub const PREFIX: &str = "XroadVnpt-";
/// Bytes of `sign-header`: a thousand receivers in `to`, twice escaped, with room to spare.
const SIGNED_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a system's id.
const SYSTEM_BYTES_MAX: usize = 255;
/// Hashes computed for every request at least, so that how many secrets a system has does not show.
const TRIES_MIN: usize = 2;

/// Why a request is not taken as its system's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// A header that every request carries is missing, repeated or too long.
    #[error("header {0} is missing, repeated or too long")]
    Header(&'static str),
    /// The system is not known, or the hash was made with another secret or over other bytes. Which, is not told.
    #[error("wrong system id or secret")]
    Secret,
    /// The hash is right, but what it covers is no JSON object of strings with distinct names.
    #[error("{PREFIX}sign-header is not readable: {0}")]
    Object(String),
    /// A signed name has no header with its value.
    #[error("header {0} is not the signed one")]
    Differs(String),
    /// `sign-header-key` and `sign-header` do not name the same headers.
    #[error("{PREFIX}sign-header-key does not list the names in {PREFIX}sign-header")]
    KeyList,
    /// `systemid` is not among the signed headers.
    #[error("systemid is not signed")]
    SystemUnsigned,
    /// The timestamp is missing, not readable, or outside the configured window.
    #[error("timestamp {0:?} is not within the window")]
    Timestamp(String),
}

impl SignatureFault {
    /// Code 15 with what to do next.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let detail = format!("{self}; kiểm tra systemid, secret và các header đã ký");
        Failure::of(types::ErrorCode::Unauthenticated, &detail)
    }
}

/// How far a timestamp may be from now. The protocol's clients set it once per client object, hours before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Now, on the clock of the clients (Vietnam: the timestamp names no zone).
    pub now: DateTime,
    /// Distance allowed, before and after.
    pub distance: std::time::Duration,
}

/// The system that a request claims to be.
///
/// # Errors
/// [`SignatureFault::Header`].
pub fn claimed_system(headers: &HeaderMap) -> Result<&str, SignatureFault> {
    let fault = SignatureFault::Header("XroadVnpt-systemid");
    let bytes = single(headers, "xroadvnpt-systemid").ok_or(fault.clone())?;
    let system = std::str::from_utf8(bytes).map_err(|_| fault.clone())?;
    if system.is_empty() || system.len() > SYSTEM_BYTES_MAX { Err(fault) } else { Ok(system) }
}

/// Checks a request against the secrets of the system that it claims, and gives the parameters that were signed.
///
/// The headers are only compared: parameters come from the signed object, whose names keep their case.
///
/// # Errors
/// The first fault found; nothing of an unauthentic request but its system id is read.
pub fn verify(headers: &HeaderMap, secrets: &[Secret], window: Option<Window>) -> Result<Parameters, SignatureFault> {
    let system = claimed_system(headers)?;
    let signed = single(headers, "xroadvnpt-sign-header").filter(|bytes| bytes.len() <= SIGNED_BYTES_MAX);
    let signed = signed.ok_or(SignatureFault::Header("XroadVnpt-sign-header"))?;
    let names = single(headers, "xroadvnpt-sign-header-key").filter(|bytes| bytes.len() <= SIGNED_BYTES_MAX);
    let names = names.ok_or(SignatureFault::Header("XroadVnpt-sign-header-key"))?;
    let hash = single(headers, "xroadvnpt-hash-header").ok_or(SignatureFault::Header("XroadVnpt-hash-header"))?;
    if !is_signed(signed, hash, secrets) {
        return Err(SignatureFault::Secret);
    }
    let parameters = signed_object(signed).map_err(SignatureFault::Object)?;
    compare(headers, &parameters)?;
    if !lists(names, &parameters) {
        return Err(SignatureFault::KeyList);
    }
    if parameters.text("systemid") != Some(system) {
        return Err(SignatureFault::SystemUnsigned);
    }
    if let Some(window) = window {
        in_window(parameters.text("timestamp").unwrap_or_default(), window)?;
    }
    Ok(parameters)
}

fn single<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes())
}

/// Every secret is tried, whichever fits; an unknown system is tried with keys that fit nothing.
fn is_signed(signed: &[u8], hash: &[u8], secrets: &[Secret]) -> bool {
    let tag = decoded(hash).unwrap_or_default();
    let mut fits = Choice::from(0);
    for place in 0..TRIES_MIN.max(secrets.len()) {
        let (bytes, counts) = secrets.get(place).map_or((&[][..], 0), |secret| (secret.as_bytes(), 1));
        // An empty secret would be everybody's.
        let counts = Choice::from(counts) & Choice::from(u8::from(!bytes.is_empty()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let equal = hmac::verify(&key, signed, &tag).is_ok();
        fits |= Choice::from(u8::from(equal)) & counts;
    }
    fits.into()
}

fn decoded(hex: &[u8]) -> Option<[u8; 32]> {
    let (pairs, rest) = hex.as_chunks::<2>();
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |letter: u8| char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// Each signed name has a header with its value. HTTP folds names that differ in case into one with several values.
fn compare(headers: &HeaderMap, parameters: &Parameters) -> Result<(), SignatureFault> {
    for (name, value) in parameters.iter() {
        let header = format!("{PREFIX}{name}");
        let known = HeaderName::from_bytes(header.as_bytes()).ok();
        let found = known.is_some_and(|known| headers.get_all(known).iter().any(|sent| same(sent.as_bytes(), value)));
        if !found {
            return Err(SignatureFault::Differs(header.chars().take(64).collect()));
        }
    }
    Ok(())
}

/// A header's bytes are UTF-8 or Latin-1, as the client's HTTP library writes them, less the white space around.
fn same(sent: &[u8], value: &str) -> bool {
    let blank = |letter: char| letter == ' ' || letter == '\t';
    let (sent, value) = (sent.trim_ascii(), value.trim_matches(blank));
    sent == value.as_bytes() || latin1(value).is_some_and(|bytes| bytes == sent)
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}

fn lists(names: &[u8], parameters: &Parameters) -> bool {
    let Ok(names) = std::str::from_utf8(names) else { return false };
    let names = names.split(';').map(str::trim).filter(|name| !name.is_empty());
    let mut listed = BTreeSet::new();
    for name in names {
        if !listed.insert(name) {
            return false;
        }
    }
    listed.into_iter().eq(parameters.iter().map(|(name, _)| name))
}

/// `ddMMyyyy'T'HHmmss+SSSS`: what follows the `+` are milliseconds, not a zone.
fn in_window(text: &str, window: Window) -> Result<(), SignatureFault> {
    let fault = || SignatureFault::Timestamp(text.chars().take(32).collect());
    let (seconds, millis) = text.split_once('+').ok_or_else(fault)?;
    if millis.is_empty() || millis.len() > 4 || !millis.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(fault());
    }
    let at = DateTime::strptime("%d%m%YT%H%M%S", seconds).map_err(|_| fault())?;
    let distance = at.duration_until(window.now).unsigned_abs();
    if distance > window.distance { Err(fault()) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
