//! Packets that wait at the axis: taken in by the same steps as a system's submission.

use std::sync::Arc;

use async_trait::async_trait;
use axis::connector::{Inbox, Known, Reason, RefusedBefore, Taken, Waiting};
use axis::{FileStream, MessageType};
use futures_util::StreamExt as _;
use queue::EntryKind;
use ring::digest::{Context, SHA256};
use tokio::sync::{Notify, Semaphore};
use types::{AgencyCode, ErrorCode, ExchangeId, NeighbourId};

use super::refusals::Refusals;
use crate::core::Core;
use crate::intake::{Admitted, Arrival, Door, Refused, Repeat, Upload, admit};

/// Keeps a digest of ours from being one of anything else.
const EXCHANGE_DOMAIN: &[u8] = b"vn.lienthong.axis.exchange.v1\0";

/// The receiving half of the connection.
#[derive(Debug)]
pub(crate) struct Taking {
    core: Arc<Core>,
    id: NeighbourId,
    uploads: Arc<Semaphore>,
    refusals: Refusals,
    unknown_sender: Arc<Notify>,
}

/// The exchange that stands for a line of the axis's list: the same at every repeat, also after a restart.
///
/// A UUID version 8 (RFC 9562, 5.8) of the SHA-256 of neighbour, id, sender and time of creation. The id alone would do
/// for an axis that never forgets; one that was set up anew may give it to another packet.
fn exchange_of(neighbour: &NeighbourId, waiting: &Waiting) -> ExchangeId {
    let mut context = Context::new(&SHA256);
    context.update(EXCHANGE_DOMAIN);
    for part in [neighbour.as_str(), waiting.doc_id.as_str(), &waiting.from, &waiting.created] {
        context.update(part.as_bytes());
        context.update(b"\0");
    }
    let digest = context.finish();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, hash)| *byte = *hash);
    ExchangeId::from_bytes(uuid::Uuid::new_v8(bytes).into_bytes())
}

impl Taking {
    /// `uploads` bounds packets being read at a time, over all doors; `unknown_sender` is told of senders that the
    /// directory does not list.
    pub(crate) fn new(core: Arc<Core>, id: NeighbourId, uploads: Arc<Semaphore>, unknown_sender: Arc<Notify>) -> Self {
        let refusals = Refusals::open(&core.config.data_dir);
        Self { core, id, uploads, refusals, unknown_sender }
    }

    /// Whether any of its receivers is one that this node takes packets for.
    fn is_wanted(&self, waiting: &Waiting) -> bool {
        let wanted = self.core.axis_link(&self.id).map(|link| link.agencies.as_slice()).unwrap_or_default();
        let is_below = |code: &AgencyCode| {
            let named = |text: &str| wanted.iter().any(|agency| agency.canonical() == text);
            named(code.canonical()) || code.ancestors().any(named)
        };
        wanted.is_empty()
            || waiting.to.iter().filter_map(|text| AgencyCode::opaque(text).ok()).any(|code| is_below(&code))
    }

