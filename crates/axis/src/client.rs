//! The client: what agency software does, done by a node.
//!
//! Every call signs its own parameters only. Packets stream both ways, so memory does not depend on their size.

mod answer;
mod connect;
mod edoc;
mod error;
mod exchange;
mod file;
mod head;
mod list;
mod operations;
mod options;
mod reading;
mod records;
mod upload;

use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::sign::Signer;

pub use error::{CallError, CallErrorKind, Stage};
pub use file::EdocFile;
pub use list::List;
pub use operations::{AgencyList, SentPacket};
pub use options::{ClientOptions, Endpoint, OptionsError, Proxy, Timeouts};

type RequestBody = UnsyncBoxBody<bytes::Bytes, std::io::Error>;

/// A client of one axis, for one system. Calls may run at once; connections are kept and shared.
#[derive(Debug)]
pub struct Client {
    endpoint: Endpoint,
    signer: Signer,
    /// For plain requests that a proxy reads.
    proxy_authorization: Option<http::HeaderValue>,
    timeouts: Timeouts,
    http: legacy::Client<connect::Connector, RequestBody>,
}

impl Client {
    /// A client; connects when first used.
    ///
    /// # Errors
    /// Options that cannot work together.
    pub fn new(options: ClientOptions) -> Result<Self, OptionsError> {
        if options.endpoint.is_tls() && options.tls.is_none() {
            return Err(OptionsError::Tls(options.endpoint));
        }
        let length = options.system.len();
        if !(1..=255).contains(&length) || !options.system.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(OptionsError::System(options.system));
        }
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.timeouts.keep)
            .pool_max_idle_per_host(options.idle_connections)
            .build(connect::Connector::new(&options));
        let proxy = options.proxy.filter(|_| !options.endpoint.is_tls());
        Ok(Self {
            endpoint: options.endpoint,
            signer: Signer::new(options.system, options.secret),
            proxy_authorization: proxy.and_then(|proxy| proxy.authorization),
            timeouts: options.timeouts,
            http,
        })
    }

    /// Where the axis is.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }
}
