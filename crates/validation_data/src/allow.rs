//! Which addresses may be fetched: what a certificate names is a wish, never an order.
//!
//! A URL in a certificate is the issuer's word in the best case and a stranger's in the worst. It is followed only when
//! its host is on the operator's list, or when the operator wrote where it leads instead. What the operator's own
//! configuration names needs no further leave.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::Scheme;

/// Bytes of one URL.
const URL_BYTES_MAX: usize = 2048;

/// An `http` or `https` URL that may be fetched as it stands: a host, no user, no query tricks with dots.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url {
    text: Box<str>,
    is_tls: bool,
    host: Box<str>,
    port: u16,
    /// Path and query, beginning with `/`.
    path: Box<str>,
}

/// Why a URL is not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// No `http` or `https` URL with a host, or one with a user, with `..` in its path, or longer than 2048 bytes.
    #[error("{0:?} is no http or https URL that is followed (no user, no '..', at most 2048 bytes)")]
    Malformed(String),
    /// Its host is not on the list of hosts, and nothing rewrites it.
    #[error(
        "{host} is not among the hosts that may be asked: add it to revocation.allow, or write in revocation.rewrite \
         where {url} leads"
    )]
    NotAllowed {
        /// The URL.
        url: String,
        /// Its host and port.
        host: String,
    },
}

impl Url {
    /// The URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) const fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// The host, an IPv6 address without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Host and port, as the `Host` header has them.
    pub(crate) fn authority(&self) -> String {
        let default = if self.is_tls { 443 } else { 80 };
        if self.port == default { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Host and port, both always written.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let refused = || UrlError::Malformed(text.chars().take(200).collect());
        if text.len() > URL_BYTES_MAX {
            return Err(refused());
        }
        let uri: Uri = text.parse().map_err(|_| refused())?;
        let is_tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            _ => return Err(refused()),
        };
        let authority = uri.authority().ok_or_else(refused)?;
        let host = authority.host().to_ascii_lowercase();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let plain = path.to_ascii_lowercase().replace("%2e", ".");
        let climbs = plain.split(['/', '?']).any(|part| part == "..");
        if host.is_empty() || authority.as_str().contains('@') || climbs {
            return Err(refused());
        }
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let scheme = if is_tls { "https" } else { "http" };
        let mut url = Self { text: "".into(), is_tls, host: host.into(), port, path: path.into() };
        url.text = format!("{scheme}://{}{}", url.authority(), url.path).into();
        Ok(url)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({})", self.text)
    }
}

/// A host that may be asked: `ca.gov.vn` for the ports 80 and 443, or `ca.gov.vn:8080` for that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    name: Box<str>,
    port: Option<u16>,
}

impl FromStr for Host {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        // A URL that is nothing but the host has no path, user or scheme in it.
        let url: Url = format!("http://{text}").parse()?;
        if text.contains(['/', '?', '*']) {
            return Err(UrlError::Malformed(text.to_owned()));
        }
        let has_port = text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Ok(Self { name: url.host.clone(), port: has_port.then_some(url.port) })
    }
}

impl Host {
    fn takes(&self, url: &Url) -> bool {
        self.name == url.host && self.port.map_or(matches!(url.port, 80 | 443), |port| port == url.port)
    }
}

/// One line of the rewrite map: URLs that begin with one prefix lead to another.
///
/// Both are URLs that end in `/`, so that no host and no folder is cut in its middle; or both are whole URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    from: Url,
    to: Url,
}

/// Why a line of the rewrite map is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// One side is no URL.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// One side ends in `/` and the other does not.
    #[error("{from} = {to}: both end in '/' (a prefix), or neither does (one URL)")]
    Uneven {
        /// What is rewritten.
        from: String,
        /// Where it leads.
        to: String,
    },
}

impl Rewrite {
    /// A line of the map.
    ///
    /// # Errors
    /// One side is no URL, or one is a prefix and the other is not.
    pub fn new(from: &str, to: &str) -> Result<Self, RewriteError> {
        let line = Self { from: from.parse()?, to: to.parse()? };
        if line.from.path.ends_with('/') != line.to.path.ends_with('/') {
            return Err(RewriteError::Uneven { from: from.to_owned(), to: to.to_owned() });
        }
        Ok(line)
    }

    fn apply(&self, url: &Url) -> Option<Url> {
        let is_same_place = (url.is_tls, &url.host, url.port) == (self.from.is_tls, &self.from.host, self.from.port);
        let rest = url.path.strip_prefix(&*self.from.path).filter(|_| is_same_place)?;
        if !self.from.path.ends_with('/') && !rest.is_empty() {
            return None;
        }
        // Both parts were checked; together they may still be too long.
        format!("{}{rest}", self.to.text).parse().ok()
    }
}

/// The hosts that may be asked, and where URLs lead instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    hosts: Vec<Host>,
    rewrites: Vec<Rewrite>,
}

impl AllowList {
    /// The list; where several rewrites fit, the longest prefix counts.
    #[must_use]
    pub fn new(hosts: Vec<Host>, mut rewrites: Vec<Rewrite>) -> Self {
        rewrites.sort_by_key(|line| std::cmp::Reverse(line.from.text.len()));
        Self { hosts, rewrites }
    }

    /// Where a URL that a certificate names leads.
    ///
    /// # Errors
    /// It is no URL of ours, or its host is not on the list.
    pub fn resolve(&self, text: &str) -> Result<Url, UrlError> {
        let url: Url = text.parse()?;
        if let Some(target) = self.rewrites.iter().find_map(|line| line.apply(&url)) {
            return Ok(target);
        }
        if self.hosts.iter().any(|host| host.takes(&url)) {
            return Ok(url);
        }
        Err(UrlError::NotAllowed { url: url.to_string(), host: url.place() })
    }

    /// Where a URL of the operator's own configuration leads: rewritten where a line says so, allowed in any case.
    #[must_use]
    pub fn configured(&self, url: &Url) -> Url {
        self.rewrites.iter().find_map(|line| line.apply(url)).unwrap_or_else(|| url.clone())
    }
}

#[cfg(test)]
mod tests;
