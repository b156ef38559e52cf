//! A receipt with its signature, as it is stored and relayed.

use ring::digest::{Context, SHA256};
use signature::{SignError, Signer};
use types::{Digest, ErrorCode};

use crate::{RECEIPT_BYTES_MAX, Receipt, ReceiptError, digest_of};

/// Bytes of a detached JWS: one with a path of four RSA-4096 certificates has some 15 KiB.
pub const SIGNATURE_BYTES_MAX: usize = 32 * 1024;

/// Bytes before the receipt: the version and the receipt's length.
const PREFIX_BYTES: usize = 5;
/// Bytes of the stored form at most; stores and links need no larger field.
pub const SIGNED_BYTES_MAX: usize = PREFIX_BYTES + RECEIPT_BYTES_MAX + SIGNATURE_BYTES_MAX;

/// First byte of the stored form. Another form gets another number.
const VERSION: u8 = 1;

/// A receipt as its node signed it. Nothing about it is known yet: [`crate::verify`] makes it proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedReceipt {
    /// The canonical JSON, exactly as it was signed; at most 16 KiB.
    pub payload: Vec<u8>,
    /// Detached JWS (RFC 7515, RFC 7797) over `payload`, or the receipt's share of a batch; at most 32 KiB.
    pub signature: String,
}

/// Why a receipt was not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignReceiptError {
    /// It breaks a rule of receipts: a mistake of this node.
    #[error("the receipt to be signed is not one")]
    Receipt(#[from] ReceiptError),
    /// The key did not sign.
    #[error("the receipt was not signed")]
    Key(#[from] SignError),
    /// The signature is longer than any reader takes: the signer's path has too many certificates.
    #[error("the signature has {found} bytes, limit {max}")]
    SignatureTooLong {
        /// Bytes of the signature.
        found: usize,
        /// Bytes allowed.
        max: usize,
    },
}

impl SignReceiptError {
    /// `key_unavailable` or `internal`: the one who sent the document has no part in it.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Key(SignError::Unavailable { .. }) => ErrorCode::KeyUnavailable,
            Self::Receipt(_) | Self::Key(_) | Self::SignatureTooLong { .. } => ErrorCode::Internal,
        }
    }
}

/// A receipt in the form that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedReceipt(Vec<u8>);

impl UnsignedReceipt {
    /// The canonical form of a receipt.
    ///
    /// # Errors
    /// `internal` when the receipt breaks a rule of its fields.
    pub fn of(receipt: &Receipt) -> Result<Self, SignReceiptError> {
        Ok(Self(receipt.to_json()?))
    }

    /// The name that the receipt will have, as [`SignedReceipt::digest`]: one that follows it can name it before either
    /// is signed.
    #[must_use]
    pub fn digest(&self) -> Digest {
        payload_digest(&self.0)
    }
}

/// Signs a receipt with the node's signing key.
///
/// # Errors
/// `internal` when the receipt breaks a rule of its fields or the key refuses; `key_unavailable` when it cannot be reached.
pub fn sign(receipt: &Receipt, signer: &Signer) -> Result<SignedReceipt, SignReceiptError> {
    let payload = receipt.to_json()?;
    let signature = signature::sign_detached(signer, &payload)?;
    signed(payload, signature)
}

/// Signs receipts, 1 to [`BATCH_MAX`](crate::BATCH_MAX), with one signature of the node's key; the answers are in their order.
///
/// Each answer is complete in itself: one receipt alone has a plain JWS, several have their share of a batch
/// ([`signature::sign_detached_together`]).
///
/// # Errors
/// As [`sign`], for all of them together.
pub fn sign_together(receipts: Vec<UnsignedReceipt>, signer: &Signer) -> Result<Vec<SignedReceipt>, SignReceiptError> {
    let payloads: Vec<&[u8]> = receipts.iter().map(|receipt| receipt.0.as_slice()).collect();
    let signatures = signature::sign_detached_together(signer, &payloads)?;
    receipts.into_iter().zip(signatures).map(|(receipt, signature)| signed(receipt.0, signature)).collect()
}

fn signed(payload: Vec<u8>, signature: String) -> Result<SignedReceipt, SignReceiptError> {
    if signature.len() > SIGNATURE_BYTES_MAX {
        return Err(SignReceiptError::SignatureTooLong { found: signature.len(), max: SIGNATURE_BYTES_MAX });
    }
    Ok(SignedReceipt { payload, signature })
}

fn payload_digest(payload: &[u8]) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(payload);
    digest_of(context)
}

impl SignedReceipt {
    /// What the receipt says; its signature is not looked at.
    ///
    /// # Errors
    /// `limit_exceeded`, `protocol_violation`: as [`Receipt::from_json`].
    pub fn receipt(&self) -> Result<Receipt, ReceiptError> {
        Receipt::from_json(&self.payload)
    }

    /// SHA-256 of the payload: the name of the receipt, for `previous`. The signature has no part in it, since one
    /// receipt can have several valid ones.
    #[must_use]
    pub fn digest(&self) -> Digest {
        payload_digest(&self.payload)
    }

    /// Leaf hash of RFC 6962, clause 2.1: SHA-256 of `0x00` and the stored form ([`SignedReceipt::to_bytes`]).
    #[must_use]
    pub fn leaf_hash(&self) -> Digest {
        let mut context = Context::new(&SHA256);
        context.update(&[0]);
        context.update(&self.to_bytes());
        digest_of(context)
    }

    /// The form for the store: a version byte, the payload's length in 4 bytes (big-endian), the payload, the signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(PREFIX_BYTES + self.payload.len() + self.signature.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&self.payload);
        bytes.extend_from_slice(self.signature.as_bytes());
        bytes
    }

    /// Reads the stored form. Neither the payload nor the signature is looked into.
    ///
    /// # Errors
    /// `limit_exceeded` above the limits of the two parts; `protocol_violation` when it is cut off, of an unknown version,
    /// or its signature is not text.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let bad = |why| ReceiptError::Framing { why };
        let (version, rest) = bytes.split_first().ok_or(bad("is empty"))?;
        if *version != VERSION {
            return Err(bad("has a version that is not known"));
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(bad("is cut off"))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (payload, signature) = rest.split_at_checked(length).ok_or(bad("is cut off"))?;
        let signed = Self {
            payload: payload.to_vec(),
            signature: std::str::from_utf8(signature).map_err(|_| bad("has a signature that is no text"))?.to_owned(),
        };
        signed.check_limits()?;
        Ok(signed)
    }

    pub(crate) fn check_limits(&self) -> Result<(), ReceiptError> {
        let limits = [
            ("bytes of the receipt", self.payload.len(), RECEIPT_BYTES_MAX),
            ("bytes of the receipt's signature", self.signature.len(), SIGNATURE_BYTES_MAX),
        ];
        match limits.into_iter().find(|(_, found, max)| found > max) {
            Some((what, found, max)) => Err(ReceiptError::Limit { what, found, max }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
