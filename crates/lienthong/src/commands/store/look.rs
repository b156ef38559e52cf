//! `store check` and `store stats`.

use std::collections::BTreeMap;

use queue::{CheckReport, Figures};
use serde::Serialize;
use types::ErrorCode;

use super::{Named, Spinner, StoreArgs, bytes, failed, named};
use crate::failure::Failure;
use crate::output::{Output, Page};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checked {
    engine: &'static str,
    pub(super) records: u64,
    payloads: u64,
    orphans: u64,
    damage: Vec<Named>,
}

impl Checked {
    pub(super) fn of(engine: &'static str, report: &CheckReport) -> Self {
        Self {
            engine,
            records: report.records,
            payloads: report.payloads,
            orphans: report.orphans,
            damage: named(&report.damage),
        }
    }
}

pub(super) fn check(args: &StoreArgs, output: &mut Output) -> Result<(), Failure> {
    let (store, directory) = args.open()?;
    let spinner = Spinner::new("Đang kiểm tra (checking)");
    let report = store.check(&mut spinner.watch()).map_err(|error| failed(&directory, error))?;
    drop(spinner);
    output.show(&Checked::of(store.engine().as_str(), &report), show)?;
    if report.damage.is_empty() {
        return Ok(());
    }
    let detail = format!("{} chỗ hỏng hoặc mất (damaged or missing)", report.damage.len());
    Err(Failure::Unverified { code: ErrorCode::StoreDamaged, detail })
}

pub(super) fn show(checked: &Checked, page: &mut Page) {
    page.facts([
        ("Bộ máy (engine)", checked.engine.to_owned()),
        ("Bản ghi (records)", checked.records.to_string()),
        ("Tệp nội dung (payload files)", checked.payloads.to_string()),
        ("Tệp thừa, vô hại (files of no entry, harmless)", checked.orphans.to_string()),
    ]);
    if checked.damage.is_empty() {
        return page.line("Kho nguyên vẹn (the store is whole)");
    }
    show_damage("Hỏng hoặc mất (damaged or missing)", &checked.damage, page);
    page.line("Xem docs/store.md: `store export`, `store repair` (see the manual)");
}

pub(super) fn show_damage(heading: &str, damage: &[Named], page: &mut Page) {
    page.table([heading, "Lý do (reason)"], damage.iter().map(|one| [one.what.clone(), one.reason.clone()]));
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    engine: &'static str,
    format: u64,
    commits: u64,
    witnessed: u64,
    records: BTreeMap<String, u64>,
    live_bytes: u64,
    engine_bytes: u64,
    payload_files: u64,
    payload_bytes: u64,
    accepted: u64,
    delivered: u64,
    returned: u64,
    parked: u64,
    held: u64,
    reports: u64,
    waiting: u64,
    in_inboxes: u64,
}

pub(super) fn stats(args: &StoreArgs, output: &mut Output) -> Result<(), Failure> {
    let (store, directory) = args.open()?;
    let spinner = Spinner::new("Đang đếm (counting)");
    let figures = store.figures(&mut spinner.watch()).map_err(|error| failed(&directory, error))?;
    drop(spinner);
    output.show(&shown(figures), show_stats)
}

fn shown(figures: Figures) -> Shown {
    let stats = figures.stats;
    Shown {
        engine: figures.engine.as_str(),
        format: figures.format,
        commits: figures.commits,
        witnessed: figures.witnessed,
        records: figures.records,
        live_bytes: figures.live_bytes,
        engine_bytes: figures.engine_bytes,
        payload_files: figures.payload_files,
        payload_bytes: figures.payload_bytes,
        accepted: stats.accepted,
        delivered: stats.delivered,
        returned: stats.returned,
        parked: stats.parked,
        held: stats.held + stats.held_behind,
        reports: stats.reports,
        waiting: stats.waiting.values().sum(),
        in_inboxes: stats.inbox.values().sum(),
    }
}

fn show_stats(shown: &Shown, page: &mut Page) {
    page.facts([
        ("Bộ máy, định dạng (engine, format)", format!("{}, {}", shown.engine, shown.format)),
        ("Lần ghi (commits)", shown.commits.to_string()),
        ("Bản ghi, khóa và giá trị (keys and values)", bytes(shown.live_bytes)),
        ("Bộ máy trên đĩa (engine on the disk)", bytes(shown.engine_bytes)),
        ("Tệp nội dung (payload files)", format!("{}, {}", shown.payload_files, bytes(shown.payload_bytes))),
        ("Đã nhận (accepted)", shown.accepted.to_string()),
        ("Đã giao (delivered)", shown.delivered.to_string()),
        ("Trả lại (returned)", shown.returned.to_string()),
        ("Chờ người vận hành (parked)", shown.parked.to_string()),
        ("Đang giữ (in quarantine)", shown.held.to_string()),
        ("Chờ chuyển (waiting)", shown.waiting.to_string()),
        ("Trong hộp đến (in inboxes)", shown.in_inboxes.to_string()),
        ("Kết quả chưa báo (outcomes to be reported)", shown.reports.to_string()),
    ]);
    page.table(
        ["Loại bản ghi (kind)", "Số (count)"],
        shown.records.iter().map(|(kind, count)| [kind.clone(), count.to_string()]),
    );
}
