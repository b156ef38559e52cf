//! One packet on its way in: bytes go to a payload file and through the codec in the same pass.
//!
//! A packet that is small enough to be kept in records is gathered in memory and read in one go. For a larger one the
//! codec pulls, the network pushes; between them is a short channel, and the codec has a blocking thread for the time of
//! the upload. Memory per upload is bounded by both.

use std::io::{self, BufReader, Read, Write as _};

use bytes::{Buf as _, Bytes};
use edxml::{AttachmentHead, AttachmentSink, EdxmlError, Limits, Packet, Problem, SinkError, read_packet};
use queue::{INLINE_MAX, PayloadWriter, Staged, Store, StoreError};
use ring::digest::{Context, SHA256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use types::{Digest, ErrorCode};

use crate::verification::{HEAD_BYTES, Look, may_be_signed};

/// Chunks between the network and the codec: enough to overlap, little to hold (1 MiB a chunk at most).
const CHUNKS: usize = 2;
/// Bytes the codec reads at a time.
const BUFFER: usize = 64 * 1024;

/// A packet that was read to its end, on disk under a temporary name.
#[derive(Debug)]
pub(crate) struct Received {
    /// The bytes as they came in, synced.
    pub(crate) staged: Staged,
    /// What they say.
    pub(crate) packet: Packet,
    /// SHA-256 of each decoded attachment, in the packet's order.
    pub(crate) parts: Vec<Digest>,
    /// Which of them may have signatures inside, by their first bytes.
    pub(crate) looks: Vec<Look>,
}

/// Why a packet could not be taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    /// The packet itself.
    #[error(transparent)]
    Packet(#[from] EdxmlError),
    /// The store could not take the bytes.
    #[error("write the packet to the store")]
    Store(#[from] StoreError),
    /// The disk could not take the bytes.
    #[error("write the packet to the store")]
    Disk(#[source] io::Error),
    /// The other side went away in the middle.
    #[error("the upload was cut off")]
    Cut,
    /// The task that read the packet panicked.
    #[error("the packet reader failed")]
    Reader,
}

impl UploadError {
    /// The public code.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Packet(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Disk(error) if error.kind() == io::ErrorKind::StorageFull => ErrorCode::DiskReserve,
            Self::Disk(_) | Self::Reader => ErrorCode::Internal,
            Self::Cut => ErrorCode::Cancelled,
        }
    }
}

enum Feed {
    Bytes(Bytes),
    End,
}

/// A packet being taken in. Dropping it removes what was written.
#[derive(Debug)]
pub(crate) struct Upload {
    limits: Limits,
    received: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Everything so far, written and to be read.
    Gathering(PayloadWriter, Vec<Bytes>),
    /// The codec reads what is sent to it.
    Reading(mpsc::Sender<Feed>, JoinHandle<Result<Received, UploadError>>),
    /// It failed.
    Failed(UploadError),
}

impl Upload {
    /// Starts a payload.
    pub(crate) fn start(store: &Store, limits: &Limits) -> Result<Self, UploadError> {
        Ok(Self { limits: limits.clone(), received: 0, state: State::Gathering(store.stage()?, Vec::new()) })
    }

    /// Bytes given so far.
    pub(crate) const fn received(&self) -> u64 {
        self.received
    }

    /// Gives the next bytes. False when the reader has already given up: `finish` says why.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> bool {
        self.received += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if bytes.is_empty() {
            return true;
        }
        let is_small = usize::try_from(self.received).is_ok_and(|received| received <= INLINE_MAX);
        match &mut self.state {
            State::Gathering(_, gathered) if is_small => {
                gathered.push(bytes);
                true
            }
            State::Gathering(..) => self.read_on().await && self.send(bytes).await,
            State::Reading(..) => self.send(bytes).await,
            State::Failed(_) => false,
        }
    }

    async fn send(&self, bytes: Bytes) -> bool {
        match &self.state {
            State::Reading(feed, _) => feed.send(Feed::Bytes(bytes)).await.is_ok(),
            State::Gathering(..) | State::Failed(_) => false,
        }
    }

    /// Gives what was gathered to a codec of its own.
    async fn read_on(&mut self) -> bool {
        let (feed, chunks) = mpsc::channel(CHUNKS);
        let state = std::mem::replace(&mut self.state, State::Failed(UploadError::Cut));
        let State::Gathering(writer, gathered) = state else { return false };
        let limits = self.limits.clone();
        let reader = tokio::task::spawn_blocking(move || read(writer, chunks, &limits));
        self.state = State::Reading(feed, reader);
        for bytes in gathered {
            if !self.send(bytes).await {
                return false;
            }
        }
        true
    }

    /// Ends the packet; its bytes are synced when this returns.
    pub(crate) async fn finish(self) -> Result<Received, UploadError> {
        match self.state {
            State::Gathering(writer, gathered) => read_gathered(writer, &gathered, &self.limits),
            State::Reading(feed, reader) => {
                // A reader that gave up does not take the end; its result says why.
                drop(feed.send(Feed::End).await);
                reader.await.map_err(|_| UploadError::Reader)?
            }
            State::Failed(error) => Err(error),
        }
    }
}

