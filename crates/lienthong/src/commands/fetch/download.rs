//! One download: to a `.part` file first, taken up where it stopped, renamed when its digest is right.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::Status;
use types::ErrorCode;
use wire::exchange_v1::{FetchAttachmentRequest, FetchPacketRequest};

use crate::client::Client;
use crate::commands::send::upload::progress;
use crate::failure::Failure;
use crate::files::{CHUNK_BYTES, Hasher};
use crate::output::hex;

/// What is downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The packet as it came in.
    Packet,
    /// One attachment, decoded.
    Attachment(u32),
}

/// One file of the node, with what it must turn out to be.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) source: Source,
    pub(super) exchange_id: String,
    pub(super) name: String,
    pub(super) length: u64,
    /// Empty when the node does not say.
    pub(super) sha256: Vec<u8>,
}

impl Content {
    /// Brings the file to `path`; does nothing when it is there already.
    pub(super) async fn download(&self, client: &mut Client, path: &Path) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::file(path, error);
        if fs::try_exists(path).await.map_err(failed)? {
            return self.check_existing(path).await;
        }
        let part = part_of(path);
        let mut hasher = hash(&part).await.map_err(failed)?.unwrap_or_default();
        if hasher.length() > self.length {
            // Left over from something else.
            fs::remove_file(&part).await.map_err(failed)?;
            hasher = Hasher::default();
        }
        let bar = progress(self.length);
        bar.set_position(hasher.length());
        let mut file = OpenOptions::new().create(true).append(true).open(&part).await.map_err(failed)?;
        if hasher.length() < self.length {
            let mut pieces = self.open(client, hasher.length()).await.map_err(|status| client.failed(status))?;
            while let Some(piece) = pieces.try_next().await.map_err(|status| client.failed(status))? {
                hasher.update(&piece);
                if hasher.length() > self.length {
                    break;
                }
                file.write_all(&piece).await.map_err(failed)?;
                bar.inc(u64::try_from(piece.len()).unwrap_or(0));
            }
        }
        file.sync_all().await.map_err(failed)?;
        bar.finish_and_clear();
        self.settle(hasher, &part, path).await
    }

    async fn settle(&self, hasher: Hasher, part: &Path, path: &Path) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::file(path, error);
        let (length, sha256) = hasher.finish();
        if length < self.length {
            let detail = format!("{length}/{} byte; chạy lại để tải tiếp (run again to go on)", self.length);
            return Err(Failure::Unverified { code: ErrorCode::LengthMismatch, detail });
        }
        if length > self.length || !self.is(sha256.as_bytes()) {
            fs::remove_file(part).await.map_err(failed)?;
            let detail = format!("{}: SHA-256 {sha256}, cần (expected) {}", path.display(), hex(&self.sha256));
            return Err(Failure::Unverified { code: ErrorCode::DigestMismatch, detail });
        }
        fs::rename(part, path).await.map_err(failed)
    }

    async fn check_existing(&self, path: &Path) -> Result<(), Failure> {
        let found = hash(path).await.map_err(|error| Failure::file(path, error))?.unwrap_or_default();
        let (length, sha256) = found.finish();
        if length == self.length && self.is(sha256.as_bytes()) {
            return Ok(());
        }
        Err(Failure::file(path, "đã có tệp khác cùng tên; chọn -o khác (another file is there; choose another -o)"))
    }

    fn is(&self, sha256: &[u8]) -> bool {
        self.sha256.is_empty() || self.sha256 == sha256
    }

    async fn open(&self, client: &Client, offset: u64) -> Result<BoxStream<'static, Result<Bytes, Status>>, Status> {
        let exchange_id = self.exchange_id.clone();
        let mut stub = client.stub.clone();
        Ok(match self.source {
            Source::Packet => {
                let request = FetchPacketRequest { exchange_id, offset, length: 0 };
                stub.fetch_packet(request).await?.into_inner().map_ok(|answer| answer.chunk).boxed()
            }
            Source::Attachment(index) => {
                let request = FetchAttachmentRequest { exchange_id, index, offset, length: 0 };
                stub.fetch_attachment(request).await?.into_inner().map_ok(|answer| answer.chunk).boxed()
            }
        })
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// What is in a file already; `None` when there is none.
async fn hash(path: &Path) -> io::Result<Option<Hasher>> {
    let mut file = match File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut buffer).await?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { return Ok(Some(hasher)) };
        hasher.update(piece);
    }
}

#[cfg(test)]
mod tests;
