//! A service over a folder: `ID` is a packet, `ID.json` what is known of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use axis::{
    AgencyEntry, AxisCode, Caller, DocId, EdocContent, Failure, FileStream, MessageType, ReceivedEdoc, ReceivedQuery,
    Registration, Secret, SendEdoc, SentEdoc, SentQuery, Service, TransferState,
};
use bytes::Bytes;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;

/// A system, its secrets, and bytes of a file that it may send.
pub(crate) const SYSTEM: &str = "000.00.00.H30";
pub(crate) const SECRETS: [&str; 2] = ["Kh0a/Rieng+Cua-Chung-Toi==", "Kh0a/Moi=="];
pub(crate) const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// A packet whose file is shorter than promised.
pub(crate) const TORN: &str = "torn";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) message_type: String,
    pub(crate) state: String,
}

pub(crate) struct Shelf {
    folder: PathBuf,
    given: AtomicU64,
    pub(crate) agencies: usize,
    /// The agency that is gone.
    pub(crate) gone: Option<usize>,
    /// A permit is needed to end a `sendEdoc`: a test that holds it back sees what happens meanwhile.
    pub(crate) ends: Semaphore,
}

impl Shelf {
    pub(crate) fn new(folder: &Path) -> Self {
        let ends = Semaphore::new(Semaphore::MAX_PERMITS);
        Self { folder: folder.to_owned(), given: AtomicU64::new(0), agencies: 3, gone: None, ends }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn file(&self, id: &str) -> Vec<u8> {
        fs::read(self.folder.join(id)).unwrap()
    }

    pub(crate) fn record(&self, id: &str) -> Record {
        serde_json::from_slice(&self.file(&format!("{id}.json"))).unwrap()
    }

    pub(crate) fn put(&self, id: &str, file: &[u8], record: &Record) {
        fs::write(self.folder.join(id), file).unwrap();
        self.note(id, record);
    }

    fn note(&self, id: &str, record: &Record) {
        fs::write(self.folder.join(format!("{id}.json")), serde_json::to_vec(record).unwrap()).unwrap();
    }

    fn records(&self) -> Vec<(String, Record)> {
        let names = self.names();
        let ids = names.iter().filter_map(|name| name.strip_suffix(".json"));
        ids.map(|id| (id.to_owned(), self.record(id))).collect()
    }

    fn waiting(&self, message_type: Option<MessageType>) -> impl Iterator<Item = (String, Record)> {
        let records = self.records().into_iter().filter(|(_, record)| record.state != "done");
        records.filter(move |(_, record)| message_type.is_none_or(|kind| kind.as_str() == record.message_type))
    }

    fn known(&self, id: &DocId) -> Result<(), Failure> {
        let known = self.names().iter().any(|name| name == id.as_str());
        if known { Ok(()) } else { Err(Failure::of(types::ErrorCode::NotFound, "docId")) }
    }
}

#[async_trait]
impl Service for Shelf {
    fn secrets(&self, system: &str) -> Vec<Secret> {
        let secrets = SECRETS.iter().map(|secret| Secret::new(secret.as_bytes()));
        if system == SYSTEM { secrets.collect() } else { Vec::new() }
    }

    fn file_bytes_max(&self, _: &Caller) -> u64 {
        FILE_BYTES_MAX
    }

    async fn send_edoc(&self, _: &Caller, request: SendEdoc, mut file: FileStream) -> Result<DocId, Failure> {
        let to = request.to.unwrap_or_default();
        if to.iter().any(|code| code == "nobody") {
            return Err(Failure::of(types::ErrorCode::UnknownAgency, "nobody"));
        }
        let id = format!("d{}", self.given.fetch_add(1, Ordering::Relaxed));
        let path = self.folder.join(format!("{id}.part"));
        let mut target = tokio::fs::File::create(&path).await.unwrap();
        while let Some(chunk) = file.next().await {
            match chunk {
                Ok(chunk) => target.write_all(&chunk).await.unwrap(),
                Err(failure) => {
                    tokio::fs::remove_file(&path).await.unwrap();
                    return Err(failure);
                }
            }
        }
        target.sync_all().await.unwrap();
        let _end = self.ends.acquire().await.unwrap();
        tokio::fs::rename(&path, self.folder.join(&id)).await.unwrap();
        let message_type = request.message_type.map_or("", MessageType::as_str).to_owned();
        let from = request.from.unwrap_or_default();
        self.note(&id, &Record { from, to, message_type, state: "initial".to_owned() });
        Ok(id.parse().unwrap())
    }

