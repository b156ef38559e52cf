//! One offer of the other side, from the decision to the answer.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;
use types::ErrorCode;

use super::Shared;
use super::run::Event;
use crate::{IncomingContent, Offer, OfferDecision, Outbox, Refusal};

/// What the loop tells a taker. Its end of the channel closed means: give up, keep what is there.
pub(super) enum Step {
    /// The next bytes.
    Write(Bytes),
    /// All bytes are there.
    Finish,
}

/// The answers of one taker; says something even when its node panicked.
struct Answers {
    transfer: u64,
    events: mpsc::UnboundedSender<Event>,
    is_answered: bool,
}

impl Answers {
    fn tell(&self, event: Event) {
        // A loop that is gone wants no answer.
        drop(self.events.send(event));
    }

    fn refuse(mut self, refusal: Refusal) {
        self.is_answered = true;
        self.tell(Event::Refuse { transfer: self.transfer, refusal });
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        if !self.is_answered {
            let refusal = Refusal::new(ErrorCode::Internal, "the transfer was dropped");
            self.tell(Event::Refuse { transfer: self.transfer, refusal });
        }
    }
}

pub(super) async fn take<O: Outbox>(
    shared: Arc<Shared<O>>,
    transfer: u64,
    offer: Offer,
    inline: Option<Bytes>,
    steps: mpsc::Receiver<Step>,
    events: mpsc::UnboundedSender<Event>,
) {
    let length = offer.length;
    let mut answers = Answers { transfer, events, is_answered: false };
    match shared.links.inbound.offer(&shared.neighbour, offer).await {
        OfferDecision::Refuse(refusal) => answers.refuse(refusal),
        OfferDecision::AlreadyHave(acceptance) => {
            answers.is_answered = true;
            answers.tell(Event::AlreadyHave { transfer, acceptance });
        }
        OfferDecision::SendFrom(offset, _) if offset > length => {
            tracing::error!(offset, length, "the node wants content from behind its end");
            answers.refuse(Refusal::new(ErrorCode::Internal, "the kept part is longer than the content"));
        }
        OfferDecision::SendFrom(offset, content) => {
            answers.tell(Event::SendFrom { transfer, offset });
            match inline {
                Some(data) => take_inline(answers, content, data, offset).await,
                None => take_steps(answers, content, steps).await,
            }
        }
    }
}

async fn take_inline(answers: Answers, mut content: Box<dyn IncomingContent>, mut data: Bytes, offset: u64) {
    let rest = data.split_off(usize::try_from(offset).unwrap_or(data.len()).min(data.len()));
    if !rest.is_empty()
        && let Err(refusal) = content.write(rest).await
    {
        return answers.refuse(refusal);
    }
    finish(answers, content).await;
}

async fn take_steps(answers: Answers, mut content: Box<dyn IncomingContent>, mut steps: mpsc::Receiver<Step>) {
    while let Some(step) = steps.recv().await {
        match step {
            Step::Write(data) => {
                let bytes = data.len() as u64;
                if let Err(refusal) = content.write(data).await {
                    return answers.refuse(refusal);
                }
                answers.tell(Event::Written { transfer: answers.transfer, bytes });
            }
            Step::Finish => return finish(answers, content).await,
        }
    }
}

async fn finish(mut answers: Answers, content: Box<dyn IncomingContent>) {
    match content.finish().await {
        Ok(acceptance) => {
            answers.is_answered = true;
            answers.tell(Event::Accept { transfer: answers.transfer, acceptance });
        }
        Err(refusal) => answers.refuse(refusal),
    }
}
