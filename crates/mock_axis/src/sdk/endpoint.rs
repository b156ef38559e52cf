//! Where a server is.

use std::str::FromStr;
use std::sync::Arc;

use http::Uri;

/// Why an endpoint cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?}: write http://HOST[:PORT][/ROOT] or https://…")]
pub struct EndpointError(String);

/// A server: scheme, host, port and the path before the operations.
#[derive(Clone)]
pub struct Endpoint {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) root: String,
    pub(super) scheme: Scheme,
    pub(super) tls: Option<Arc<rustls::ClientConfig>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Endpoint {
    /// Trusts what this configuration trusts, for `https`.
    #[must_use]
    pub fn with_tls(self, tls: Arc<rustls::ClientConfig>) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Whether a TLS configuration is needed and not there.
    #[must_use]
    pub fn lacks_tls(&self) -> bool {
        self.scheme == Scheme::Https && self.tls.is_none()
    }

    /// The path of an operation.
    pub(super) fn path(&self, operation: &str) -> String {
        format!("{}/{operation}", self.root)
    }

    /// The `Host` header: without the scheme's own port.
    pub(super) fn authority(&self) -> String {
        if self.port == self.scheme.port() { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let wrong = || EndpointError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            _ => return Err(wrong()),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?.to_owned();
        if uri.query().is_some() || uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(wrong());
        }
        let root = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { host, port: uri.port_u16().unwrap_or(scheme.port()), root, scheme, tls: None })
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority(), self.root)
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Endpoint({self})")
    }
}
