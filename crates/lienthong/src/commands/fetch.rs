//! `fetch`: downloads a packet or attachments, resumes, checks the digests.

mod download;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use wire::exchange_v1::{Attachment, GetDocumentRequest, GetDocumentResponse};

use super::signatures;
use crate::client::{Client, expected};
use crate::failure::Failure;
use crate::files::safe_name;
use crate::output::{Output, hex, size};
use crate::profile::Connection;
use download::{Content, Source};

/// Options of `fetch`.
#[derive(Args)]
pub(crate) struct FetchArgs {
    /// Mã trao đổi (exchange id)
    #[arg(value_name = "EXCHANGE_ID")]
    exchange_id: String,
    /// Tải tệp đính kèm thứ N, từ 0, thay cho gói tin (attachment with this index, in place of the packet)
    #[arg(long, value_name = "N")]
    attachment: Vec<u32>,
    /// Tải mọi tệp đính kèm (every attachment)
    #[arg(long, conflicts_with = "attachment")]
    all: bool,
    /// Tệp hoặc thư mục đích (target file or folder)
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// One file that is here and checked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fetched {
    path: PathBuf,
    length: u64,
    sha256: String,
}

pub(crate) async fn run(args: &FetchArgs, output: &mut Output) -> Result<(), Failure> {
    let mut client = Client::connect(&args.connection.resolve()?).await?;
    let request = GetDocumentRequest { exchange_id: args.exchange_id.clone() };
    let answer = client.stub.get_document(request).await.map_err(|status| client.failed(status))?;
    let answer = answer.into_inner();
    let contents = contents(args, &answer)?;
    let paths = destinations(&contents, args.output.as_deref())?;
    for (content, path) in contents.iter().zip(paths) {
        content.download(&mut client, &path).await?;
        let fetched = Fetched { path, length: content.length, sha256: hex(&content.sha256) };
        output.show_line(&fetched, |one| {
            format!("{}  {}  SHA-256 {}", one.path.display(), size(one.length), one.sha256)
        })?;
    }
    match &answer.signature_report {
        Some(report) => output.tell_page(|page| signatures::show(report, page)),
        None => Ok(()),
    }
}

fn contents(args: &FetchArgs, answer: &GetDocumentResponse) -> Result<Vec<Content>, Failure> {
    let exchange_id = args.exchange_id.clone();
    if !args.all && args.attachment.is_empty() {
        let document = expected(answer.document.as_ref(), "document")?;
        return Ok(vec![Content {
            source: Source::Packet,
            name: format!("{}.edxml", safe_name(&document.exchange_id, "packet")),
            length: document.length,
            sha256: document.sha256.clone(),
            exchange_id,
        }]);
    }
    let content = |one: &Attachment| Content {
        source: Source::Attachment(one.index),
        name: safe_name(&one.name, &format!("attachment-{}", one.index)),
        length: one.length,
        sha256: one.sha256.clone(),
        exchange_id: exchange_id.clone(),
    };
    if args.all {
        return Ok(answer.attachments.iter().map(content).collect());
    }
    let one = |index: &u32| {
        answer.attachments.iter().find(|one| one.index == *index).map(content).ok_or_else(|| {
            let count = answer.attachments.len();
            Failure::usage(format!(
                "--attachment {index}: văn bản có {count} tệp, từ 0 (the document has {count} files)"
            ))
        })
    };
    args.attachment.iter().map(one).collect()
}

/// Where each file goes: into a folder, or one file under the given name.
fn destinations(contents: &[Content], target: Option<&Path>) -> Result<Vec<PathBuf>, Failure> {
    match (target, contents) {
        (Some(file), [_]) if !file.is_dir() => Ok(vec![file.to_owned()]),
        (Some(dir), _) if !dir.is_dir() => Err(Failure::file(dir, "không phải thư mục (not a folder)")),
        (dir, _) => {
            let dir = dir.unwrap_or(Path::new(""));
            let mut paths: Vec<PathBuf> = Vec::new();
            for content in contents {
                paths.push(free_name(dir, content, &paths));
            }
            Ok(paths)
        }
    }
}

/// Two attachments may have one name; the second gets its index before it.
fn free_name(dir: &Path, content: &Content, taken: &[PathBuf]) -> PathBuf {
    let path = dir.join(&content.name);
    match content.source {
        Source::Attachment(index) if taken.contains(&path) => dir.join(format!("{index}-{}", content.name)),
        _ => path,
    }
}

#[cfg(test)]
mod tests;