    async fn received_edocs(&self, _: &Caller, query: ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
        let line = |(doc_id, record): (String, Record)| ReceivedEdoc {
            doc_id,
            service_type: "eDoc".to_owned(),
            message_type: record.message_type,
            from: record.from,
            status: record.state,
            status_desc: "Chờ nhận".to_owned(),
            ..ReceivedEdoc::default()
        };
        Ok(self.waiting(query.message_type).take(query.max).map(line).collect())
    }

    async fn open_edoc(&self, _: &Caller, doc_id: &DocId) -> Result<EdocContent, Failure> {
        self.known(doc_id)?;
        let file = tokio::fs::File::open(self.folder.join(doc_id.as_str())).await.unwrap();
        let length = file.metadata().await.unwrap().len() + if doc_id.as_str() == TORN { 3 } else { 0 };
        let broken = |error: std::io::Error| Failure::new(AxisCode::Internal, error.to_string());
        let bytes =
            ReaderStream::with_capacity(file, 64 * 1024).map(move |chunk: Result<Bytes, _>| chunk.map_err(broken));
        Ok(EdocContent { length, bytes: bytes.boxed() })
    }

    async fn update_status(&self, _: &Caller, doc_id: &DocId, state: TransferState) -> Result<(), Failure> {
        self.known(doc_id)?;
        let mut record = self.record(doc_id.as_str());
        record.state = state.as_str().to_owned();
        self.note(doc_id.as_str(), &record);
        Ok(())
    }

    async fn sent_edocs(&self, _: &Caller, query: SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        let line = |(sender_doc_id, record): (String, Record)| SentEdoc {
            sender_doc_id,
            message_type: record.message_type,
            from_code: record.from,
            receive_status: record.state,
            ..SentEdoc::default()
        };
        let wanted = |(id, _): &(String, Record)| query.doc_id.as_ref().is_none_or(|doc_id| doc_id.as_str() == id);
        Ok(self.records().into_iter().filter(wanted).take(query.max).map(line).collect())
    }

    async fn count_received(&self, _: &Caller, message_type: MessageType) -> Result<u64, Failure> {
        Ok(self.waiting(Some(message_type)).count() as u64)
    }

    fn agencies(&self, _: &Caller) -> Result<Box<dyn Iterator<Item = AgencyEntry> + Send>, Failure> {
        let gone = self.gone;
        Ok(Box::new((0..self.agencies).map(move |number| AgencyEntry {
            id: number.to_string(),
            pid: "0".to_owned(),
            code: format!("H30.{number}"),
            name: format!("Ủy ban nhân dân xã {number}"),
            mail: format!("xa{number}@example.vn"),
            old_code: format!("000.00.{number}.H30"),
            code102: format!("000.{number}.00.H30"),
            version: 7,
            center_code: SYSTEM.to_owned(),
            deleted: Some(number) == gone,
            modify_date: "2026-03-05 09:15:00".to_owned(),
            is_agency: true,
        })))
    }

    async fn register_agency(&self, _: &Caller, agency: Registration) -> Result<(), Failure> {
        fs::write(self.folder.join(&agency.code), agency.name).unwrap();
        Ok(())
    }

    async fn delete_agency(&self, _: &Caller, code: &str) -> Result<(), Failure> {
        fs::remove_file(self.folder.join(code)).map_err(|_| Failure::of(types::ErrorCode::NotFound, code))
    }
}
