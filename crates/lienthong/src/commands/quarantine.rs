//! `quarantine`: what a node keeps back until signatures can be checked, for the people who run it.

mod show;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use wire::admin_v1::{
    GetHeldRequest, GetHeldStatsRequest, ListHeldRequest, ListHeldResponse, RecheckHeldRequest, RefuseHeldRequest,
    ReleaseHeldRequest,
};

use super::list::{moment, wire_time};
use crate::client::AdminClient;
use crate::failure::Failure;
use crate::output::Output;
use crate::profile::Connection;
pub(super) use show::word;

/// Subcommands of `quarantine`.
#[derive(Subcommand)]
pub(crate) enum QuarantineCommand {
    /// Liệt kê văn bản đang giữ lại, cũ nhất trước (list what is held)
    List(ListArgs),
    /// Mỗi cơ quan gửi đang bị giữ bao nhiêu, so với hạn mức (how much each sender has held, of its quota)
    Stats(StatsArgs),
    /// Xem một văn bản và mọi việc đã ghi (show one document with its record)
    Show(ShowArgs),
    /// Cho chuyển tiếp dù chữ ký chưa kết luận; lý do được lưu (let one go on; the reason is kept)
    Release(DecideArgs),
    /// Trả lại nơi gửi kèm lý do có ký (return one to its sender with a signed reason)
    Refuse(DecideArgs),
    /// Kiểm tra lại ngay tất cả (have everything checked again now)
    Recheck(RecheckArgs),
}

/// Options of `quarantine list`.
#[derive(Args)]
pub(crate) struct ListArgs {
    /// Chỉ của cơ quan gửi này (only of this sender)
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    sender: String,
    /// Chỉ với lý do này, ví dụ revocation_unknown (only with this reason)
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    code: String,
    /// Chỉ văn bản hết hạn giữ trước lúc này, sớm nhất trước (only what goes back before this time)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    due_before: Option<Timestamp>,
    /// Số văn bản tối đa (documents at most)
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Trang tiếp theo, như lần trước đã in (the next page, as printed before)
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    page_token: String,
    #[command(flatten)]
    connection: Connection,
}

/// Options of `quarantine stats`.
#[derive(Args)]
pub(crate) struct StatsArgs {
    /// Chỉ cơ quan gửi này (only this sender)
    #[arg(long, value_name = "CODE", default_value = "", hide_default_value = true)]
    sender: String,
    #[command(flatten)]
    connection: Connection,
}

/// Options of `quarantine show`.
#[derive(Args)]
pub(crate) struct ShowArgs {
    /// Mã trao đổi (exchange id)
    #[arg(value_name = "EXCHANGE_ID")]
    exchange_id: String,
    #[command(flatten)]
    connection: Connection,
}

/// Options of `quarantine release` and `refuse`.
#[derive(Args)]
pub(crate) struct DecideArgs {
    /// Mã trao đổi (exchange ids)
    #[arg(value_name = "EXCHANGE_ID", required = true, num_args = 1..)]
    exchange_ids: Vec<String>,
    /// Lý do: được lưu cùng văn bản và báo cho nơi gửi (kept with the document, and told to the sender)
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Không hỏi lại (do not ask)
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Options of `quarantine recheck`.
#[derive(Args)]
pub(crate) struct RecheckArgs {
    #[command(flatten)]
    connection: Connection,
}

/// Most documents that one call answers with.
const PAGE_MAX: usize = 500;

/// What became of one document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Decided {
    exchange_id: String,
    changed: bool,
}

pub(crate) async fn run(command: &QuarantineCommand, output: &mut Output) -> Result<(), Failure> {
    match command {
        QuarantineCommand::List(args) => list(args, output).await,
        QuarantineCommand::Stats(args) => stats(args, output).await,
        QuarantineCommand::Show(args) => show_one(args, output).await,
        QuarantineCommand::Release(args) => release(args, output).await,
        QuarantineCommand::Refuse(args) => refuse(args, output).await,
        QuarantineCommand::Recheck(args) => recheck(args, output).await,
    }
}

