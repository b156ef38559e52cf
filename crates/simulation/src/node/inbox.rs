//! The software of an agency: looks, leases, reads and confirms, and sometimes dies in between.

use std::rc::Rc;
use std::time::Duration;

use queue::{Confirm, Confirmed, InboxItem, InboxQuery, ItemId};
use types::{AgencyCode, SystemId};

use super::core::{Core, Effect, Refused};
use crate::packet::Word;

/// Items of one look.
const PAGE: usize = 20;
/// How long the software keeps an item to itself.
const LEASE: Duration = Duration::from_secs(300);

/// What the software does with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Confirms it.
    Confirms,
    /// Dies with the item in its hands: the lease runs out, and it comes again.
    Dies,
}

/// Items behind `after`, in their order.
pub(crate) fn items(core: &Core, agency: &AgencyCode, after: ItemId) -> Result<Vec<InboxItem>, Refused> {
    let query = InboxQuery { agency: agency.clone(), kind: None, after, max: PAGE, now: core.now() };
    Ok(core.store.inbox(&query)?.items)
}

/// Works through what waits in an inbox, at most a page.
pub(crate) async fn read(core: Rc<Core>, agency: AgencyCode, system: SystemId, reader: Reader) {
    // A refusal (another has the lease, the item was recalled meanwhile) ends this round; the next one looks again.
    let _refused = round(&core, &agency, &system, reader).await.is_err();
}

async fn round(core: &Core, agency: &AgencyCode, system: &SystemId, reader: Reader) -> Result<(), Refused> {
    for item in items(core, agency, ItemId::new(0))? {
        let until = core.now() + LEASE;
        let token = match core.store.lease(agency, item.id, system, until, core.now()) {
            Ok(token) => token,
            Err(_) => continue,
        };
        let recipient = queue::RecipientId { seq: item.document.seq, index: item.recipient.index };
        if core.store.read_by(recipient).is_err() {
            continue;
        }
        if reader == Reader::Dies {
            return Ok(());
        }
        let codes = vec![item.recipient.code.clone()];
        let evidence = core.receipt(Word::HandedOver, item.document.exchange, codes).to_bytes();
        let confirm = Confirm { agency: agency.clone(), item: item.id, token: Some(token), now: core.now(), evidence };
        if core.store.confirm(confirm).await? == Confirmed::Now {
            let document = item.document.key.document_id.to_string();
            core.leave(Effect::HandedOver { document, agency: agency.canonical().to_owned() });
        }
    }
    Ok(())
}
