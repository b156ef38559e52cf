//! The national axis's HTTP protocol as this node offers it: `axis::Service` over intake, store and directory.

mod agencies;
mod doc_id;
mod merge;
mod progress;
mod received;
mod registering;
mod secrets;
mod send;
mod sent;
mod words;

use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use axis::{
    AgencyEntry, Caller, DocId, EdocContent, Failure, FileStream, MessageType, ReceivedEdoc, ReceivedQuery,
    Registration, Secret, SendEdoc, SentEdoc, SentQuery, Service, TransferState,
};
use axum::Router;
use gateway::{Callers as _, Refusal};
use types::{ErrorCode, Fault};

use crate::core::Core;
use crate::exchange::Desk;
use crate::identity::Identities;
use progress::Progress;

pub(crate) use secrets::Secrets;

/// The door for software that speaks the axis's protocol.
#[derive(Clone)]
pub(crate) struct AxisDoor {
    core: Arc<Core>,
    desk: Arc<Desk>,
    identities: Arc<Identities>,
    secrets: Arc<ArcSwap<Secrets>>,
    progress: Arc<Mutex<Progress>>,
}

/// The operations below the configured root; nothing when no system has a secret.
pub(crate) fn routes(
    core: &Arc<Core>,
    desk: &Arc<Desk>,
    identities: &Arc<Identities>,
    secrets: Arc<ArcSwap<Secrets>>,
    options: &gateway::Options,
) -> Router {
    if core.config.systems.iter().all(|system| system.axis.is_none()) {
        return Router::new();
    }
    let door = AxisDoor {
        core: core.clone(),
        desk: desk.clone(),
        identities: identities.clone(),
        secrets,
        progress: Arc::default(),
    };
    let axis = &core.config.axis;
    let options = axis::server::Options {
        list_max: axis.list_max,
        timestamp_window: axis.timestamp_window,
        calls_max: options.calls_max,
        idle_timeout: options.upload_idle,
        tasks: options.tasks.clone(),
        ..axis::server::Options::default()
    };
    Router::new().nest(&axis.root, axis::server::router(Arc::new(door), options))
}

/// A refusal in the axis's words; what is this node's fault goes to the log too.
fn failure(refusal: &Refusal) -> Failure {
    let code = refusal.code();
    if code.fault() == Fault::Node {
        tracing::warn!(error.code = %code, detail = refusal.detail(), "a call of the axis's protocol failed");
    }
    let wait =
        refusal.wait().map(|wait| format!(" (Retry-After: {} s)", wait.as_secs_f64().ceil())).unwrap_or_default();
    Failure::of(code, &format!("{}{wait}", refusal.detail_vi().unwrap_or(refusal.detail())))
}

/// A failure of the store or a record.
fn failed(refused: impl Into<crate::intake::Refused>) -> Failure {
    failure(&refused.into().into_refusal())
}

impl AxisDoor {
    /// The caller as every other door knows it, with the agencies it speaks for by now.
    fn caller(&self, caller: &Caller) -> Result<gateway::Caller, Failure> {
        let unknown = || Failure::of(ErrorCode::Unauthenticated, "the system is not declared here");
        self.identities.by_axis_id(&caller.system).ok_or_else(unknown)
    }

    /// Reads the store off the I/O threads.
    async fn look<T: Send + 'static>(
        &self,
        caller: &Caller,
        read: impl FnOnce(&Self, &gateway::Caller) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (door, caller) = (self.clone(), self.caller(caller)?);
        let ended = || Failure::of(ErrorCode::Internal, "the call ended unexpectedly");
        tokio::task::spawn_blocking(move || read(&door, &caller)).await.map_err(|_| ended())?
    }
}

#[async_trait]
impl Service for AxisDoor {
    fn secrets(&self, system: &str) -> Vec<Secret> {
        self.secrets.load().of(system)
    }

    fn admit(&self, caller: &Caller) -> Result<(), Failure> {
        self.identities.admit(&self.caller(caller)?).map_err(|refusal| failure(&refusal))
    }

    fn file_bytes_max(&self, caller: &Caller) -> u64 {
        self.caller(caller).map_or(0, |caller| self.core.packet_bytes_max(&caller.system))
    }

    async fn send_edoc(&self, caller: &Caller, request: SendEdoc, file: FileStream) -> Result<DocId, Failure> {
        self.send(&self.caller(caller)?, request, file).await
    }

    async fn received_edocs(&self, caller: &Caller, query: ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
        self.look(caller, move |door, caller| door.received(caller, &query)).await
    }

    async fn open_edoc(&self, caller: &Caller, doc_id: &DocId) -> Result<EdocContent, Failure> {
        let doc_id = doc_id.clone();
        self.look(caller, move |door, caller| door.open(caller, &doc_id)).await
    }

    async fn update_status(&self, caller: &Caller, doc_id: &DocId, state: TransferState) -> Result<(), Failure> {
        self.transferred(&self.caller(caller)?, doc_id, state).await
    }

    async fn sent_edocs(&self, caller: &Caller, query: SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        self.look(caller, move |door, caller| door.sent(caller, &query)).await
    }

    async fn count_received(&self, caller: &Caller, message_type: MessageType) -> Result<u64, Failure> {
        self.look(caller, move |door, caller| door.count(caller, message_type)).await
    }

    fn agencies(&self, _caller: &Caller) -> Result<Box<dyn Iterator<Item = AgencyEntry> + Send>, Failure> {
        Ok(Box::new(agencies::Agencies::of(&self.core)))
    }

    async fn register_agency(&self, caller: &Caller, agency: Registration) -> Result<(), Failure> {
        self.look(caller, move |door, caller| door.register(caller, &agency)).await
    }

    async fn delete_agency(&self, caller: &Caller, code: &str) -> Result<(), Failure> {
        let code = code.to_owned();
        self.look(caller, move |door, caller| door.unregister(caller, &code)).await
    }
}
