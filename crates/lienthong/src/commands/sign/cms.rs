//! `sign cms`: a detached CAdES signature of any file.

use std::path::PathBuf;

use clap::Args;
use signature::{add_signature_timestamp, sign_cms, signature_value};

use super::WhoArgs;
use super::authority::AuthorityArgs;
use super::refusal::of;
use super::written::{OutArgs, Signed, beside, rfc3339};
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
    authority: AuthorityArgs,
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
    let (signature, proved_time) = stamped(signature, &args.authority)?;
    args.out.write(&path, &signature)?;
    let format = if proved_time.is_some() { "CAdES-B-T" } else { "CAdES-B-B" };
    let mut signed = Signed::by(&signer, "cms", format);
    signed.proved_time = proved_time;
    signed.verify = format!("lienthong verify {} --content {} --trust CA", path.display(), args.file.display());
    signed.files.push(path);
    output.show(&signed, Signed::show)
}

/// The signature with a time-stamp of the named authority over its value, and the time that proves.
pub(super) fn stamped(signature: Vec<u8>, authority: &AuthorityArgs) -> Result<(Vec<u8>, Option<String>), Failure> {
    if !authority.is_given() {
        return Ok((signature, None));
    }
    let value = signature_value(&signature).map_err(|error| of(&error))?;
    match authority.stamp(&value)? {
        None => Ok((signature, None)),
        Some(stamp) => {
            let signature = add_signature_timestamp(&signature, &stamp.token).map_err(|error| of(&error))?;
            Ok((signature, Some(rfc3339(stamp.time))))
        }
    }
}
