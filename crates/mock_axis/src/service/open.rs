//! `getEdoc` and `downloadEdoc`: the bytes as they came in.

use std::io::Read as _;

use axis::{DocId, EdocContent, Failure};
use bytes::Bytes;
use queue::{Origin, Payload};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use types::ErrorCode;

use super::{Axis, Id, confirm};
use crate::intake::store_failure;
use crate::system::System;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks between the disk and the network.
const CHUNKS: usize = 2;

/// A payload and its length.
pub(super) struct Opened {
    length: u64,
    payload: Payload,
}

/// Opens what waits for this system, what it confirmed, and what it sent. Blocking.
pub(super) fn open(axis: &Axis, system: &System, doc_id: &DocId) -> Result<Opened, Failure> {
    let id: Id = doc_id.as_str().parse().map_err(|()| confirm::unknown(doc_id))?;
    let failed = |error| store_failure(&error);
    let seq = match id.receiver {
        Some(_) => confirm::find(axis, system, doc_id)?.seq,
        None => {
            *axis.store.by_exchange(id.exchange).map_err(failed)?.first().ok_or_else(|| confirm::unknown(doc_id))?
        }
    };
    let document = axis.store.document(seq).map_err(failed)?;
    let is_sender = matches!(&document.origin, Origin::Neighbour(origin) if origin.as_str() == system.id);
    if id.receiver.is_none() && !is_sender {
        return Err(confirm::unknown(doc_id));
    }
    let payload = axis.store.open_payload(&document.content).map_err(failed)?;
    Ok(Opened { length: document.content.length, payload })
}

/// The bytes as a stream, read on a thread that may block while the client takes them.
pub(super) fn stream(opened: Opened) -> EdocContent {
    let Opened { length, mut payload } = opened;
    let (pieces, received) = mpsc::channel(CHUNKS);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut buffer = vec![0; CHUNK_BYTES];
            let piece = match payload.read(&mut buffer) {
                Ok(0) => return,
                Ok(read) => {
                    buffer.truncate(read);
                    Ok(Bytes::from(buffer))
                }
                Err(error) => {
                    tracing::error!(%error, "a payload could not be read");
                    Err(Failure::of(ErrorCode::Internal, "docId"))
                }
            };
            let is_last = piece.is_err();
            // The client went away.
            if pieces.blocking_send(piece).is_err() || is_last {
                return;
            }
        }
    });
    EdocContent { length, bytes: Box::pin(ReceiverStream::new(received)) }
}
