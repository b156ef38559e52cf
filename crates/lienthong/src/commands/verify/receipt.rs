//! Receipts: what `lienthong receipts --json` printed, or one of them.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::{Receipt, SignedReceipt, VerifyError, verify};
use serde::Deserialize;
use types::Digest;

use super::VerifyArgs;
use super::desk::Desk;
use super::report::{Finding, Part, PartKind, ReceiptFacts};
use crate::failure::Failure;
use crate::files::{LocalFile, read_small};

/// Bytes of a file of receipts: some thousand of the largest.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Both forms that a file may have.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReceiptFile {
    List { receipts: Vec<Written> },
    One(Written),
    Bare(Vec<Written>),
}

/// One receipt in the protobuf JSON mapping.
#[derive(Deserialize)]
struct Written {
    payload: String,
    signature: String,
}

/// One part per receipt, in the order of the file.
pub(super) fn check(args: &VerifyArgs, desk: &Desk) -> Result<Vec<Part>, Failure> {
    let bytes = read_small(&args.file, FILE_BYTES_MAX)?;
    let receipts = match serde_json::from_slice(&bytes) {
        Ok(ReceiptFile::List { receipts } | ReceiptFile::Bare(receipts)) => receipts,
        Ok(ReceiptFile::One(receipt)) => vec![receipt],
        Err(_) => vec![exported(&args.file, &bytes)?],
    };
    let content = args.content.as_deref().map(LocalFile::inspect).transpose()?.map(|file| file.sha256);
    receipts.iter().map(|receipt| part(receipt, content, desk, args)).collect()
}

/// A receipt as `receipts --export` wrote it: `ID.receipt.json`, its signature beside it in `ID.jws`.
fn exported(path: &Path, payload: &[u8]) -> Result<Written, Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(id) = name.strip_suffix(".receipt.json") else {
        let why = "không phải biên nhận: cần kết quả của `receipts --json`, hoặc ID.receipt.json của `receipts --export` với \
                   ID.jws bên cạnh (no receipt: what `receipts --json` printed, or an exported ID.receipt.json beside ID.jws)";
        return Err(Failure::file(path, why));
    };
    let beside = path.with_file_name(format!("{id}.jws"));
    let signature = String::from_utf8(read_small(&beside, FILE_BYTES_MAX)?);
    let signature = signature.map_err(|error| Failure::file(&beside, error))?.trim().to_owned();
    Ok(Written { payload: STANDARD.encode(payload), signature })
}

fn part(written: &Written, content: Option<Digest>, desk: &Desk, args: &VerifyArgs) -> Result<Part, Failure> {
    let payload = STANDARD.decode(&written.payload).map_err(|error| Failure::file(&args.file, error))?;
    let signed = SignedReceipt { payload, signature: written.signature.clone() };
    let receipt = signed.receipt().ok();
    let finding = match verify(&signed, &desk.trust, &desk.policy, desk.at) {
        Ok(verified) => Finding::Receipt(Box::new(verified.report().clone())),
        Err(VerifyError::Signature { report }) => Finding::Receipt(report),
        Err(error) => Finding::Unreadable { code: error.code().to_string(), why: error.to_string() },
    };
    let mut part = Part::new(PartKind::Receipt, finding);
    part.mismatch = receipt.as_ref().and_then(|receipt| other_content(receipt, content?));
    part.receipt = receipt.as_ref().map(facts);
    Ok(part)
}

/// The receipt is about another packet than the one that was handed in.
fn other_content(receipt: &Receipt, content: Digest) -> Option<String> {
    let stated = receipt.content.map(|content| content.sha256);
    (stated != Some(content)).then(|| match stated {
        Some(stated) => format!("the receipt is about content with SHA-256 {stated}, the file has {content}"),
        None => "the receipt states no content".to_owned(),
    })
}

fn facts(receipt: &Receipt) -> ReceiptFacts {
    let at = i64::try_from(receipt.at.as_millis()).unwrap_or(i64::MAX);
    ReceiptFacts {
        event: receipt.event.as_str(),
        node: receipt.node.to_string(),
        at: jiff::Timestamp::from_millisecond(at).map(|at| at.to_string()).unwrap_or_default(),
        exchange: receipt.exchange.to_string(),
        document_id: receipt.document.as_ref().map(|facts| facts.document_id.to_string()).unwrap_or_default(),
        content_sha256: receipt.content.map(|content| content.sha256.to_string()),
    }
}
