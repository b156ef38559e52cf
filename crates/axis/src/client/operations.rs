//! The operations of the protocol.

use http::{Method, header};
use http_body_util::BodyExt;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use tokio::io::AsyncRead;
use types::Digest;

use super::answer::NoData;
use super::edoc::Base64Data;
use super::error::{CallError, CallErrorKind};
use super::exchange::{Call, SMALL_MAX, whole};
use super::head::Head;
use super::reading::{Body, Reading};
use super::records::Records;
use super::upload::{Progress, Upload};
use super::{Client, EdocFile, List};
use crate::sign::Parameter;
use crate::{AgencyEntry, DocId, MessageType, ReceivedEdoc, Registration, SentEdoc, TransferState, file_hash};

/// Bytes of a list at most: 500 lines are about 200 KiB, 111,339 agencies about 20 MB.
const LIST_MAX: u64 = 256 * 1024 * 1024;

/// Lines of a list of packets at most; the axis itself gives fewer.
const LINES_MAX: usize = 100_000;

const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";
const SERVICE: &str = "eDoc";

/// What is sent with `sendEdoc` beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPacket {
    /// Sending agency.
    pub from: String,
    /// Receivers; the packet's own when `None`.
    pub to: Option<Vec<String>>,
    /// Document or status.
    pub message_type: MessageType,
    /// Bytes.
    pub length: u64,
    /// SHA-256.
    pub digest: Digest,
}

/// Which list of agencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgencyList {
    /// `getAgenciesList`: with parents and old codes.
    All,
    /// `getAgenciesListQD20`: with codes by QCVN 102.
    Qd20,
    /// `getSynchronizeUnit`: with versions, centres and deletions.
    Units,
}

impl AgencyList {
    const fn operation(self) -> &'static str {
        match self {
            Self::All => "getAgenciesList",
            Self::Qd20 => "getAgenciesListQD20",
            Self::Units => "getSynchronizeUnit",
        }
    }
}

impl Client {
    /// `sendEdoc`: sends a packet, read from `packet` as the connection takes it. Returns the axis's id of it, `None`
    /// when it said OK without a usable one. A repeat is safe.
    ///
    /// # Errors
    /// The axis refused it, or did not answer.
    pub async fn send_edoc(
        &self,
        sent: SentPacket,
        packet: impl AsyncRead + Send + Unpin + 'static,
    ) -> Result<Option<DocId>, CallError> {
        let progress = Progress::new();
        let mut parameters = packets(sent.message_type);
        parameters.push((Parameter::HashFile, file_hash::render(sent.digest.as_bytes())));
        parameters.push((Parameter::From, sent.from));
        if let Some(to) = sent.to {
            parameters.push((Parameter::To, serde_json::Value::from(to).to_string()));
        }
        let call = Call {
            operation: "sendEdoc",
            method: Method::POST,
            parameters,
            content_type: OCTETS,
            body: Upload::new(packet, sent.length, progress.clone()).boxed_unsync(),
            progress: Some(progress),
        };
        let head = self.small(call).await?;
        Ok(std::str::from_utf8(&head.doc_id).ok().and_then(|text| text.trim().parse().ok()))
    }

    /// `getReceivedEdocList`: what waits for this system, oldest first, perhaps only of some days (sent as
    /// `dd/MM/yyyy`; the protocol does not say).
    ///
    /// # Errors
    /// The axis refused, or its answer did not come whole.
    pub async fn received_edocs(
        &self,
        message_type: MessageType,
        from_day: Option<Date>,
        to_day: Option<Date>,
    ) -> Result<Vec<ReceivedEdoc>, CallError> {
        let mut parameters = packets(message_type);
        let day = |date: Date| date.strftime("%d/%m/%Y").to_string();
        parameters.extend(from_day.map(|date| (Parameter::FromDate, day(date))));
        parameters.extend(to_day.map(|date| (Parameter::ToDate, day(date))));
        self.list(post("getReceivedEdocList", parameters, "")).await?.all(LINES_MAX).await
    }

    /// `getEdoc`: a packet that waits, decoded as it arrives. A failure that the axis tells at once is told here.
    ///
    /// # Errors
    /// The axis refused, or did not answer.
    pub async fn get_edoc(&self, doc_id: &DocId) -> Result<EdocFile, CallError> {
        let call = post("getEdoc", vec![doc_id_parameter(doc_id), service()], "{}");
        let operation = call.operation;
        let response = self.exchange(call).await?;
        let mut reading = Reading::new(operation, response, Base64Data::default(), u64::MAX, self.timeouts.idle);
        while reading.answer.data.decoded.is_empty() && reading.more().await? {}
        Ok(EdocFile::encoded(reading))
    }

