//! Signing keys in PKCS #11 tokens and hardware security modules.
//!
//! [`TokenKey`] is a [`signature::SigningKey`]: the operator's module does the signing, this crate finds the token by its
//! label, logs in, and keeps going when the token was taken out and put back. [`list`] shows what a module offers.
//!
//! A module is foreign code in this process: it is loaded only where the configuration or a command names it.

mod address;
mod error;
mod inventory;
mod key;
mod module;
mod open;
mod workers;

pub use address::{KeyAddress, KeyName, Pin};
pub use error::TokenError;
pub use inventory::{PinState, Token, TokenCertificate, TokenObject, list};
pub use key::TokenKey;
