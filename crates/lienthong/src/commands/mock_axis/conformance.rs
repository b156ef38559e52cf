//! `conformance`: the real client against a server, or a mock that watches a client.

mod client;
mod server;
mod show;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axis::Secret;
use clap::Args;
use mock_axis::conformance::{Report, junit};
use node::config::SecretRef;
use types::ErrorCode;

use crate::failure::{Failure, chain};
use crate::output::Output;

/// What `conformance` takes.
#[derive(Args, Debug)]
pub(crate) struct ConformanceArgs {
    /// Máy chủ cần kiểm tra: đóng vai phần mềm (check this server): https://nut.example.vn:8443/axis
    #[arg(
        long,
        value_name = "URL",
        required_unless_present = "listen",
        conflicts_with = "listen",
        requires = "system"
    )]
    url: Option<String>,
    /// Mở trục mô phỏng và theo dõi phần mềm gọi đến (serve a mock axis here and watch the client that calls)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// systemid; với --listen: hệ thống thay cho các hệ thống mẫu (the system that calls)
    #[arg(long, value_name = "ID", requires = "secret")]
    system: Option<String>,
    /// Secret: file:PATH, env:NAME hoặc credential:NAME (where its secret is)
    #[arg(long, value_name = "REF")]
    secret: Option<String>,
    /// Mã cơ quan gửi; mặc định là ID của hệ thống (the sending agency; the system's id unless said)
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// Mã cơ quan nhận; mặc định theo --receiver-system, không có thì là cơ quan gửi (the receiving agency)
    #[arg(long, value_name = "CODE")]
    receiver: Option<String>,
    /// Hệ thống của cơ quan nhận, nếu khác (the receiver's system, where it is another)
    #[arg(long, value_name = "ID", requires = "receiver_secret")]
    receiver_system: Option<String>,
    /// Secret của hệ thống nhận (where its secret is)
    #[arg(long, value_name = "REF", requires = "receiver_system")]
    receiver_secret: Option<String>,
    /// CA của máy chủ HTTPS, PEM (the CAs of an HTTPS server, PEM)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Gửi thêm một tệp lớn (send a large file too)
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..=2048))]
    large: Option<u32>,
    /// Mã cơ quan để thử đăng ký rồi xóa (the agency that is registered and deleted)
    #[arg(long, value_name = "CODE", conflicts_with = "no_register")]
    register: Option<String>,
    /// Không thử đăng ký và xóa cơ quan (leave registering and deleting out)
    #[arg(long)]
    no_register: bool,
    /// Không thử giao thức cấp tỉnh /v1 (leave the provincial dialect out)
    #[arg(long)]
    no_v1: bool,
    /// Chờ gói tin đến nơi nhận, giây (wait for a packet to arrive, seconds)
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    patience: u64,
    /// Theo dõi tối đa, giây (watch for so long at most, seconds)
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
    /// Đồng ý gửi: không có thì chỉ nói sẽ gửi gì (send; without it only what would be sent is told)
    #[arg(long)]
    yes: bool,
    /// Ghi kết quả JUnit XML cho CI (write JUnit XML for CI)
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Runs what was asked for.
pub(super) fn run(args: &ConformanceArgs, output: &mut Output) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
    match (&args.url, args.listen) {
        (Some(url), _) => runtime.block_on(server::check(args, url, output)),
        (None, Some(listen)) => runtime.block_on(client::watch(args, listen, output)),
        (None, None) => Err(Failure::usage("--url hoặc --listen (one of the two)")),
    }
}

/// The secret that a reference names. A relative path starts where the command runs.
fn secret(option: &str, reference: Option<&str>) -> Result<Secret, Failure> {
    let reference = reference.ok_or_else(|| Failure::usage(format!("{option}: thiếu (is missing)")))?;
    let place =
        SecretRef::parse(reference, Path::new(".")).map_err(|why| Failure::usage(format!("{option}: {why}")))?;
    place.read().map_err(|error| Failure::usage(format!("{option}: {}", chain(&error))))
}

/// Writes the JUnit file, and says whether every rule was held.
fn conclude(args: &ConformanceArgs, suite: &str, report: &Report) -> Result<(), Failure> {
    if let Some(path) = &args.junit {
        std::fs::write(path, junit(suite, report)).map_err(|error| Failure::file(path, error))?;
    }
    let failed = report.failed();
    if failed.is_empty() {
        return Ok(());
    }
    let detail = format!("{} quy tắc không đạt (rules not held): {}", failed.len(), failed.join(", "));
    Err(Failure::Unverified { code: ErrorCode::ProtocolViolation, detail })
}
