//! `pki example`.

use std::path::PathBuf;

use clap::Args;
use mock_pki::{Example, Existing, MARK};
use serde::Serialize;

use super::not_written;
use crate::failure::Failure;
use crate::output::Output;

/// Options of `pki example`.
#[derive(Args)]
pub(crate) struct ExampleArgs {
    /// Thư mục đích (target folder)
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Ghi đè thư mục đã có tệp (write over what is there)
    #[arg(long)]
    force: bool,
    /// Địa chỉ ghi trong chứng thư cho OCSP, CRL và CA cấp trên (where `pki serve` will answer; certificates say so)
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    mark: &'static str,
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &ExampleArgs, output: &mut Output) -> Result<(), Failure> {
    let existing = if args.force { Existing::Overwrite } else { Existing::Keep };
    let year = crate::header::today().year();
    let example = Example { year: year.into(), existing, url: args.url.clone() };
    let files = example.write(&args.dir).map_err(not_written)?;
    output.show(&Written { mark: MARK, files }, |written, page| {
        page.line(format!("Đã ghi {} tệp vào {} (written)", written.files.len(), args.dir.display()));
        page.line(format!("{MARK}: không dùng trong thực tế"));
    })
}
