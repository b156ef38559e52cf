//! Packets that come in over a system's door.

use evidence::{Notice, Receipt, ReceiptEvent, Recipients, SignedReceipt};
use futures_util::StreamExt as _;
use gateway::{ByteStream, Caller, FileStream, Refusal};
use types::{AgencyCode, Digest, ErrorCode};
use wire::exchange_v1::{Acceptance, DocumentHeader, PacketHeader, Warning};
use wire::timestamp;
use wire::types_v1::Envelope;

use super::Desk;
use super::compose::Composition;
use crate::core::{new_exchange, new_receipt};
use crate::intake::{Admitted, Arrival, Door, Received, Refused, Repeat, Upload, admit};
use crate::{quota, tracking};

impl Desk {
    /// Takes a ready-made packet.
    pub(super) async fn submit_ready(
        &self,
        caller: &Caller,
        header: PacketHeader,
        body: ByteStream,
    ) -> Result<Acceptance, Refusal> {
        let _place = self.place(caller)?;
        let received = match self.receive(caller, body).await {
            Ok(received) => received,
            Err(interrupted) => return Err(self.interrupted(caller, interrupted).await),
        };
        self.or_rejected(caller, check_declared(&header, &received)).await?;
        self.admit_from(caller, received, header.envelope).await
    }

    /// Builds a packet of metadata and files, and takes it.
    pub(super) async fn submit_document(
        &self,
        caller: &Caller,
        mut header: DocumentHeader,
        files: FileStream,
    ) -> Result<Acceptance, Refusal> {
        let _place = self.place(caller)?;
        let envelope = header.envelope.take();
        let composition = self.or_rejected(caller, Composition::start(self.core.clone(), header)).await?;
        let composition = match composition.take_files(files).await {
            Ok(composition) => composition,
            Err(interrupted) => return Err(self.interrupted(caller, interrupted).await),
        };
        let received = self.or_rejected(caller, composition.finish().await).await?;
        self.admit_from(caller, received, envelope).await
    }

    /// A place among the packets being read, for a system that may bring one.
    pub(crate) fn place(&self, caller: &Caller) -> Result<tokio::sync::OwnedSemaphorePermit, Refusal> {
        quota::ask(&self.core, &caller.system, crate::clock::now())?;
        self.uploads.clone().try_acquire_owned().map_err(|_| {
            Refusal::new(ErrorCode::Overloaded, "too many uploads at once")
                .retry_after(std::time::Duration::from_secs(2))
        })
    }

    async fn receive(&self, caller: &Caller, mut body: ByteStream) -> Result<Received, Interrupted> {
        let mut upload = Upload::start(&self.core.store, &self.core.system_limits(&caller.system))
            .map_err(|error| Interrupted::Packet(error.into()))?;
        while let Some(bytes) = body.next().await {
            // A client that goes away: dropping the upload removes what was written.
            let bytes = bytes.map_err(Interrupted::Ended)?;
            if !upload.write(bytes).await {
                break;
            }
        }
        upload.finish().await.map_err(|error| Interrupted::Packet(error.into()))
    }

    /// Takes a packet that was read, for `caller`.
    pub(super) async fn admit_from(
        &self,
        caller: &Caller,
        received: Received,
        envelope: Option<Envelope>,
    ) -> Result<Acceptance, Refusal> {
        self.admit_to(caller, received, envelope, None).await
    }

    /// The same, for the receivers that the caller names instead of the packet's.
    pub(crate) async fn admit_to(
        &self,
        caller: &Caller,
        received: Received,
        envelope: Option<Envelope>,
        to: Option<Vec<AgencyCode>>,
    ) -> Result<Acceptance, Refusal> {
        let document_id = match &received.packet {
            edxml::Packet::Document(document) => Some(document.document_id.to_string()),
            edxml::Packet::Status(_) => None,
        };
        self.core.usage.spend(&caller.system, received.staged.length(), crate::clock::now());
        let arrival = Arrival { door: Door::System(caller.clone()), envelope, to };
        match admit(&self.core, received, arrival).await {
            Ok(admitted) => acceptance(admitted),
            Err(refused) => {
                let refusal = self.rejected(caller, refused).await;
                Err(match document_id {
                    Some(document_id) => refusal.about(document_id),
                    None => refusal,
                })
            }
        }
    }

