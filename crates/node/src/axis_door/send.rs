//! `sendEdoc`: a packet comes in by the same steps as over every other door.

use axis::{AxisCode, DocId, Failure, FileStream, SendEdoc};
use futures_util::StreamExt as _;
use gateway::Caller;
use types::{AgencyCode, ErrorCode};

use super::doc_id::Named;
use super::{AxisDoor, failed, failure};
use crate::intake::{Facts, Received, Upload};

impl AxisDoor {
    /// Takes a packet; it is on disk when this answers. Nothing is kept of one that is refused.
    pub(super) async fn send(&self, caller: &Caller, request: SendEdoc, file: FileStream) -> Result<DocId, Failure> {
        let from = request.from.as_deref().map(|text| spoken_for(caller, text)).transpose()?;
        let to = request.to.as_deref().map(receivers).transpose()?;
        let _place = self.desk.place(caller).map_err(|refusal| failure(&refusal))?;
        let received = self.take(caller, file).await?;
        if let Some(from) = from {
            let facts = Facts::of(&received.packet).map_err(failed)?;
            if facts.sender != from {
                let detail = format!("from = {from}; the packet's From is {}", facts.sender);
                return Err(Failure::of(ErrorCode::SenderMismatch, &detail));
            }
        }
        let accepted = self.desk.admit_to(caller, received, None, to).await.map_err(|refusal| failure(&refusal))?;
        let gone = |_| Failure::of(ErrorCode::Internal, "the exchange id is not known");
        let exchange = accepted.exchange_id.parse().map_err(gone)?;
        Named::Sent(exchange)
            .text()
            .parse()
            .map_err(|error: axis::IdError| Failure::of(ErrorCode::Internal, &error.to_string()))
    }

    /// Reads the packet to its end. The stream says whether the file is the one that was meant.
    async fn take(&self, caller: &Caller, file: FileStream) -> Result<Received, Failure> {
        let limits = self.core.system_limits(&caller.system);
        let mut upload = Upload::start(&self.core.store, &limits).map_err(failed)?;
        let mut file = file.fuse();
        while let Some(bytes) = file.next().await {
            if !upload.write(bytes?).await {
                break;
            }
        }
        let received = upload.finish().await.map_err(failed);
        if received.is_err() {
            // A file that was damaged on its way is most often no packet either: its hash is what tells the sender.
            while let Some(bytes) = file.next().await {
                match bytes {
                    Ok(_) => {}
                    Err(damaged) if damaged.code == AxisCode::FileInvalid => return Err(damaged),
                    Err(_) => break,
                }
            }
        }
        received
    }
}

/// The agency that `from` names, when the system speaks for it.
fn spoken_for(caller: &Caller, text: &str) -> Result<AgencyCode, Failure> {
    let code = AgencyCode::opaque(text)
        .map_err(|error| Failure::of(ErrorCode::UnknownSender, &format!("from = {text:?}: {error}")))?;
    if caller.speaks_for(&code) {
        return Ok(code);
    }
    Err(Failure::of(
        ErrorCode::AgencyNotSpokenFor,
        &format!("from = {code}: not one of the agencies of system {}", caller.system),
    ))
}

/// The agencies that `to` names. An empty list is no list.
fn receivers(texts: &[String]) -> Result<Vec<AgencyCode>, Failure> {
    let code = |text: &String| {
        AgencyCode::opaque(text)
            .map_err(|error| Failure::of(ErrorCode::UnknownAgency, &format!("to = {text:?}: {error}")))
    };
    texts.iter().map(code).collect()
}
