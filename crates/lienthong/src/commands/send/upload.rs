//! The bytes of a document, streamed with a progress bar.

use std::future::Future;
use std::path::Path;
use std::pin::pin;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};
use wire::exchange_v1::{
    Acceptance, DocumentHeader, PacketHeader, SubmitPacketRequest, SubmitRequest, submit_packet_request, submit_request,
};

use crate::client::{Client, expected};
use crate::failure::Failure;
use crate::files::{CHUNK_BYTES, LocalFile};

/// Messages that wait for the network: enough to keep it busy, a megabyte of memory.
const QUEUED_MAX: usize = 4;

/// Sends a document's header and files.
pub(in crate::commands) async fn files(
    client: &mut Client,
    header: DocumentHeader,
    files: Vec<LocalFile>,
) -> Result<Acceptance, Failure> {
    let bar = progress(files.iter().map(|file| file.length).sum());
    let (to, messages) = mpsc::channel(QUEUED_MAX);
    let message = |part| SubmitRequest { part: Some(part) };
    let open = to.clone();
    let feed = async {
        if to.send(message(submit_request::Part::Header(header))).await.is_err() {
            return Ok(());
        }
        for (index, file) in (0_u32..).zip(&files) {
            if to.send(message(submit_request::Part::File(index))).await.is_err() {
                return Ok(());
            }
            copy(&file.path, &to, &bar, |chunk| message(submit_request::Part::Chunk(chunk.into()))).await?;
        }
        drop(to);
        Ok(())
    };
    let mut stub = client.stub.clone();
    let answer = converse(feed, open, stub.submit(ReceiverStream::new(messages))).await;
    bar.finish_and_clear();
    expected(answer?.map_err(|status| client.failed(status))?.into_inner().acceptance, "acceptance")
}

/// Sends a packet's bytes.
pub(super) async fn packet(client: &mut Client, header: PacketHeader, path: &Path) -> Result<Acceptance, Failure> {
    let bar = progress(header.length);
    let (to, messages) = mpsc::channel(QUEUED_MAX);
    let message = |part| SubmitPacketRequest { part: Some(part) };
    let open = to.clone();
    let feed = async {
        if to.send(message(submit_packet_request::Part::Header(header))).await.is_err() {
            return Ok(());
        }
        copy(path, &to, &bar, |chunk| message(submit_packet_request::Part::Chunk(chunk.into()))).await?;
        drop(to);
        Ok(())
    };
    let mut stub = client.stub.clone();
    let answer = converse(feed, open, stub.submit_packet(ReceiverStream::new(messages))).await;
    bar.finish_and_clear();
    expected(answer?.map_err(|status| client.failed(status))?.into_inner().acceptance, "acceptance")
}

/// Feeds a call until its answer.
///
/// The stream ends only after a whole upload, when `open` and the feed's own sender are gone: a file that fails in the
/// middle drops the call first, so that the node sees it cut off and never takes it for complete.
async fn converse<M, A>(
    feed: impl Future<Output = Result<(), Failure>>,
    open: Sender<M>,
    call: impl Future<Output = Result<Response<A>, Status>>,
) -> Result<Result<Response<A>, Status>, Failure> {
    let mut call = pin!(call);
    let mut feed = pin!(feed);
    tokio::select! {
        // An early refusal.
        answer = &mut call => return Ok(answer),
        fed = &mut feed => fed?,
    }
    drop(open);
    Ok(call.await)
}

async fn copy<M>(
    path: &Path,
    to: &Sender<M>,
    bar: &ProgressBar,
    message: impl Fn(Vec<u8>) -> M,
) -> Result<(), Failure> {
    let mut file = File::open(path).await.map_err(|error| Failure::file(path, error))?;
    loop {
        let mut piece = vec![0; CHUNK_BYTES];
        let read = file.read(&mut piece).await.map_err(|error| Failure::file(path, error))?;
        if read == 0 {
            return Ok(());
        }
        piece.truncate(read);
        if to.send(message(piece)).await.is_err() {
            return Ok(());
        }
        bar.inc(u64::try_from(read).unwrap_or(0));
    }
}

/// A bar on standard error; indicatif shows nothing where that is no terminal.
pub(crate) fn progress(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} còn {eta}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

#[cfg(test)]
mod tests;
