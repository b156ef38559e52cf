//! `pki example`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use mock_pki::{Example, Existing, Government, MARK};
use serde::Serialize;

use super::{instant, not_written};
use crate::commands::now;
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
    /// Địa chỉ OCSP, CRL, CA ghi trong chứng thư; không có thì chỉ chứng thư của `government/` ghi địa chỉ mặc định của
    /// `pki serve` (where `pki serve` will answer; certificates say so, those of `government/` always)
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Thời điểm coi là hiện tại khi tạo, RFC 3339; mặc định là bây giờ (the present of what is made; now without it)
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

/// Where `pki serve` answers unless it is told otherwise.
const URL: &str = "http://127.0.0.1:18092";

/// What was written.
#[derive(Serialize)]
struct Written {
    mark: &'static str,
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &ExampleArgs, output: &mut Output) -> Result<(), Failure> {
    let existing = if args.force { Existing::Overwrite } else { Existing::Keep };
    let year = args
        .at
        .map_or(crate::header::today().year().into(), |at| i32::from(jiff::tz::Offset::UTC.to_datetime(at).year()));
    let example = Example { year, existing, url: args.url.clone() };
    let mut files = example.write(&args.dir).map_err(not_written)?;
    let url = args.url.clone().unwrap_or_else(|| URL.to_owned());
    let government = Government { at: args.at.map_or_else(|| Ok(now()), instant)?, url };
    files.extend(government.write(&args.dir).map_err(not_written)?);
    output.show(&Written { mark: MARK, files }, |written, page| {
        page.line(format!("Đã ghi {} tệp vào {} (written)", written.files.len(), args.dir.display()));
        page.line(format!("{MARK}: không dùng trong thực tế"));
    })
}
