//! What the client costs: the list of all agencies, and 500 MB in and out, with the peak of memory of this process
//! (client and server together). `cargo bench -p axis --bench client` prints a line each.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

mod synthetic;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axis::client::{AgencyList, Client, ClientOptions, EdocFile, SentPacket, Timeouts};
use axis::server::{Options, router};
use axis::{DocId, MessageType, Secret};
use ring::digest::{Context, SHA256};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use types::Digest;

use synthetic::{SECRET, SYSTEM, Synthetic};

/// Bytes of the large file.
const LARGE: u64 = 500_000_000;

#[tokio::main]
async fn main() {
    // Without it this is a test run, which only has to see that everything works.
    let large = if std::env::args().any(|argument| argument == "--bench") { LARGE } else { LARGE / 100 };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let app = router(Arc::new(Synthetic::new(large)), Options::default());
    tokio::spawn(async move { axum::serve(listener, app).await.expect("a server") });
    let client = client(port);
    let doc_id: DocId = "a".parse().expect("an id");

    for list in [AgencyList::All, AgencyList::Qd20, AgencyList::Units] {
        forget_peak();
        let begun = Instant::now();
        let mut agencies = client.agencies(list).await.expect("a list");
        let mut count = 0;
        while agencies.next().await.expect("an agency").is_some() {
            count += 1;
        }
        println!("{list:?}: {count} agencies in {:.3?}, peak RSS {} MiB", begun.elapsed(), peak());
    }
    forget_peak();
    let begun = Instant::now();
    received(client.get_edoc(&doc_id).await.expect("a packet"), large).await;
    print("getEdoc", large, begun.elapsed());
    forget_peak();
    let begun = Instant::now();
    received(client.download_edoc(&doc_id).await.expect("a packet"), large).await;
    print("downloadEdoc", large, begun.elapsed());

    let sent = SentPacket {
        from: SYSTEM.to_owned(),
        to: None,
        message_type: MessageType::Edoc,
        length: large,
        digest: digest(large),
    };
    forget_peak();
    let begun = Instant::now();
    client.send_edoc(sent, tokio::io::repeat(b'x').take(large)).await.expect("an answer");
    print("sendEdoc", large, begun.elapsed());
    let calls = 5000;
    let begun = Instant::now();
    for _ in 0..calls {
        client.count(MessageType::Edoc).await.expect("a count");
    }
    println!("count: {:.0} calls/s, one at a time", f64::from(calls) / begun.elapsed().as_secs_f64());
}

fn client(port: u16) -> Client {
    let options = ClientOptions {
        endpoint: format!("http://127.0.0.1:{port}").parse().expect("a URL"),
        system: SYSTEM.to_owned(),
        secret: Secret::new(SECRET.as_bytes()),
        proxy: None,
        tls: None,
        timeouts: Timeouts::default(),
        idle_connections: 1,
    };
    Client::new(options).expect("options that work")
}

async fn received(mut file: EdocFile, large: u64) {
    let mut bytes = 0;
    while let Some(chunk) = file.next().await.expect("more of the packet") {
        bytes += chunk.len() as u64;
    }
    assert_eq!(bytes, large);
}

fn digest(large: u64) -> Digest {
    let mut context = Context::new(&SHA256);
    let chunk = [b'x'; 50_000];
    for _ in 0..large / 50_000 {
        context.update(&chunk);
    }
    Digest::try_from(context.finish().as_ref()).expect("a digest")
}

fn print(operation: &str, large: u64, time: Duration) {
    let millionths = u32::try_from(large / 1_000_000).unwrap_or(u32::MAX);
    let rate = f64::from(millionths) / time.as_secs_f64();
    println!("{operation}: {large} bytes in {time:.3?}, {rate:.0} MB/s, peak RSS {} MiB", peak());
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