    /// `downloadEdoc`: the same packet as it is.
    ///
    /// # Errors
    /// The axis refused, or did not answer.
    pub async fn download_edoc(&self, doc_id: &DocId) -> Result<EdocFile, CallError> {
        let parameters = vec![doc_id_parameter(doc_id), service()];
        let call = Call { method: Method::GET, ..post("downloadEdoc", parameters, "") };
        let operation = call.operation;
        let response = self.exchange(call).await?;
        let kind = response.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
        if kind.is_some_and(|kind| kind.starts_with(JSON.as_bytes())) {
            let answer = Reading::new(operation, response, NoData, SMALL_MAX, self.timeouts.idle);
            answer.all().await?;
            return Err(malformed(operation, "an answer in JSON where a packet belongs"));
        }
        let is_chunked = response.headers().contains_key(header::TRANSFER_ENCODING);
        if !is_chunked && !response.headers().contains_key(header::CONTENT_LENGTH) {
            return Err(malformed(operation, "a packet without a length: its end cannot be told"));
        }
        Ok(EdocFile::plain(Body::new(operation, response, u64::MAX, self.timeouts.idle)))
    }

    /// `updateStatus`: tells the axis where this side is with a packet; `done` takes it off the list.
    ///
    /// # Errors
    /// The axis refused, or did not answer.
    pub async fn update_status(&self, doc_id: &DocId, state: TransferState) -> Result<(), CallError> {
        let doc_id = (Parameter::DocIdOfStatus, doc_id.as_str().to_owned());
        let state = (Parameter::Status, state.as_str().to_owned());
        self.small(post("updateStatus", vec![doc_id, state, service()], "{}")).await.map(drop)
    }

    /// `getSentEdocList`: what became of a sent packet at each receiver, or of the latest ones.
    ///
    /// # Errors
    /// The axis refused, or its answer did not come whole.
    pub async fn sent_edocs(
        &self,
        message_type: MessageType,
        doc_id: Option<&DocId>,
    ) -> Result<Vec<SentEdoc>, CallError> {
        let mut parameters = packets(message_type);
        parameters.extend(doc_id.map(doc_id_parameter));
        self.list(post("getSentEdocList", parameters, "")).await?.all(LINES_MAX).await
    }

    /// `countReceiveEdoc`, `countReceiveStatus`: how many packets wait for this system.
    ///
    /// # Errors
    /// The axis refused, or its answer has no count.
    pub async fn count(&self, message_type: MessageType) -> Result<u64, CallError> {
        let operation = match message_type {
            MessageType::Edoc => "countReceiveEdoc",
            MessageType::Status => "countReceiveStatus",
        };
        let head = self.small(post(operation, vec![service()], "{}")).await?;
        let count = std::str::from_utf8(&head.count).ok().and_then(|text| text.trim().parse().ok());
        count.ok_or_else(|| malformed(operation, "no count in the answer"))
    }

    /// `getAgenciesList`, `getAgenciesListQD20`, `getSynchronizeUnit`: every agency, record by record.
    ///
    /// # Errors
    /// The axis refused, or did not answer.
    pub async fn agencies(&self, list: AgencyList) -> Result<List<AgencyEntry>, CallError> {
        self.list(post(list.operation(), Vec::new(), "")).await
    }

    /// `registerAgency`: registers an agency with this system, or changes one of its.
    ///
    /// # Errors
    /// The axis refused, or did not answer.
    pub async fn register_agency(&self, agency: &Registration) -> Result<(), CallError> {
        let body = serde_json::json!(agency).to_string();
        self.small(post("registerAgency", Vec::new(), body)).await.map(drop)
    }

    /// `deleteAgency`: deletes an agency of this system.
    ///
    /// # Errors
    /// The axis refused, or did not answer.
    pub async fn delete_agency(&self, code: &str) -> Result<(), CallError> {
        let code = (Parameter::AgencyCode, code.to_owned());
        self.small(post("deleteAgency", vec![code], "{}")).await.map(drop)
    }

    /// A call whose answer has no data.
    async fn small(&self, call: Call) -> Result<Head, CallError> {
        let operation = call.operation;
        let response = self.exchange(call).await?;
        Reading::new(operation, response, NoData, SMALL_MAX, self.timeouts.idle).all().await
    }

    async fn list<T: DeserializeOwned>(&self, call: Call) -> Result<List<T>, CallError> {
        let operation = call.operation;
        let response = self.exchange(call).await?;
        Ok(List::new(Reading::new(operation, response, Records::default(), LIST_MAX, self.timeouts.idle)))
    }
}

fn post(operation: &'static str, parameters: Vec<(Parameter, String)>, body: impl Into<bytes::Bytes>) -> Call {
    Call { operation, method: Method::POST, parameters, content_type: JSON, body: whole(body), progress: None }
}

fn service() -> (Parameter, String) {
    (Parameter::ServiceType, SERVICE.to_owned())
}

fn packets(message_type: MessageType) -> Vec<(Parameter, String)> {
    vec![service(), (Parameter::MessageType, message_type.as_str().to_owned())]
}

fn doc_id_parameter(doc_id: &DocId) -> (Parameter, String) {
    (Parameter::DocId, doc_id.as_str().to_owned())
}

fn malformed(operation: &'static str, detail: &str) -> CallError {
    CallError::new(operation, CallErrorKind::Malformed { detail: detail.to_owned() })
}
