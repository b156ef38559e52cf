//! A CMS or CAdES signature: over a file beside it, or over what it holds itself.

use std::path::{Path, PathBuf};

use signature::{Content, verify_cms};

use super::VerifyArgs;
use super::desk::{Desk, binary};
use super::report::{Finding, Part, PartKind};
use crate::failure::Failure;
use crate::files::read_small;

/// Bytes of what was signed: it is held in memory once.
const CONTENT_BYTES_MAX: u64 = 1 << 30;

/// Every signer of the structure.
pub(super) fn check(args: &VerifyArgs, desk: &Desk) -> Result<Part, Failure> {
    let signature = binary(read_small(&args.file, CONTENT_BYTES_MAX)?);
    let path = args.content.clone().or_else(|| beside(&args.file));
    let detached = path.as_deref().map(|path| read_small(path, CONTENT_BYTES_MAX)).transpose()?;
    let content = detached.as_deref().map_or(Content::Attached, Content::Detached);
    let report = verify_cms(&signature, content, &desk.trust, &desk.policy, &desk.evidence, desk.at);
    let name = path.map(|path| path.display().to_string()).unwrap_or_default();
    Ok(Part { name, ..Part::new(PartKind::File, Finding::Signatures(report)) })
}

/// `FILE` of `FILE.p7s`, where there is one: how detached signatures are named.
fn beside(signature: &Path) -> Option<PathBuf> {
    let is_detached = signature.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("p7s"));
    let content = signature.with_extension("");
    (is_detached && content.is_file()).then_some(content)
}
