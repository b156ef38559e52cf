//! `agency`: the node's directory.

mod sync;

use clap::{Args, Subcommand};
use wire::exchange_v1::{Agency, FindAgenciesRequest, FindAgenciesResponse, GetAgencyRequest, GetAgencyResponse};

use crate::client::{Client, expected};
use crate::failure::Failure;
use crate::output::{Output, Page, level, route};
use crate::profile::Connection;

/// Subcommands of `agency`.
#[derive(Subcommand)]
pub(crate) enum AgencyCommand {
    /// Tìm theo mã hoặc tên, có dấu hay không dấu (find by code or name)
    Find(FindArgs),
    /// Xem một cơ quan theo mã (show one agency)
    Show(ShowArgs),
    /// Đồng bộ danh bạ với trục quốc gia (compare and apply the axis's list; on the node's machine)
    Sync(sync::SyncArgs),
}

/// Options of `agency find`.
#[derive(Args)]
pub(crate) struct FindArgs {
    /// Mã hoặc tên, hay một phần; bỏ trống để xem tất cả (code or name, or a part; all when absent)
    #[arg(value_name = "QUERY", num_args = 0..)]
    query: Vec<String>,
    /// Cấp: central, province, district, commune, other (level)
    #[arg(long, value_parser = ["central", "province", "district", "commune", "other"])]
    level: Option<String>,
    /// Chỉ các cơ quan dưới cơ quan này (only below this agency)
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    under: String,
    /// Số cơ quan tối đa (agencies at most)
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    connection: Connection,
}

/// Options of `agency show`.
#[derive(Args)]
pub(crate) struct ShowArgs {
    /// Mã cơ quan, thế hệ nào cũng được (code, in either generation)
    #[arg(value_name = "CODE")]
    code: String,
    #[command(flatten)]
    connection: Connection,
}

/// Most agencies that one call answers with.
const PAGE_MAX: usize = 500;

pub(crate) async fn run(command: &AgencyCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        AgencyCommand::Find(args) => find(args, output).await,
        AgencyCommand::Show(args) => show(args, output).await,
        AgencyCommand::Sync(args) => sync::run(args, output).await,
    }
}

async fn find(args: &FindArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = Client::connect(&args.connection.resolve()?).await?;
    let mut request = FindAgenciesRequest {
        query: args.query.join(" "),
        level: args.level.clone().unwrap_or_default(),
        under: args.under.clone(),
        ..FindAgenciesRequest::default()
    };
    let mut all = FindAgenciesResponse::default();
    while all.agencies.len() < args.limit {
        request.page_size = u32::try_from((args.limit - all.agencies.len()).min(PAGE_MAX)).unwrap_or(0);
        let page = client.stub.find_agencies(request.clone()).await.map_err(|status| client.failed(status))?;
        let page = page.into_inner();
        all.agencies.extend(page.agencies);
        all.next_page_token.clone_from(&page.next_page_token);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    output.show(&all, show_found)
}

fn show_found(found: &FindAgenciesResponse, page: &mut Page) {
    page.table(
        ["Mã", "QCVN 102", "Tên", "Cấp", "Trực thuộc", "Đường đi"],
        found.agencies.iter().map(|one| {
            let until =
                if one.valid_until.is_empty() { String::new() } else { format!(" (đến {})", one.valid_until) };
            [
                one.code.clone(),
                one.code_qcvn2016.clone(),
                format!("{}{until}", one.name),
                level(&one.level).to_owned(),
                one.parent.clone(),
                route(&one.route),
            ]
        }),
    );
    if !found.next_page_token.is_empty() {
        page.line("Còn nữa: tăng --limit (more: raise --limit)");
    }
}

async fn show(args: &ShowArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = Client::connect(&args.connection.resolve()?).await?;
    let request = GetAgencyRequest { code: args.code.clone() };
    let answer = client.stub.get_agency(request).await.map_err(|status| client.failed(status))?.into_inner();
    expected(answer.agency.as_ref(), "agency")?;
    output.show(&answer, show_agency)
}

fn show_agency(answer: &GetAgencyResponse, page: &mut Page) {
    let one = answer.agency.clone().unwrap_or_default();
    if !answer.redirected_from.is_empty() {
        page.line(format!("{} đã giải thể, thay bằng {} (succeeded)", answer.redirected_from, one.code));
    }
    page.facts(facts(&one));
    for warning in &answer.warnings {
        page.line(format!("Cảnh báo {}: {} ({})", warning.code, warning.text_vi, warning.text_en));
    }
}

fn facts(one: &Agency) -> [(&'static str, String); 11] {
    [
        ("Mã (code)", one.code.clone()),
        ("Tên (name)", one.name.clone()),
        ("Cấp (level)", level(&one.level).to_owned()),
        ("Trực thuộc (parent)", one.parent.clone()),
        ("Mã QCVN 102:2016", one.code_qcvn2016.clone()),
        ("Mã QĐ 20/2020", one.code_decision2020.clone()),
        ("Mã khác (aliases)", one.aliases.join(", ")),
        ("Từ ngày (valid from)", one.valid_from.clone()),
        ("Đến ngày (valid until)", one.valid_until.clone()),
        ("Kế thừa (successors)", one.successors.join(", ")),
        ("Đường đi (route)", route(&one.route)),
    ]
}
