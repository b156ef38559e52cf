//! `store migrate` and `store compact`.

use std::path::{Path, PathBuf};

use clap::Args;
use queue::{EngineKind, Offline};
use serde::Serialize;

use super::{ChangeArgs, Spinner, StoreArgs, bytes, engine, failed};
use crate::failure::Failure;
use crate::output::Output;

/// Options of `store migrate`.
#[derive(Args)]
pub(crate) struct MigrateArgs {
    /// Bộ máy mới: sled hoặc fjall (the new engine)
    #[arg(long, value_name = "ENGINE", value_parser = engine)]
    to: EngineKind,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    store: StoreArgs,
}

/// Options of `store compact`.
#[derive(Args)]
pub(crate) struct CompactArgs {
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    from: &'static str,
    to: &'static str,
    records: u64,
    bytes_before: u64,
    bytes_after: u64,
    old_folder: Option<PathBuf>,
}

pub(super) fn migrate(args: &MigrateArgs, output: &mut Output) -> Result<(), Failure> {
    let (store, directory) = args.store.open()?;
    let (from, to) = (store.engine(), args.to);
    if from == to {
        return output.tell(&format!("Kho đã dùng {to} (the store already has this engine)"));
    }
    args.change.confirm(&format!("Chuyển kho từ {from} sang {to} (rewrite the store)?"))?;
    rewrite(store, &directory, to, &args.change, output)?;
    output.tell(&format!(
        "Ghi vào cấu hình trước khi chạy nút (set this before the node starts): [store] engine = \"{to}\""
    ))
}

pub(super) fn compact(args: &CompactArgs, output: &mut Output) -> Result<(), Failure> {
    let (store, directory) = args.store.open()?;
    let engine = store.engine();
    args.change.confirm("Ghi lại toàn bộ kho; cần chỗ trống bằng dữ liệu đang có (rewrite the whole store)?")?;
    rewrite(store, &directory, engine, &args.change, output)
}

fn rewrite(
    store: Offline,
    directory: &Path,
    to: EngineKind,
    change: &ChangeArgs,
    output: &mut Output,
) -> Result<(), Failure> {
    let spinner = Spinner::new("Đang ghi lại (rewriting)");
    let rewritten = store.rewrite(to, &mut spinner.watch()).map_err(|error| failed(directory, error))?;
    drop(spinner);
    let is_removed = change.removes_old(&rewritten.old)?;
    if is_removed {
        rewritten.remove_old().map_err(|error| failed(directory, error))?;
    }
    let outcome = Outcome {
        from: rewritten.from.as_str(),
        to: rewritten.to.as_str(),
        records: rewritten.records,
        bytes_before: rewritten.bytes_before,
        bytes_after: rewritten.bytes_after,
        old_folder: (!is_removed).then(|| rewritten.old.clone()),
    };
    output.show(&outcome, |outcome, page| {
        page.facts([
            ("Bộ máy (engine)", format!("{} → {}", outcome.from, outcome.to)),
            ("Bản ghi, đã so từng cái (records, each compared)", outcome.records.to_string()),
            ("Trên đĩa (on the disk)", format!("{} → {}", bytes(outcome.bytes_before), bytes(outcome.bytes_after))),
        ]);
        if let Some(folder) = &outcome.old_folder {
            page.line(format!("Thư mục cũ còn ở (the old folder is still in): {}", folder.display()));
        }
    })
}