/// Reads a packet that is already staged, as [`Upload`] does while it arrives.
pub(crate) async fn read_staged(staged: Staged, limits: &Limits) -> Result<Received, UploadError> {
    if let Some(bytes) = staged.in_memory().cloned() {
        return read_small(staged, &bytes, limits);
    }
    let limits = limits.clone();
    let read = move || {
        let mut sink = PartDigests::default();
        let packet = read_packet(BufReader::with_capacity(BUFFER, staged.open()?), &limits, &mut sink)?;
        Ok(Received { staged, packet, parts: sink.finished, looks: sink.looks })
    };
    tokio::task::spawn_blocking(read).await.map_err(|_| UploadError::Reader)?
}

/// Reads what was gathered. A packet of this size takes less than handing it to another thread does.
fn read_gathered(mut writer: PayloadWriter, gathered: &[Bytes], limits: &Limits) -> Result<Received, UploadError> {
    for bytes in gathered {
        writer.write_all(bytes).map_err(UploadError::Disk)?;
    }
    let staged = writer.finish()?;
    let bytes = staged.in_memory().cloned().ok_or(UploadError::Reader)?;
    read_small(staged, &bytes, limits)
}

fn read_small(staged: Staged, bytes: &[u8], limits: &Limits) -> Result<Received, UploadError> {
    let mut sink = PartDigests::default();
    let packet = read_packet(bytes, limits, &mut sink)?;
    Ok(Received { staged, packet, parts: sink.finished, looks: sink.looks })
}

fn read(writer: PayloadWriter, chunks: mpsc::Receiver<Feed>, limits: &Limits) -> Result<Received, UploadError> {
    let tee = Tee { chunks, current: Bytes::new(), is_ended: false, writer, failure: None };
    let mut input = BufReader::with_capacity(BUFFER, tee);
    let mut sink = PartDigests::default();
    let result = read_packet(&mut input, limits, &mut sink);
    let tee = input.into_inner();
    match (result, tee.failure) {
        (_, Some(failure)) => Err(failure),
        (Err(error), None) => Err(error.into()),
        (Ok(packet), None) => {
            Ok(Received { staged: tee.writer.finish()?, packet, parts: sink.finished, looks: sink.looks })
        }
    }
}

/// Gives the codec what the network brought, and writes the same bytes to the payload file.
struct Tee {
    chunks: mpsc::Receiver<Feed>,
    current: Bytes,
    is_ended: bool,
    writer: PayloadWriter,
    failure: Option<UploadError>,
}

impl Tee {
    fn fail(&mut self, error: UploadError) -> io::Error {
        self.failure = Some(error);
        io::Error::other("the upload ended")
    }
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.current.is_empty() && !self.is_ended {
            match self.chunks.blocking_recv() {
                Some(Feed::Bytes(bytes)) => {
                    if let Err(error) = self.writer.write_all(&bytes) {
                        return Err(self.fail(UploadError::Disk(error)));
                    }
                    self.current = bytes;
                }
                Some(Feed::End) => self.is_ended = true,
                None => return Err(self.fail(UploadError::Cut)),
            }
        }
        (&mut self.current).reader().read(buffer)
    }
}

/// SHA-256 and kind of each attachment, while it is decoded.
#[derive(Default)]
struct PartDigests {
    current: Option<Context>,
    head: Vec<u8>,
    finished: Vec<Digest>,
    looks: Vec<Look>,
}

impl AttachmentSink for PartDigests {
    fn begin(&mut self, _index: usize, _head: &AttachmentHead) -> Result<(), SinkError> {
        self.current = Some(Context::new(&SHA256));
        self.head.clear();
        Ok(())
    }

    fn data(&mut self, piece: &[u8]) -> Result<(), SinkError> {
        if let Some(context) = self.current.as_mut() {
            context.update(piece);
        }
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(piece.get(..room).unwrap_or(piece));
        Ok(())
    }

    fn end(&mut self) -> Result<(), SinkError> {
        let context = self.current.take().ok_or(SinkError::new(ErrorCode::Internal))?;
        self.looks.push(if may_be_signed(&self.head) { Look::Inside } else { Look::Not });
        let digest = Digest::try_from(context.finish().as_ref());
        self.finished.push(digest.map_err(|error| SinkError::with_source(ErrorCode::Internal, error))?);
        Ok(())
    }
}

/// The position of a packet's fault, for the caller.
pub(crate) fn position(error: &EdxmlError) -> Option<u64> {
    (!matches!(error.problem(), Problem::Input { .. })).then(|| error.offset())
}
