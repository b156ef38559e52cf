//! A large document from node to node, beside a plain TLS copy of as many bytes.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ring::digest::{Context, SHA256};
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use super::Bench;
use super::load::median;
use super::table::{Goal, Row, Table};
use crate::client::roots;
use crate::commands::bench::{BenchArgs, own};
use crate::failure::{Failure, chain};
use crate::header::today;
use crate::pki::{Existing, write_example};

const SIZE: u64 = 100 << 20;
/// A packet has its files in base64.
const PACKET: u64 = SIZE / 3 * 4;
const DOCUMENTS: u64 = 3;
const COPIES: usize = 3;
const PIECE: usize = 256 * 1024;
const RSS_MIB_MAX: f64 = 256.0;

pub(super) fn large(bench: &Bench<'_>, table: &mut Table) -> Result<(), Failure> {
    let copied = median(copies(bench.dir)?);
    let args = BenchArgs {
        documents: DOCUMENTS,
        clients: 1,
        size: SIZE,
        recipients: 1,
        hops: 2,
        unsigned: true,
        ..bench.args.clone()
    };
    let report = own(&args, bench.runtime)?;
    let delivered = report.deliver.as_ref().map_or(0.0, |latency| latency.p50_ms);
    let hop = Duration::from_secs_f64(((delivered - report.accept.p50_ms) / 1e3).max(1e-3));
    table.add(Row {
        profile: "large",
        work: "100 MiB, nút đến nút (node to node)".to_owned(),
        measured: mib_per_second(hop),
        unit: "MiB/s",
        reference: Some(mib_per_second(copied)),
        beside: "MiB/s, chép qua TLS, băm, ghi (TLS copy, hashed, written)",
        goal: Goal::AtLeast(0.7),
    });
    for node in &report.nodes {
        #[expect(clippy::cast_precision_loss, reason = "a figure for people needs no 53 bits")]
        let measured = node.rss_bytes_max as f64 / f64::from(1 << 20);
        table.add(Row {
            profile: "large",
            work: format!("{}: bộ nhớ cao nhất (peak RSS)", node.id),
            measured,
            unit: "MiB",
            reference: None,
            beside: "",
            goal: Goal::AtMost(RSS_MIB_MAX),
        });
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people needs no 53 bits")]
fn mib_per_second(took: Duration) -> f64 {
    (PACKET >> 20) as f64 / took.as_secs_f64()
}

/// Copies a file over TLS on loopback, hashes and syncs it at the other end.
fn copies(dir: &Path) -> Result<Vec<Duration>, Failure> {
    let pki = dir.join("pki");
    write_example(&pki, today().year().into(), Existing::Keep).map_err(|error| Failure::file(&pki, error))?;
    let failed = |error: std::io::Error| Failure::file(dir, error);
    let (server, client) = configs(&pki)?;
    let source = dir.join("source");
    write_source(&source).map_err(failed)?;
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let mut times = Vec::new();
    for _ in 0..COPIES {
        let (server, target) = (Arc::clone(&server), dir.join("target"));
        let accepting = listener.try_clone().map_err(failed)?;
        let receiver = std::thread::spawn(move || receive(&accepting, server, &target));
        let start = Instant::now();
        let received = send(address, Arc::clone(&client), &source).map_err(failed);
        let ended = receiver.join().map_err(|_| Failure::Internal("the copy's receiver".to_owned()))?;
        received.and(ended.map_err(failed))?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn configs(pki: &Path) -> Result<(Arc<ServerConfig>, Arc<ClientConfig>), Failure> {
    let node = pki.join("nodes/node-h48-35");
    let (certificate, key) = (node.join("transport.pem"), node.join("transport.key.pem"));
    let chain_of: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&certificate).and_then(Iterator::collect);
    let certificates = chain_of.map_err(|error| Failure::file(&certificate, error))?;
    let secret = PrivateKeyDer::from_pem_file(&key).map_err(|error| Failure::file(&key, error))?;
    let internal = |error: rustls::Error| Failure::Internal(chain(&error));
    let server =
        ServerConfig::builder().with_no_client_auth().with_single_cert(certificates, secret).map_err(internal)?;
    let trusted = roots(&pki.join("ca/root.pem"))?;
    let client = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    Ok((Arc::new(server), Arc::new(client)))
}

fn write_source(path: &Path) -> std::io::Result<()> {
    let (mut file, piece) = (File::create(path)?, vec![b'A'; PIECE]);
    let mut left = PACKET;
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        file.write_all(piece.get(..count).unwrap_or_default())?;
        left -= u64::try_from(count).unwrap_or(left);
    }
    file.sync_all()
}

fn send(address: std::net::SocketAddr, config: Arc<ClientConfig>, source: &Path) -> std::io::Result<()> {
    let name = ServerName::from(address.ip());
    let connection = ClientConnection::new(config, name).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address)?);
    let (mut file, mut piece) = (File::open(source)?, vec![0; PIECE]);
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            stream.conn.send_close_notify();
            stream.flush()?;
            // The other end answers once it has everything on the disk.
            return stream.sock.read(&mut piece).map(drop);
        }
        stream.write_all(piece.get(..count).unwrap_or_default())?;
    }
}

fn receive(listener: &TcpListener, config: Arc<ServerConfig>, target: &Path) -> std::io::Result<()> {
    let (socket, _) = listener.accept()?;
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, socket);
    let (mut file, mut piece, mut context) = (File::create(target)?, vec![0; PIECE], Context::new(&SHA256));
    loop {
        let count = stream.read(&mut piece)?;
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        context.update(bytes);
        file.write_all(bytes)?;
    }
    std::hint::black_box(context.finish());
    file.sync_data()
}
