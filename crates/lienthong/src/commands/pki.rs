//! `pki`: example certificates.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::Output;
use crate::pki::{Existing, MARK, PkiError, write_example};

/// Subcommands of `pki`.
#[derive(Subcommand)]
pub(crate) enum PkiCommand {
    /// Tạo bộ chứng thư mẫu để chạy thử; không dùng thực tế (write the example PKI; never for production)
    Example(ExampleArgs),
}

/// Options of `pki example`.
#[derive(Args)]
pub(crate) struct ExampleArgs {
    /// Thư mục đích (target folder)
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Ghi đè thư mục đã có tệp (write over what is there)
    #[arg(long)]
    force: bool,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    mark: &'static str,
    files: Vec<PathBuf>,
}

pub(crate) fn run(command: &PkiCommand, output: &mut Output) -> Result<(), Failure> {
    let PkiCommand::Example(args) = command;
    let existing = if args.force { Existing::Overwrite } else { Existing::Keep };
    let year = crate::header::today().year();
    let files = write_example(&args.dir, year.into(), existing).map_err(|error| match error {
        PkiError::Certificate { .. } => Failure::Internal(error.to_string()),
        PkiError::NotEmpty(ref dir) => {
            let dir = dir.clone();
            Failure::file(&dir, "thư mục đã có tệp; --force để ghi đè (not empty; --force writes over it)")
        }
        PkiError::Write { path, source } => Failure::file(&path, source),
    })?;
    output.show(&Written { mark: MARK, files }, |written, page| {
        page.line(format!("Đã ghi {} tệp vào {} (written)", written.files.len(), args.dir.display()));
        page.line(format!("{MARK}: không dùng trong thực tế"));
    })
}
