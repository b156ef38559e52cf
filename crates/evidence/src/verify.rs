//! From a receipt that came in to a receipt that proves something.

use signature::{Policy, SignatureReport, TrustStore};
use types::{Digest, ErrorCode, NodeId, UnixMillis};

use crate::{Receipt, ReceiptError, SignedReceipt};

/// Proof that a receipt was signed by the node that it names: `verify` is the only way to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    receipt: Receipt,
    digest: Digest,
    report: SignatureReport,
}

impl VerifiedReceipt {
    /// What the receipt says.
    #[must_use]
    pub const fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The name of the receipt, as [`SignedReceipt::digest`].
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// How its signature was checked, and by whom it is.
    #[must_use]
    pub const fn report(&self) -> &SignatureReport {
        &self.report
    }
}

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is not a receipt.
    #[error("not a receipt")]
    Receipt(#[from] ReceiptError),
    /// Its signature did not pass.
    #[error("the receipt's signature did not pass")]
    Signature {
        /// How it was checked.
        report: Box<SignatureReport>,
    },
    /// Its signature passed and is another's.
    #[error("the receipt of node {node} is signed by {signer}, which is not that node's certificate")]
    OtherSigner {
        /// The node that the receipt names.
        node: NodeId,
        /// Subject of the signer's certificate.
        signer: String,
    },
}

impl VerifyError {
    /// The public code: `limit_exceeded` or `protocol_violation` for what is no receipt, the report's code for a
    /// signature that did not pass, `certificate_unsuitable` for another signer.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Receipt(error) => error.code(),
            Self::Signature { report } => report.reason_code.unwrap_or(ErrorCode::SignatureInvalid),
            Self::OtherSigner { .. } => ErrorCode::CertificateUnsuitable,
        }
    }
}

/// Checks a receipt as of `at` (UTC): its form, its signature by a path to an anchor of `trust`, valid when the receipt was
/// made by its own word (and at `at` for one that says it is of later), and that the signer's certificate is that of the
/// node it names (subject alternative name `urn:lienthong:node:<id>`). `trust` holds the
/// anchors for nodes' signing keys, not those for documents.
///
/// # Errors
/// As [`VerifyError::code`] says.
pub fn verify(
    signed: &SignedReceipt,
    trust: &TrustStore,
    policy: &Policy,
    at: UnixMillis,
) -> Result<VerifiedReceipt, VerifyError> {
    signed.check_limits()?;
    let receipt = signed.receipt()?;
    // A node's certificate is replaced every few years, and its receipts outlive it.
    let made = receipt.at.min(at);
    let report = signature::verify_detached(&signed.signature, &signed.payload, trust, policy, made);
    if !report.is_passed() {
        return Err(VerifyError::Signature { report: Box::new(report) });
    }
    // A trusted key alone is not enough: every node has one, and none may speak for another.
    if !is_signed_by_node(&signed.signature, &report, &receipt.node) {
        let signer = report.signer.map_or_else(String::new, |signer| signer.subject);
        return Err(VerifyError::OtherSigner { node: receipt.node, signer });
    }
    Ok(VerifiedReceipt { receipt, digest: signed.digest(), report })
}

/// Whether the certificate that the signature was verified with names `node`.
///
/// The report names that certificate by its digest; the certificate itself is the first of the header's `x5c` (RFC 7515
/// clause 4.1.6). A signature without `x5c` does not show its node and is not taken.
fn is_signed_by_node(signature: &str, report: &SignatureReport, node: &NodeId) -> bool {
    let leaf = signature::receipt_certificate(signature);
    let (Some(leaf), Some(signer)) = (leaf, &report.signer) else { return false };
    let name = format!("urn:lienthong:node:{node}");
    leaf.sha256() == signer.sha256 && leaf.uris().contains(&name)
}

#[cfg(test)]
mod tests;
