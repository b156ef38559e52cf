//! What every part of a simulated node shares while it is up.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use directory::{Directory, Topology};
use queue::{Store, StoreError};
use types::{ErrorCode, ExchangeId, NeighbourId, NodeId, UnixMillis};

use crate::Sabotage;
use crate::packet::{Answer, Receipt, Word};

/// What a task leaves for the world to carry out, once the batch it waited for is on the disk.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A transfer is answered.
    Answer { transfer: u64, to: NeighbourId, document: Option<String>, answer: Answer },
    /// A submission is answered.
    Submitted { document: usize, answer: Answer },
    /// An item was confirmed for the first time.
    HandedOver { document: String, agency: String },
    /// The outcome of a transfer is recorded.
    Settled { hop: NeighbourId },
    /// Reports could not be worked off.
    ReportsFailed,
}

/// One running node.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) id: NodeId,
    pub(crate) store: Store,
    pub(crate) topology: Rc<Topology>,
    pub(crate) directory: Rc<Directory>,
    pub(crate) sabotage: Option<Sabotage>,
    /// The simulation's clock, and how far this node's is off.
    pub(crate) time: Rc<Cell<u64>>,
    pub(crate) ahead: i64,
    /// Makes ids that never come twice, like those of a node made of time and chance.
    pub(crate) ids: Rc<Cell<u64>>,
    pub(crate) effects: RefCell<Vec<Effect>>,
    /// Whether reports are being worked off.
    pub(crate) is_reporting: Cell<bool>,
    /// Whether more came meanwhile.
    pub(crate) reports_wait: Cell<bool>,
}

impl Core {
    /// This node's clock.
    pub(crate) fn now(&self) -> UnixMillis {
        UnixMillis::new(self.time.get().saturating_add_signed(self.ahead))
    }

    pub(crate) fn id(&self) -> u64 {
        self.ids.set(self.ids.get() + 1);
        self.ids.get()
    }

    pub(crate) fn new_exchange(&self) -> ExchangeId {
        let mut bytes = [0; 16];
        let (time, number) = bytes.split_at_mut(8);
        time.copy_from_slice(&self.now().as_millis().to_be_bytes());
        number.copy_from_slice(&self.id().to_be_bytes());
        ExchangeId::from_bytes(bytes)
    }

    pub(crate) fn leave(&self, effect: Effect) {
        self.effects.borrow_mut().push(effect);
    }

    pub(crate) fn receipt(&self, word: Word, exchange: ExchangeId, recipients: Vec<types::AgencyCode>) -> Receipt {
        Receipt { word, node: self.id.to_string(), exchange, number: self.id(), recipients }
    }
}

/// A refusal by its public code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) ErrorCode);

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self(error.code())
    }
}
