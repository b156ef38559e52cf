//! The axis itself: what its operations do, over a durable store.

mod confirm;
mod doc_id;
mod lists;
mod open;
pub(crate) mod send;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axis::{
    AgencyEntry, Caller, DocId, EdocContent, Failure, FileStream, MessageType, ReceivedEdoc, ReceivedQuery,
    Registration, Secret, SendEdoc, SentEdoc, SentQuery, Service, TransferState,
};
use queue::Store;
use types::{AgencyCode, ErrorCode};

use crate::agencies::Agencies;
use crate::faults::Board;
use crate::summary::Summary;
use crate::system::{System, Systems};
use confirm::Repeats;
use doc_id::Id;

/// The axis.
#[derive(Debug)]
pub(crate) struct Axis {
    pub(crate) store: Store,
    pub(crate) systems: Arc<Systems>,
    pub(crate) agencies: Agencies,
    pub(crate) board: Arc<Board>,
    pub(crate) file_bytes_max: u64,
    pub(crate) repeats: Mutex<Repeats>,
}

impl Axis {
    fn system(&self, caller: &Caller) -> Result<&System, Failure> {
        self.systems.find(&caller.system).ok_or_else(|| Failure::of(ErrorCode::Unauthenticated, "systemid"))
    }

    /// Where an agency's packets wait: with the system that speaks for it, or alone until one does.
    pub(crate) fn inbox_of(&self, agency: &AgencyCode) -> AgencyCode {
        let registrar = self.agencies.find(agency).and_then(|known| known.registrar);
        let owner = registrar.and_then(|id| self.systems.find(&id)).or_else(|| self.systems.serving(agency));
        owner.map_or_else(|| agency.clone(), System::inbox)
    }

    /// The inboxes that a system empties: its own, and those of agencies it names from before it spoke for them.
    fn inboxes(system: &System) -> Vec<AgencyCode> {
        std::iter::once(system.inbox()).chain(system.named().cloned()).collect()
    }

    fn speaks_for(&self, system: &System, agency: &AgencyCode) -> bool {
        self.inbox_of(agency) == system.inbox()
    }

    /// What is kept of the packet with this id, for the page. Blocking.
    pub(crate) fn summary(&self, doc_id: &str) -> Option<Summary> {
        let id: Id = doc_id.parse().ok()?;
        let seq = *self.store.by_exchange(id.exchange).ok()?.first()?;
        Some(Summary::read(&self.store.document(seq).ok()?.summary))
    }
}

/// Runs reads of the store where they may block.
async fn blocking<T: Send + 'static>(
    axis: &Arc<Axis>,
    work: impl FnOnce(&Axis) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let axis = Arc::clone(axis);
    tokio::task::spawn_blocking(move || work(&axis)).await.map_err(|error| {
        tracing::error!(%error, "an operation panicked");
        Failure::of(ErrorCode::Internal, "")
    })?
}

/// The axis as the router wants it.
#[derive(Clone, Debug)]
pub(crate) struct Offered(pub(crate) Arc<Axis>);

#[async_trait]
impl Service for Offered {
    fn secrets(&self, system: &str) -> Vec<Secret> {
        self.0.systems.find(system).map(|system| self.0.board.secret(system)).into_iter().collect()
    }

    fn file_bytes_max(&self, _caller: &Caller) -> u64 {
        self.0.file_bytes_max
    }

    async fn send_edoc(&self, caller: &Caller, request: SendEdoc, file: FileStream) -> Result<DocId, Failure> {
        let received = crate::intake::receive(&self.0.store, file).await?;
        send::accept(&self.0, caller, request, received).await
    }

    async fn received_edocs(&self, caller: &Caller, query: ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
        let caller = caller.clone();
        blocking(&self.0, move |axis| lists::received(axis, axis.system(&caller)?, &query)).await
    }

    async fn open_edoc(&self, caller: &Caller, doc_id: &DocId) -> Result<EdocContent, Failure> {
        let (caller, doc_id) = (caller.clone(), doc_id.clone());
        let opened = blocking(&self.0, move |axis| open::open(axis, axis.system(&caller)?, &doc_id)).await?;
        Ok(open::stream(opened))
    }

    async fn update_status(&self, caller: &Caller, doc_id: &DocId, state: TransferState) -> Result<(), Failure> {
        let (asking, id) = (caller.clone(), doc_id.clone());
        let found = blocking(&self.0, move |axis| confirm::find(axis, axis.system(&asking)?, &id)).await?;
        confirm::update(&self.0, caller, found, state).await
    }

    async fn sent_edocs(&self, caller: &Caller, query: SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        let caller = caller.clone();
        blocking(&self.0, move |axis| lists::sent(axis, axis.system(&caller)?, &query)).await
    }

    async fn count_received(&self, caller: &Caller, message_type: MessageType) -> Result<u64, Failure> {
        let caller = caller.clone();
        blocking(&self.0, move |axis| lists::count(axis, axis.system(&caller)?, message_type)).await
    }

    fn agencies(&self, _caller: &Caller) -> Result<Box<dyn Iterator<Item = AgencyEntry> + Send>, Failure> {
        Ok(self.0.agencies.entries())
    }

    async fn register_agency(&self, caller: &Caller, agency: Registration) -> Result<(), Failure> {
        let system = caller.system.clone();
        blocking(&self.0, move |axis| axis.agencies.register(&system, &agency)).await
    }

    async fn delete_agency(&self, caller: &Caller, code: &str) -> Result<(), Failure> {
        let (system, code) = (caller.system.clone(), code.to_owned());
        blocking(&self.0, move |axis| axis.agencies.delete(&system, &code)).await
    }
}

impl Axis {
    pub(crate) fn repeats(&self) -> std::sync::MutexGuard<'_, Repeats> {
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
