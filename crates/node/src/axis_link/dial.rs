//! A client of the axis as the configuration describes it.

use std::sync::Arc;

use axis::client::{Client, ClientOptions, OptionsError, Timeouts};

use crate::config::{AxisLink, Config, SecretError};
use crate::material::MaterialError;
use crate::tls;

/// Why the axis cannot be spoken to as configured.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A certificate or key.
    #[error(transparent)]
    Material(#[from] MaterialError),
    /// Values that do not go together.
    #[error(transparent)]
    Options(#[from] OptionsError),
}

/// A client with secret and certificates as they are now; connects when first used.
///
/// # Errors
/// The secret or a certificate cannot be read.
pub(crate) fn client(config: &Config, link: &AxisLink) -> Result<Client, DialError> {
    Ok(Client::new(ClientOptions {
        endpoint: link.endpoint.clone(),
        system: link.system.clone(),
        secret: link.secret.read()?,
        proxy: link.proxy.clone(),
        tls: Some(Arc::new(tls::towards_axis(config, link)?)),
        timeouts: Timeouts::default(),
        idle_connections: link.places,
    })?)
}
