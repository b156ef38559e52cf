//! `store export` and `store import`.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;
use queue::{EngineKind, Offline};
use serde::Serialize;
use types::ErrorCode;

use super::look::show_damage;
use super::{Named, Spinner, StoreArgs, bytes, engine, failed, named};
use crate::failure::Failure;
use crate::output::{Output, Page};

/// Bytes gathered before they are written, or read at a time.
const BUFFER: usize = 1 << 20;

/// Options of `store export`.
#[derive(Args)]
pub(crate) struct ExportArgs {
    /// Tệp ghi ra; phải chưa có (file to write; must not exist)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

/// Options of `store import`.
#[derive(Args)]
pub(crate) struct ImportArgs {
    /// Tệp do `store export` ghi (file written by `store export`)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Bộ máy của kho mới; không ghi thì theo cấu hình (engine of the new store; absent: as configured)
    #[arg(long, value_name = "ENGINE", value_parser = engine)]
    engine: Option<EngineKind>,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Moved {
    records: u64,
    payloads: u64,
    payload_bytes: u64,
    damage: Vec<Named>,
}

pub(super) fn export(args: &ExportArgs, output: &mut Output) -> Result<(), Failure> {
    let (store, directory) = args.store.open()?;
    let at_file = |error: std::io::Error| Failure::file(&args.file, error);
    if args.file.exists() {
        return Err(Failure::file(&args.file, "tệp đã có (the file exists)"));
    }
    // Under another name until it is whole: nobody takes half of it for a backup.
    let partial = beside(&args.file);
    let mut to = BufWriter::with_capacity(BUFFER, File::create(&partial).map_err(at_file)?);
    let spinner = Spinner::new("Đang ghi ra (exporting)");
    let exported = store.export(&mut to, &mut spinner.watch()).map_err(|error| failed(&directory, error))?;
    drop(spinner);
    let file = to.into_inner().map_err(|error| at_file(error.into_error()))?;
    file.sync_all().and_then(|()| fs::rename(&partial, &args.file)).map_err(at_file)?;
    let folder = args.file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(at_file)?;
    let moved = Moved {
        records: exported.records,
        payloads: exported.payloads,
        payload_bytes: exported.payload_bytes,
        damage: named(&exported.left_out),
    };
    output.show(&moved, |moved, page| show(moved, "Hỏng, không có trong tệp (damaged, not in the file)", page))?;
    refuse_if_damaged(&moved)
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    file.with_file_name(name)
}

pub(super) fn import(args: &ImportArgs, output: &mut Output) -> Result<(), Failure> {
    let mut options = args.store.options()?;
    options.engine = args.engine.unwrap_or(options.engine);
    let file = File::open(&args.file).map_err(|error| Failure::file(&args.file, error))?;
    let spinner = Spinner::new("Đang nhập (importing)");
    let imported = Offline::import(&options, &mut BufReader::with_capacity(BUFFER, file), &mut spinner.watch());
    let imported = imported.map_err(|error| failed(&options.directory, error))?;
    drop(spinner);
    let moved = Moved {
        records: imported.records,
        payloads: imported.payloads,
        payload_bytes: imported.payload_bytes,
        damage: named(&imported.report.damage),
    };
    output.show(&moved, |moved, page| {
        show(moved, "Kho đã ghi ra thiếu (the exported store had lost)", page);
        page.line(format!("Bộ máy của kho mới (engine of the new store): {}", options.engine));
    })?;
    refuse_if_damaged(&moved)
}

fn show(moved: &Moved, heading: &str, page: &mut Page) {
    page.facts([
        ("Bản ghi (records)", moved.records.to_string()),
        ("Tệp nội dung (payload files)", format!("{}, {}", moved.payloads, bytes(moved.payload_bytes))),
    ]);
    if !moved.damage.is_empty() {
        show_damage(heading, &moved.damage, page);
    }
}

fn refuse_if_damaged(moved: &Moved) -> Result<(), Failure> {
    if moved.damage.is_empty() {
        return Ok(());
    }
    let detail = format!("{} chỗ hỏng hoặc mất (damaged or missing)", moved.damage.len());
    Err(Failure::Unverified { code: ErrorCode::StoreDamaged, detail })
}
