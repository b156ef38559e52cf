//! Ids, agency codes, error codes, time and sizes: the words every other crate shares.
//!
//! Nothing here reads a clock, a file or a socket.

mod agency;
mod digest;
mod document;
mod error_code;
mod ids;
mod status;
mod time;

pub use agency::{
    AgencyCode, CaseFileCode, CaseFileError, CaseFileRule, CodeError, CodeRule, Generation, Level, LevelError,
};
pub use digest::{Digest, DigestError};
pub use document::{BusinessType, Lane, PacketKind, Secrecy};
pub use error_code::{ErrorCode, Fault};
pub use ids::{DocumentId, ExchangeId, IdError, NeighbourId, NodeId, SystemId};
pub use status::StatusCode;
pub use time::UnixMillis;
