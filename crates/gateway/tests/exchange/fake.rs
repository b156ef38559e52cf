//! A node that remembers what it was asked and answers what a test needs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use gateway::{ByteStream, Caller, Callers, Content, Credential, Exchange, FilePart, FileStream, ItemStream, Refusal};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use types::{Digest, ErrorCode, ExchangeId};
use wire::exchange_v1::*;
use wire::types_v1::Receipt;

/// The agency of the registered system.
pub(crate) const AGENCY: &str = "000.00.01.H57";
/// The registered system's certificate.
pub(crate) const SYSTEM: &str = "urn:lienthong:system:hue-qlvb";
/// A neighbour's certificate.
pub(crate) const NODE: &str = "urn:lienthong:node:hue";
pub(crate) const TOKEN: &str = "correct-horse";
pub(crate) const EXCHANGE: &str = "01934f2a-0000-7000-8000-000000000001";

/// What the node was asked.
#[derive(Debug)]
pub(crate) enum Seen {
    Document {
        header: Box<DocumentHeader>,
        files: Vec<(FileHeader, Vec<u8>)>,
    },
    Packet {
        header: PacketHeader,
        bytes: Vec<u8>,
    },
    /// The first bytes of an upload were read.
    Started,
    /// An upload ended in this.
    Broken(ErrorCode),
    Call(String),
}

pub(crate) struct Fake {
    pub(crate) seen: mpsc::UnboundedSender<Seen>,
    /// How many items the inbox has; they are numbered from 1.
    pub(crate) inbox: watch::Sender<u64>,
    /// Lets calls of `get_agency("slow")` go on.
    pub(crate) gate: watch::Sender<bool>,
}

/// The bytes of the fake packet.
pub(crate) fn packet() -> Vec<u8> {
    (0..300_000u32).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::try_from(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref()).unwrap()
}

impl Fake {
    fn saw(&self, seen: Seen) {
        self.seen.send(seen).unwrap_or(());
    }

    fn call(&self, name: &str, request: &impl std::fmt::Debug) {
        self.saw(Seen::Call(format!("{name} {request:?}")));
    }

    fn acceptance(&self, caller: &Caller) -> Acceptance {
        Acceptance { exchange_id: EXCHANGE.into(), document_id: caller.system.to_string(), ..Acceptance::default() }
    }

    async fn read(&self, mut body: ByteStream) -> Result<Vec<u8>, Refusal> {
        let mut all = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.inspect_err(|refusal| self.saw(Seen::Broken(refusal.code())))?;
            assert!(!chunk.is_empty());
            if all.is_empty() {
                self.saw(Seen::Started);
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }
}

fn item(number: u64) -> InboxItem {
    InboxItem { item: number, ..InboxItem::default() }
}

fn content(bytes: Vec<u8>) -> Content {
    Content::new(bytes.len() as u64, digest(&bytes), move |span| {
        let from = usize::try_from(span.offset).unwrap();
        let part = bytes[from..from + usize::try_from(span.length).unwrap()].to_vec();
        let chunks: Vec<_> = part.chunks(64 * 1024).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        Box::pin(stream::iter(chunks))
    })
}

#[async_trait]
impl Exchange for Fake {
    async fn submit(
        &self,
        caller: &Caller,
        header: DocumentHeader,
        mut parts: FileStream,
    ) -> Result<Acceptance, Refusal> {
        let mut files: Vec<(FileHeader, Vec<u8>)> = Vec::new();
        while let Some(part) = parts.next().await {
            match part.inspect_err(|refusal| self.saw(Seen::Broken(refusal.code())))? {
                FilePart::File { index, header } => {
                    assert_eq!(usize::try_from(index).unwrap(), files.len());
                    files.push((header, Vec::new()));
                }
                FilePart::Chunk(chunk) => {
                    if files.last().unwrap().1.is_empty() {
                        self.saw(Seen::Started);
                    }
                    files.last_mut().unwrap().1.extend_from_slice(&chunk);
                }
            }
        }
        self.saw(Seen::Document { header: Box::new(header), files });
        Ok(self.acceptance(caller))
    }

    async fn submit_packet(
        &self,
        caller: &Caller,
        header: PacketHeader,
        body: ByteStream,
    ) -> Result<Acceptance, Refusal> {
        let bytes = self.read(body).await?;
        let duplicate = bytes == b"<again/>";
        self.saw(Seen::Packet { header, bytes });
        Ok(Acceptance { duplicate, ..self.acceptance(caller) })
    }

    async fn report_status(&self, caller: &Caller, request: ReportStatusRequest) -> Result<Acceptance, Refusal> {
        self.call("report_status", &request);
        Ok(self.acceptance(caller))
    }

    async fn list_inbox(&self, _: &Caller, request: ListInboxRequest) -> Result<ListInboxResponse, Refusal> {
        self.call("list_inbox", &request);
        let mut inbox = self.inbox.subscribe();
        let wait = Duration::from_secs(request.wait_seconds.into());
        drop(timeout(wait, inbox.wait_for(|last| *last > request.after)).await);
        let items = (request.after + 1..=*self.inbox.borrow()).map(item).collect();
        Ok(ListInboxResponse { items, next_after: 0 })
    }

