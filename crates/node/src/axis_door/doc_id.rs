//! The ids that this node gives over the axis's protocol. They hold all that is needed to find a transfer again, so
//! nothing is kept for them, and a restart does not change them.

use axis::{DocId, Failure};
use types::{ErrorCode, ExchangeId};

/// What an id of ours names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A packet, for its sender: the exchange id.
    Sent(ExchangeId),
    /// A packet for one of its receivers here: the exchange id, `-`, and the receiver's place in the packet.
    ///
    /// One system may speak for two receivers of one packet and confirms each on its own.
    Received(ExchangeId, u32),
}

/// Bytes of a UUID in its hyphenated form.
const UUID: usize = 36;

impl Named {
    /// Reads an id.
    pub(super) fn read(id: &DocId) -> Result<Self, Failure> {
        let unknown = || Failure::of(ErrorCode::NotFound, &format!("docId {id}: no document of this system"));
        let (exchange, rest) = id.as_str().split_at_checked(UUID).ok_or_else(unknown)?;
        let exchange: ExchangeId = exchange.parse().map_err(|_| unknown())?;
        match rest.strip_prefix('-') {
            None if rest.is_empty() => Ok(Self::Sent(exchange)),
            Some(index) if index.bytes().all(|byte| byte.is_ascii_digit()) => {
                index.parse().map(|index| Self::Received(exchange, index)).map_err(|_| unknown())
            }
            _ => Err(unknown()),
        }
    }

    /// The id as text.
    pub(super) fn text(self) -> String {
        match self {
            Self::Sent(exchange) => exchange.to_string(),
            Self::Received(exchange, index) => format!("{exchange}-{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCHANGE: &str = "01937e5c-0000-7000-8000-000000000001";

    fn read(text: &str) -> Result<Named, Failure> {
        Named::read(&text.parse().unwrap())
    }

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let exchange = EXCHANGE.parse().unwrap();
        for named in [Named::Sent(exchange), Named::Received(exchange, 0), Named::Received(exchange, 9999)] {
            assert_eq!(read(&named.text()).unwrap(), named);
        }
    }

    #[test]
    fn what_is_no_id_of_ours_is_refused() {
        for text in
            ["a1", EXCHANGE.split_at(35).0, &format!("{EXCHANGE}x"), &format!("{EXCHANGE}-"), &format!("{EXCHANGE}-+1")]
        {
            assert_eq!(read(text).unwrap_err().code, axis::AxisCode::Unprocessable, "{text}");
        }
    }
}
