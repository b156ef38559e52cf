//! `lease`, `confirm`, `give-back`: working on inbox items.

use clap::Args;
use wire::exchange_v1::{
    ConfirmItemRequest, ConfirmItemResponse, GiveBackItemRequest, LeaseItemRequest, LeaseItemResponse,
};

use super::send::receipt_id;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, time};
use crate::profile::{Connection, agency};

/// Options of `lease`.
#[derive(Args)]
pub(crate) struct LeaseArgs {
    /// Số mục trong hộp đến (inbox item)
    #[arg(value_name = "ITEM")]
    item: u64,
    /// Giữ bao nhiêu giây, 5–3600 (seconds)
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(5..=3600))]
    seconds: u32,
    /// Cơ quan nhận, mặc định theo hồ sơ (receiving agency; the profile's by default)
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// Options of `confirm`.
#[derive(Args)]
pub(crate) struct ConfirmArgs {
    /// Các mục trong hộp đến (inbox items)
    #[arg(value_name = "ITEM", required = true)]
    items: Vec<u64>,
    /// Mã giữ, khi đã lease một mục (lease of the one item)
    #[arg(long, value_name = "LEASE", default_value = "", hide_default_value = true)]
    lease: String,
    /// Cơ quan nhận, mặc định theo hồ sơ (receiving agency; the profile's by default)
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// Options of `give-back`.
#[derive(Args)]
pub(crate) struct GiveBackArgs {
    /// Số mục trong hộp đến (inbox item)
    #[arg(value_name = "ITEM")]
    item: u64,
    /// Mã giữ nhận được khi lease (the lease taken)
    #[arg(long, value_name = "LEASE")]
    lease: String,
    /// Lý do (reason, for the record)
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
    /// Cơ quan nhận, mặc định theo hồ sơ (receiving agency; the profile's by default)
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn lease(args: &LeaseArgs, output: &mut Output) -> Result<(), Failure> {
    let profile = args.connection.resolve()?;
    let agency = agency(args.agency.as_deref(), &profile, "--agency")?;
    let mut client = Client::connect(&profile).await?;
    let request = LeaseItemRequest { agency, item: args.item, seconds: args.seconds };
    let answer = client.stub.lease_item(request).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), |answer: &LeaseItemResponse, page| {
        page.facts([("Mã giữ (lease)", answer.lease.clone()), ("Giữ đến (until)", time(answer.until.as_ref()))]);
    })
}

pub(crate) async fn confirm(args: &ConfirmArgs, output: &mut Output) -> Result<(), Failure> {
    if !args.lease.is_empty() && args.items.len() > 1 {
        return Err(Failure::usage("--lease chỉ dùng với một mục (a lease belongs to one item)"));
    }
    let profile = args.connection.resolve()?;
    let agency = agency(args.agency.as_deref(), &profile, "--agency")?;
    let mut client = Client::connect(&profile).await?;
    for item in &args.items {
        let request = ConfirmItemRequest { agency: agency.clone(), item: *item, lease: args.lease.clone() };
        let answer = client.stub.confirm_item(request).await.map_err(|status| client.failed(status))?;
        output.show_line(&answer.into_inner(), |answer: &ConfirmItemResponse| {
            let receipt = answer.receipt.as_ref().map(|receipt| receipt_id(&receipt.payload)).unwrap_or_default();
            format!("Đã xác nhận mục {item} (confirmed) {receipt}").trim_end().to_owned()
        })?;
    }
    Ok(())
}

pub(crate) async fn give_back(args: &GiveBackArgs, output: &mut Output) -> Result<(), Failure> {
    let profile = args.connection.resolve()?;
    let agency = agency(args.agency.as_deref(), &profile, "--agency")?;
    let mut client = Client::connect(&profile).await?;
    let request =
        GiveBackItemRequest { agency, item: args.item, lease: args.lease.clone(), reason: args.reason.clone() };
    let answer = client.stub.give_back_item(request).await.map_err(|status| client.failed(status))?;
    output.show(&answer.into_inner(), |_, page| {
        page.line(format!("Đã trả lại mục {} (given back)", args.item));
    })
}
