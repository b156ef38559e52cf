//! The servers for agency software: gRPC and HTTP/JSON over one port, one trait and one contract.
//!
//! The node implements [`Exchange`] and [`Callers`]; [`app`] makes the routes of them and [`serve`]
//! puts them on a listener.

mod admin;
mod app;
mod caller;
mod exchange;
mod files;
mod front;
mod grpc;
mod idle;
mod layers;
mod linger;
pub mod openapi;
mod outcome;
mod problem;
mod refusal;
mod rest;
mod server;

pub use admin::{Admin, Operator, admin_routes};
pub use app::{Extra, Options, app};
pub use caller::{Caller, Callers, Credential, PeerCertificate};
pub use exchange::{ByteStream, Content, Exchange, FilePart, FileStream, ItemStream, Span};
pub use refusal::Refusal;
pub use server::{Limits, PeerAddress, serve};
