//! A service without a disk: what is measured is the server.

use async_trait::async_trait;
use axis::{
    AgencyEntry, AxisCode, Caller, DocId, EdocContent, Failure, FileStream, MessageType, ReceivedEdoc, ReceivedQuery,
    Registration, Secret, SendEdoc, SentEdoc, SentQuery, Service, TransferState,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::sync::Arc;

pub(crate) const SYSTEM: &str = "000.00.00.H30";
pub(crate) const SECRET: &str = "Kh0a/Rieng+Cua-Chung-Toi==";
/// Agencies of the national list in October 2025.
pub(crate) const AGENCIES: usize = 111_339;
const CHUNK: usize = 64 * 1024;

pub(crate) struct Synthetic {
    length: u64,
    agencies: Arc<[AgencyEntry]>,
}

impl Synthetic {
    pub(crate) fn new(length: u64) -> Self {
        let entry = |number: usize| AgencyEntry {
            id: number.to_string(),
            pid: (number / 20).to_string(),
            code: format!("000.{:02}.{:02}.H{:02}", number % 100, number / 100 % 100, number / 10_000),
            name: format!("Ủy ban nhân dân xã số {number}, tỉnh Nghệ An"),
            mail: format!("vanthu.{number}@nghean.example.vn"),
            old_code: format!("000.00.{number}"),
            code102: format!("000.{number}.H30"),
            center_code: SYSTEM.to_owned(),
            modify_date: "2025-10-05 09:15:00".to_owned(),
            is_agency: true,
            ..AgencyEntry::default()
        };
        Self { length, agencies: (0..AGENCIES).map(entry).collect() }
    }
}

fn absent() -> Failure {
    Failure::new(AxisCode::Unprocessable, "not measured")
}

#[async_trait]
impl Service for Synthetic {
    fn secrets(&self, _: &str) -> Vec<Secret> {
        vec![Secret::new(SECRET.as_bytes())]
    }

    fn file_bytes_max(&self, _: &Caller) -> u64 {
        self.length
    }

    async fn send_edoc(&self, _: &Caller, _: SendEdoc, mut file: FileStream) -> Result<DocId, Failure> {
        let mut length = 0;
        while let Some(chunk) = file.next().await {
            length += chunk?.len() as u64;
        }
        if length == self.length { "a".parse().map_err(|_| absent()) } else { Err(absent()) }
    }

    async fn open_edoc(&self, _: &Caller, _: &DocId) -> Result<EdocContent, Failure> {
        let chunk = Bytes::from(vec![b'x'; CHUNK]);
        let bytes = stream::unfold(self.length, move |left| {
            // A copy, as from a disk.
            let part = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            let bytes = Bytes::copy_from_slice(chunk.get(..part).unwrap_or_default());
            std::future::ready((part > 0).then(|| (Ok(bytes), left - part as u64)))
        });
        Ok(EdocContent { length: self.length, bytes: bytes.boxed() })
    }

    fn agencies(&self, _: &Caller) -> Result<Box<dyn Iterator<Item = AgencyEntry> + Send>, Failure> {
        let agencies = Arc::clone(&self.agencies);
        Ok(Box::new((0..agencies.len()).filter_map(move |place| agencies.get(place).cloned())))
    }

    async fn count_received(&self, _: &Caller, _: MessageType) -> Result<u64, Failure> {
        Ok(0)
    }

    async fn received_edocs(&self, _: &Caller, _: ReceivedQuery) -> Result<Vec<ReceivedEdoc>, Failure> {
        Err(absent())
    }

    async fn update_status(&self, _: &Caller, _: &DocId, _: TransferState) -> Result<(), Failure> {
        Err(absent())
    }

    async fn sent_edocs(&self, _: &Caller, _: SentQuery) -> Result<Vec<SentEdoc>, Failure> {
        Err(absent())
    }

    async fn register_agency(&self, _: &Caller, _: Registration) -> Result<(), Failure> {
        Err(absent())
    }

    async fn delete_agency(&self, _: &Caller, _: &str) -> Result<(), Failure> {
        Err(absent())
    }
}