    /// Whether a document was taken under this id for these receivers. Statuses are small: a repeat is fetched and
    /// recognised by its content, so that what a crash kept from being recorded is recorded then.
    fn has(&self, waiting: &Waiting) -> Result<bool, queue::StoreError> {
        if waiting.message_type == MessageType::Status {
            return Ok(false);
        }
        for seq in self.core.store.by_exchange(exchange_of(&self.id, waiting))? {
            let document = self.core.store.document(seq)?;
            if document.kind != EntryKind::Document {
                continue;
            }
            let count = usize::try_from(document.recipients).unwrap_or(usize::MAX);
            let recipients = self.core.store.recipients(seq, 0, count)?;
            let is_listed = |text: &String| {
                AgencyCode::opaque(text).is_ok_and(|code| recipients.iter().any(|recipient| recipient.code == code))
            };
            if waiting.to.iter().all(is_listed) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn receive(&self, waiting: &Waiting, mut file: FileStream) -> Result<Admitted, Refused> {
        let to = waiting.to.iter().map(|text| receiver(text)).collect::<Result<Vec<_>, _>>()?;
        let Ok(_permit) = self.uploads.clone().try_acquire_owned() else {
            return Err(Refused::new(ErrorCode::Overloaded, "too many packets at once"));
        };
        let mut upload = Upload::start(&self.core.store, &self.core.packet_limits())?;
        while let Some(piece) = file.next().await {
            // Dropping the upload removes what was written.
            let bytes = piece.map_err(|failure| Refused::new(ErrorCode::Cancelled, failure.to_string()))?;
            if !upload.write(bytes).await {
                break;
            }
        }
        let received = upload.finish().await?;
        let door = Door::Axis {
            id: self.id.clone(),
            doc_id: waiting.doc_id.clone(),
            exchange: exchange_of(&self.id, waiting),
            to,
        };
        admit(&self.core, received, Arrival { door, envelope: None, to: None }).await
    }
}

fn receiver(text: &str) -> Result<AgencyCode, Refused> {
    AgencyCode::opaque(text).map_err(|error| Refused::new(ErrorCode::MalformedCode, error.to_string()).at("to"))
}

/// Whether a refusal is about this moment and not about the packet: the round ends, and nothing is held against it.
const fn is_of_the_moment(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Overloaded
            | ErrorCode::DiskReserve
            | ErrorCode::StorePoisoned
            | ErrorCode::KeyUnavailable
            | ErrorCode::ShuttingDown
            | ErrorCode::RateLimited
            | ErrorCode::Cancelled
    )
}

#[async_trait]
impl Inbox for Taking {
    async fn known(&self, waiting: &Waiting) -> Known {
        if !self.is_wanted(waiting) {
            // Left to another connection of the same system id: neither fetched nor refused.
            return Known::Refused(RefusedBefore { times: u32::MAX, last: crate::clock::now() });
        }
        match self.has(waiting) {
            Ok(true) => Known::Have,
            // A store that cannot be read does not take the packet either, and says why then.
            Ok(false) | Err(_) => self.refusals.get(&waiting.doc_id).map_or(Known::New, Known::Refused),
        }
    }

    async fn take(&self, waiting: &Waiting, file: FileStream) -> Taken {
        let refused = match self.receive(waiting, file).await {
            Ok(admitted) => {
                self.refusals.forget(&waiting.doc_id).await;
                if !admitted.routing.dropped.is_empty() {
                    let dropped = admitted.routing.dropped.iter().map(|dropped| dropped.code.to_string());
                    tracing::warn!(
                        peer.id = %self.id,
                        axis.doc_id = %waiting.doc_id,
                        receivers = dropped.collect::<Vec<_>>().join(" "),
                        "receivers of a packet from the axis cannot be reached from here"
                    );
                }
                return if admitted.repeat == Repeat::First { Taken::Accepted } else { Taken::AlreadyHave };
            }
            Err(refused) => refused,
        };
        if refused.code == ErrorCode::UnknownSender {
            self.unknown_sender.notify_one();
        }
        let reason = Reason::new(refused.code, refused.detail);
        if is_of_the_moment(reason.code) { Taken::Later(reason) } else { Taken::Refused(reason) }
    }

    async fn remember_refusal(&self, waiting: &Waiting, refused: RefusedBefore) {
        self.refusals.remember(&waiting.doc_id, refused).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(doc_id: &str, from: &str, created: &str) -> Waiting {
        Waiting {
            doc_id: doc_id.parse().unwrap(),
            message_type: MessageType::Edoc,
            from: from.to_owned(),
            to: vec!["H48".to_owned()],
            created: created.to_owned(),
        }
    }

    fn exchange(line: &Waiting) -> ExchangeId {
        exchange_of(&"truc".parse().unwrap(), line)
    }

    #[test]
    fn a_repeated_line_stands_for_the_same_exchange() {
        let first = exchange(&line("a", "H30", "2026-03-01 08:00:00"));
        assert_eq!(first, exchange(&line("a", "H30", "2026-03-01 08:00:00")));
        assert_eq!(first.to_string().as_bytes()[14], b'8', "a UUID of version 8: {first}");
    }

    #[test]
    fn a_number_that_an_axis_gives_anew_stands_for_another_exchange() {
        let first = exchange(&line("1", "H30", "2026-03-01 08:00:00"));
        assert_ne!(first, exchange(&line("1", "H31", "2026-03-01 08:00:00")));
        assert_ne!(first, exchange(&line("1", "H30", "2026-03-01 08:00:01")));
        assert_ne!(first, exchange(&line("1H30", "", "2026-03-01 08:00:00")));
    }

    #[test]
    fn what_is_of_the_moment_is_held_against_no_packet() {
        assert!(is_of_the_moment(ErrorCode::DiskReserve));
        assert!(!is_of_the_moment(ErrorCode::Internal), "one packet that breaks a reader must not end every round");
    }
}
