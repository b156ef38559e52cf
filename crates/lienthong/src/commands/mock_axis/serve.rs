//! Serving the mock axis.

use std::io::{self, IsTerminal as _};

use mock_axis::{Mock, Running, StartError, System};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::options::ServeArgs;
use crate::failure::{Failure, chain};
use crate::output::Output;

/// Printed when the mock serves. The secrets are for tests, and shown on purpose.
#[derive(Serialize)]
pub(super) struct Ready {
    url: String,
    page: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin: Option<String>,
    agencies: u32,
    systems: Vec<SystemLine>,
}

#[derive(Serialize)]
struct SystemLine {
    id: String,
    secret: String,
    agencies: Vec<String>,
}

/// Serves until SIGTERM or SIGINT.
pub(super) fn run(args: &ServeArgs, output: &mut Output) -> Result<(), Failure> {
    log(&args.log)?;
    let options = args.options()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
    runtime.block_on(async {
        let internal = |error: io::Error| Failure::Internal(error.to_string());
        let mut terminate = signal(SignalKind::terminate()).map_err(internal)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(internal)?;
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let (systems, root) = (options.systems.clone(), options.root.clone());
        let running = Mock::start(options).await.map_err(|error| started(&error))?;
        let ready = ready(&running, scheme, &root, &systems);
        output.show_line(&ready, |_| "Trục mô phỏng đã sẵn sàng (the mock axis is ready)".to_owned())?;
        introduce(&ready, output)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        running.stop().await.map_err(|error| Failure::Internal(chain(&error)))
    })
}

pub(super) fn started(error: &StartError) -> Failure {
    match error {
        StartError::AdminNotLoopback(_) | StartError::Root(_) | StartError::System(_) | StartError::Fault(_) => {
            Failure::usage(chain(error))
        }
        StartError::Listen { .. }
        | StartError::File { .. }
        | StartError::Store(_)
        | StartError::Agencies(_)
        | StartError::Tls(_)
        | StartError::Samples(_) => Failure::Internal(chain(error)),
    }
}

pub(super) fn ready(running: &Running, scheme: &str, root: &str, systems: &[System]) -> Ready {
    let address = running.address();
    let line = |system: &System| SystemLine {
        id: system.id.clone(),
        secret: String::from_utf8_lossy(system.secret.as_bytes()).into_owned(),
        agencies: system.scopes.iter().map(ToString::to_string).collect(),
    };
    Ready {
        url: format!("{scheme}://{address}{root}"),
        page: format!("{scheme}://{address}/"),
        admin: running.admin().map(|admin| format!("http://{admin}/admin/")),
        agencies: running.agencies(),
        systems: systems.iter().map(line).collect(),
    }
}

pub(super) fn introduce(ready: &Ready, output: &mut Output) -> Result<(), Failure> {
    output.tell(&format!("  Địa chỉ (endpoint):        {}", ready.url))?;
    output.tell(&format!("  Trang theo dõi (live page): {}", ready.page))?;
    if let Some(admin) = &ready.admin {
        output.tell(&format!("  Điều khiển (admin):        {admin}"))?;
    }
    output.tell(&format!("  Danh bạ (directory):       {} cơ quan (agencies)", ready.agencies))?;
    output.tell("  Hệ thống (systems), chỉ để thử (for tests only):")?;
    for system in &ready.systems {
        output.tell(&format!("    {}  secret {}  ({})", system.id, system.secret, system.agencies.join(", ")))?;
    }
    let Some(first) = ready.systems.first() else { return Ok(()) };
    output.tell("  Thử ngay (try it):")?;
    output.tell(&format!(
        "    curl -X POST -H 'X-SystemId: {}' -H 'X-SecretKey: {}' {}/v1/getReceivedEdocList",
        first.id, first.secret, ready.url
    ))
}

fn log(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|error| Failure::usage(format!("--log {filter}: {error}")))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let installed = lines.with_ansi(io::stderr().is_terminal()).try_init();
    installed.map_err(|error| Failure::Internal(error.to_string()))
}
