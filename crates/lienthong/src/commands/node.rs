//! `node`: who answers, and who is calling.

use clap::Args;
use wire::exchange_v1::{GetNodeRequest, GetNodeResponse};

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

fn show(node: &GetNodeResponse, page: &mut Page) {
    page.facts([
        ("Nút (node)", format!("{} {}", node.node, node.version).trim_end().to_owned()),
        ("Đồng hồ của nút (clock)", time(node.now.as_ref())),
        ("Hệ thống đang gọi (system)", node.system.clone()),
        ("Thay mặt cơ quan (agencies)", node.agencies.join(", ")),
        ("Giữ lại chờ kiểm tra chữ ký (in quarantine)", held(node)),
    ]);
    page.table(
        ["Láng giềng", "Loại", "Kết nối", "Đang chờ"],
        node.neighbours.iter().map(|one| {
            let connected = if one.connected { "có" } else { "không" };
            [one.id.clone(), one.kind.clone(), connected.to_owned(), one.waiting.to_string()]
        }),
    );
}
