//! `bench`: how many documents a machine takes, how fast, and what each costs.

mod axis;
mod content;
mod drive;
mod profiles;
mod raw;
mod report;
mod size;
mod stage;
mod usage;

use std::path::PathBuf;

use clap::{Args, ValueEnum as _};
use queue::EngineKind;
use uuid::Uuid;

use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use crate::profile::{Connection, Profile, agency};
use crate::sealing::SealArgs;
use content::Content;
use drive::{Plan, Seen};
use profiles::{Named, TableForm};
use report::{Node, Raw, Report};
use stage::{Parties, Stage};

/// Lets unsigned documents pass at nodes of this run.
const UNSIGNED_POLICY: &str = "\n[policy]\ndocuments = \"optional\"\n";

/// Options of `bench`.
#[derive(Args, Clone)]
pub(crate) struct BenchArgs {
    /// Số văn bản (documents to send)
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    documents: u64,
    /// Số luồng gửi cùng lúc, mỗi luồng một kết nối (clients that send at the same time, a connection each)
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    clients: u16,
    /// Số nơi nhận của mỗi văn bản (receivers of each document)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=21))]
    recipients: u16,
    /// Cỡ tệp đính kèm: 4KiB, 1MiB, 1GiB (size of the one attachment)
    #[arg(long, value_name = "SIZE", default_value = "4KiB", value_parser = size::parse)]
    size: u64,
    /// Ký số từng văn bản, mặc định (sign every document; the default)
    #[arg(long, conflicts_with = "unsigned")]
    signed: bool,
    /// Không ký số (send without signatures)
    #[arg(long)]
    unsigned: bool,
    /// 1: nơi nhận ở ngay nút nhận; 2: qua nút thứ hai (receivers at the accepting node, or behind a second one)
    #[arg(long, value_name = "1|2", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    hops: u8,
    /// Thư mục trên đĩa cần đo, mặc định thư mục hiện tại (folder on the disk to measure; the current one by default)
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Đo nút đang chạy: gửi thật đến các cơ quan này (load a running node: really sends to these agencies)
    #[arg(long, value_name = "CODE", num_args = 1.., conflicts_with_all = ["recipients", "hops"])]
    to: Vec<String>,
    /// Hồ sơ của hệ thống nhận, để đo lúc đến nơi (profile of the receivers' system, to see arrivals)
    #[arg(long, value_name = "FILE", requires = "to")]
    receiver_profile: Option<PathBuf>,
    /// Qua trục mô phỏng: hai nút nối nhau bằng giao thức trục (two nodes with the mock axis between them)
    #[arg(long, conflicts_with_all = ["recipients", "hops", "to", "signed"])]
    axis: bool,
    /// Số cơ quan trong danh bạ của trục (agencies in the axis's directory)
    #[arg(long, value_name = "N", default_value_t = 111_339, requires = "axis")]
    agencies: u32,
    /// Chạy mọi phép đo có tên, in bảng so sánh (every named profile: accept, accept-signed, recipients, large, backlog,
    /// dead-neighbour, urgent, space; `--profile NAME` runs one of them)
    #[arg(long, conflicts_with_all = ["to", "axis"])]
    all: bool,
    /// Số văn bản đang chờ của backlog, dead-neighbour, urgent; có thể nhiều số (documents waiting; several sizes)
    #[arg(long, value_name = "N", num_args = 1.., default_value = "10000",
          value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    backlog: Vec<u64>,
    /// Bộ máy lưu trữ của các phép đo kho; mặc định cả hai (engines of the store's profiles; both by default)
    #[arg(long, value_name = "sled|fjall", num_args = 1..)]
    engine: Vec<EngineKind>,
    /// Dạng bảng của các phép đo có tên (form of the profiles' table)
    #[arg(long, value_enum, default_value_t)]
    table: TableForm,
    #[command(flatten)]
    connection: Connection,
}

/// Sends, watches, measures, and tells.
pub(crate) fn run(args: &BenchArgs, output: &mut Output) -> Result<(), Failure> {
    // Clients must not be the bottleneck on a machine with many processors.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Internal(error.to_string()))?;
    if args.all {
        return profiles::run(Named::value_variants(), args, &runtime, output);
    }
    if let Some(profile) = args.named() {
        return profiles::run(&[profile], args, &runtime, output);
    }
    // A profile in the environment is no wish to load that node: only `--to` is.
    let report = if args.axis {
        over_the_axis(args, &runtime)?
    } else if args.to.is_empty() {
        own(args, &runtime)?
    } else {
        running(args, &runtime)?
    };
    output.show(&report, Report::show)
}

