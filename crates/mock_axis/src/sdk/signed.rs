//! The signed headers of one request, open to be damaged by a test.

use axis::Secret;
use axis::verify::PREFIX;
use ring::hmac;

/// Headers, and what signs them.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Names without the prefix, and values, in the order in which they are written.
    pub headers: Vec<(String, Vec<u8>)>,
    /// `sign-header-key`.
    pub keys: Vec<u8>,
    /// `sign-header`.
    pub object: Vec<u8>,
    /// `hash-header`.
    pub hash: Vec<u8>,
}

impl Signed {
    /// Signs all of these headers, in this order.
    #[must_use]
    pub fn new(headers: Vec<(String, Vec<u8>)>, secret: &Secret) -> Self {
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let keys = names.join(";").into_bytes();
        let object = object(&headers);
        let hash = hash(&object, secret.as_bytes());
        Self { headers, keys, object, hash }
    }

    /// Puts another object in place, and signs it.
    #[must_use]
    pub fn over(self, object: Vec<u8>, secret: &Secret) -> Self {
        let hash = hash(&object, secret.as_bytes());
        Self { object, hash, ..self }
    }

    /// Changes the value of a header that is sent, not the signed one.
    #[must_use]
    pub fn sending(mut self, name: &str, value: &[u8]) -> Self {
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.to_vec(),
            None => self.headers.push((name.to_owned(), value.to_vec())),
        }
        self
    }
}

/// Lower-case hex of HMAC-SHA256.
pub(crate) fn hash(object: &[u8], key: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, object).as_ref().iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

/// The JSON object as the client's library writes it: no space, only the quote and the backslash escaped. Bytes of a
/// value that are no UTF-8 stay as they are.
fn object(headers: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut object = b"{".to_vec();
    for (name, value) in headers {
        if object.len() > 1 {
            object.push(b',');
        }
        object.extend_from_slice(format!("\"{PREFIX}{name}\":\"").as_bytes());
        for byte in value {
            if matches!(byte, b'"' | b'\\') {
                object.push(b'\\');
            }
            object.push(*byte);
        }
        object.push(b'"');
    }
    object.push(b'}');
    object
}
