//! Revocation data as both sides have it: parsed here, as bytes for the workers.

use std::sync::Arc;

use signature::{Crl, OcspResponse, RevocationError, RevocationEvidence};

use super::protocol::Der;

/// Lists and responses that signatures are checked with. Replaced as a whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    parsed: RevocationEvidence,
    crls: Vec<Der>,
    responses: Vec<Der>,
}

impl Evidence {
    /// Evidence of these lists and responses, each in DER.
    ///
    /// # Errors
    /// The first that does not read.
    #[expect(dead_code, reason = "for the service that fetches them, which is being written")]
    pub(crate) fn new(crls: Vec<Vec<u8>>, responses: Vec<Vec<u8>>) -> Result<Self, RevocationError> {
        let mut parsed = RevocationEvidence::new();
        for crl in &crls {
            parsed = parsed.with_crl(Arc::new(Crl::parse(crl)?));
        }
        for response in &responses {
            parsed = parsed.with_response(Arc::new(OcspResponse::parse(response)?));
        }
        let ders = |all: Vec<Vec<u8>>| all.into_iter().map(Der).collect();
        Ok(Self { parsed, crls: ders(crls), responses: ders(responses) })
    }

    /// For checks in this process.
    pub(crate) const fn parsed(&self) -> &RevocationEvidence {
        &self.parsed
    }

    /// Lists and responses for a worker's setup.
    pub(super) fn for_setup(&self) -> (Vec<Der>, Vec<Der>) {
        (self.crls.clone(), self.responses.clone())
    }
}
