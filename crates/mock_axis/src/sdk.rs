//! A client that writes on the wire what the operator's Java SDK 2.0.x writes, byte for byte.
//!
//! One [`Sdk`] is one client object: it sets its timestamp once and keeps the headers of earlier calls. What it needs
//! of an answer is what the real one needs: [`Answer::read`] refuses where the real one throws.

mod answer;
mod endpoint;
mod hash_map;
mod packet;
mod request;
mod signed;
mod wire;

use axis::{MessageType, Secret, file_hash};
use ring::digest;
use types::UnixMillis;

pub use answer::{Answer, Unreadable};
pub use endpoint::{Endpoint, EndpointError};
pub use hash_map::HashMap;
pub use packet::{Draft, Letter};
pub use request::{Body, Part, Request, multipart};
pub use signed::Signed;
pub use wire::{Connection, Continued, Reply, WireError};

use crate::clock;

/// Bytes of an answer that are kept, unless said.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// One client object.
#[derive(Debug)]
pub struct Sdk {
    endpoint: Endpoint,
    secret: Secret,
    headers: HashMap,
    connection: Option<Connection>,
    kept_max: usize,
}

/// `ddMMyyyy'T'HHmmss+SSSS` in Vietnam's time; what follows the `+` is milliseconds in four digits.
#[must_use]
pub fn timestamp(at: UnixMillis) -> String {
    let time = clock::date_time(at, 0).unwrap_or(jiff::civil::DateTime::MAX);
    format!("{}+{:04}", time.strftime("%d%m%YT%H%M%S"), at.as_millis() % 1000)
}

/// `hash-file` as the client writes it.
#[must_use]
pub fn unpadded_hash(file: &[u8]) -> String {
    file_hash::render(&sha256(file))
}

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    array.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    array
}

impl Sdk {
    /// A client object made at `at`; its first call connects.
    #[must_use]
    pub fn new(endpoint: Endpoint, system: &str, secret: Secret, at: UnixMillis) -> Self {
        let mut headers = HashMap::default();
        headers.put("systemid", system);
        headers.put("timestamp", timestamp(at));
        Self { endpoint, secret, headers, connection: None, kept_max: KEPT_BYTES_MAX }
    }

    /// The header of this name, from now on.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) -> &mut Self {
        self.headers.put(name, value);
        self
    }

    /// Keeps so many bytes of an answer; 64 MiB unless said. Its length and digest are of the whole in any case.
    pub const fn keep(&mut self, bytes_max: usize) {
        self.kept_max = bytes_max;
    }

    /// Where it calls.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Signs with another secret from now on.
    pub fn use_secret(&mut self, secret: Secret) {
        self.secret = secret;
    }

    /// The secret that it signs with.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Puts the headers that `sendEdoc` sets; those of earlier calls stay.
    pub fn about(&mut self, from: &str, message_type: MessageType, hash: &str) -> &mut Self {
        self.set("servicetype", "eDoc").set("messagetype", message_type.as_str());
        self.set("hash-file", hash).set("from", from)
    }

    /// The signed headers of the next call with this content type.
    pub fn sign(&mut self, content_type: &str) -> Signed {
        self.headers.put("Content-Type", content_type);
        Signed::new(self.headers.entries(), &self.secret)
    }

    /// `sendEdoc` as the real client sends it: the raw file and a line end.
    pub fn send_request(&mut self, from: &str, message_type: MessageType, file: Vec<u8>) -> Request {
        let hash = unpadded_hash(&file);
        self.about(from, message_type, &hash);
        self.packet_request(Body::file(file))
    }

    /// `sendEdoc` with this body and the headers set before.
    pub fn packet_request(&mut self, body: Body) -> Request {
        let signed = self.sign("application/octet-stream");
        Request::packet(&self.endpoint, &signed, body)
    }

    /// A `POST` other than `sendEdoc`.
    pub fn post_request(&mut self, operation: &str, body: &str) -> Request {
        let signed = self.sign("application/json");
        Request::small(&self.endpoint, operation, &signed, body)
    }

    /// A `GET`.
    pub fn get_request(&mut self, operation: &str) -> Request {
        let signed = self.sign("application/json");
        Request::get(&self.endpoint, operation, &signed)
    }

    /// Sends a request over the connection of the call before, or a new one when the server has closed it.
    ///
    /// # Errors
    /// No connection, or it broke.
    pub async fn exchange(&mut self, request: Request) -> Result<Reply, WireError> {
        let kept = match self.connection.take() {
            Some(mut connection) if connection.is_open() => (!connection.is_stale().await).then_some(connection),
            Some(_) | None => None,
        };
        let mut connection = match kept {
            Some(connection) => connection,
            None => Connection::open(&self.endpoint).await?,
        };
        let reply = connection.exchange(request, self.kept_max).await?;
        if reply.keeps_alive() {
            self.connection = Some(connection);
        }
        Ok(reply)
    }

    /// How many requests the present connection has carried; 0 without one.
    #[must_use]
    pub fn carried(&self) -> u64 {
        self.connection.as_ref().map_or(0, Connection::carried)
    }
}

#[cfg(test)]
mod tests;
