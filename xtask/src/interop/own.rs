//! Commands of the checks that are neither another program nor `lienthong`: HTTP, and time-stamps by the library.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use signature::{Certificate, Policy, TimestampRequest, TrustStore};
use types::UnixMillis;

/// The nonce of the requests.
const NONCE: u64 = 0x00c0_ffee;

/// Runs a command of this module; `None` when it is none.
///
/// `empty OUT`; `get URL OUT`; `post URL FILE OUT`; `stamp-request DATA OUT`; `stamp-read DATA RESPONSE ANCHOR INTERMEDIATE`, which
/// checks a time-stamp response to the request of `stamp-request`.
pub(super) fn run(folder: &Path, words: &[&str]) -> Option<Result<String, String>> {
    let at = |name: &str| folder.join(name);
    let read = |name: &str| fs::read(at(name)).map_err(|error| format!("{name}: {error}"));
    let write = |name: &str, bytes: &[u8]| fs::write(at(name), bytes).map_err(|error| format!("{name}: {error}"));
    let done = |result: Result<(), String>| Some(result.map(|()| String::new()));
    match words {
        ["empty", out] => done(write(out, &[])),
        ["get", url, out] => done(http("GET", url, &[]).and_then(|body| write(out, &body))),
        ["post", url, file, out] => {
            done(read(file).and_then(|body| http("POST", url, &body)).and_then(|body| write(out, &body)))
        }
        ["stamp-request", data, out] => {
            done(read(data).and_then(|data| write(out, &TimestampRequest::over(&data, NONCE).to_der())))
        }
        ["stamp-read", data, response, anchor, intermediate] => Some((|| {
            let one = |name: &str| Certificate::parse_all(&read(name)?).map_err(|error| format!("{name}: {error}"));
            let trust = TrustStore::new(one(anchor)?, one(intermediate)?);
            let request = TimestampRequest::over(&read(data)?, NONCE);
            let read = request.read_response(&read(response)?, &trust, &Policy::envelope(), now());
            read.map(|_| "time-stamp passed".to_owned()).map_err(|reason| format!("{}: {reason}", reason.rule()))
        })()),
        _ => None,
    }
}

fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// One request to the served PKI, which says the length of what it answers.
fn http(method: &str, url: &str, body: &[u8]) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{url}: {error}");
    let rest = url.strip_prefix("http://").ok_or_else(|| format!("{url}: not http"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).map_err(failed)?;
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(failed)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(|| format!("{url}: no answer"))?;
    let (head, body) = answer.split_at(end);
    if !head.starts_with(b"HTTP/1.1 200 ") {
        return Err(format!("{url}: {}", String::from_utf8_lossy(head)));
    }
    Ok(body.get(4..).unwrap_or_default().to_vec())
}
