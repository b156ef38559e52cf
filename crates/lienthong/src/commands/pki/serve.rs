//! `pki serve`.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use mock_pki::{Faults, Running, Server, StartError};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::not_opened;
use crate::failure::{Failure, chain};
use crate::output::Output;

/// Options of `pki serve`.
#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Thư mục của pki example (the folder of the PKI)
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Địa chỉ lắng nghe; cổng 0 lấy một cổng trống (listen here; port 0 takes a free one)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:18092")]
    listen: SocketAddr,
    /// Tạo lỗi theo yêu cầu, lặp lại được (a fault on demand; repeatable): ocsp=wrong-nonce, tsa=slow:2s, all=away
    #[arg(long, value_name = "SERVICE=FAULT")]
    fault: Vec<String>,
    /// Mức nhật ký trên luồng lỗi chuẩn (log filter, on standard error)
    #[arg(long, value_name = "FILTER", default_value = "warn")]
    log: String,
}

/// Printed when the PKI answers.
#[derive(Serialize)]
struct Ready {
    url: String,
    ocsp: String,
    tsa: String,
    crls: Vec<String>,
    admin: String,
    certificates: usize,
}

/// Serves until SIGTERM or SIGINT.
pub(super) fn run(args: &ServeArgs, output: &mut Output) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&args.log);
    let filter = filter.map_err(|error| Failure::usage(format!("--log {}: {error}", args.log)))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let installed = lines.with_ansi(io::stderr().is_terminal()).try_init();
    installed.map_err(|error| Failure::Internal(error.to_string()))?;
    let mut faults = Faults::none();
    for flag in &args.fault {
        faults.set(flag).map_err(|error| Failure::usage(error.to_string()))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
    runtime.block_on(async {
        let internal = |error: io::Error| Failure::Internal(error.to_string());
        let mut terminate = signal(SignalKind::terminate()).map_err(internal)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(internal)?;
        let running = Server::start(&args.dir, args.listen).await.map_err(not_started)?;
        running.set_faults(faults);
        let ready = ready(&running);
        output.show_line(&ready, |_| "PKI mẫu đã sẵn sàng (the example PKI answers)".to_owned())?;
        introduce(&ready, output)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        running.stop().await;
        Ok(())
    })
}

fn not_started(error: StartError) -> Failure {
    match error {
        StartError::Open(error) => not_opened(error),
        StartError::Listen { .. } => Failure::Internal(chain(&error)),
    }
}

fn ready(running: &Running) -> Ready {
    let url = running.url();
    let pki = running.pki();
    Ready {
        ocsp: format!("{url}/ocsp"),
        tsa: format!("{url}/tsa"),
        crls: pki.authorities().iter().map(|ca| format!("{url}/pki/pub/crl/{}.crl", ca.name())).collect(),
        admin: format!("{url}/admin/faults"),
        certificates: pki.issued().len(),
        url,
    }
}

fn introduce(ready: &Ready, output: &mut Output) -> Result<(), Failure> {
    output.tell(&format!("  Địa chỉ (endpoint):            {}", ready.url))?;
    output.tell(&format!("  OCSP:                          {}", ready.ocsp))?;
    output.tell(&format!("  Dấu thời gian (time-stamps):   {}", ready.tsa))?;
    for list in &ready.crls {
        output.tell(&format!("  Danh sách thu hồi (CRL):       {list}"))?;
    }
    output.tell(&format!("  Tạo lỗi (faults):              {}", ready.admin))?;
    output.tell(&format!("  Chứng thư (certificates):      {}", ready.certificates))?;
    output.tell("  Thử ngay (try it):")?;
    output.tell(&format!("    curl {} -X PUT -d '{{\"ocsp\":[\"refuse\"]}}'", ready.admin))
}
