//! Reading a store in from an exported file, into an empty directory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, Read, Write};
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{Context, SHA256};
use types::Digest;

use super::{export, open_beside, remove_folder, reset_witness};
use crate::check::{self, Scope};
use crate::engine::Changes;
use crate::engine::guard::Guard;
use crate::engine::place::Place;
use crate::payload::{Payloads, sync_directory};
use crate::store::opening::lock;
use crate::{CheckReport, EngineKind, Offline, Progress, StoreError, StoreOptions, Watch, record};

/// Bytes of a line at most: the longest key in hex and a value in base64 are a tenth of it.
const LINE_MAX: u64 = 128 * 1024;
/// Records in one batch.
const STRIDE: usize = 1024;
/// Bytes of a payload moved at a time.
const BLOCK: usize = 256 * 1024;
/// A file that is there while an import runs: what it left behind is its own to clear away.
const MARK: &str = "importing";

/// What was read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Records, each held to its checksum.
    pub records: u64,
    /// Payload files, each held to its digest.
    pub payloads: u64,
    /// Bytes of the payload files.
    pub payload_bytes: u64,
    /// What a check of the finished store found: damage is what the exported store had lost.
    pub report: CheckReport,
}

impl Offline {
    /// Makes a store in the options' directory, with their engine, from an exported file. The directory holds no store
    /// until everything was read and checked; after an interruption the next call starts anew. Blocking, long.
    ///
    /// # Errors
    /// `invalid_argument` when the directory has a store; `store_damaged` when the file was changed or cut off;
    /// `unsupported` when it is none, or of a newer version; `internal` for the disk.
    pub fn import(
        options: &StoreOptions,
        from: &mut dyn BufRead,
        watch: &mut Watch<'_>,
    ) -> Result<Imported, StoreError> {
        let directory = &options.directory;
        fs::create_dir_all(directory).map_err(StoreError::io("create the data directory"))?;
        let _lock = lock(directory)?;
        // A folder that no other version would take for a store by its name.
        let place = Place::first(options.engine).beside(options.engine);
        clear(directory, &place)?;
        let guard = open_beside(options, &place)?;
        let payloads = Payloads::open(directory)?;
        let mut reading = Reading {
            from,
            context: Context::new(&SHA256),
            line: 0,
            guard: &guard,
            payloads,
            folders: BTreeSet::new(),
        };
        let progress = reading.run(watch)?;
        let folders = std::mem::take(&mut reading.folders);
        folders.iter().try_for_each(|folder| sync_directory(folder))?;
        guard.flush()?;
        let scope = Scope { guard: &guard, payloads: &reading.payloads, directory, commits: None };
        let report = check::check(scope, watch)?;
        reset_witness(directory, &guard)?;
        guard.close();
        place.write(directory)?;
        fs::remove_file(directory.join(MARK)).map_err(StoreError::io("end the import"))?;
        sync_directory(directory)?;
        let Progress { records, payloads, payload_bytes } = progress;
        Ok(Imported { records, payloads, payload_bytes, report })
    }
}

/// Refuses a directory with a store; clears away what an interrupted import left.
fn clear(directory: &Path, place: &Place) -> Result<(), StoreError> {
    let was_interrupted = directory.join(MARK).exists();
    let has_payloads = fs::read_dir(directory.join("payload")).is_ok_and(|mut found| found.next().is_some());
    if Place::find(directory)?.is_some() || (has_payloads && !was_interrupted) {
        return Err(StoreError::Invalid { what: "the directory already has a store: import into an empty one" });
    }
    File::create(directory.join(MARK)).and_then(|file| file.sync_all()).map_err(StoreError::io("begin the import"))?;
    sync_directory(directory)?;
    for kind in EngineKind::ALL {
        remove_folder(directory, &Place::first(kind).beside(kind).path(directory))?;
    }
    remove_folder(directory, &place.path(directory))?;
    remove_folder(directory, &directory.join("payload"))
}

struct Reading<'a> {
    from: &'a mut dyn BufRead,
    context: Context,
    line: u64,
    guard: &'a Guard,
    payloads: Arc<Payloads>,
    folders: BTreeSet<std::path::PathBuf>,
}

