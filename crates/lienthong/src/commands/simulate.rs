//! `simulate`: a province of nodes in one process, months in minutes, everything going wrong that can.

mod report;
mod seeds;

use clap::Args;
use simulation::{Faults, Setup};

use crate::failure::Failure;
use crate::output::Output;
use report::Report;

/// Options of `simulate`.
#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// Hạt giống: cùng hạt giống, cùng diễn biến (the seed: the same seed is the same run)
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Chạy nhiều hạt giống liên tiếp, song song theo số nhân (so many seeds from there on, one per processor at a time)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    seeds: u64,
    /// Số nút của tỉnh (nodes: the province, its departments, districts and communes)
    #[arg(long, value_name = "N", default_value_t = 218, value_parser = clap::value_parser!(u16).range(2..=1000))]
    nodes: u16,
    /// Số ngày có văn bản, bắt đầu từ thứ hai (days of traffic, from a Monday on)
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// Văn bản mới mỗi ngày làm việc; mặc định 4 cho mỗi nút (new documents on a working day; 4 a node by default)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    documents_per_day: Option<u64>,
    /// Sự cố: none, light, heavy (what goes wrong)
    #[arg(long, value_name = "KIND", default_value = "light", value_parser = faults)]
    faults: Faults,
}

fn faults(text: &str) -> Result<Faults, String> {
    Faults::ALL.into_iter().find(|faults| faults.as_str() == text).ok_or_else(|| "use none, light or heavy".to_owned())
}

impl SimulateArgs {
    fn setup(&self, seed: u64) -> Setup {
        Setup {
            seed,
            nodes: usize::from(self.nodes),
            days: u64::from(self.days),
            documents_per_day: self.documents_per_day.unwrap_or(u64::from(self.nodes) * 4),
            faults: self.faults,
            sabotage: None,
        }
    }

    /// The command that repeats one seed.
    fn again(&self, seed: u64) -> String {
        let Setup { nodes, days, documents_per_day, faults, .. } = self.setup(seed);
        let faults = faults.as_str();
        format!(
            "lienthong simulate --seed {seed} --nodes {nodes} --days {days} --documents-per-day {documents_per_day} \
             --faults {faults}"
        )
    }
}

/// Runs the seeds, shows the totals, and fails with the first violation.
pub(crate) fn run(args: &SimulateArgs, output: &mut Output) -> Result<(), Failure> {
    let ran = seeds::run(args)?;
    let report = Report::of(ran);
    output.show(&report, |report, page| report.show(page, &|seed| args.again(seed)))?;
    match report.violations.first() {
        Some(violation) => Err(Failure::Unmet(format!(
            "hạt giống {}: {} (seed {}: an invariant was violated)",
            violation.seed, violation.what, violation.seed
        ))),
        None => Ok(()),
    }
}
