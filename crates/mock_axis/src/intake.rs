//! One packet on its way in: bytes go to a payload file and through the codec in the same pass.

use std::io::{self, BufReader, Read, Write as _};

use axis::{AxisCode, Failure, FileStream};
use bytes::{Buf as _, Bytes};
use edxml::{DiscardSink, EdxmlError, Limits, Packet, read_packet};
use futures_util::StreamExt as _;
use queue::{PayloadWriter, Staged, Store, StoreError};
use tokio::sync::mpsc;
use types::ErrorCode;

/// Chunks between the network and the codec: enough to overlap, little to hold.
const CHUNKS: usize = 2;
/// Bytes the codec reads at a time.
const BUFFER: usize = 64 * 1024;

/// A packet that was read to its end; its bytes are on the disk.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) staged: Staged,
    pub(crate) packet: Packet,
}

enum Feed {
    Bytes(Bytes),
    End,
}

enum Fault {
    Packet(EdxmlError),
    Store(StoreError),
    Disk(io::Error),
    Cut,
}

/// Takes a packet from the network.
///
/// # Errors
/// The stream's own failure; what is wrong with the packet; code 20 for the disk. Nothing is kept then.
pub(crate) async fn receive(store: &Store, mut file: FileStream) -> Result<Received, Failure> {
    let (feed, chunks) = mpsc::channel(CHUNKS);
    let store = store.clone();
    let reader = tokio::task::spawn_blocking(move || read(&store, chunks));
    let mut cut = None;
    loop {
        let part = match file.next().await {
            Some(Ok(bytes)) => Feed::Bytes(bytes),
            Some(Err(failure)) => {
                cut = Some(failure);
                break;
            }
            None => Feed::End,
        };
        let is_last = matches!(part, Feed::End);
        // A reader that gave up takes nothing more: its result says why.
        if feed.send(part).await.is_err() || is_last {
            break;
        }
    }
    drop(feed);
    let outcome = reader.await.map_err(|_| Failure::of(ErrorCode::Internal, "sendEdoc"))?;
    match (cut, outcome) {
        (Some(failure), _) => Err(failure),
        (None, outcome) => outcome.map_err(refusal),
    }
}

fn refusal(fault: Fault) -> Failure {
    match fault {
        Fault::Packet(error) => Failure::of(error.code(), &error.to_string()),
        Fault::Store(error) => store_failure(&error),
        Fault::Disk(error) => {
            tracing::error!(%error, "a packet could not be written");
            Failure::new(AxisCode::Internal, "Không ghi được gói tin (the packet could not be written)")
        }
        Fault::Cut => Failure::of(ErrorCode::Cancelled, "sendEdoc"),
    }
}

/// A failure of the store in the caller's terms; its cause goes to the log.
pub(crate) fn store_failure(error: &StoreError) -> Failure {
    if error.code() == ErrorCode::Internal {
        tracing::error!(%error, "the store failed");
    }
    Failure::of(error.code(), "")
}

fn read(store: &Store, chunks: mpsc::Receiver<Feed>) -> Result<Received, Fault> {
    let writer = store.stage().map_err(Fault::Store)?;
    let tee = Tee { chunks, current: Bytes::new(), is_ended: false, writer, fault: None };
    let mut input = BufReader::with_capacity(BUFFER, tee);
    let result = read_packet(&mut input, &Limits::default(), &mut DiscardSink);
    let tee = input.into_inner();
    match (result, tee.fault) {
        (_, Some(fault)) => Err(fault),
        (Err(error), None) => Err(Fault::Packet(error)),
        (Ok(packet), None) => Ok(Received { staged: tee.writer.finish().map_err(Fault::Store)?, packet }),
    }
}

/// Gives the codec what the network brought, and writes the same bytes to the payload file.
struct Tee {
    chunks: mpsc::Receiver<Feed>,
    current: Bytes,
    is_ended: bool,
    writer: PayloadWriter,
    fault: Option<Fault>,
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && !self.is_ended {
            match self.chunks.blocking_recv() {
                Some(Feed::Bytes(bytes)) => {
                    if let Err(error) = self.writer.write_all(&bytes) {
                        self.fault = Some(Fault::Disk(error));
                        return Err(io::Error::other("the packet could not be written"));
                    }
                    self.current = bytes;
                }
                Some(Feed::End) => self.is_ended = true,
                None => {
                    self.fault = Some(Fault::Cut);
                    return Err(io::Error::other("the packet broke off"));
                }
            }
        }
        (&mut self.current).reader().read(buffer)
    }
}
