//! Named profiles: each measures one kind of work beside a reference of the same run, and says whether the goal is met.

mod backlog;
mod large;
mod load;
mod node;
mod space;
mod table;
mod wide;

use std::path::Path;

use clap::ValueEnum;
use queue::EngineKind;
use tokio::runtime::Runtime;

use super::BenchArgs;
use crate::failure::Failure;
use crate::output::Output;
pub(super) use table::Form as TableForm;
use table::Table;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Named {
    /// Accepting small documents, against the disk alone.
    Accept,
    /// The same with signatures, against the slower of unsigned documents and of the library's own verification.
    AcceptSigned,
    /// One document to many recipients.
    Recipients,
    /// A large document from node to node, against a plain TLS copy.
    Large,
    /// Accepting, claiming and starting with many documents waiting.
    Backlog,
    /// One neighbour beside another that is dead, with many documents waiting for it.
    DeadNeighbour,
    /// An urgent document behind many others.
    Urgent,
    /// Disk space once everything is delivered and its content purged.
    Space,
}

/// What the profiles work with.
pub(super) struct Bench<'a> {
    pub(super) args: &'a BenchArgs,
    pub(super) runtime: &'a Runtime,
    /// A folder on the disk to measure.
    pub(super) dir: &'a Path,
    pub(super) engines: &'a [EngineKind],
}

/// Runs profiles one after the other and shows their table.
pub(super) fn run(profiles: &[Named], args: &BenchArgs, runtime: &Runtime, output: &mut Output) -> Result<(), Failure> {
    let made = tempfile::Builder::new().prefix("lienthong-bench-").tempdir_in(&args.dir);
    let made = made.map_err(|error| Failure::file(&args.dir, error))?;
    let engines = if args.engine.is_empty() { EngineKind::ALL.to_vec() } else { args.engine.clone() };
    let bench = Bench { args, runtime, dir: made.path(), engines: &engines };
    let mut table = Table::default();
    for profile in profiles {
        match profile {
            Named::Accept => node::accept(&bench, &mut table)?,
            Named::AcceptSigned => node::accept_signed(&bench, &mut table)?,
            Named::Recipients => wide::recipients(&bench, &mut table)?,
            Named::Large => large::large(&bench, &mut table)?,
            Named::Backlog => backlog::backlog(&bench, &mut table)?,
            Named::DeadNeighbour => backlog::dead_neighbour(&bench, &mut table)?,
            Named::Urgent => backlog::urgent(&bench, &mut table)?,
            Named::Space => space::space(&bench, &mut table)?,
        }
    }
    table.show(args.table, output)
}

/// The profile that is called so; other words are file names.
pub(super) fn named(word: &Path) -> Option<Named> {
    Named::from_str(word.to_str()?, false).ok()
}
