//! `receipts`: the signed receipts of a document.

use clap::Args;
use wire::exchange_v1::{ListReceiptsRequest, ListReceiptsResponse};

use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, Page, event, time};
use crate::profile::Connection;

/// Options of `receipts`.
#[derive(Args)]
pub(crate) struct ReceiptsArgs {
    /// Mã trao đổi (exchange id)
    #[arg(value_name = "EXCHANGE_ID")]
    exchange_id: String,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn run(args: &ReceiptsArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = Client::connect(&args.connection.resolve()?).await?;
    let request = ListReceiptsRequest { exchange_id: args.exchange_id.clone() };
    let answer = client.stub.list_receipts(request).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), show)
}

fn show(list: &ListReceiptsResponse, page: &mut Page) {
    page.table(
        ["Sự kiện", "Nghĩa", "Nút", "Lúc", "Mã"],
        list.receipts.iter().map(|receipt| {
            let value: serde_json::Value = serde_json::from_slice(&receipt.payload).unwrap_or_default();
            let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let name = text("event");
            [name.clone(), event(&name).to_owned(), text("node"), local(&text("at")), text("id")]
        }),
    );
    page.line("Dùng --json để lấy biên nhận kèm chữ ký (--json gives payloads and signatures)");
}

/// A receipt's time as the other tables show times; as it came where it is none.
fn local(at: &str) -> String {
    match at.parse::<jiff::Timestamp>() {
        Ok(stamp) => {
            time(Some(&pbjson_types::Timestamp { seconds: stamp.as_second(), nanos: stamp.subsec_nanosecond() }))
        }
        Err(_) => at.to_owned(),
    }
}
