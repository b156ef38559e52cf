//! `revocation`: what a node knows of revoked certificates, seen and changed on its own machine.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use node::config::Config;
use node::revocation::{self, RevocationError};
use serde::Serialize;
use types::{ErrorCode, UnixMillis};
use validation_data::{Damaged, ImportKind, Imported, Keeper, Outcome, Source, SourceKind, import};

use crate::commands::now;
use crate::commands::serve::ConfigArgs;
use crate::failure::{Failure, chain};
use crate::output::{Output, Page, person, time};

/// Subcommands of `revocation`.
#[derive(Subcommand)]
pub(crate) enum RevocationCommand {
    /// Liệt kê CRL, OCSP, chứng thư CA đang giữ và các nguồn (list what is kept, and its sources)
    List(ListArgs),
    /// Tải mọi CRL ngay bây giờ (fetch every list now)
    Fetch(FetchArgs),
    /// Nhập CRL, OCSP, chứng thư CA từ tệp hoặc thư mục (import files or folders, DER or PEM)
    Import(ImportArgs),
}

/// Options of `revocation list`.
#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Options of `revocation fetch`.
#[derive(Args)]
pub(crate) struct FetchArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Options of `revocation import`.
#[derive(Args)]
pub(crate) struct ImportArgs {
    /// Tệp hoặc thư mục (files or folders)
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// What is kept.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    lists: Vec<KeptList>,
    responses: Vec<KeptResponse>,
    issuers: Vec<KeptIssuer>,
    sources: Vec<SourceState>,
    unused: Vec<Unused>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptList {
    issuer: String,
    delta: bool,
    number: Option<String>,
    entries: usize,
    this_update: String,
    next_update: Option<String>,
    stale: bool,
    sha256: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptResponse {
    serial: String,
    subject: Option<String>,
    issuer: String,
    revoked_at: Option<String>,
    this_update: String,
    next_update: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptIssuer {
    subject: String,
    issuer: String,
    sha256: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceState {
    #[serde(flatten)]
    source: Source,
    stale: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Unused {
    path: PathBuf,
    why: String,
    set_aside: bool,
}

pub(crate) async fn run(command: &RevocationCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        RevocationCommand::List(args) => list(args, output),
        RevocationCommand::Fetch(args) => fetch(args, output).await,
        RevocationCommand::Import(args) => import_files(args, output),
    }
}

fn config(args: &ConfigArgs) -> Result<Config, Failure> {
    Config::load(&args.config, std::env::vars()).map_err(|error| Failure::usage(chain(&error)))
}

fn failed(error: RevocationError) -> Failure {
    match error {
        RevocationError::Material(error) => Failure::usage(chain(&error)),
        RevocationError::Shelf(error) => Failure::file(&error.path.clone(), error),
    }
}

fn list(args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let config = config(&args.config)?;
    let (keeper, damaged) = revocation::keeper(&config, now()).map_err(failed)?;
    let stale_after = config.revocation.stale_after;
    output.show(&kept(&keeper, damaged, stale_after), show)
}

async fn fetch(args: &FetchArgs, output: &mut Output) -> Result<(), Failure> {
    let config = config(&args.config)?;
    let service = revocation::service(&config).map_err(failed)?;
    let sources = service.fetch_all().await.map_err(|error| failed(error.into()))?;
    let sources = states(sources, config.revocation.stale_after);
    output.show(&sources, |sources, page| show_sources(sources, page))?;
    let failing = sources.iter().filter(|one| one.source.error.is_some()).count();
    if failing > 0 {
        return Err(Failure::Sources { failing, all: sources.len() });
    }
    Ok(())
}

fn import_files(args: &ImportArgs, output: &mut Output) -> Result<(), Failure> {
    let config = config(&args.config)?;
    let (mut keeper, _) = revocation::keeper(&config, now()).map_err(failed)?;
    let told = import(&mut keeper, &args.files, now()).map_err(|error| failed(error.into()))?;
    output.show(&told, |told, page| show_imported(told, page))?;
    let refused = told.iter().filter(|one| one.outcome == Outcome::Refused).count();
    if refused > 0 {
        let detail = format!("{refused} mục không được nhận, lý do ở trên (refused, see above)");
        return Err(Failure::Unverified { code: ErrorCode::InvalidArgument, detail });
    }
    Ok(())
}

fn kept(keeper: &Keeper, damaged: Vec<Damaged>, stale_after: Duration) -> Kept {
    let now = now();
    let lists = keeper.crls().map(|held| KeptList {
        issuer: held.crl.issuer().to_owned(),
        delta: held.crl.is_delta(),
        number: held.crl.number_hex(),
        entries: held.crl.entries(),
        this_update: iso(held.crl.this_update()),
        next_update: held.crl.next_update().map(iso),
        stale: held.crl.next_update().is_none_or(|next| next < now),
        sha256: held.crl.sha256().to_string(),
    });
    let responses = keeper.responses().map(|held| KeptResponse {
        serial: held.answer.serial.clone(),
        subject: held.certificate.as_ref().map(|certificate| certificate.subject().to_owned()),
        issuer: held.issuer.subject().to_owned(),
        revoked_at: held.answer.revoked_at.map(iso),
        this_update: iso(held.answer.this_update),
        next_update: held.answer.next_update.map(iso),
    });
    let issuers = keeper.issuers().map(|held| KeptIssuer {
        subject: held.certificate.subject().to_owned(),
        issuer: held.certificate.issuer().to_owned(),
        sha256: held.certificate.sha256().to_string(),
    });
    let unused = damaged.into_iter().map(|one| Unused { path: one.path, why: one.why, set_aside: one.is_set_aside });
    Kept {
        lists: lists.collect(),
        responses: responses.collect(),
        issuers: issuers.collect(),
        sources: states(keeper.sources(), stale_after),
        unused: unused.collect(),
    }
}

/// A time in UTC, as the standards write it.
fn iso(time: UnixMillis) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis).map_or_else(|_| time.to_string(), |time| time.to_string())
}

/// The same for people: in Vietnam.
fn local(iso: &str) -> String {
    let parsed = iso.parse::<jiff::Timestamp>().map(super::list::wire_time);
    parsed.map_or_else(|_| iso.to_owned(), |at| time(Some(&at)))
}

fn states(sources: Vec<Source>, stale_after: Duration) -> Vec<SourceState> {
    let stale = |source: &Source| source.is_stale(stale_after, now());
    sources.into_iter().map(|source| SourceState { stale: stale(&source), source }).collect()
}

fn show(kept: &Kept, page: &mut Page) {
    if kept.lists.is_empty() {
        page.line(
            "Chưa có CRL nào: `lienthong revocation fetch`, hoặc `import` từ tệp (no list yet: fetch, or import files)",
        );
    } else {
        show_lists(kept, page);
    }
    if !kept.responses.is_empty() {
        page.table(
            ["OCSP về", "Nhà phát hành", "Trạng thái", "Đến"],
            kept.responses.iter().map(|one| {
                let state = one.revoked_at.as_ref().map(|at| format!("thu hồi lúc (revoked at) {}", local(at)));
                [
                    one.subject.as_deref().map_or_else(|| one.serial.clone(), person),
                    person(&one.issuer),
                    state.unwrap_or_else(|| "còn hiệu lực (good)".to_owned()),
                    one.next_update.as_deref().map(local).unwrap_or_default(),
                ]
            }),
        );
    }
    if !kept.issuers.is_empty() {
        page.table(
            ["Chứng thư CA đã lấy", "Nhà phát hành", "SHA-256"],
            kept.issuers.iter().map(|one| [person(&one.subject), person(&one.issuer), one.sha256.clone()]),
        );
    }
    show_sources(&kept.sources, page);
    for one in &kept.unused {
        let what = if one.set_aside { "đã chuyển đi (set aside)" } else { "không dùng (not used)" };
        page.line(format!("{what}: {}: {}", one.path.display(), one.why));
    }
}

fn show_lists(kept: &Kept, page: &mut Page) {
    page.table(
        ["Danh sách của", "Số", "Mục", "Phát hành", "Bản kế tiếp", "Tình trạng"],
        kept.lists.iter().map(|one| {
            let kind = if one.delta { " (delta)" } else { "" };
            let state = if one.stale { "đã cũ (stale)" } else { "tốt (current)" };
            [
                format!("{}{kind}", person(&one.issuer)),
                one.number.clone().unwrap_or_default(),
                one.entries.to_string(),
                local(&one.this_update),
                one.next_update.as_deref().map(local).unwrap_or_default(),
                state.to_owned(),
            ]
        }),
    );
}

fn show_sources(sources: &[SourceState], page: &mut Page) {
    page.table(
        ["Nguồn", "Loại", "Tình trạng", "Lần lấy được gần nhất", "Lỗi"],
        sources.iter().map(|one| {
            let kind = match one.source.kind {
                SourceKind::Crl => "CRL",
                SourceKind::Ocsp => "OCSP",
            };
            let state = match (one.source.last_success_ms, one.stale) {
                (None, _) => "chưa lấy được lần nào (never fetched)",
                (Some(_), true) => "đã cũ (stale)",
                (Some(_), false) => "tốt (current)",
            };
            let success = one.source.last_success_ms.map(UnixMillis::new).map(wire::timestamp);
            let error = one.source.error.clone().unwrap_or_default();
            [one.source.url.clone(), kind.to_owned(), state.to_owned(), time(success.as_ref()), error]
        }),
    );
}

fn show_imported(told: &[Imported], page: &mut Page) {
    page.table(
        ["Tệp", "Loại", "Của", "Kết quả", "Chi tiết"],
        told.iter().map(|one| {
            let kind = match one.kind {
                ImportKind::Issuer => "chứng thư CA",
                ImportKind::Crl => "CRL",
                ImportKind::Ocsp => "OCSP",
                ImportKind::Unknown => "không rõ (unknown)",
            };
            let outcome = match one.outcome {
                Outcome::Added => "đã nhận (added)",
                Outcome::Replaced => "thay bản cũ (replaced)",
                Outcome::Unchanged => "đã có (unchanged)",
                Outcome::Refused => "không nhận (refused)",
            };
            let detail = one.detail.clone().unwrap_or_default();
            [one.file.display().to_string(), kind.to_owned(), one.name.clone(), outcome.to_owned(), detail]
        }),
    );
}