    /// A body that was not read to its end; what is the packet's fault is rejected with a receipt.
    async fn interrupted(&self, caller: &Caller, interrupted: Interrupted) -> Refusal {
        match interrupted {
            Interrupted::Ended(refusal) => refusal,
            Interrupted::Packet(refused) => self.rejected(caller, refused).await,
        }
    }

    /// What was made, or its refusal with the signed `SubmissionRejection`.
    pub(super) async fn or_rejected<T>(&self, caller: &Caller, made: Result<T, Refused>) -> Result<T, Refusal> {
        match made {
            Ok(made) => Ok(made),
            Err(refused) => Err(self.rejected(caller, refused).await),
        }
    }

    /// A refusal with its signed `SubmissionRejection`.
    pub(super) async fn rejected(&self, caller: &Caller, refused: Refused) -> Refusal {
        tracing::info!(
            system.id = %caller.system,
            error.code = %refused.code,
            detail = refused.detail,
            "refused a packet"
        );
        let receipt = Receipt {
            event: ReceiptEvent::SubmissionRejection,
            id: new_receipt(),
            exchange: new_exchange(),
            node: self.core.node.clone(),
            at: crate::clock::now(),
            document: None,
            content: None,
            manifest: None,
            signature: None,
            recipients: Recipients::Listed(Vec::new()),
            peer: Some(evidence::Peer::System(caller.system.clone())),
            reason: Some(Notice::new(refused.code, &refused.detail)),
            verdict: None,
            report: None,
            warnings: Vec::new(),
            previous: None,
        };
        let refusal = refused.into_refusal();
        match self.core.sign(&receipt).await {
            Ok(signed) => refusal.with_receipt(tracking::to_wire(&signed)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a rejection could not be signed");
                refusal
            }
        }
    }
}

/// Why a body was not read to its end.
pub(super) enum Interrupted {
    /// The stream itself ended with a refusal: the client went away or was too slow.
    Ended(Refusal),
    /// The packet is at fault, or the store.
    Packet(Refused),
}

/// Length and digest that the client declared.
fn check_declared(header: &PacketHeader, received: &Received) -> Result<(), Refused> {
    let (length, digest) = (received.staged.length(), received.staged.digest());
    if header.length != 0 && header.length != length {
        let detail = format!("declared {} bytes, received {length}", header.length);
        return Err(Refused::new(ErrorCode::LengthMismatch, detail).at("length"));
    }
    if header.sha256.is_empty() {
        return Ok(());
    }
    let declared = Digest::try_from(header.sha256.as_ref())
        .map_err(|error| Refused::new(ErrorCode::InvalidArgument, error.to_string()).at("sha256"))?;
    if declared == digest {
        return Ok(());
    }
    let detail = format!("declared {declared}, received {digest}");
    Err(Refused::new(ErrorCode::DigestMismatch, detail).at("sha256"))
}

/// The node's answer for a packet it took.
fn acceptance(admitted: Admitted) -> Result<Acceptance, Refusal> {
    let receipt = SignedReceipt::from_bytes(&admitted.receipt)
        .map_err(|error| Refusal::new(ErrorCode::StoreDamaged, error.to_string()))?;
    let warnings = admitted.warnings.iter().map(|notice| {
        let (text_vi, text_en) = notice.text().split_once(" / ").unwrap_or((notice.text(), notice.text()));
        Warning { code: notice.code_text().to_owned(), text_vi: text_vi.to_owned(), text_en: text_en.to_owned() }
    });
    Ok(Acceptance {
        exchange_id: admitted.exchange.to_string(),
        document_id: admitted.facts.document_id.to_string(),
        sha256: admitted.content.sha256.as_bytes().to_vec(),
        length: admitted.content.length,
        accepted_at: Some(timestamp(admitted.at)),
        duplicate: admitted.repeat == Repeat::Known,
        receipt: Some(tracking::to_wire(&receipt)),
        warnings: warnings.collect(),
        signature_report: Some(admitted.verdict.report),
        recipients: admitted.routing.routed.iter().map(crate::intake::Routed::to_wire).collect(),
    })
}