impl Reading<'_> {
    fn run(&mut self, watch: &mut Watch<'_>) -> Result<Progress, StoreError> {
        match self.next()?.as_deref() {
            Some(export::VERSION) => {}
            Some(other) if other.starts_with("lienthong-export ") => {
                return Err(StoreError::NoExport { what: "it was written by a newer version of lienthong" });
            }
            _ => return Err(StoreError::NoExport { what: "its first line is not that of an export" }),
        }
        let (mut progress, mut changes) = (Progress::default(), Changes::new());
        loop {
            let before = self.context.clone();
            let line = self.next()?.ok_or_else(|| self.fault("the file ends here: it was cut off"))?;
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                ["store", ..] => {}
                ["record", key, value] => {
                    let (key, value) = (self.hex(key)?, self.base64(value)?);
                    record::unwrap(&key, &value).map_err(|error| self.fault(&error.to_string()))?;
                    changes.insert(key, Some(value));
                    progress.records += 1;
                    if changes.len() >= STRIDE {
                        self.guard.apply(&std::mem::take(&mut changes))?;
                        watch(progress);
                    }
                }
                ["payload", digest, length] => {
                    let digest = digest.parse().map_err(|_| self.fault("no digest"))?;
                    let length = length.parse().map_err(|_| self.fault("no length"))?;
                    self.payload(digest, length)?;
                    progress.payloads += 1;
                    progress.payload_bytes += length;
                    watch(progress);
                }
                ["end", counts @ ..] => {
                    self.guard.apply(&changes)?;
                    let sha256 = Digest::try_from(before.finish().as_ref()).map_err(|_| StoreError::Internal)?;
                    let wanted = [
                        format!("records={}", progress.records),
                        format!("payloads={}", progress.payloads),
                        format!("sha256={sha256}"),
                    ];
                    if counts.iter().ne(wanted.iter()) {
                        return Err(self.fault(&format!("the end should be: end {}", wanted.join(" "))));
                    }
                    return Ok(progress);
                }
                _ => return Err(self.fault("it is no line of an export")),
            }
        }
    }

    fn fault(&self, reason: &str) -> StoreError {
        StoreError::Damaged { record: format!("line {} of the export", self.line), reason: reason.to_owned() }
    }

    /// The next line without its end, `None` at the end of the file.
    fn next(&mut self) -> Result<Option<String>, StoreError> {
        let mut line = Vec::new();
        let read = Read::take(&mut *self.from, LINE_MAX).read_until(b'\n', &mut line);
        read.map_err(StoreError::io("read the export"))?;
        self.context.update(&line);
        self.line += 1;
        if line.is_empty() {
            return Ok(None);
        }
        if line.pop() != Some(b'\n') {
            return Err(self.fault("it does not end: the file was cut off, or it is too long"));
        }
        String::from_utf8(line).map(Some).map_err(|_| self.fault("it is no text"))
    }

    fn hex(&self, text: &str) -> Result<Vec<u8>, StoreError> {
        let digits = text.as_bytes().chunks(2).map(|pair| {
            std::str::from_utf8(pair)
                .ok()
                .filter(|pair| pair.len() == 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        });
        digits.collect::<Option<Vec<u8>>>().ok_or_else(|| self.fault("no hex"))
    }

    fn base64(&self, text: &str) -> Result<Vec<u8>, StoreError> {
        BASE64_STANDARD.decode(text).map_err(|_| self.fault("no base64"))
    }

    fn payload(&mut self, digest: Digest, length: u64) -> Result<(), StoreError> {
        let mut writer = self.payloads.stage_file()?;
        let (mut left, mut block) = (length, vec![0; BLOCK]);
        while left > 0 {
            let wanted = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
            let chunk = block.get_mut(..wanted).unwrap_or_default();
            self.from.read_exact(chunk).map_err(|_| self.fault("the payload after it was cut off"))?;
            self.context.update(chunk);
            writer.write_all(chunk).map_err(StoreError::io("write a payload"))?;
            left -= u64::try_from(wanted).unwrap_or(left);
        }
        let mut end = [0];
        self.from.read_exact(&mut end).map_err(|_| self.fault("the payload after it was cut off"))?;
        self.context.update(&end);
        let staged = writer.finish()?;
        if staged.digest() != digest || end != *b"\n" {
            return Err(self.fault("the payload after it does not match its digest"));
        }
        staged.keep(&mut self.folders).map(drop)
    }
}
