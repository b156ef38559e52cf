//! `receipts`: the signed receipts of a document, and what proves their time.

mod export;

use std::path::PathBuf;

use clap::Args;
use wire::exchange_v1::{ListReceiptsRequest, ListReceiptsResponse, TimeProof};

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
    /// Ghi biên nhận, chữ ký và bằng chứng thời gian vào thư mục (write receipts, signatures and time proofs there)
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn run(args: &ReceiptsArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = Client::connect(&args.connection.resolve()?).await?;
    let request = ListReceiptsRequest { exchange_id: args.exchange_id.clone() };
    let answer = client.stub.list_receipts(request).await.map_err(|status| client.failed(status))?.into_inner();
    if let Some(dir) = &args.export {
        export::write(dir, &answer)?;
    }
    output.show(&answer, show)
}

fn show(list: &ListReceiptsResponse, page: &mut Page) {
    page.table(
        ["Sự kiện", "Nghĩa", "Nút", "Lúc", "Dấu thời gian", "Mã"],
        list.receipts.iter().enumerate().map(|(place, receipt)| {
            let value: serde_json::Value = serde_json::from_slice(&receipt.payload).unwrap_or_default();
            let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let name = text("event");
            let proof = proof_of(list, place).map(proved).unwrap_or_default();
            [name.clone(), event(&name).to_owned(), text("node"), local(&text("at")), proof, text("id")]
        }),
    );
    page.line(
        "Dùng --json để lấy biên nhận kèm chữ ký (--json gives payloads and signatures); --export DIR để ghi tệp",
    );
}

/// What proves the time of the receipt in this place.
fn proof_of(list: &ListReceiptsResponse, place: usize) -> Option<&TimeProof> {
    list.time_proofs.iter().find(|proof| usize::try_from(proof.receipt) == Ok(place))
}

fn proved(proof: &TimeProof) -> String {
    match (proof.state.as_str(), &proof.time) {
        ("stamped", Some(at)) => time(Some(at)),
        ("stamped", None) => "không kiểm tra được (does not hold)".to_owned(),
        _ => "đang chờ (waiting)".to_owned(),
    }
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
