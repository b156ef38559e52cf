//! One stored entry in the hand: its record and the states of its recipients, read as they are needed.

use std::collections::BTreeMap;

use delivery::{Delivery, Patience};
use types::UnixMillis;

use crate::record::rows::{DocumentRow, PlanRow, RecipientRow, StateChunkRow, StateRow};
use crate::record::{self, View};
use crate::{Document, ItemId, Plan, Recipient, Seq, StoreError, convert, key};

/// Recipients whose states share a record: about 2 KiB of states, so that one change rewrites little.
pub(crate) const CHUNK: u32 = 32;

/// An entry with the states read so far.
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) row: DocumentRow,
    chunks: BTreeMap<u32, StateChunkRow>,
}

impl Entry {
    /// Reads an entry.
    pub(crate) fn load(view: &dyn View, seq: u64) -> Result<Self, StoreError> {
        let row = record::read(view, &key::document(seq))?.ok_or(StoreError::NotFound { what: "the document" })?;
        Ok(Self::new(seq, row))
    }

    pub(crate) const fn new(seq: u64, row: DocumentRow) -> Self {
        Self { seq, row, chunks: BTreeMap::new() }
    }

    /// The key of its record, to name it when something in it is odd.
    pub(crate) fn key(&self) -> Vec<u8> {
        key::document(self.seq)
    }

    pub(crate) fn document(&self) -> Result<Document, StoreError> {
        convert::document(&self.key(), self.seq, &self.row)
    }

    /// How many recipients it has.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.row.recipients.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn recipient_row(&self, index: u32) -> Result<&RecipientRow, StoreError> {
        let row = usize::try_from(index).ok().and_then(|index| self.row.recipients.get(index));
        row.ok_or(StoreError::NotFound { what: "the recipient" })
    }

    /// The recipient with an equal code.
    pub(crate) fn index_of(&self, canonical: &str) -> Result<Option<u32>, StoreError> {
        for (index, row) in (0..).zip(&self.row.recipients) {
            if convert::agency(&self.key(), &row.code)?.canonical() == canonical {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn chunk(&mut self, view: &dyn View, index: u32) -> Result<&mut StateChunkRow, StoreError> {
        let number = index / CHUNK;
        match self.chunks.entry(number) {
            std::collections::btree_map::Entry::Occupied(found) => Ok(found.into_mut()),
            std::collections::btree_map::Entry::Vacant(place) => {
                let chunk = record::read(view, &key::state(self.seq, number))?.unwrap_or_default();
                Ok(place.insert(chunk))
            }
        }
    }

    /// What is stored about a recipient beyond the plan it came with.
    pub(crate) fn state(&mut self, view: &dyn View, index: u32) -> Result<Option<StateRow>, StoreError> {
        let chunk = self.chunk(view, index)?;
        Ok(chunk.states.iter().find(|state| state.index == index).cloned())
    }

    /// The state of a recipient, made when nothing has happened to it.
    pub(crate) fn state_or_new(&mut self, view: &dyn View, index: u32) -> Result<StateRow, StoreError> {
        if let Some(state) = self.state(view, index)? {
            return Ok(state);
        }
        let delivery = convert::untouched(&self.row, self.recipient_row(index)?);
        let mut state = StateRow { index, ..StateRow::default() };
        convert::write_delivery(&mut state, &delivery);
        Ok(state)
    }

    /// Puts a state in its chunk and gives the chunk's key and row, to be written.
    pub(crate) fn set_state(
        &mut self,
        view: &dyn View,
        state: StateRow,
    ) -> Result<(Vec<u8>, &StateChunkRow), StoreError> {
        let key = key::state(self.seq, state.index / CHUNK);
        let chunk = self.chunk(view, state.index)?;
        match chunk.states.iter_mut().find(|known| known.index == state.index) {
            Some(known) => *known = state,
            None => chunk.states.push(state),
        }
        Ok((key, chunk))
    }

    pub(crate) fn delivery(&mut self, view: &dyn View, index: u32) -> Result<Delivery, StoreError> {
        let key = self.key();
        match self.state(view, index)? {
            Some(state) => convert::delivery(&key, &state),
            None => Ok(convert::untouched(&self.row, self.recipient_row(index)?)),
        }
    }

    /// Where a recipient goes by the latest decision.
    pub(crate) fn plan(&mut self, view: &dyn View, index: u32) -> Result<PlanRow, StoreError> {
        match self.state(view, index)?.and_then(|state| state.plan) {
            Some(plan) => Ok(plan),
            None => Ok(self.recipient_row(index)?.plan.clone()),
        }
    }

    /// A recipient as callers see it.
    pub(crate) fn recipient(&mut self, view: &dyn View, index: u32) -> Result<Recipient, StoreError> {
        let key = self.key();
        let row = self.plan(view, index)?;
        let plan = convert::plan(&key, &row)?;
        // A held one has no item yet.
        let item = (matches!(plan, Plan::Inbox(_)) && row.item > 0).then_some(ItemId::new(row.item));
        let status = self.state(view, index)?.map_or(0, |state| state.status);
        let delivery = self.delivery(view, index)?;
        Ok(Recipient {
            index,
            code: convert::agency(&key, &self.recipient_row(index)?.code)?,
            plan,
            item,
            delivery,
            status: convert::status(&key, status)?,
            is_held: self.is_held(index) && !delivery.state().is_final(),
        })
    }

    /// Whether every recipient is delivered or returned.
    pub(crate) fn is_settled(&mut self, view: &dyn View) -> Result<bool, StoreError> {
        for index in 0..self.count() {
            if !self.delivery(view, index)?.state().is_final() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether this recipient's delivery has not been started, because the entry is or was in quarantine.
    pub(crate) fn is_held(&self, index: u32) -> bool {
        self.row.held_from.is_some_and(|first| index >= first)
    }

    /// Sender and document id whose entries keep their order with this one.
    pub(crate) fn thread(&self) -> Result<(String, String), StoreError> {
        let row = self.row.thread.as_ref().unwrap_or(&self.row.key);
        Ok((convert::agency(&self.key(), &row.sender)?.canonical().to_owned(), row.document_id.clone()))
    }

    /// Whose share of a lane it takes: the sending agency, canonical.
    pub(crate) fn sender(&self) -> Result<String, StoreError> {
        Ok(convert::agency(&self.key(), &self.row.key.sender)?.canonical().to_owned())
    }

    /// Its place among those of its sender that were accepted towards one hop.
    pub(crate) fn order(&self, patience: Patience, accepted_at: UnixMillis) -> UnixMillis {
        patience.order(accepted_at, (self.row.due > 0).then_some(UnixMillis::new(self.row.due)))
    }

    pub(crate) const fn number(&self) -> Seq {
        Seq::new(self.seq)
    }
}
