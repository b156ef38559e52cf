//! `node`: who answers, and who is calling.

use clap::Args;
use wire::exchange_v1::{GetNodeRequest, GetNodeResponse, NeighbourState, TimestampState, ValidationSource};

use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, Page, time};
use crate::profile::Connection;

/// Options of `node`.
#[derive(Args)]
pub(crate) struct NodeArgs {
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn run(args: &NodeArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = Client::connect(&args.connection.resolve()?).await?;
    let answer = client.stub.get_node(GetNodeRequest {}).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), show)
}

/// Nothing when there is nothing.
fn held(node: &GetNodeResponse) -> String {
    match (node.held, node.held_behind) {
        (0, 0) => String::new(),
        (held, behind) => format!("{held}, và {behind} chờ phía sau (waiting behind)"),
    }
}

/// Whether a neighbour is left alone after failures.
fn circuit(one: &NeighbourState) -> String {
    match one.circuit.as_str() {
        "closed" => "có (closed)".to_owned(),
        "open" => format!("tạm ngừng đến {} (open)", time(one.retry_at.as_ref())),
        "half_open" => "đang thử lại (half open)".to_owned(),
        other => other.to_owned(),
    }
}

fn state(source: &ValidationSource) -> &'static str {
    match (source.last_success.is_some(), source.stale, source.failing) {
        (false, _, _) => "chưa lấy được lần nào (never fetched)",
        (true, true, true) => "đã cũ, và không lấy được (stale and failing)",
        (true, true, false) => "đã cũ (stale)",
        (true, false, true) => "đang dùng bản đã có, lần này không lấy được (failing)",
        (true, false, false) => "tốt (current)",
    }
}

fn show(node: &GetNodeResponse, page: &mut Page) {
    page.facts([
        ("Nút (node)", format!("{} {}", node.node, node.version).trim_end().to_owned()),
        ("Đồng hồ của nút (clock)", time(node.now.as_ref())),
        ("Hệ thống đang gọi (system)", node.system.clone()),
        ("Thay mặt cơ quan (agencies)", node.agencies.join(", ")),
        ("Giữ lại chờ kiểm tra chữ ký (in quarantine)", held(node)),
    ]);
    if node.neighbours.is_empty() {
        page.line("Láng giềng (neighbours): không có (none)");
    } else {
        show_neighbours(node, page);
    }
    if let Some(quota) = &node.quota {
        let of = |left: u64, most: u64| format!("còn {left} / {most}");
        page.facts([
            (
                "Hạn mức văn bản mỗi phút (documents a minute, left)",
                of(quota.documents_left, quota.documents_per_minute),
            ),
            ("Hạn mức byte mỗi phút (bytes a minute, left)", of(quota.bytes_left, quota.bytes_per_minute)),
            ("Lượt chuyển chưa xong (unsettled transmissions)", format!("{} / {}", quota.waiting, quota.waiting_max)),
        ]);
    }
    if let Some(stamps) = &node.timestamps {
        show_stamps(stamps, page);
    }
    if !node.validation_sources.is_empty() {
        page.table(
            ["Nguồn dữ liệu thu hồi", "Loại", "Tình trạng", "Lần lấy được gần nhất", "Bản kế tiếp"],
            node.validation_sources.iter().map(|one| {
                let (success, next) = (time(one.last_success.as_ref()), time(one.next_update.as_ref()));
                [one.url.clone(), one.kind.to_uppercase(), state(one).to_owned(), success, next]
            }),
        );
    }
}

fn show_neighbours(node: &GetNodeResponse, page: &mut Page) {
    page.table(
        ["Láng giềng", "Loại", "Kết nối", "Đang chờ", "Gửi cùng lúc", "Độ trễ", "Nhận văn bản", "Dự kiến hết chờ"],
        node.neighbours.iter().map(|one| {
            let connected = if one.connected { "có" } else { "không" };
            let known = |number: u64, unit: &str| if number > 0 { format!("{number}{unit}") } else { String::new() };
            [
                one.id.clone(),
                one.kind.clone(),
                connected.to_owned(),
                one.waiting.to_string(),
                known(u64::from(one.window), ""),
                known(one.latency_ms, " ms"),
                circuit(one),
                time(one.clear_at.as_ref()),
            ]
        }),
    );
}

fn show_stamps(stamps: &TimestampState, page: &mut Page) {
    let state = match (stamps.failing, stamps.last_success.is_some()) {
        (true, _) => "TSA không trả lời được (failing)",
        (false, true) => "tốt (current)",
        (false, false) => "chưa hỏi TSA từ lúc khởi động (not asked since the start)",
    };
    page.facts([
        ("Dấu thời gian (TSA)", stamps.authority.clone()),
        ("Tình trạng (state)", state.to_owned()),
        ("Lần lấy được gần nhất (last token)", time(stamps.last_success.as_ref())),
        ("Lô đã đóng dấu (stamped batches)", stamps.stamped_batches.to_string()),
        ("Lô đang chờ (waiting batches)", stamps.waiting_batches.to_string()),
        ("Biên nhận chưa vào lô (receipts in no batch)", stamps.waiting_receipts.to_string()),
    ]);
}
