//! Revocation of the certificates of a path: lists and responses that were handed in, never fetched.
//!
//! Source: RFC 5280 6.3, RFC 6960. What was found is in the report, certificate by certificate; what could not be
//! found out is never good.

mod check;
mod crl;
mod ocsp;
mod scope;
mod standing;
mod status;

pub(crate) use check::{Context, check_path};
pub(crate) use scope::Point;

pub use crl::Crl;
pub use ocsp::{NONCE_BYTES, OcspQuestion, OcspRequest, OcspResponse, ocsp_request};
pub use standing::{Answered, StandingError, verify_crl, verify_response};
pub use status::{RevocationSource, RevocationState, RevocationStatus};

use std::collections::HashMap;
use std::sync::Arc;

use types::ErrorCode;

use crate::certificate::Name;

/// Lists and responses that a check may use. Cheap to copy: the parsed lists are shared.
///
/// Nothing in it is trusted for being here: each is verified against the path of the certificate asked about.
#[derive(Clone, Debug, Default)]
pub struct RevocationEvidence {
    crls: Vec<Arc<Crl>>,
    by_issuer: HashMap<Box<[u8]>, Vec<usize>>,
    responses: Vec<Arc<OcspResponse>>,
}

impl RevocationEvidence {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more list.
    #[must_use]
    pub fn with_crl(mut self, crl: Arc<Crl>) -> Self {
        self.by_issuer.entry(crl.issuer_name().chain_key().into()).or_default().push(self.crls.len());
        self.crls.push(crl);
        self
    }

    /// The same with one more response.
    #[must_use]
    pub fn with_response(mut self, response: Arc<OcspResponse>) -> Self {
        self.responses.push(response);
        self
    }

    /// Lists of this issuer.
    fn crls_of(&self, issuer: &Name) -> impl Iterator<Item = &Crl> {
        let positions = self.by_issuer.get(issuer.chain_key()).into_iter().flatten();
        positions.filter_map(|position| self.crls.get(*position)).map(Arc::as_ref)
    }

    /// Every list, in no order.
    pub fn crls(&self) -> impl Iterator<Item = &Crl> {
        self.crls.iter().map(Arc::as_ref)
    }

    /// Every response.
    pub fn responses(&self) -> impl Iterator<Item = &OcspResponse> {
        self.responses.iter().map(Arc::as_ref)
    }
}

/// Why bytes are no revocation list or response. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevocationError {
    /// Not built as its standard says.
    #[error("not a {what}: {why}")]
    Malformed {
        /// Which kind was expected.
        what: &'static str,
        /// What was wrong.
        why: String,
    },
    /// Larger than is taken.
    #[error("{length} bytes, limit {max}")]
    TooLarge {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A responder that answered without a status: RFC 6960 4.2.1.
    #[error("the responder answered with the status {status}")]
    NotSuccessful {
        /// OCSPResponseStatus: 1 malformedRequest, 2 internalError, 3 tryLater, 5 sigRequired, 6 unauthorized.
        status: u8,
    },
}

impl RevocationError {
    /// The public code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
