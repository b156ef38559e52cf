//! Writing a store out as one plain file, which needs no engine to be read.
//!
//! Lines end with `\n`; the first word says what a line is:
//!
//! ```text
//! lienthong-export 1
//! store engine=sled format=3 commit=812
//! record <key, hex> <value, base64>
//! payload <SHA-256, hex> <length>
//! <that many bytes, then \n>
//! end records=9120 payloads=34 sha256=<of all bytes before this line>
//! ```
//!
//! A value is `version (1 byte) | CRC-32 of key, parts and message (4) | number of further parts (2) | message`, numbers
//! big-endian, the message in protobuf.

use std::io::{self, Write};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{Context, SHA256};
use types::Digest;

use crate::check::{hash, walk_kind};
use crate::shared::number;
use crate::{Damage, Offline, Progress, StoreError, Watch, key, record};

pub(super) const VERSION: &str = "lienthong-export 1";

/// What was written out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Records.
    pub records: u64,
    /// Payload files.
    pub payloads: u64,
    /// Bytes of the payload files.
    pub payload_bytes: u64,
    /// What is damaged and therefore not in the file, named.
    pub left_out: Vec<Damage>,
}

impl Offline {
    /// Writes everything that is whole to `to`. Streams; blocking, long.
    ///
    /// # Errors
    /// `internal` when writing fails, or the disk.
    pub fn export(&self, to: &mut dyn Write, watch: &mut Watch<'_>) -> Result<Exported, StoreError> {
        let failed = StoreError::io("write the export");
        let mut out = Hashing { to, context: Context::new(&SHA256) };
        let mut exported = Exported::default();
        let (format, commit) = (number(&self.guard, "format"), number(&self.guard, "commit"));
        let head = format!(
            "{VERSION}\nstore engine={} format={} commit={}\n",
            self.engine(),
            format.unwrap_or(0),
            commit.unwrap_or(0)
        );
        out.write_all(head.as_bytes()).map_err(failed)?;
        for first in 0..=u8::MAX {
            let read = walk_kind(&self.guard, first, &mut |key, value| {
                if let Err(error) = record::unwrap(key, value) {
                    exported.left_out.push(Damage { what: key::describe(key), reason: error.to_string() });
                    return Ok(());
                }
                out.write_all(line(key, value).as_bytes()).map_err(StoreError::io("write the export"))?;
                exported.records += 1;
                if exported.records.is_multiple_of(1 << 12) {
                    watch(exported.progress());
                }
                Ok(())
            });
            match read {
                Err(StoreError::Engine { reason, .. }) => {
                    exported.left_out.push(Damage { what: format!("records {first:#04x}…"), reason });
                }
                other => other?,
            }
        }
        self.export_payloads(&mut out, &mut exported, watch)?;
        let sha256 = Digest::try_from(out.context.clone().finish().as_ref()).map_err(|_| StoreError::Internal)?;
        let end = format!("end records={} payloads={} sha256={sha256}\n", exported.records, exported.payloads);
        out.write_all(end.as_bytes()).and_then(|()| out.flush()).map_err(StoreError::io("write the export"))?;
        Ok(exported)
    }

    fn export_payloads(
        &self,
        out: &mut dyn Write,
        exported: &mut Exported,
        watch: &mut Watch<'_>,
    ) -> Result<(), StoreError> {
        let mut result = Ok(());
        self.payloads.walk(&mut |digest, path| {
            if result.is_ok() {
                result = export_one(out, exported, digest, path);
                watch(exported.progress());
            }
        })?;
        result.map_err(StoreError::io("write the export"))
    }
}

impl Exported {
    const fn progress(&self) -> Progress {
        Progress { records: self.records, payloads: self.payloads, payload_bytes: self.payload_bytes }
    }
}

/// Hashed before it is written: a reader needs the length first, and a damaged one is not to be in the file.
fn export_one(out: &mut dyn Write, exported: &mut Exported, digest: Option<Digest>, path: &Path) -> io::Result<()> {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut leave_out = |reason: String| {
        exported.left_out.push(Damage { what: format!("payload {name}"), reason });
        Ok(())
    };
    let Some(digest) = digest else { return leave_out("its name is no digest".to_owned()) };
    match hash(path) {
        Ok(found) if found.as_slice() == digest.as_bytes() => {}
        Ok(_) => return leave_out("its content does not match its digest".to_owned()),
        Err(error) => return leave_out(error.to_string()),
    }
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    out.write_all(format!("payload {digest} {length}\n").as_bytes())?;
    let copied = io::copy(&mut file, out)?;
    if copied != length {
        return Err(io::Error::other(format!("payload {digest} changed its length while it was read")));
    }
    out.write_all(b"\n")?;
    exported.payloads += 1;
    exported.payload_bytes += length;
    Ok(())
}

/// The line of one record.
pub(super) fn line(key: &[u8], value: &[u8]) -> String {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("record {hex} {}\n", BASE64_STANDARD.encode(value))
}

/// Hashes what it writes.
struct Hashing<'a> {
    to: &'a mut dyn Write,
    context: Context,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.context.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
