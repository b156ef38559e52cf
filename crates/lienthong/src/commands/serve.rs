//! Running a node, and checking its configuration without running it.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::Args;
use node::config::{Config, LogFormat};
use node::{Running, StartError};
use queue::StoreError;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::failure::{Failure, chain};
use crate::output::Output;

/// The configuration file.
#[derive(Args, Clone, Debug)]
pub(crate) struct ConfigArgs {
    /// Tệp cấu hình TOML (configuration file, see docs/configuration.md)
    #[arg(long, value_name = "FILE", env = "LIENTHONG_CONFIG", default_value = "/etc/lienthong/lienthong.toml")]
    pub(crate) config: PathBuf,
}

/// Printed when the node serves.
#[derive(Serialize)]
struct Ready {
    node: String,
    address: String,
}

/// Printed when a configuration is good.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Good {
    node: String,
    systems: usize,
    neighbours: usize,
    agencies: usize,
    unlisted: Vec<String>,
    warnings: Vec<String>,
}

/// Runs a node until it is told to stop (SIGTERM, SIGINT); SIGHUP reloads.
pub(crate) fn serve(args: &ConfigArgs, output: &mut Output) -> Result<(), Failure> {
    let config = load(&args.config)?;
    log(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
    runtime.block_on(async {
        let signals = Signals::new().map_err(|error| Failure::Internal(error.to_string()))?;
        let id = config.node.to_string();
        let running = node::start(config).await.map_err(|error| started(&args.config, error))?;
        let ready = Ready { node: id, address: running.address().to_string() };
        output.show_line(&ready, |ready| {
            format!("Nút {} sẵn sàng tại {} (the node is ready)", ready.node, ready.address)
        })?;
        signals.until_stopped(&running).await;
        running.stop().await.map_err(|error| Failure::Internal(chain(&error)))
    })
}

/// Checks a configuration and everything it names; starts nothing.
pub(crate) fn check(args: &ConfigArgs, output: &mut Output) -> Result<(), Failure> {
    let config = load(&args.config)?;
    let (id, systems, neighbours) = (config.node.to_string(), config.systems.len(), config.neighbours.len());
    let found = node::check(&config).map_err(|error| started(&args.config, error))?;
    let good = Good {
        node: id,
        systems,
        neighbours,
        agencies: found.agencies,
        unlisted: found.unlisted,
        warnings: found.warnings,
    };
    output.show_line(&good, |good| {
        let unlisted = match good.unlisted.as_slice() {
            [] => String::new(),
            codes => format!(
                "\nCảnh báo: cơ quan của hệ thống không có trong danh bạ (systems' agencies not in the directory): {}",
                codes.join(", ")
            ),
        };
        let warnings: String = good.warnings.iter().map(|warning| format!("\nCảnh báo: {warning}")).collect();
        format!(
            "Cấu hình đúng: nút {}, {} hệ thống, {} láng giềng, {} cơ quan (the configuration is good){unlisted}{warnings}",
            good.node, good.systems, good.neighbours, good.agencies
        )
    })
}

fn load(path: &Path) -> Result<Config, Failure> {
    Config::load(path, std::env::vars()).map_err(|error| Failure::usage(chain(&error)))
}

fn started(config: &Path, error: StartError) -> Failure {
    match error {
        StartError::Store { source: StoreError::OtherEngine { .. }, .. } => Failure::file(config, error),
        StartError::Listen { .. } | StartError::Store { .. } | StartError::Validation(_) => {
            Failure::Internal(chain(&error))
        }
        StartError::Material(_)
        | StartError::Directory(_)
        | StartError::Registry(_)
        | StartError::Secret(_)
        | StartError::Axis(_)
        | StartError::Thread(_) => Failure::file(config, error),
    }
}

fn log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log.filter)
        .map_err(|error| Failure::usage(format!("log.filter = {:?}: {error}", config.log.filter)))?;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let installed = match config.log.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    installed.map_err(|error| Failure::Internal(error.to_string()))
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn until_stopped(mut self, running: &Running) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => tokio::task::block_in_place(|| running.reload()),
            }
        }
    }
}
