//! Payload files against their names, and against the entries that refer to them.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use ring::digest::{Context, SHA256};
use types::Digest;

use super::{CheckReport, Progress, Scope, Watch};
use crate::StoreError;
use crate::engine::Walk;
use crate::key;

/// Bytes of a payload hashed at a time.
const BLOCK: usize = 256 * 1024;

pub(super) fn check(
    scope: Scope<'_>,
    report: &mut CheckReport,
    progress: &mut Progress,
    watch: &mut Watch<'_>,
) -> Result<(), StoreError> {
    let mut failed = None;
    scope.payloads.walk(&mut |digest, path| {
        if failed.is_none() {
            failed = check_one(scope, report, digest, path).err();
            progress.payloads += 1;
            progress.payload_bytes += path.metadata().map_or(0, |found| found.len());
            watch(*progress);
        }
    })?;
    failed.map_or(Ok(()), Err)
}

fn check_one(
    scope: Scope<'_>,
    report: &mut CheckReport,
    digest: Option<Digest>,
    path: &Path,
) -> Result<(), StoreError> {
    report.payloads += 1;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let Some(digest) = digest else {
        report.add(format!("payload {name}"), "its name is no digest".to_owned());
        return Ok(());
    };
    let range = key::payload(&digest).range();
    let mut is_referenced = false;
    scope.guard.walk(range.start.as_slice()..range.end.as_slice(), Walk::Forward, &mut |_, _| {
        is_referenced = true;
        ControlFlow::Break(())
    })?;
    if !is_referenced {
        report.orphans += 1;
    }
    match hash(path) {
        Ok(found) if found.as_slice() == digest.as_bytes() => {}
        Ok(_) => report.add(format!("payload {name}"), "its content does not match its digest".to_owned()),
        // Retention may have removed it since the walk.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => report.add(format!("payload {name}"), error.to_string()),
    }
    Ok(())
}

/// The SHA-256 of a file.
pub(crate) fn hash(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut block, mut context) = (File::open(path)?, vec![0; BLOCK], Context::new(&SHA256));
    loop {
        let length = file.read(&mut block)?;
        if length == 0 {
            return Ok(context.finish().as_ref().to_vec());
        }
        context.update(block.get(..length).unwrap_or_default());
    }
}
