//! The sending half of a link: claims under the window and the circuit of the neighbour, outcomes settled.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use delivery::{Circuit, CircuitRule, Permit, Window, WindowRule};
use queue::{Claim, ClaimRequest, Outcome, Settlement};
use types::{ErrorCode, Lane, NeighbourId, UnixMillis};

use super::core::{Core, Effect, Refused};
use super::intake;
use crate::packet::{Answer, Packet};
use crate::region::Place;

/// A claim's lease.
const LEASE: Duration = Duration::from_secs(60);

/// One neighbour as this node sees it.
pub(crate) struct Link {
    pub(crate) to: Place,
    circuit: Circuit,
    window: Window,
    under_way: BTreeMap<u64, Claim>,
    /// When it will look again, so that one look is planned and not many.
    pub(crate) looks_at: Option<u64>,
}

/// What a look at a link found.
pub(crate) struct Looked {
    /// Packets to send, each with its transfer.
    pub(crate) packets: Vec<(u64, Rc<Packet>)>,
    /// When to look again.
    pub(crate) again_at: Option<UnixMillis>,
}

impl Link {
    pub(crate) fn new(to: Place) -> Self {
        let window = Window::new(&WindowRule::default());
        Self { to, circuit: Circuit::new(), window, under_way: BTreeMap::new(), looks_at: None }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.under_way.is_empty()
    }

    fn room(&self) -> u32 {
        self.window.room(u32::try_from(self.under_way.len()).unwrap_or(u32::MAX))
    }

    /// Claims what is due, as far as there is room, and says what to send.
    pub(crate) fn look(&mut self, core: &Core, hop: &NeighbourId) -> Result<Looked, Refused> {
        let mut looked = Looked { packets: Vec::new(), again_at: None };
        let now = core.now();
        while self.room() > 0 {
            let due = core.store.next_due(hop)?;
            if due.is_none_or(|due| due > now) {
                looked.again_at = due;
                break;
            }
            let room = match self.circuit.permit(now, &CircuitRule::default()) {
                Permit::Free => self.room(),
                Permit::Probe => 1,
                Permit::Denied { until } => {
                    looked.again_at = Some(until);
                    break;
                }
            };
            let max = usize::try_from(room).unwrap_or(1);
            let request = ClaimRequest { hop: hop.clone(), now, lease: LEASE, max, least: Lane::Normal };
            let claims = core.store.claim(&request)?;
            if claims.is_empty() {
                // Due and not to be had: it is past its deadline, and the next expiry returns it.
                looked.again_at = Some(now + Duration::from_secs(15));
                break;
            }
            for claim in claims {
                let recipients = claim.recipients.iter().map(|recipient| recipient.code.clone()).collect();
                let packet = intake::packet_of(core, &claim.document, recipients)?;
                let transfer = core.id();
                self.under_way.insert(transfer, claim);
                looked.packets.push((transfer, Rc::new(packet)));
            }
        }
        Ok(looked)
    }

    /// Ends a transfer; `None` when it had ended before.
    pub(crate) fn ended(&mut self, transfer: u64, answer: Option<&Answer>, now: UnixMillis) -> Option<Claim> {
        let running = u32::try_from(self.under_way.len()).unwrap_or(u32::MAX);
        let claim = self.under_way.remove(&transfer)?;
        match answer {
            Some(Answer::Accepted(_)) => {
                self.circuit.succeeded();
                self.window.succeeded(running, &WindowRule::default());
            }
            Some(Answer::Refused(code)) => {
                self.circuit.succeeded();
                if *code == ErrorCode::Overloaded {
                    self.window.overloaded(now, &WindowRule::default());
                }
            }
            None => {
                self.circuit.failed(now, &CircuitRule::default());
                self.window.overloaded(now, &WindowRule::default());
            }
        }
        Some(claim)
    }

    /// The neighbour called: it is back.
    pub(crate) fn heard(&mut self) {
        if matches!(self.circuit.state(), delivery::CircuitState::Open { .. }) {
            self.circuit.reset();
        }
    }
}

/// Records the outcome of a transfer.
pub(crate) async fn settle(core: Rc<Core>, claim: Claim, answer: Option<Answer>) {
    let outcome = match &answer {
        Some(Answer::Accepted(receipt)) => Outcome::Delivered { evidence: receipt.clone() },
        Some(Answer::Refused(code)) => Outcome::Refused { code: *code, text: String::new(), evidence: Vec::new() },
        None => Outcome::Failed { code: ErrorCode::PeerUnavailable, text: String::new() },
    };
    let outcomes = claim.recipients.iter().map(|recipient| (recipient.index, outcome.clone())).collect();
    let settlement = Settlement { fence: claim.fence.clone(), now: core.now(), outcomes };
    // What cannot be recorded is repeated after its lease.
    drop(core.store.settle(vec![settlement]).await);
    core.leave(Effect::Settled { hop: claim.fence.hop });
}
