//! A node that takes what it is sent and hands out one packet: mutual TLS and the generated server, no store.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, stream};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::Server;
use tonic::{Code, Request, Response, Status, Streaming};
use wire::exchange_v1::exchange_service_server::{ExchangeService, ExchangeServiceServer};
use wire::exchange_v1::*;

use crate::pki::{Existing, write_example};
use crate::profile::Profile;

type Answer<T> = Result<Response<T>, Status>;

/// What the node saw and has.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) header: Option<DocumentHeader>,
    pub(super) packet_header: Option<PacketHeader>,
    pub(super) files: Vec<Vec<u8>>,
    /// The packet of `fetch`.
    pub(super) packet: Vec<u8>,
    /// Its digest, as the node claims it.
    pub(super) packet_sha256: Vec<u8>,
    /// The next download breaks after so many bytes.
    pub(super) break_after: Option<usize>,
    pub(super) offsets: Vec<u64>,
    pub(super) agencies: Vec<Agency>,
}

/// How the stream of an upload stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upload {
    /// As after a whole upload.
    Ended,
    /// Cut off.
    Broken,
}

#[derive(Clone)]
struct Fake(Arc<Mutex<Facts>>, Sender<Upload>);

/// The running node; it ends with its runtime.
pub(super) struct FakeNode {
    fake: Fake,
    uploads: Receiver<Upload>,
    pub(super) dir: tempfile::TempDir,
    _runtime: Runtime,
}

impl FakeNode {
    /// Starts it on a free port, with the example PKI and a profile `vpcp.toml`.
    pub(super) fn start() -> Self {
        // Another test of the process may have installed it.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let year = crate::header::today().year();
        write_example(&dir.path().join("pki"), year.into(), Existing::Keep).unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let profile = Profile {
            node: Some(format!("https://localhost:{port}")),
            ca: Some("pki/ca/transport.pem".into()),
            cert: Some("pki/systems/vpcp/transport.pem".into()),
            key: Some("pki/systems/vpcp/transport.key.pem".into()),
            agency: Some("G22".into()),
            signing_cert: Some("pki/systems/vpcp/signing.pem".into()),
            signing_key: Some("pki/systems/vpcp/signing.key.pem".into()),
            token_file: None,
        };
        std::fs::write(dir.path().join("vpcp.toml"), profile.to_toml()).unwrap();
        let (stopped, uploads) = mpsc::channel();
        let fake = Fake(Arc::default(), stopped);
        let acceptor = TlsAcceptor::from(Arc::new(tls(dir.path())));
        let connections = stream::unfold((listener, acceptor), |(listener, acceptor)| async move {
            let (tcp, _) = listener.accept().await.unwrap();
            let accepted = acceptor.accept(tcp).await;
            Some((accepted, (listener, acceptor)))
        });
        let server = Server::builder().add_service(ExchangeServiceServer::new(fake.clone()));
        runtime.spawn(server.serve_with_incoming(connections));
        Self { fake, uploads, dir, _runtime: runtime }
    }

    pub(super) fn facts<T>(&self, look: impl FnOnce(&mut Facts) -> T) -> T {
        look(&mut self.fake.0.lock().unwrap())
    }

    /// How the next upload stopped, in the node's eyes.
    pub(super) fn upload(&self) -> Upload {
        self.uploads.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }
}

