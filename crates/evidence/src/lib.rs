//! Signed receipts: what a node states about a document, so that a third party can check it later.
//!
//! A [`Receipt`] has one spelling (RFC 8785 JSON, domain [`RECEIPT_DOMAIN`]); [`sign`] makes a [`SignedReceipt`] of it,
//! [`sign_together`] makes several with one signature, [`verify`] makes a [`VerifiedReceipt`]. Time is an argument, ids come from the caller, nothing is fetched.
//!
//! Receipts of one document form a chain by their `previous` digests. There is no transparency log: a node that drops a
//! receipt no one else holds is not found out by this crate.

mod event;
mod notice;
mod receipt;
mod recipients;
mod signed;
mod verify;

pub use event::ReceiptEvent;
pub use notice::{NOTICE_TEXT_BYTES_MAX, Notice};
pub use receipt::{
    ContentFacts, DocumentFacts, Peer, RECEIPT_BYTES_MAX, RECEIPT_DOMAIN, Receipt, ReceiptError, ReceiptId,
    WARNINGS_MAX,
};
pub use recipients::{RECIPIENTS_LISTED_MAX, Recipients};
pub use signature::RECEIPT_BATCH_MAX as BATCH_MAX;
pub use signed::{
    SIGNATURE_BYTES_MAX, SIGNED_BYTES_MAX, SignReceiptError, SignedReceipt, UnsignedReceipt, sign, sign_together,
};
pub use verify::{VerifiedReceipt, VerifyError, verify};

use ring::digest::Context;
use types::Digest;

fn digest_of(context: Context) -> Digest {
    Digest::try_from(context.finish().as_ref()).expect("SHA-256 gives 32 bytes")
}
