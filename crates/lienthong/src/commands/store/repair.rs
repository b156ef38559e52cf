//! `store repair`: says what is damaged, asks, repairs, says what was lost.

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use clap::Args;
use queue::{Offline, Repaired, StoreError};
use serde::Serialize;

use super::look::{self, Checked};
use super::{ChangeArgs, Named, Spinner, StoreArgs, failed, named};
use crate::commands::now;
use crate::failure::Failure;
use crate::output::{Output, Page};

/// Options of `store repair`.
#[derive(Args)]
pub(crate) struct RepairArgs {
    /// Tệp nhận các bản ghi bị để riêng; phải chưa có (file for what is set aside; must not exist)
    #[arg(long, value_name = "FILE")]
    aside: Option<PathBuf>,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    records: u64,
    aside_file: Option<PathBuf>,
    aside: Vec<Named>,
    lost: Vec<Named>,
    indexes_written: u64,
    indexes_removed: u64,
    left: Vec<Named>,
    old_folder: Option<PathBuf>,
}

pub(super) fn run(args: &RepairArgs, output: &mut Output) -> Result<(), Failure> {
    let (store, directory) = open(args, output)?;
    let spinner = Spinner::new("Đang kiểm tra (checking)");
    let report = store.check(&mut spinner.watch()).map_err(|error| failed(&directory, error))?;
    drop(spinner);
    let checked = Checked::of(store.engine().as_str(), &report);
    output.tell_page(|page| look::show(&checked, page))?;
    if report.damage.is_empty() {
        return output.tell("Không có gì để sửa (there is nothing to repair)");
    }
    args.change.confirm("Sửa kho; bản ghi hỏng được để riêng vào một tệp (repair, setting damaged records aside)?")?;
    let path = args.aside.clone().unwrap_or_else(|| directory.join(format!("set-aside-{}.txt", now().as_millis())));
    let file = File::create_new(&path).map_err(|error| Failure::file(&path, error))?;
    let mut aside = BufWriter::new(file);
    let spinner = Spinner::new("Đang sửa (repairing)");
    let repaired = store.repair(&mut aside, &mut spinner.watch()).map_err(|error| failed(&directory, error))?;
    drop(spinner);
    aside.get_ref().sync_all().map_err(|error| Failure::file(&path, error))?;
    let is_empty = repaired.aside.is_empty();
    if is_empty {
        std::fs::remove_file(&path).map_err(|error| Failure::file(&path, error))?;
    }
    let is_removed = args.change.removes_old(&repaired.old)?;
    if is_removed {
        repaired.remove_old().map_err(|error| failed(&directory, error))?;
    }
    let old_folder = (!is_removed).then(|| repaired.old.clone());
    output.show(&outcome(&repaired, (!is_empty).then_some(path), old_folder), show)
}

/// Opens the store; what keeps its engine from opening is taken out first, where that can be told.
fn open(args: &RepairArgs, output: &mut Output) -> Result<(Offline, PathBuf), Failure> {
    let options = args.store.options()?;
    match Offline::open(options.clone()) {
        Ok(store) => return Ok((store, options.directory)),
        Err(error @ StoreError::Damaged { .. }) => {
            output.tell(&format!("Không mở được (cannot be opened): {error}"))?
        }
        Err(error) => return Err(failed(&options.directory, error)),
    }
    args.change
        .confirm("Bỏ các lô hỏng khỏi nhật ký, giữ bản cũ bên cạnh (cut broken batches out, keeping a copy)?")?;
    Offline::cut_damage(&options).map_err(|error| failed(&options.directory, error))?;
    let store = Offline::open(options.clone()).map_err(|error| failed(&options.directory, error))?;
    Ok((store, options.directory))
}

fn outcome(repaired: &Repaired, aside_file: Option<PathBuf>, old_folder: Option<PathBuf>) -> Outcome {
    Outcome {
        records: repaired.records,
        aside_file,
        aside: named(&repaired.aside),
        lost: named(&repaired.lost),
        indexes_written: repaired.written,
        indexes_removed: repaired.removed,
        left: named(&repaired.report.damage),
        old_folder,
    }
}

fn show(outcome: &Outcome, page: &mut Page) {
    page.facts([
        ("Bản ghi (records)", outcome.records.to_string()),
        ("Chỉ mục ghi lại (index records written)", outcome.indexes_written.to_string()),
        ("Chỉ mục bỏ (index records removed)", outcome.indexes_removed.to_string()),
    ]);
    if let Some(path) = &outcome.aside_file {
        page.line(format!("Bản ghi để riêng trong tệp (records set aside in): {}", path.display()));
        look::show_damage("Để riêng (set aside)", &outcome.aside, page);
    }
    if !outcome.lost.is_empty() {
        look::show_damage("Đã mất (lost)", &outcome.lost, page);
    }
    if outcome.left.is_empty() {
        page.line("Kho đã nguyên vẹn (the store is whole again)");
    } else {
        look::show_damage("Còn hỏng: tệp nội dung (still damaged: payload files)", &outcome.left, page);
    }
    if let Some(folder) = &outcome.old_folder {
        page.line(format!("Thư mục cũ còn ở (the old folder is still in): {}", folder.display()));
    }
}
