//! `inbox`: what waits for an agency.

use clap::{Args, ValueEnum};
use wire::exchange_v1::{DocumentSummary, InboxItem, ListInboxRequest, ListInboxResponse, WatchInboxRequest};
use wire::types_v1::PacketKind;

use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, Page, business_type, lane, packet_kind, signatures, size, status_code, time};
use crate::profile::{Connection, agency};

/// Options of `inbox`.
#[derive(Args)]
pub(crate) struct InboxArgs {
    /// Cơ quan nhận, mặc định theo hồ sơ (receiving agency; the profile's by default)
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// Chờ và in từng mục mới cho đến khi bị ngắt (print items as they arrive, until interrupted)
    #[arg(long)]
    watch: bool,
    /// Chỉ văn bản hoặc chỉ trạng thái (only documents, or only statuses)
    #[arg(long, value_enum)]
    kind: Option<KindArg>,
    /// Chỉ các mục sau mục này (only items after this one)
    #[arg(long, value_name = "ITEM", default_value_t = 0)]
    after: u64,
    /// Số mục tối đa một lần, 1–500 (items at most)
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    #[command(flatten)]
    connection: Connection,
}

/// Document or status on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArg {
    /// Văn bản (documents)
    Document,
    /// Trạng thái (statuses)
    Status,
}

/// The wire's kind; unspecified when none was asked for.
pub(crate) fn kind_of(kind: Option<KindArg>) -> i32 {
    match kind {
        Some(KindArg::Document) => PacketKind::Document.into(),
        Some(KindArg::Status) => PacketKind::Status.into(),
        None => PacketKind::Unspecified.into(),
    }
}

pub(crate) async fn run(args: &InboxArgs, output: &mut Output) -> Result<(), Failure> {
    let profile = args.connection.resolve()?;
    let agency = agency(args.agency.as_deref(), &profile, "--agency")?;
    let mut client = Client::connect(&profile).await?;
    let kind = kind_of(args.kind);
    if args.watch {
        let request = WatchInboxRequest { agency, after: args.after, kind };
        return watch(&mut client, request, output).await;
    }
    let request = ListInboxRequest { agency, after: args.after, page_size: args.limit, wait_seconds: 0, kind };
    let answer = client.stub.list_inbox(request).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), show_inbox)
}

/// Follows the stream until it ends or the user interrupts.
async fn watch(client: &mut Client, request: WatchInboxRequest, output: &mut Output) -> Result<(), Failure> {
    let mut stream = client.stub.watch_inbox(request).await.map_err(|status| client.failed(status))?.into_inner();
    while let Some(answer) = stream.message().await.map_err(|status| client.failed(status))? {
        let Some(item) = answer.item else { continue };
        output.show_line(&item, line)?;
    }
    Ok(())
}

fn line(item: &InboxItem) -> String {
    let document = item.document.clone().unwrap_or_default();
    format!(
        "{}  {}  {}  {}  {} — {} [{}]",
        time(item.arrived_at.as_ref()),
        item.item,
        document.exchange_id,
        document.code,
        sender(&document),
        what(&document),
        urgency(&document),
    )
}

fn show_inbox(inbox: &ListInboxResponse, page: &mut Page) {
    page.table(
        [
            "Mục",
            "Đến lúc",
            "Loại",
            "Số ký hiệu",
            "Nơi gửi",
            "Trích yếu / trạng thái",
            "Độ khẩn",
            "Cỡ",
            "Chữ ký",
            "Đang giữ",
        ],
        inbox.items.iter().map(|item| {
            let document = item.document.clone().unwrap_or_default();
            [
                item.item.to_string(),
                time(item.arrived_at.as_ref()),
                kind(&document),
                document.code.clone(),
                sender(&document),
                what(&document),
                urgency(&document),
                size(document.length),
                signatures(&document.signature_ruling, &document.signature_indication),
                item.leased_by.clone(),
            ]
        }),
    );
    for item in &inbox.items {
        let document = item.document.as_ref();
        page.line(format!("  {}: {}", item.item, document.map_or("", |document| document.exchange_id.as_str())));
    }
    if inbox.next_after != 0 {
        page.line(format!("Còn nữa: --after {} (more)", inbox.next_after));
    }
}

/// `văn bản`, `văn bản thu hồi`, `trạng thái`.
pub(crate) fn kind(document: &DocumentSummary) -> String {
    match business_type(document.business_type) {
        "mới" => packet_kind(document.kind).to_owned(),
        business => format!("{} {business}", packet_kind(document.kind)),
    }
}

/// The subject, or the status and what it is about.
pub(crate) fn what(document: &DocumentSummary) -> String {
    if document.status_code == 0 {
        return document.subject.clone();
    }
    let about = document.about.as_ref();
    let about = about.map(|about| if about.code.is_empty() { &about.document_id } else { &about.code });
    let parts =
        [status_code(document.status_code), about.cloned().unwrap_or_default(), document.status_description.clone()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Name and code.
pub(crate) fn sender(document: &DocumentSummary) -> String {
    if document.sender_name.is_empty() {
        return document.sender.clone();
    }
    format!("{} ({})", document.sender_name, document.sender)
}

fn urgency(document: &DocumentSummary) -> String {
    lane(document.priority).to_owned()
}

#[cfg(test)]
mod tests;