    async fn watch_inbox(&self, _: &Caller, request: WatchInboxRequest) -> Result<ItemStream, Refusal> {
        self.call("watch_inbox", &request);
        let state = (self.inbox.subscribe(), request.after);
        Ok(Box::pin(stream::unfold(state, |(mut inbox, after)| async move {
            inbox.wait_for(|last| *last > after).await.ok()?;
            Some((Ok(item(after + 1)), (inbox, after + 1)))
        })))
    }

    async fn lease_item(&self, _: &Caller, request: LeaseItemRequest) -> Result<LeaseItemResponse, Refusal> {
        self.call("lease_item", &request);
        Ok(LeaseItemResponse { lease: "L1".into(), until: None })
    }

    async fn confirm_item(&self, _: &Caller, request: ConfirmItemRequest) -> Result<ConfirmItemResponse, Refusal> {
        self.call("confirm_item", &request);
        Ok(ConfirmItemResponse::default())
    }

    async fn give_back_item(&self, _: &Caller, request: GiveBackItemRequest) -> Result<GiveBackItemResponse, Refusal> {
        self.call("give_back_item", &request);
        Ok(GiveBackItemResponse {})
    }

    async fn get_document(&self, _: &Caller, request: GetDocumentRequest) -> Result<GetDocumentResponse, Refusal> {
        self.call("get_document", &request);
        Ok(GetDocumentResponse::default())
    }

    async fn fetch_packet(&self, _: &Caller, id: ExchangeId) -> Result<Content, Refusal> {
        self.call("fetch_packet", &id);
        if id.to_string() != EXCHANGE {
            return Err(Refusal::new(ErrorCode::NotFound, "no such document"));
        }
        let mut content = content(packet());
        content.media_type = "application/xml".into();
        Ok(content)
    }

    async fn fetch_attachment(&self, _: &Caller, id: ExchangeId, index: u32) -> Result<Content, Refusal> {
        self.call("fetch_attachment", &(id, index));
        let mut content = if index == 9 {
            // Says 10 bytes, has 4.
            Content::new(10, digest(b"short"), |_| Box::pin(stream::iter([Ok(Bytes::from_static(b"shor"))])))
        } else {
            content(b"%PDF-1.7".to_vec())
        };
        content.media_type = "application/pdf".into();
        content.name = "Công văn.pdf".into();
        content.attachment = Some(Attachment { index, ..Attachment::default() });
        Ok(content)
    }

    async fn track_document(
        &self,
        _: &Caller,
        request: TrackDocumentRequest,
    ) -> Result<TrackDocumentResponse, Refusal> {
        self.call("track_document", &request);
        Ok(TrackDocumentResponse::default())
    }

    async fn list_documents(
        &self,
        _: &Caller,
        request: ListDocumentsRequest,
    ) -> Result<ListDocumentsResponse, Refusal> {
        self.call("list_documents", &request);
        Ok(ListDocumentsResponse { documents: vec![], next_page_token: "next".into() })
    }

    async fn list_receipts(&self, _: &Caller, request: ListReceiptsRequest) -> Result<ListReceiptsResponse, Refusal> {
        self.call("list_receipts", &request);
        Ok(ListReceiptsResponse::default())
    }

    async fn find_agencies(&self, _: &Caller, request: FindAgenciesRequest) -> Result<FindAgenciesResponse, Refusal> {
        self.call("find_agencies", &request);
        Ok(FindAgenciesResponse::default())
    }

    async fn get_agency(&self, _: &Caller, request: GetAgencyRequest) -> Result<GetAgencyResponse, Refusal> {
        self.call("get_agency", &request);
        match request.code.as_str() {
            "panic" => panic!("the fake was told to"),
            "slow" => {
                let mut gate = self.gate.subscribe();
                gate.wait_for(|open| *open).await.unwrap();
                Ok(GetAgencyResponse::default())
            }
            text => match ErrorCode::from_text(text) {
                Some(code) => Err(Refusal::new(code, "as asked")
                    .about("7816/VPCP-TTĐT")
                    .with_receipt(Receipt { payload: b"{}".to_vec(), signature: "a..b".into() })
                    .retry_after(Duration::from_millis(1500))),
                None => Ok(GetAgencyResponse {
                    agency: Some(Agency { code: request.code, ..Agency::default() }),
                    ..GetAgencyResponse::default()
                }),
            },
        }
    }

    async fn get_node(&self, caller: &Caller) -> Result<GetNodeResponse, Refusal> {
        let agencies = caller.agencies.iter().map(|agency| agency.as_str().to_owned()).collect();
        Ok(GetNodeResponse { system: caller.system.to_string(), agencies, ..GetNodeResponse::default() })
    }
}

/// Knows one system, by certificate and by token.
pub(crate) struct Registered;

fn caller(how: Credential) -> Caller {
    let agencies = BTreeSet::from([AGENCY.parse().unwrap()]);
    Caller { system: "hue-qlvb".parse().unwrap(), agencies: Arc::new(agencies), how }
}

impl Callers for Registered {
    fn by_certificate(&self, sans: &[String], _: &Digest) -> Option<Caller> {
        sans.iter().any(|name| name == SYSTEM).then(|| caller(Credential::MutualTls))
    }

    fn by_token(&self, token: &str) -> Option<Caller> {
        (token == TOKEN).then(|| caller(Credential::BearerToken))
    }
}
