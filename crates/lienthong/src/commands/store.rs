//! `store`: the node's store on its own machine, while the node is stopped.

mod look;
mod moving;
mod repair;
mod rewrite;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use node::config::Config;
use queue::{Damage, EngineKind, Offline, Progress, StoreError, StoreOptions};
use serde::Serialize;
use types::ErrorCode;

use crate::commands::serve::ConfigArgs;
use crate::failure::{Failure, chain};
use crate::output::Output;

/// Subcommands of `store`.
#[derive(Subcommand)]
pub(crate) enum StoreCommand {
    /// Đọc toàn bộ kho, nêu tên mọi chỗ hỏng hoặc mất (read everything, name what is damaged or missing)
    Check(StoreArgs),
    /// Dung lượng và số bản ghi (sizes and numbers)
    Stats(StoreArgs),
    /// Sửa kho: dựng lại chỉ mục, để riêng bản ghi hỏng vào một tệp (rebuild indexes, set damaged records aside)
    Repair(repair::RepairArgs),
    /// Chuyển kho sang bộ máy khác: sled hoặc fjall (rewrite the store into another engine)
    Migrate(rewrite::MigrateArgs),
    /// Ghi lại kho để trả chỗ trống cho đĩa (rewrite the store, which gives space back)
    Compact(rewrite::CompactArgs),
    /// Ghi toàn bộ kho ra một tệp thường (write everything out as one plain file)
    Export(moving::ExportArgs),
    /// Lập kho mới từ tệp đã ghi ra (make a store from an exported file)
    Import(moving::ImportArgs),
}

/// Which store.
#[derive(Args, Clone, Debug)]
pub(crate) struct StoreArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Thư mục dữ liệu, khi không có cấu hình (data directory, where there is no configuration)
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// What becomes of the engine's folder of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Old {
    /// Giữ lại (keep it)
    Keep,
    /// Xóa (remove it)
    Remove,
}

/// What the commands that change a store ask.
#[derive(Args, Clone, Debug)]
pub(crate) struct ChangeArgs {
    /// Không hỏi lại (do not ask)
    #[arg(long)]
    yes: bool,
    /// Thư mục cũ của bộ máy: giữ hay xóa; không ghi thì hỏi (the old folder of the engine; asked when absent)
    #[arg(long, value_name = "WHAT")]
    old: Option<Old>,
}

/// One damaged thing, for programs.
#[derive(Serialize)]
struct Named {
    what: String,
    reason: String,
}

pub(crate) fn run(command: &StoreCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        StoreCommand::Check(args) => look::check(args, output),
        StoreCommand::Stats(args) => look::stats(args, output),
        StoreCommand::Repair(args) => repair::run(args, output),
        StoreCommand::Migrate(args) => rewrite::migrate(args, output),
        StoreCommand::Compact(args) => rewrite::compact(args, output),
        StoreCommand::Export(args) => moving::export(args, output),
        StoreCommand::Import(args) => moving::import(args, output),
    }
}

impl StoreArgs {
    fn options(&self) -> Result<StoreOptions, Failure> {
        match &self.dir {
            Some(dir) => Ok(StoreOptions::new(dir)),
            None => {
                let config = Config::load(&self.config.config, std::env::vars());
                config.map(|config| config.store_options()).map_err(|error| Failure::usage(chain(&error)))
            }
        }
    }

    fn open(&self) -> Result<(Offline, PathBuf), Failure> {
        let options = self.options()?;
        let directory = options.directory.clone();
        Ok((Offline::open(options).map_err(|error| failed(&directory, error))?, directory))
    }
}

fn failed(directory: &Path, error: StoreError) -> Failure {
    match error {
        StoreError::InUse { .. } => {
            let why = "nút đang dùng kho này: dừng nút trước (the node has this store: stop it first)";
            Failure::file(directory, format!("{why}: {error}"))
        }
        StoreError::NoStore { .. } => Failure::file(directory, "ở đây không có kho (there is no store here)"),
        StoreError::Damaged { .. } | StoreError::Behind { .. } => {
            Failure::Unverified { code: ErrorCode::StoreDamaged, detail: error.to_string() }
        }
        StoreError::Invalid { what } => Failure::usage(what),
        other => Failure::file(directory, other),
    }
}

fn named(damage: &[Damage]) -> Vec<Named> {
    damage.iter().map(|one| Named { what: one.what.clone(), reason: one.reason.clone() }).collect()
}

/// Progress on standard error; nothing where that is no terminal.
struct Spinner(ProgressBar);

impl Spinner {
    fn new(what: &'static str) -> Self {
        let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})");
        let bar = ProgressBar::new_spinner().with_prefix(what);
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    fn watch(&self) -> impl FnMut(Progress) + use<'_> {
        move |progress| {
            let Progress { records, payloads, payload_bytes } = progress;
            let bytes = HumanBytes(payload_bytes);
            self.0.set_message(format!("{records} bản ghi (records), {payloads} tệp (files), {bytes}"));
        }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Asks on the terminal; without one nothing is done unasked.
fn ask(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("không có bàn phím để hỏi: thêm --yes (no terminal to ask on: add --yes)"));
    }
    let mut terminal = io::stderr().lock();
    write!(terminal, "{question} [c/k — y/n] ").and_then(|()| terminal.flush()).map_err(Failure::Output)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "c" | "có" | "y" | "yes"))
}

impl ChangeArgs {
    fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.yes || ask(question)? {
            return Ok(());
        }
        Err(Failure::usage("không làm gì cả (nothing was done)"))
    }

    /// Whether the old folder is to go; unasked and without a terminal it stays.
    fn removes_old(&self, folder: &Path) -> Result<bool, Failure> {
        match self.old {
            Some(old) => Ok(old == Old::Remove),
            None if self.yes || !io::stdin().is_terminal() => Ok(false),
            None => ask(&format!("Xóa thư mục cũ {} (remove the old folder)?", folder.display())),
        }
    }
}

fn engine(name: &str) -> Result<EngineKind, String> {
    name.parse().map_err(|error: queue::UnknownEngine| error.to_string())
}

fn bytes(count: u64) -> String {
    HumanBytes(count).to_string()
}