async fn list(args: &ListArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = AdminClient::connect(&args.connection.resolve()?).await?;
    let mut request = ListHeldRequest {
        sender: args.sender.clone(),
        code: args.code.clone(),
        due_before: args.due_before.map(wire_time),
        page_size: 0,
        page_token: args.page_token.clone(),
    };
    let mut all = ListHeldResponse::default();
    while all.documents.len() < args.limit {
        request.page_size = u32::try_from((args.limit - all.documents.len()).min(PAGE_MAX)).unwrap_or(0);
        let page = client.stub.list_held(request.clone()).await.map_err(|status| client.failed(status))?.into_inner();
        all.documents.extend(page.documents);
        (all.held, all.waiting_behind) = (page.held, page.waiting_behind);
        all.next_page_token.clone_from(&page.next_page_token);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    output.show(&all, show::list)
}

async fn stats(args: &StatsArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = AdminClient::connect(&args.connection.resolve()?).await?;
    let request = GetHeldStatsRequest { sender: args.sender.clone() };
    let answer = client.stub.get_held_stats(request).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), show::stats)
}

async fn show_one(args: &ShowArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = AdminClient::connect(&args.connection.resolve()?).await?;
    let request = GetHeldRequest { exchange_id: args.exchange_id.clone() };
    let answer = client.stub.get_held(request).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), show::one)
}

async fn release(args: &DecideArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = AdminClient::connect(&args.connection.resolve()?).await?;
    ask(args, "Chuyển tiếp dù chữ ký chưa kiểm tra xong (release although the signatures are undecided)")?;
    for exchange_id in args.exchange_ids.iter().cloned() {
        let request = ReleaseHeldRequest { exchange_id: exchange_id.clone(), reason: args.reason.clone() };
        let answer = client.stub.release_held(request).await.map_err(|status| client.failed(status))?;
        say(output, exchange_id, answer.into_inner().changed, "đã cho chuyển tiếp (released)")?;
    }
    Ok(())
}

async fn refuse(args: &DecideArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = AdminClient::connect(&args.connection.resolve()?).await?;
    ask(args, "Trả lại nơi gửi (return to the sender)")?;
    for exchange_id in args.exchange_ids.iter().cloned() {
        let request = RefuseHeldRequest { exchange_id: exchange_id.clone(), reason: args.reason.clone() };
        let answer = client.stub.refuse_held(request).await.map_err(|status| client.failed(status))?;
        say(output, exchange_id, answer.into_inner().changed, "đã trả lại nơi gửi (returned)")?;
    }
    Ok(())
}

fn say(output: &mut Output, exchange_id: String, changed: bool, done: &str) -> Result<(), Failure> {
    output.show_line(&Decided { exchange_id, changed }, |decided| {
        let what = if decided.changed {
            done
        } else {
            "không còn bị giữ, không có gì thay đổi (not held any more)"
        };
        format!("{}: {what}", decided.exchange_id)
    })
}

async fn recheck(args: &RecheckArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = AdminClient::connect(&args.connection.resolve()?).await?;
    client.stub.recheck_held(RecheckHeldRequest {}).await.map_err(|status| client.failed(status))?;
    output.tell("Nút đang kiểm tra lại mọi văn bản bị giữ (everything is being checked again)")
}

/// Asks before anything is changed, on the terminal.
fn ask(args: &DecideArgs, what: &str) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("không có bàn phím để hỏi: thêm --yes (no terminal to ask on: add --yes)"));
    }
    let mut question = io::stderr().lock();
    write!(question, "{what}: {} văn bản (documents)? [c/k — y/n] ", args.exchange_ids.len())
        .and_then(|()| question.flush())
        .map_err(Failure::Output)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| Failure::Internal(error.to_string()))?;
    match answer.trim().to_lowercase().as_str() {
        "c" | "có" | "y" | "yes" => Ok(()),
        _ => Err(Failure::usage("không làm gì cả (nothing was done)")),
    }
}
