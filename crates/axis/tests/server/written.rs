//! Requests as the operator's client writes them: its header order, its stale headers, its hash.

use ring::{digest, hmac};

use crate::shelf::{SECRETS, SYSTEM};

pub(crate) const PACKET: &[u8] = "<?xml version=\"1.0\"?>\r\n<edXML>Ủy ban</edXML>".as_bytes();

/// One client object: headers set for a call stay for the calls after it, where they were first put.
pub(crate) struct Client {
    secret: &'static str,
    headers: Vec<(String, Vec<u8>)>,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::of(SYSTEM, SECRETS[0])
    }

    pub(crate) fn of(system: &str, secret: &'static str) -> Self {
        let mut client = Self { secret, headers: Vec::new() };
        client.set("systemid", system).set("timestamp", "05032026T091500+0007");
        client
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.set_bytes(name, value.as_bytes())
    }

    pub(crate) fn set_bytes(&mut self, name: &str, value: &[u8]) -> &mut Self {
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.to_vec(),
            None => self.headers.push((name.to_owned(), value.to_vec())),
        }
        self
    }

    /// The object of the signed headers, as the client's library writes it.
    fn signed(&self) -> Vec<u8> {
        let mut object = b"{".to_vec();
        for (name, value) in &self.headers {
            if object.len() > 1 {
                object.push(b',');
            }
            object.extend_from_slice(format!("\"XroadVnpt-{name}\":\"").as_bytes());
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

    /// The request line and the headers.
    pub(crate) fn head(&mut self, line: &str, media_type: &str, more: &str) -> Vec<u8> {
        self.set("Content-Type", media_type.split(';').next().unwrap());
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let signed = self.signed();
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let hash: String = hmac::sign(&key, &signed).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut head = format!("{line} HTTP/1.1\r\nContent-Type: {media_type}\r\n").into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(format!("XroadVnpt-{name}: ").as_bytes());
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(format!("XroadVnpt-sign-header-key: {}\r\n", names.join(";")).as_bytes());
        head.extend_from_slice(b"XroadVnpt-sign-header: ");
        head.extend_from_slice(&signed);
        head.extend_from_slice(format!("\r\nXroadVnpt-hash-header: {hash}\r\n").as_bytes());
        head.extend_from_slice(b"User-Agent: JAVASDKAgent/1.0.0 XRoad/VPCP\r\nXroadVnpt-version: 3.0.201608\r\n");
        head.extend_from_slice(format!("Host: 127.0.0.1\r\n{more}\r\n").as_bytes());
        head
    }

    /// A small call, sent at once.
    pub(crate) fn call(&mut self, operation: &str, body: &str) -> Vec<u8> {
        let length = format!("Content-Length: {}\r\n", body.len());
        let mut request = self.head(&format!("POST /axis/{operation}"), "application/json", &length);
        request.extend_from_slice(body.as_bytes());
        request
    }

    pub(crate) fn get(&mut self, operation: &str) -> Vec<u8> {
        self.head(&format!("GET /axis/{operation}"), "application/json", "")
    }

    /// The headers of `sendEdoc`.
    pub(crate) fn about(&mut self, file: &[u8]) -> &mut Self {
        let hash = unpadded(file);
        self.set("servicetype", "eDoc").set("messagetype", "edoc").set("hash-file", &hash).set("from", SYSTEM)
    }

    /// `sendEdoc`: the file, and the line end that the client adds.
    pub(crate) fn send(&mut self, file: &[u8]) -> Vec<u8> {
        let body = [file, b"\r\n"].concat();
        self.about(file);
        self.post(&body)
    }

    /// `sendEdoc` with this body and the headers set before.
    pub(crate) fn post(&mut self, body: &[u8]) -> Vec<u8> {
        let length = format!("Content-Length: {}\r\n", body.len());
        let mut request = self.head("POST /axis/sendEdoc", "application/octet-stream", &length);
        request.extend_from_slice(body);
        request
    }
}

/// The SHA-256 with no leading zero in any byte.
pub(crate) fn unpadded(file: &[u8]) -> String {
    digest::digest(&digest::SHA256, file).as_ref().iter().map(|byte| format!("{byte:x}")).collect()
}

/// A form: name, file name, value.
pub(crate) fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, value) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        body.extend_from_slice(
            format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--cut--\r\n");
    body
}

pub(crate) const FORM: &str = "multipart/form-data; boundary=cut";
