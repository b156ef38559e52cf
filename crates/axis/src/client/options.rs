//! How a client reaches its axis.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};

use crate::Secret;

/// What a client is made from.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Where the axis is; operations are appended to its path.
    pub endpoint: Endpoint,
    /// The id of this system, `systemid`.
    pub system: String,
    /// Its secret.
    pub secret: Secret,
    /// The proxy on the way: `CONNECT` for https, absolute URLs for http.
    pub proxy: Option<Proxy>,
    /// Trust anchors and client certificate; an `https` endpoint needs it. ALPN is set by the client.
    pub tls: Option<Arc<rustls::ClientConfig>>,
    /// Patience.
    pub timeouts: Timeouts,
    /// Connections kept open while idle; 0 closes each after its call.
    pub idle_connections: usize,
}

/// How long the client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection with all its handshakes.
    pub connect: Duration,
    /// For the next bytes of a body, either way.
    pub idle: Duration,
    /// From the last byte of a request to the first of the answer: the axis takes a packet apart in between.
    pub answer: Duration,
    /// Until an unused connection is closed.
    pub keep: Duration,
}

impl Default for Timeouts {
    /// 10 s to connect, 60 s idle, 5 min for an answer; connections kept for 20 s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            answer: Duration::from_secs(300),
            keep: Duration::from_secs(20),
        }
    }
}

/// Why options are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// No `http` or `https` URL with a host.
    #[error("endpoint {0:?}: write http://HOST[:PORT][/PATH] or https://…, without a query")]
    Endpoint(String),
    /// No `http` URL with a host; the text may hold a password and is not shown.
    #[error("proxy: write http://[USER:PASSWORD@]HOST:PORT")]
    Proxy,
    /// An `https` endpoint without TLS options.
    #[error("endpoint {0}: https needs trust anchors")]
    Tls(Endpoint),
    /// A system id that no header can carry.
    #[error("system id {0:?}: 1 to 255 visible ASCII characters")]
    System(String),
}

/// Where an axis is: an `http` or `https` URL with a host, perhaps a port and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    path: String,
}

impl Endpoint {
    pub(super) fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The URL of an operation.
    pub(super) fn operation(&self, name: &str) -> Result<Uri, http::Error> {
        let path = format!("{}/{name}", self.path);
        Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone()).path_and_query(path).build()
    }
}

impl FromStr for Endpoint {
    type Err = OptionsError;

    fn from_str(text: &str) -> Result<Self, OptionsError> {
        let refused = || OptionsError::Endpoint(text.to_owned());
        let parts = text.parse::<Uri>().map_err(|_| refused())?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return Err(refused()) };
        let is_known = scheme == Scheme::HTTP || scheme == Scheme::HTTPS;
        let path = parts.path_and_query.map_or(String::new(), |path| path.to_string());
        if !is_known || authority.host().is_empty() || authority.as_str().contains('@') || path.contains('?') {
            return Err(refused());
        }
        Ok(Self { scheme, authority, path: path.trim_end_matches('/').to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

/// An HTTP proxy. Its password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// `Proxy-Authorization`, marked sensitive.
    pub(super) authorization: Option<HeaderValue>,
}

impl FromStr for Proxy {
    type Err = OptionsError;

    /// `http://[USER:PASSWORD@]HOST[:PORT]`; the port is 3128 when not said. User and password as they are, without
    /// percent-encoding.
    fn from_str(text: &str) -> Result<Self, OptionsError> {
        let rest = text.strip_prefix("http://").ok_or(OptionsError::Proxy)?.trim_end_matches('/');
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let authority: Authority = place.parse().map_err(|_| OptionsError::Proxy)?;
        if authority.host().is_empty() {
            return Err(OptionsError::Proxy);
        }
        let authorization = user.map(|user| {
            let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(user)));
            if let Ok(value) = &mut value {
                value.set_sensitive(true);
            }
            value.map_err(|_| OptionsError::Proxy)
        });
        Ok(Self {
            host: bare(authority.host()).to_owned(),
            port: authority.port_u16().unwrap_or(3128),
            authorization: authorization.transpose()?,
        })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

/// A host without the brackets of an IPv6 address.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_appended_to_the_endpoints_path() {
        let url = |endpoint: &str| endpoint.parse::<Endpoint>().unwrap().operation("getEdoc").unwrap().to_string();
        assert_eq!(url("http://axis.example:8080"), "http://axis.example:8080/getEdoc");
        assert_eq!(
            url("https://axis.example/XrdAdapter/RestService/"),
            "https://axis.example/XrdAdapter/RestService/getEdoc"
        );
    }

    #[test]
    fn an_endpoint_is_a_url_without_query_and_password() {
        for text in ["axis.example", "ftp://axis.example", "http://a/?x=1", "http://u:p@axis.example", "", "http://"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_proxys_password_is_not_shown() {
        let proxy: Proxy = "http://user:pass@word@proxy.example:8080".parse().unwrap();
        assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic dXNlcjpwYXNzQHdvcmQ=");
        assert_eq!(format!("{proxy} {proxy:?}"), "http://proxy.example:8080 Proxy(http://proxy.example:8080)");
        assert!(!OptionsError::Proxy.to_string().contains("word"));
    }

    #[test]
    fn a_proxy_needs_a_host() {
        for text in ["proxy.example:8080", "https://proxy.example", "http://", "http://user@"] {
            assert!(text.parse::<Proxy>().is_err(), "{text}");
        }
    }
}
