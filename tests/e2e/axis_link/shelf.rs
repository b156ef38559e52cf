//! An axis for the tests: the protocol's own server over a folder, told what to hold, and asked what it got.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axis::server::{Options, router};
use axis::{
    AgencyEntry, AxisCode, Caller, DocId, EdocContent, Failure, FileStream, MessageType, ReceivedEdoc, ReceivedQuery,
    Registration, Secret, SendEdoc, SentEdoc, SentQuery, Service, TransferState,
};
use futures_util::StreamExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub(crate) const SYSTEM: &str = "000.00.00.G22";
pub(crate) const SECRET: &str = "khoa/Bi-Mat+Cua-Nut==";

/// What the folder knows of a packet beside its bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) doc_id: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) message_type: String,
    /// Waits for the node: `initial`, `processing`, `fail`, `done`; came from it: `sent`.
    pub(crate) state: String,
    pub(crate) at: u64,
}

pub(crate) struct Shelf {
    folder: PathBuf,
    clock: AtomicU64,
    /// Answers confirmations with code 20.
    pub(crate) is_deaf: AtomicBool,
    /// How often a packet was opened.
    pub(crate) opened: AtomicU64,
    /// A receiver that does not exist.
    pub(crate) nobody: Mutex<String>,
    pub(crate) agencies: Mutex<Vec<AgencyEntry>>,
    /// What is told of a receiver of a sent packet: its state and the same in words.
    pub(crate) told: Mutex<BTreeMap<String, (&'static str, &'static str)>>,
}

impl Shelf {
    fn note(&self, line: &Line) {
        // Requests come at the same time: each writes a file of its own before it takes the line's place.
        let number = self.clock.fetch_add(1, Ordering::Relaxed);
        let new = self.folder.join(format!("{}.{number}.new", line.doc_id));
        let path = self.folder.join(format!("{}.json", line.doc_id));
        fs::write(&new, serde_json::to_vec(line).unwrap()).unwrap();
        fs::rename(new, path).unwrap();
    }

    /// A packet that waits for the node.
    pub(crate) fn put(&self, doc_id: &str, from: &str, to: &str, message_type: MessageType, packet: &str) {
        fs::write(self.folder.join(doc_id), packet).unwrap();
        let at = self.clock.fetch_add(1, Ordering::Relaxed);
        let (doc_id, from, to) = (doc_id.to_owned(), from.to_owned(), vec![to.to_owned()]);
        self.note(&Line { doc_id, from, to, message_type: message_type.as_str().into(), state: "initial".into(), at });
    }

    /// Lists a packet again, as if nothing had been confirmed.
    pub(crate) fn repeat(&self, doc_id: &str) {
        self.note(&Line { state: "initial".into(), ..self.line(doc_id) });
    }

    pub(crate) fn line(&self, doc_id: &str) -> Line {
        serde_json::from_slice(&fs::read(self.folder.join(format!("{doc_id}.json"))).unwrap()).unwrap()
    }

    fn lines(&self) -> Vec<Line> {
        let names = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        let lines = names.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let mut lines: Vec<Line> =
            lines.map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect();
        lines.sort_by_key(|line| line.at);
        lines
    }

    /// What the node sent, in order.
    pub(crate) fn sent(&self, message_type: MessageType) -> Vec<Line> {
        let is_sent = |line: &Line| line.state == "sent" && line.message_type == message_type.as_str();
        self.lines().into_iter().filter(is_sent).collect()
    }

    pub(crate) fn packet(&self, doc_id: &str) -> String {
        fs::read_to_string(self.folder.join(doc_id)).unwrap()
    }
}

#[async_trait]
impl Service for Shelf {
    fn secrets(&self, system: &str) -> Vec<Secret> {
        if system == SYSTEM { vec![Secret::new(SECRET.as_bytes())] } else { Vec::new() }
    }

    fn file_bytes_max(&self, _: &Caller) -> u64 {
        1 << 30
    }

