//! `sign cms`: a detached CAdES signature of any file.

use std::path::PathBuf;

use clap::Args;
use signature::sign_cms;

use super::WhoArgs;
use super::refusal::of;
use super::written::{OutArgs, Signed, beside};
use crate::commands::now;
use crate::failure::Failure;
use crate::files::read_small;
use crate::output::Output;

/// Bytes of a file that is signed whole in memory.
const CONTENT_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Options of `sign cms`.
#[derive(Args)]
pub(crate) struct CmsArgs {
    /// Tệp cần ký; chữ ký ghi vào FILE.p7s (the file; its signature goes to FILE.p7s)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    out: OutArgs,
}

pub(super) fn run(args: &CmsArgs, output: &mut Output) -> Result<(), Failure> {
    let path = args.out.path(|| beside(&args.file, "p7s"));
    args.out.check(&path)?;
    let signer = args.who.signer()?;
    let content = read_small(&args.file, CONTENT_BYTES_MAX)?;
    let signature = sign_cms(&signer, &content, now()).map_err(|error| of(&error))?;
    args.out.write(&path, &signature)?;
    let mut signed = Signed::by(&signer, "cms", "CAdES-B-B");
    signed.verify = format!("lienthong verify {} --content {} --trust CA", path.display(), args.file.display());
    signed.files.push(path);
    output.show(&signed, Signed::show)
}
