//! `agency sync`: the axis's list of agencies, its differences shown before they apply.

use std::fs::File;
use std::io::{self, BufRead as _, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use node::agency_sync::{self, Guard, Proposal, SyncError};
use node::config::Config;
use serde::Serialize;

use crate::commands::serve::ConfigArgs;
use crate::failure::{Failure, chain};
use crate::output::{Output, Page};

/// Options of `agency sync`.
#[derive(Args)]
pub(crate) struct SyncArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Tên láng giềng là trục, khi có nhiều (the axis's id in the configuration)
    #[arg(long, value_name = "ID")]
    neighbour: Option<String>,
    /// Đọc danh sách từ tệp JSON thay vì lấy từ trục (read the list from a file)
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// Áp dụng sau khi xem khác biệt; hỏi lại trừ khi có --yes (apply, after asking)
    #[arg(long, conflicts_with = "diff_only")]
    apply: bool,
    /// Chỉ xem khác biệt (show the differences only)
    #[arg(long)]
    diff_only: bool,
    /// Không hỏi lại (do not ask)
    #[arg(long)]
    yes: bool,
    /// Áp dụng cả khi danh sách mới bỏ đi quá 20 % cơ quan (apply even when more than 20 % would go)
    #[arg(long)]
    force: bool,
    /// Ghi toàn bộ khác biệt ra tệp CSV (write every difference to a CSV file)
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Số khác biệt in ra (differences shown)
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// One difference.
#[derive(Serialize)]
struct Difference {
    kind: &'static str,
    code: String,
    before: String,
    after: String,
}

/// What was found and done.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    listed: usize,
    kept: usize,
    malformed: usize,
    repeated: usize,
    nameless: usize,
    other_codes_dropped: usize,
    parents_dropped: usize,
    before: usize,
    after: usize,
    added: usize,
    removed: usize,
    renamed: usize,
    moved: usize,
    altered: usize,
    differences: Vec<Difference>,
    applied: bool,
}

pub(super) async fn run(args: &SyncArgs, output: &mut Output) -> Result<(), Failure> {
    let config = Config::load(&args.config.config, std::env::vars()).map_err(|error| Failure::usage(chain(&error)))?;
    let proposal = match &args.from_file {
        Some(path) => agency_sync::from_file(&config, path),
        None => agency_sync::fetch(&config, args.neighbour.as_deref()).await,
    };
    let proposal = proposal.map_err(failed)?;
    if let Some(path) = &args.csv {
        write_csv(path, &proposal).map_err(|error| Failure::file(path, error))?;
    }
    let guard = if args.force { Guard::Overridden } else { Guard::Holds };
    let wanted = args.apply && !proposal.changes.is_empty();
    if wanted && guard == Guard::Holds {
        proposal.changes.guard().map_err(|error| failed(error.into()))?;
    }
    let mut report = report(&proposal, args.limit);
    if wanted && !args.yes {
        output.tell(&summary(&report))?;
        if !is_confirmed(output)? {
            return output.show(&report, show);
        }
    }
    if wanted {
        agency_sync::apply(&config, &proposal, guard).map_err(failed)?;
        report.applied = true;
    }
    output.show(&report, show)
}

fn failed(error: SyncError) -> Failure {
    match error {
        SyncError::NoAxis { .. } | SyncError::Dial(_) => Failure::usage(chain(&error)),
        SyncError::Call(error) => Failure::Unreachable {
            node: "trục liên thông (the axis)".to_owned(),
            source: Box::new(SyncError::Call(error)),
        },
        SyncError::Given { path, source } => Failure::file(&path, source),
        SyncError::File { path, source } => Failure::file(&path, source),
        SyncError::InUse(_) | SyncError::Directory(_) => Failure::Internal(chain(&error)),
        SyncError::TooManyRemoved(_) => {
            Failure::Unverified { code: types::ErrorCode::LimitExceeded, detail: chain(&error) }
        }
    }
}

fn report(proposal: &Proposal, limit: usize) -> Report {
    let (tally, changes) = (&proposal.tally, &proposal.changes);
    let difference = |change: &directory::AgencyChange| Difference {
        kind: change.kind(),
        code: change.code().to_string(),
        before: change.before().to_owned(),
        after: change.after().to_owned(),
    };
    Report {
        listed: tally.listed,
        kept: tally.kept,
        malformed: tally.malformed,
        repeated: tally.repeated,
        nameless: tally.nameless,
        other_codes_dropped: tally.other_codes_dropped,
        parents_dropped: tally.parents_dropped,
        before: changes.before,
        after: changes.after,
        added: changes.count("added"),
        removed: changes.count("removed"),
        renamed: changes.count("renamed"),
        moved: changes.count("moved"),
        altered: changes.count("altered"),
        differences: changes.changes.iter().take(limit).map(difference).collect(),
        applied: false,
    }
}

fn summary(report: &Report) -> String {
    format!(
        "{} → {} cơ quan (agencies): thêm (added) {}, bỏ (removed) {}, đổi tên (renamed) {}, chuyển (moved) {}, sửa khác (altered) {}",
        report.before, report.after, report.added, report.removed, report.renamed, report.moved, report.altered
    )
}

fn show(report: &Report, page: &mut Page) {
    page.line(summary(report));
    let left_out = report.malformed + report.repeated;
    if left_out > 0 {
        page.line(format!(
            "Bỏ qua {left_out} dòng của trục: {} mã sai, {} trùng mã (lines of the axis left out: malformed, repeated)",
            report.malformed, report.repeated
        ));
    }
    if !report.differences.is_empty() {
        page.table(
            ["Khác biệt", "Mã", "Trước", "Sau"],
            report
                .differences
                .iter()
                .map(|one| [kind(one.kind).to_owned(), one.code.clone(), one.before.clone(), one.after.clone()]),
        );
    }
    let total = report.added + report.removed + report.renamed + report.moved + report.altered;
    let more = total.saturating_sub(report.differences.len());
    if more > 0 {
        page.line(format!("… và {more} khác biệt nữa: --csv FILE để xem hết (more; --csv writes all)"));
    }
    page.line(match (report.applied, total) {
        (true, _) => "Đã áp dụng; nút đang chạy tự nạp lại (applied; a running node takes it up)",
        (false, 0) => "Không có gì thay đổi (nothing has changed)",
        (false, _) => "Chưa áp dụng: thêm --apply (not applied: add --apply)",
    });
}

const fn kind(kind: &str) -> &str {
    match kind.as_bytes() {
        b"added" => "thêm",
        b"removed" => "bỏ",
        b"renamed" => "đổi tên",
        b"moved" => "chuyển cấp trên",
        _ => "sửa khác",
    }
}

/// Asks on the terminal; without one nothing is applied unasked.
fn is_confirmed(output: &mut Output) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("không có bàn phím để hỏi: thêm --yes (no terminal to ask on: add --yes)"));
    }
    output.tell("Áp dụng? Gõ yes để đồng ý (apply? type yes)")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(answer.trim() == "yes")
}

fn write_csv(path: &Path, proposal: &Proposal) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "kind,code,before,after")?;
    for change in &proposal.changes.changes {
        let code = change.code().to_string();
        let fields = [change.kind(), code.as_str(), change.before(), change.after()].map(field);
        writeln!(file, "{}", fields.join(","))?;
    }
    file.flush()
}

/// A field of RFC 4180. One that a spreadsheet would take for a formula gets a quotation mark before it.
fn field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_separators_is_quoted() {
        assert_eq!(field("a, \"b\""), "\"a, \"\"b\"\"\"");
    }

    #[test]
    fn a_formula_is_made_text() {
        assert_eq!(field("=1+1"), "'=1+1");
    }
}
