//! Ids of transfers: the exchange for the sender, the exchange and the receiver's place in it for a receiver.

use std::fmt;
use std::str::FromStr;

use axis::DocId;
use types::ExchangeId;

/// An id that this axis gave: `<uuid>` or `<uuid>.<index>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) exchange: ExchangeId,
    /// The receiver, `None` in the sender's id.
    pub(crate) receiver: Option<u32>,
}

impl Id {
    pub(crate) const fn of_sender(exchange: ExchangeId) -> Self {
        Self { exchange, receiver: None }
    }

    pub(crate) const fn of_receiver(exchange: ExchangeId, index: u32) -> Self {
        Self { exchange, receiver: Some(index) }
    }

    /// The same as it travels.
    pub(crate) fn to_doc_id(self) -> DocId {
        self.to_string().parse().expect("a UUID and a number are visible ASCII")
    }
}

impl FromStr for Id {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (exchange, receiver) = match text.split_once('.') {
            Some((exchange, index)) => (exchange, Some(index.parse().map_err(|_| ())?)),
            None => (text, None),
        };
        Ok(Self { exchange: exchange.parse().map_err(|_| ())?, receiver })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.receiver {
            Some(index) => write!(f, "{}.{index}", self.exchange),
            None => write!(f, "{}", self.exchange),
        }
    }
}
