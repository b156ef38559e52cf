//! What the server costs: the list of all agencies, and 500 MB out and in, with the peak of memory of this process
//! (server and client together). `cargo bench -p axis --bench server` prints a line each.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

mod synthetic;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axis::server::{Options, router};
use ring::hmac;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use synthetic::{AGENCIES, SECRET, SYSTEM, Synthetic};

/// Bytes of the large file.
const LARGE: u64 = 500_000_000;
const CHUNK: usize = 256 * 1024;
/// What follows the file in a form.
const FORM_END: &str = "\r\n--cut--\r\n";

#[tokio::main]
async fn main() {
    // Without it this is a test run, which only has to see that everything works.
    let large = if std::env::args().any(|argument| argument == "--bench") { LARGE } else { LARGE / 100 };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let app = router(Arc::new(Synthetic::new(large)), Options::default());
    tokio::spawn(async move { axum::serve(listener, app).await.expect("a server") });

    for operation in ["getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit"] {
        let (bytes, time, peak) = measured(port, &small(operation), 0, "").await;
        println!("{operation}: {AGENCIES} agencies, {bytes} bytes in {time:.3?}, peak RSS {peak} MiB");
    }
    for operation in ["getEdoc", "downloadEdoc"] {
        let (_, time, peak) = measured(port, &small(operation), 0, "").await;
        println!("{operation}: {large} bytes in {time:.3?}, {:.0} MB/s, peak RSS {peak} MiB", rate(large, time));
    }
    let raw = request("sendEdoc", "application/octet-stream", large + 2);
    let part = "--cut\r\nContent-Disposition: form-data; name=\"edocFile\"; filename=\"a\"\r\n\r\n";
    let length = part.len() as u64 + large + FORM_END.len() as u64;
    let form = [request("sendEdoc", "multipart/form-data; boundary=cut", length), part.into()].concat();
    for (kind, head, end) in [("raw", raw, "\r\n"), ("form", form, FORM_END)] {
        let (_, time, peak) = measured(port, &head, large, end).await;
        println!("sendEdoc, {kind}: {large} bytes in {time:.3?}, {:.0} MB/s, peak RSS {peak} MiB", rate(large, time));
    }
    let calls = 2000;
    let begun = Instant::now();
    for _ in 0..calls {
        measured(port, &small("countReceiveEdoc"), 0, "").await;
    }
    println!(
        "countReceiveEdoc: {:.0} calls/s, one at a time, a connection each",
        f64::from(calls) / begun.elapsed().as_secs_f64()
    );
}

fn rate(bytes: u64, time: Duration) -> f64 {
    let millionths = u32::try_from(bytes / 1_000_000).unwrap_or(u32::MAX);
    f64::from(millionths) / time.as_secs_f64()
}

fn small(operation: &str) -> Vec<u8> {
    [request(operation, "application/json", 2), b"{}".to_vec()].concat()
}

/// A signed request's head. The connection ends with its answer.
fn request(operation: &str, media_type: &str, length: u64) -> Vec<u8> {
    let headers =
        [("systemid", SYSTEM), ("from", SYSTEM), ("messagetype", "edoc"), ("docId", "a"), ("Content-Type", media_type)];
    let names = headers.map(|(name, _)| name).join(";");
    let signed = format!("{{{}}}", headers.map(|(name, value)| format!("\"XroadVnpt-{name}\":\"{value}\"")).join(","));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), signed.as_bytes());
    let hash: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: String = headers.iter().map(|(name, value)| format!("XroadVnpt-{name}: {value}\r\n")).collect();
    format!(
        "POST /{operation} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: {media_type}\r\n{lines}XroadVnpt-sign-header-key: {names}\r\nXroadVnpt-sign-header: {signed}\r\n\
         XroadVnpt-hash-header: {hash}\r\n\r\n"
    )
    .into_bytes()
}

/// Sends the request, `file` bytes and what follows them; gives the bytes of the answer, the time to
/// its end, and the peak of memory in MiB.
async fn measured(port: u16, request: &[u8], file: u64, end: &str) -> (u64, Duration, u64) {
    forget_peak();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let mut chunk = vec![b'x'; CHUNK];
    let begun = Instant::now();
    stream.write_all(request).await.expect("the request");
    if file > 0 {
        let mut left = file;
        while left > 0 {
            let part = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            stream.write_all(chunk.get(..part).expect("part of a chunk")).await.expect("the file");
            left -= part as u64;
        }
        stream.write_all(end.as_bytes()).await.expect("what follows the file");
    }
    let (mut bytes, mut start, mut last) = (0u64, Vec::new(), Vec::new());
    loop {
        let read = stream.read(&mut chunk).await.expect("the answer");
        let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else { break };
        bytes += read as u64;
        if start.len() < 400 {
            start.extend_from_slice(part);
            start.truncate(400);
        }
        last = part.get(part.len().saturating_sub(8)..).unwrap_or_default().to_vec();
    }
    let time = begun.elapsed();
    let start = String::from_utf8_lossy(&start);
    assert!(start.starts_with("HTTP/1.1 200") && (start.contains("\"OK\"") || last == b"xxxxxxxx"), "{start}");
    (bytes, time, peak())
}

/// Starts the count of the peak again. Only where the system has one.
fn forget_peak() {
    drop(fs::write("/proc/self/clear_refs", "5"));
}

fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kibibytes.unwrap_or_default() / 1024
}
