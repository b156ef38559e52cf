//! Validation data (ETSI EN 319 102-1): revocation lists, OCSP responses, issuers' certificates and time-stamps.
//!
//! Fetched ahead from the addresses that the operator allows, imported from files where there is no network, kept on
//! disk, and handed to checks as one value that is replaced as a whole: [`signature::RevocationEvidence`].
//!
//! Nothing is believed for where it came from: what is kept was verified against the trust store, the newest of each
//! line wins, and a check of a signature verifies it once more on its own path.

mod allow;
mod clock;
mod fetch;
mod import;
mod keeper;
mod ledger;
mod service;
mod shelf;
mod source;
mod stamping;
mod tree;

pub use allow::{AllowList, Host, Rewrite, RewriteError, Url, UrlError};
pub use fetch::{Ask, FetchError, FetchOptions, Fetcher, Proxy, ProxyError};
pub use import::{ImportKind, Imported, Outcome, import};
pub use keeper::{Damaged, HeldCrl, HeldIssuer, HeldResponse, KeepError, Keeper, Keeping, Trust};
pub use ledger::{Backlog, ProofError, StampedProof, Statement, TimeProof};
pub use service::{Missing, Nonce, Obtained, Ocsp, Options, Service};
pub use shelf::ShelfError;
pub use source::{Origin, Source, SourceKind};
pub use stamping::{Authority, StampError, Stamping, StampingOptions, StampingState};

/// Where validation data lies below a node's data folder.
pub const FOLDER: &str = "validation";
/// Where the batches of time-stamped receipts lie below it.
pub const TIMESTAMP_FOLDER: &str = "timestamps";