/// Loads nodes that it starts itself.
fn own(args: &BenchArgs, runtime: &tokio::runtime::Runtime) -> Result<Report, Failure> {
    let policy = args.unsigned.then_some(UNSIGNED_POLICY);
    let mut stage = Stage::start(&args.dir, usize::from(args.hops), policy)?;
    let parties = stage.parties(usize::from(args.recipients))?;
    runtime.block_on(stage.linked(&parties.sender))?;
    let before = stage.usage();
    let seen = runtime.block_on(drive::drive(args.plan(parties)?))?;
    let used: Vec<_> =
        stage.usage().into_iter().zip(before).map(|((id, after), (_, before))| (id, after.since(before))).collect();
    let flushes = stage.stop()?;
    let batch = report::batch(flushes.first(), args.documents);
    let nodes =
        used.into_iter().zip(flushes).map(|((id, usage), flushes)| Node::new(id, usage, flushes, args.documents));
    args.report(&seen, usize::from(args.recipients), nodes.collect(), stage.dir(), batch)
}

/// Loads two nodes that it starts itself, with a mock axis between them. Unsigned: the axis carries no signatures.
fn over_the_axis(args: &BenchArgs, runtime: &tokio::runtime::Runtime) -> Result<Report, Failure> {
    let mut stage = axis::Stage::start(&args.dir, args.agencies)?;
    runtime.block_on(stage.ready(args.agencies))?;
    let lists = runtime.block_on(stage.lists())?;
    let before = stage.usage();
    let seen = runtime.block_on(drive::drive(args.plan(stage.parties()?)?))?;
    let used: Vec<_> =
        stage.usage().into_iter().zip(before).map(|((id, after), (_, before))| (id, after.since(before))).collect();
    let flushes = stage.stop()?;
    let batch = report::batch(flushes.first(), args.documents);
    let nodes =
        used.into_iter().zip(flushes).map(|((id, usage), flushes)| Node::new(id, usage, flushes, args.documents));
    Ok(Report { lists, ..args.report(&seen, 1, nodes.collect(), stage.dir(), batch)? })
}

/// Loads a node that runs already.
fn running(args: &BenchArgs, runtime: &tokio::runtime::Runtime) -> Result<Report, Failure> {
    let sender = args.connection.resolve()?;
    agency(None, &sender, "--profile")?;
    let reader = args.receiver_profile.as_deref().map(Profile::read).transpose()?;
    let seen = runtime.block_on(async {
        let reader = match reader {
            Some(reader) => Some(reader),
            None if drive::speaks_for(&mut Client::connect(&sender).await?, &args.to).await? => Some(sender.clone()),
            None => None,
        };
        drive::drive(args.plan(Parties { sender, reader, receivers: args.to.clone(), senders: Vec::new() })?).await
    })?;
    args.report(&seen, args.to.len(), Vec::new(), &args.dir, report::batch(None, args.documents))
}

impl BenchArgs {
    /// The named profile, where `--profile` names one. A running node needs the file of a connection instead.
    fn named(&self) -> Option<Named> {
        if self.to.is_empty() { self.connection.profile_file().and_then(profiles::named) } else { None }
    }

    fn plan(&self, parties: Parties) -> Result<Plan, Failure> {
        let seal = if self.unsigned || self.axis { None } else { SealArgs::default().seal(&parties.sender)? };
        let run = Uuid::new_v4().simple().to_string();
        Ok(Plan {
            parties,
            documents: self.documents,
            clients: usize::from(self.clients),
            content: Content::new(self.size),
            seal,
            notation: format!("BENCH-{}", run.get(..8).unwrap_or(&run)),
        })
    }

    fn report(
        &self,
        seen: &Seen,
        recipients: usize,
        nodes: Vec<Node>,
        dir: &std::path::Path,
        batch: f64,
    ) -> Result<Report, Failure> {
        let alone = raw::rate(dir, self.size, batch).map_err(|error| Failure::file(dir, error))?;
        let (accepted_per_second, accept, delivered_per_second, deliver) = report::rates(seen, self.documents);
        Ok(Report {
            documents: self.documents,
            clients: usize::from(self.clients),
            recipients,
            size_bytes: self.size,
            signed: !self.unsigned && !self.axis,
            accepted_per_second,
            accept,
            delivered_per_second,
            deliver,
            nodes,
            lists: Vec::new(),
            raw: Raw::new(batch, alone, accepted_per_second),
        })
    }
}

#[cfg(test)]
mod tests;
