//! One authentic call: its parameters read, the service asked.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::{JoinError, spawn_blocking};
use tracing::error;
use types::ErrorCode;

use super::agencies::{Entries, Shape};
use super::front::Front;
use super::handled::Dialect;
use super::upload::Incoming;
use crate::operation::Operation;
use crate::parameters::{Parameters, invalid};
use crate::{
    Caller, DocId, EdocContent, Failure, MessageType, ReceivedEdoc, ReceivedQuery, Registration, SendEdoc, SentEdoc,
    SentQuery, Service,
};

/// What a call came to.
pub(super) enum Reply {
    Done,
    Sent(DocId),
    Count(u64),
    ReceivedEdocs(Vec<ReceivedEdoc>),
    SentEdocs(Vec<SentEdoc>),
    Edoc(EdocContent),
    Agencies(Entries, Shape),
}

/// A call beside its parameters.
pub(super) struct Asked {
    pub(super) operation: Operation,
    pub(super) dialect: Dialect,
    pub(super) caller: Caller,
    /// The body, of every operation but `sendEdoc`.
    pub(super) small: Bytes,
    /// The packet of `sendEdoc`.
    pub(super) file: Option<Incoming>,
}

/// The id that a call asks for. A client keeps the headers of earlier calls: only what the operation uses counts.
pub(super) fn asked_for(operation: Operation, parameters: &Parameters) -> Option<&str> {
    match operation {
        Operation::GetEdoc | Operation::DownloadEdoc | Operation::GetSentEdocList => parameters.given("docId"),
        Operation::UpdateStatus => parameters.given("docid"),
        _ => None,
    }
}

/// Runs the call. What changes something runs to its end, whether the client waits for it or not.
pub(super) async fn run(front: &Front, asked: Asked, parameters: &Parameters) -> Result<Reply, Failure> {
    let service = Arc::clone(&front.service);
    let Asked { operation, dialect, caller, small, file } = asked;
    let max = front.options.list_max;
    match operation {
        Operation::SendEdoc => {
            let request = packet(dialect, parameters)?;
            let file = file.ok_or_else(|| invalid("thiếu tệp / the file is missing"))?;
            let hash = parameters.given("hash-file").map(str::to_owned);
            let file = file.stream(hash, service.file_bytes_max(&caller));
            lasting(front, async move { service.send_edoc(&caller, request, file).await.map(Reply::Sent) }).await
        }
        Operation::GetReceivedEdocList => {
            let (from_day, to_day) = (parameters.day("fromDate")?, parameters.day("toDate")?);
            let query = ReceivedQuery { message_type: parameters.message_type()?, from_day, to_day, max };
            service.received_edocs(&caller, query).await.map(Reply::ReceivedEdocs)
        }
        Operation::GetEdoc | Operation::DownloadEdoc => {
            service.open_edoc(&caller, &parameters.doc_id("docId")?).await.map(Reply::Edoc)
        }
        Operation::UpdateStatus => {
            let (doc_id, state) = (parameters.doc_id("docid")?, parameters.transfer_state()?);
            lasting(front, async move { service.update_status(&caller, &doc_id, state).await.map(|()| Reply::Done) })
                .await
        }
        Operation::GetSentEdocList => {
            let doc_id = parameters.given("docId").map(|_| parameters.doc_id("docId")).transpose()?;
            let query = SentQuery { message_type: parameters.message_type()?, doc_id, max };
            service.sent_edocs(&caller, query).await.map(Reply::SentEdocs)
        }
        Operation::CountReceiveEdoc => service.count_received(&caller, MessageType::Edoc).await.map(Reply::Count),
        Operation::CountReceiveStatus => service.count_received(&caller, MessageType::Status).await.map(Reply::Count),
        Operation::GetAgenciesList => agencies(service, caller, Shape::Plain).await,
        Operation::GetAgenciesListQd20 => agencies(service, caller, Shape::Decision20).await,
        Operation::GetSynchronizeUnit => agencies(service, caller, Shape::Synchronize).await,
        Operation::RegisterAgency => {
            let agency = registration(&small)?;
            lasting(front, async move { service.register_agency(&caller, agency).await.map(|()| Reply::Done) }).await
        }
        Operation::DeleteAgency => {
            let code = parameters.required("AgencyCode")?.to_owned();
            lasting(front, async move { service.delete_agency(&caller, &code).await.map(|()| Reply::Done) }).await
        }
    }
}

fn packet(dialect: Dialect, parameters: &Parameters) -> Result<SendEdoc, Failure> {
    let from = parameters.given("from").map(str::to_owned);
    let message_type = parameters.message_type()?;
    if dialect == Dialect::Axis {
        parameters.required("from")?;
        parameters.required("messagetype")?;
    }
    Ok(SendEdoc { from, message_type, to: parameters.receivers()? })
}

fn registration(body: &[u8]) -> Result<Registration, Failure> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let unreadable =
        |error| invalid(&format!("thân yêu cầu không phải JSON hợp lệ / the body is not readable: {error}"));
    let agency: Registration = serde_json::from_slice(body).map_err(unreadable)?;
    if agency.code.trim().is_empty() { Err(invalid("thiếu code / code is missing")) } else { Ok(agency) }
}

async fn agencies(service: Arc<dyn Service>, caller: Caller, shape: Shape) -> Result<Reply, Failure> {
    let entries = spawn_blocking(move || service.agencies(&caller)).await.map_err(|error| crashed(&error))??;
    // Only this shape can say that an agency is gone: in the others it would pass for one that is there.
    let entries = match shape {
        Shape::Synchronize => entries,
        Shape::Plain | Shape::Decision20 => Box::new(entries.filter(|entry| !entry.deleted)),
    };
    Ok(Reply::Agencies(entries, shape))
}

async fn lasting(
    front: &Front,
    call: impl Future<Output = Result<Reply, Failure>> + Send + 'static,
) -> Result<Reply, Failure> {
    front.options.tasks.spawn(call).await.map_err(|error| crashed(&error))?
}

fn crashed(error: &JoinError) -> Failure {
    error!(%error, "a call of the axis protocol crashed");
    Failure::of(ErrorCode::Internal, "xem nhật ký của máy chủ / see the server's log")
}