fn tls(dir: &std::path::Path) -> ServerConfig {
    let certificates = |name: &str| -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_file_iter(dir.join("pki").join(name)).unwrap().map(Result::unwrap).collect()
    };
    let mut roots = RootCertStore::empty();
    roots.add(certificates("ca/transport.pem").remove(0)).unwrap();
    let callers = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let key = PrivateKeyDer::from_pem_file(dir.join("pki/nodes/axis-g22/transport.key.pem")).unwrap();
    let mut config = ServerConfig::builder()
        .with_client_cert_verifier(callers)
        .with_single_cert(certificates("nodes/axis-g22/transport.pem"), key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

fn refused(code: &'static str, detail: &str) -> Status {
    let mut metadata = MetadataMap::new();
    metadata.insert("lienthong-code", MetadataValue::from_static(code));
    let problem = serde_json::json!({ "code": code, "detail": detail, "receipt": { "payload": "e30=" } }).to_string();
    metadata.insert_bin("lienthong-problem-bin", MetadataValue::from_bytes(problem.as_bytes()));
    Status::with_metadata(Code::FailedPrecondition, detail.to_owned(), metadata)
}

fn acceptance(id: &str) -> Acceptance {
    Acceptance {
        exchange_id: "0199f1f0-7b1a-7c11-8a43-8a3e6f3f0c11".into(),
        document_id: id.to_owned(),
        receipt: Some(wire::types_v1::Receipt { payload: b"{}".to_vec(), signature: "a..b".into() }),
        ..Acceptance::default()
    }
}

fn nothing<T>() -> Answer<T> {
    Err(Status::unimplemented("the fake node"))
}

#[tonic::async_trait]
impl ExchangeService for Fake {
    type WatchInboxStream = BoxStream<'static, Result<WatchInboxResponse, Status>>;
    type FetchPacketStream = BoxStream<'static, Result<FetchPacketResponse, Status>>;
    type FetchAttachmentStream = BoxStream<'static, Result<FetchAttachmentResponse, Status>>;

    async fn submit(&self, request: Request<Streaming<SubmitRequest>>) -> Answer<SubmitResponse> {
        let mut stream = request.into_inner();
        while let Some(message) = stream.message().await.inspect_err(|_| self.1.send(Upload::Broken).unwrap())? {
            let mut facts = self.0.lock().unwrap();
            match message.part.unwrap() {
                submit_request::Part::Header(header) if !header.secrecy.is_empty() => {
                    return Err(refused("secret_document", "marked"));
                }
                submit_request::Part::Header(header) => facts.header = Some(header),
                submit_request::Part::File(_) => facts.files.push(Vec::new()),
                submit_request::Part::Chunk(chunk) => facts.files.last_mut().unwrap().extend_from_slice(&chunk),
            }
        }
        self.1.send(Upload::Ended).unwrap();
        let facts = self.0.lock().unwrap();
        let id = facts.header.as_ref().unwrap().document_id.clone();
        Ok(Response::new(SubmitResponse { acceptance: Some(acceptance(&id)) }))
    }

    async fn submit_packet(&self, request: Request<Streaming<SubmitPacketRequest>>) -> Answer<SubmitPacketResponse> {
        let mut stream = request.into_inner();
        self.0.lock().unwrap().files.push(Vec::new());
        while let Some(message) = stream.message().await? {
            let mut facts = self.0.lock().unwrap();
            match message.part.unwrap() {
                submit_packet_request::Part::Header(header) => facts.packet_header = Some(header),
                submit_packet_request::Part::Chunk(chunk) => facts.files.last_mut().unwrap().extend_from_slice(&chunk),
            }
        }
        Ok(Response::new(SubmitPacketResponse { acceptance: Some(acceptance("packet")) }))
    }

    async fn get_document(&self, request: Request<GetDocumentRequest>) -> Answer<GetDocumentResponse> {
        let facts = self.0.lock().unwrap();
        if facts.packet.is_empty() {
            return Err(refused("not_found", "no such exchange"));
        }
        let document = DocumentSummary {
            exchange_id: request.into_inner().exchange_id,
            length: facts.packet.len().try_into().unwrap(),
            sha256: facts.packet_sha256.clone(),
            ..DocumentSummary::default()
        };
        Ok(Response::new(GetDocumentResponse { document: Some(document), ..GetDocumentResponse::default() }))
    }

    async fn fetch_packet(&self, request: Request<FetchPacketRequest>) -> Answer<Self::FetchPacketStream> {
        let offset = request.into_inner().offset;
        let mut facts = self.0.lock().unwrap();
        facts.offsets.push(offset);
        let rest = facts.packet[usize::try_from(offset).unwrap()..].to_vec();
        let cut = facts.break_after.take();
        let sent = cut.map_or(rest.as_slice(), |bytes| &rest[..bytes]);
        let mut messages: Vec<_> = sent
            .chunks(1000)
            .map(|chunk| Ok(FetchPacketResponse { total_length: 0, chunk: chunk.to_vec().into() }))
            .collect();
        if cut.is_some() {
            messages.push(Err(Status::unavailable("cut")));
        }
        Ok(Response::new(stream::iter(messages).boxed()))
    }

    async fn find_agencies(&self, _: Request<FindAgenciesRequest>) -> Answer<FindAgenciesResponse> {
        let agencies = self.0.lock().unwrap().agencies.clone();
        Ok(Response::new(FindAgenciesResponse { agencies, ..FindAgenciesResponse::default() }))
    }

    async fn report_status(&self, _: Request<ReportStatusRequest>) -> Answer<ReportStatusResponse> {
        nothing()
    }
    async fn list_inbox(&self, _: Request<ListInboxRequest>) -> Answer<ListInboxResponse> {
        nothing()
    }
    async fn watch_inbox(&self, _: Request<WatchInboxRequest>) -> Answer<Self::WatchInboxStream> {
        nothing()
    }
    async fn lease_item(&self, _: Request<LeaseItemRequest>) -> Answer<LeaseItemResponse> {
        nothing()
    }
    async fn confirm_item(&self, _: Request<ConfirmItemRequest>) -> Answer<ConfirmItemResponse> {
        nothing()
    }
    async fn give_back_item(&self, _: Request<GiveBackItemRequest>) -> Answer<GiveBackItemResponse> {
        nothing()
    }
    async fn fetch_attachment(&self, _: Request<FetchAttachmentRequest>) -> Answer<Self::FetchAttachmentStream> {
        nothing()
    }
    async fn track_document(&self, _: Request<TrackDocumentRequest>) -> Answer<TrackDocumentResponse> {
        nothing()
    }
    async fn list_documents(&self, _: Request<ListDocumentsRequest>) -> Answer<ListDocumentsResponse> {
        nothing()
    }
    async fn list_receipts(&self, _: Request<ListReceiptsRequest>) -> Answer<ListReceiptsResponse> {
        nothing()
    }
    async fn get_agency(&self, _: Request<GetAgencyRequest>) -> Answer<GetAgencyResponse> {
        nothing()
    }
    async fn get_node(&self, _: Request<GetNodeRequest>) -> Answer<GetNodeResponse> {
        nothing()
    }
}
