//! TSTInfo: reading what a token states. Source: RFC 3161 2.4.2.

use types::UnixMillis;

use super::Facts;
use crate::algorithm::{AlgorithmId, Hash};
use crate::budget::Budget;
use crate::covered::Covered;
use crate::der::{self, DerError, Tlv, tag};
use crate::oid;
use crate::reason::{Reason, TimestampReason};
use crate::time::from_gen_time;

/// BOOLEAN.
const BOOLEAN: u8 = 0x01;
/// Bytes of a serial number or nonce: 160 bits is the least that RFC 3161 asks readers to take.
const INTEGER_BYTES_MAX: usize = 64;

/// TSTInfo, checked for structure only.
#[derive(Debug)]
pub(crate) struct TstInfo<'a> {
    pub(crate) policy: &'a [u8],
    hash_algorithm: AlgorithmId<'a>,
    hashed: &'a [u8],
    serial: &'a [u8],
    pub(crate) time: UnixMillis,
    pub(crate) accuracy_ms: Option<u64>,
    nonce: Option<&'a [u8]>,
}

/// What a token has to be over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Imprint<'a> {
    /// These bytes, by the token's own hash.
    Of(&'a [u8]),
    /// The same, in pieces one after another.
    Pieces(&'a [&'a [u8]]),
    /// A part of a file that other signatures cover too.
    Covered(Covered<'a>),
    /// Bytes with this digest, by this hash and no other.
    Digest(Hash, &'a [u8]),
}

fn malformed(at: &'static str) -> impl Fn(DerError) -> TimestampReason {
    move |error| TimestampReason::Malformed { at, why: error.to_string() }
}

impl<'a> TstInfo<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, TimestampReason> {
        let mut inside = der::single(bytes, tag::SEQUENCE).map_err(malformed("TSTInfo"))?.inside();
        let version = inside.expect(tag::INTEGER).map_err(malformed("version"))?;
        if der::small(&version).map_err(malformed("version"))? != 1 {
            return Err(malformed("version")(DerError::Value));
        }
        let policy = inside.expect(tag::OBJECT_ID).map_err(malformed("policy"))?.content;
        let imprint = inside.expect(tag::SEQUENCE).map_err(malformed("messageImprint"))?;
        let (hash_algorithm, hashed) = imprint_parts(&imprint).map_err(malformed("messageImprint"))?;
        let serial = integer(&inside.expect(tag::INTEGER).map_err(malformed("serialNumber"))?)
            .map_err(malformed("serialNumber"))?;
        let time = inside.expect(tag::GENERALIZED_TIME).map_err(malformed("genTime"))?;
        let time = from_gen_time(time.content).ok_or(DerError::Value).map_err(malformed("genTime"))?;
        let accuracy = inside.optional(tag::SEQUENCE).map_err(malformed("accuracy"))?;
        let accuracy_ms = accuracy.map(|value| accuracy_ms(&value)).transpose().map_err(malformed("accuracy"))?;
        inside.optional(BOOLEAN).map_err(malformed("ordering"))?;
        let nonce = inside.optional(tag::INTEGER).map_err(malformed("nonce"))?;
        let nonce = nonce.map(|value| integer(&value)).transpose().map_err(malformed("nonce"))?;
        // `tsa` is a hint: the signature names its certificate.
        inside.optional(tag::context(0)).map_err(malformed("tsa"))?;
        if let Some(extensions) = inside.optional(tag::context(1)).map_err(malformed("extensions"))? {
            no_critical(&extensions).map_err(malformed("extensions"))?;
        }
        inside.end().map_err(malformed("TSTInfo"))?;
        Ok(Self { policy, hash_algorithm, hashed, serial, time, accuracy_ms, nonce })
    }

    /// Whether the token is over what was expected.
    pub(crate) fn stamps(&self, expected: Imprint<'_>, budget: &Budget) -> Result<(), Reason> {
        let hash = Hash::read(&self.hash_algorithm)?;
        let is_same = match expected {
            Imprint::Of(bytes) => {
                budget.take_bytes(bytes.len())?;
                hash.of(bytes).as_ref() == self.hashed
            }
            Imprint::Pieces(pieces) => {
                budget.take_bytes(pieces.iter().map(|piece| piece.len()).sum())?;
                hash.of_pieces(pieces).as_ref() == self.hashed
            }
            Imprint::Covered(covered) => covered.digest(hash, budget)?.as_ref() == self.hashed,
            Imprint::Digest(wanted, digest) => wanted == hash && digest == self.hashed,
        };
        if is_same { Ok(()) } else { Err(TimestampReason::ImprintMismatch.into()) }
    }

    pub(crate) fn facts(&self) -> Facts {
        Facts {
            time: self.time,
            accuracy_ms: self.accuracy_ms,
            policy: oid::text(self.policy),
            serial: self.serial.iter().map(|byte| format!("{byte:02x}")).collect(),
            nonce: self.nonce.map(<[u8]>::to_vec),
        }
    }
}

/// MessageImprint: an algorithm and a digest.
pub(super) fn imprint_parts<'a>(imprint: &Tlv<'a>) -> Result<(AlgorithmId<'a>, &'a [u8]), DerError> {
    let mut inside = imprint.inside();
    let algorithm = AlgorithmId::read(&inside.expect(tag::SEQUENCE)?)?;
    let hashed = inside.expect(tag::OCTET_STRING)?.content;
    inside.end()?;
    Ok((algorithm, hashed))
}

/// The content of an INTEGER of any sign, in its shortest form (X.690 8.3.2).
pub(super) fn integer<'a>(value: &Tlv<'a>) -> Result<&'a [u8], DerError> {
    let is_padded = matches!(value.content, [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..]);
    if value.content.is_empty() || value.content.len() > INTEGER_BYTES_MAX || is_padded {
        return Err(DerError::Value);
    }
    Ok(value.content)
}

/// Seconds, then milliseconds `[0]` and microseconds `[1]` of 1 to 999 each; rounded up to milliseconds.
fn accuracy_ms(value: &Tlv<'_>) -> Result<u64, DerError> {
    let mut inside = value.inside();
    let seconds = inside.optional(tag::INTEGER)?.map_or(Ok(0), |value| der::small(&value))?;
    let mut part = |number| match inside.optional(tag::context_primitive(number))? {
        None => Ok(0),
        Some(value) => der::small(&value).and_then(|n| if n <= 999 { Ok(n) } else { Err(DerError::Value) }),
    };
    let (milliseconds, microseconds) = (part(0)?, part(1)?);
    inside.end()?;
    Ok(u64::from(seconds) * 1000 + u64::from(milliseconds) + u64::from(microseconds.div_ceil(1000)))
}

/// Extensions are passed over, and one that must not be is refused (RFC 5280 4.2).
fn no_critical(extensions: &Tlv<'_>) -> Result<(), DerError> {
    for extension in extensions.inside().all()? {
        let mut inside = extension.inside();
        inside.expect(tag::OBJECT_ID)?;
        if inside.optional(BOOLEAN)?.is_some_and(|value| value.content != [0]) {
            return Err(DerError::Value);
        }
    }
    Ok(())
}