    async fn send_edoc(&self, _: &Caller, request: SendEdoc, mut file: FileStream) -> Result<DocId, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = file.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        let to = request.to.unwrap_or_default();
        if to.contains(&self.nobody.lock().unwrap()) {
            return Err(Failure::new(AxisCode::UnknownReceiver, "nobody of this code"));
        }
        let at = self.clock.fetch_add(1, Ordering::Relaxed);
        let doc_id = format!("axis-{at}");
        fs::write(self.folder.join(&doc_id), bytes).unwrap();
        let message_type = request.message_type.map_or("", MessageType::as_str).to_owned();
        let from = request.from.unwrap_or_default();
        self.note(&Line { doc_id: doc_id.clone(), from, to, message_type, state: "sent".into(), at });
        Ok(doc_id.parse().unwrap())
    }

    async fn received_edocs(&self, _: &Caller, query: ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
        let is_wanted = |line: &Line| {
            !matches!(line.state.as_str(), "done" | "sent")
                && query.message_type.is_none_or(|kind| kind.as_str() == line.message_type)
        };
        let lines = self.lines().into_iter().filter(is_wanted).take(query.max);
        let entry = |line: Line| ReceivedEdoc {
            doc_id: line.doc_id,
            service_type: "eDoc".into(),
            message_type: line.message_type,
            created_time: format!("2026-03-01 08:{:02}:{:02}", line.at / 60, line.at % 60),
            from: line.from,
            to: line.to.concat(),
            status: line.state,
            ..ReceivedEdoc::default()
        };
        Ok(lines.map(entry).collect())
    }

    async fn open_edoc(&self, _: &Caller, doc_id: &DocId) -> Result<EdocContent, Failure> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let bytes = fs::read(self.folder.join(doc_id.as_str())).unwrap();
        let length = u64::try_from(bytes.len()).unwrap();
        let whole = futures_util::stream::once(async move { Ok(bytes.into()) });
        Ok(EdocContent { length, bytes: whole.boxed() })
    }

    async fn update_status(&self, _: &Caller, doc_id: &DocId, state: TransferState) -> Result<(), Failure> {
        if self.is_deaf.load(Ordering::Relaxed) && state == TransferState::Done {
            return Err(Failure::new(AxisCode::Internal, "busy"));
        }
        self.note(&Line { state: state.as_str().into(), ..self.line(doc_id.as_str()) });
        Ok(())
    }

    async fn sent_edocs(&self, _: &Caller, query: SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        let asked = query.doc_id.unwrap();
        let line = self.line(asked.as_str());
        let told = self.told.lock().unwrap();
        let one = |to: &String| {
            let (state, words) = told.get(to).copied().unwrap_or(("initial", "Chờ nhận"));
            SentEdoc {
                sender_doc_id: asked.to_string(),
                to_code: to.clone(),
                receive_status: state.into(),
                receive_status_desc: words.into(),
                ..SentEdoc::default()
            }
        };
        Ok(line.to.iter().map(one).collect())
    }

    async fn count_received(&self, _: &Caller, _: MessageType) -> Result<u64, Failure> {
        Ok(0)
    }

    fn agencies(&self, _: &Caller) -> Result<Box<dyn Iterator<Item = AgencyEntry> + Send>, Failure> {
        Ok(Box::new(self.agencies.lock().unwrap().clone().into_iter()))
    }

    async fn register_agency(&self, _: &Caller, _: Registration) -> Result<(), Failure> {
        Err(Failure::new(AxisCode::Unprocessable, "not here"))
    }

    async fn delete_agency(&self, _: &Caller, _: &str) -> Result<(), Failure> {
        Err(Failure::new(AxisCode::Unprocessable, "not here"))
    }
}

/// The axis, which can go away and come back to the same address.
pub(crate) struct Axis {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) address: SocketAddr,
    runtime: Option<Runtime>,
    _folder: TempDir,
}

impl Axis {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let shelf = Arc::new(Shelf {
            folder: folder.path().to_owned(),
            clock: AtomicU64::new(0),
            is_deaf: AtomicBool::new(false),
            opened: AtomicU64::new(0),
            nobody: Mutex::new("H99".to_owned()),
            agencies: Mutex::new(agencies(&["H30", "H30.10", "H30.11", "H31", "H99"])),
            told: Mutex::default(),
        });
        let mut axis = Self { shelf, address: ([127, 0, 0, 1], 0).into(), runtime: None, _folder: folder };
        axis.start();
        axis
    }

    pub(crate) fn start(&mut self) {
        let runtime = Runtime::new().unwrap();
        let app = router(self.shelf.clone(), Options::default());
        let listener = runtime.block_on(TcpListener::bind(self.address)).unwrap();
        self.address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(app.clone());
                tokio::spawn(async move {
                    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                    drop(server.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        self.runtime = Some(runtime);
    }

    /// Everything of it ends at once: connections break.
    pub(crate) fn stop(&mut self) {
        drop(self.runtime.take());
    }
}

/// A list with these codes, each below the first of its province.
pub(crate) fn agencies(codes: &[&str]) -> Vec<AgencyEntry> {
    let entry = |code: &&str| AgencyEntry {
        id: format!("id-{code}"),
        pid: code.split_once('.').map(|(above, _)| format!("id-{above}")).unwrap_or_default(),
        code: (*code).to_owned(),
        name: format!("Cơ quan {code}"),
        ..AgencyEntry::default()
    };
    codes.iter().map(entry).collect()
}

/// The file of the secret.
pub(crate) fn secret(folder: &Path) -> PathBuf {
    let path = folder.join("axis-secret");
    fs::write(&path, format!("{SECRET}\n")).unwrap();
    path
}
