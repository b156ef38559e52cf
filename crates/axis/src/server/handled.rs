//! What a call came to, for the layers outside.

use std::sync::Arc;

use crate::AxisCode;
use crate::operation::Operation;
use crate::parameters::Parameters;
use crate::verify::SignatureFault;

/// Which clients speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The national axis's: signed headers.
    Axis,
    /// The provincial LGSPs': `/v1/…`, `X-SystemId` and `X-SecretKey`.
    Provincial,
}

/// What the check of a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticity {
    /// The request was refused before.
    Unchecked,
    /// It is its system's.
    Proven,
    /// It is not.
    Refused(SignatureFault),
}

/// What a call came to: in the extensions of every response. Holds no secret.
#[derive(Clone, Debug)]
pub struct Handled {
    /// Which clients speak.
    pub dialect: Dialect,
    /// None for a path that is no operation.
    pub operation: Option<Operation>,
    /// The system that the request claims, whatever the check says.
    pub system: Option<Arc<str>>,
    /// What the check of the request came to.
    pub authenticity: Authenticity,
    /// The parameters, if the request is authentic.
    pub parameters: Parameters,
    /// The id given by `sendEdoc`, or the one asked for.
    pub doc_id: Option<String>,
    /// The code of the answer. A download can still break off after it.
    pub code: AxisCode,
    /// `ErrorDesc` of a failure; empty on success.
    pub description: String,
}
