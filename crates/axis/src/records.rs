//! Records of the answers' `data`, and of request bodies. Fields that a peer leaves out or sets to null are empty.

use serde::{Deserialize, Deserializer, Serialize};

/// One line of `getReceivedEdocList`: what waits for the calling system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReceivedEdoc {
    /// Its id for this receiver.
    #[serde(rename = "docId", deserialize_with = "text")]
    pub doc_id: String,
    /// `eDoc`.
    #[serde(rename = "serviceType", deserialize_with = "text")]
    pub service_type: String,
    /// `edoc` or `status`.
    #[serde(rename = "messageType", deserialize_with = "text")]
    pub message_type: String,
    /// `yyyy-MM-dd HH:mm:ss`, Vietnam.
    #[serde(deserialize_with = "text")]
    pub created_time: String,
    /// `yyyy-MM-dd HH:mm:ss`, Vietnam.
    #[serde(deserialize_with = "text")]
    pub updated_time: String,
    /// Sending agency.
    #[serde(deserialize_with = "text")]
    pub from: String,
    /// Receiving agency.
    #[serde(deserialize_with = "text")]
    pub to: String,
    /// `initial`, `processing` or `fail`.
    #[serde(deserialize_with = "text")]
    pub status: String,
    /// The same in words.
    #[serde(deserialize_with = "text")]
    pub status_desc: String,
}

/// One line of `getSentEdocList`: a sent packet at one of its receivers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SentEdoc {
    /// `eDoc`.
    #[serde(deserialize_with = "text")]
    pub service_type: String,
    /// `edoc` or `status`.
    #[serde(deserialize_with = "text")]
    pub message_type: String,
    /// The id that `sendEdoc` gave.
    #[serde(deserialize_with = "text")]
    pub sender_doc_id: String,
    /// The receiver's own id of it.
    #[serde(deserialize_with = "text")]
    pub receiver_doc_id: String,
    /// Sending agency.
    #[serde(deserialize_with = "text")]
    pub from_code: String,
    /// Receiving agency.
    #[serde(deserialize_with = "text")]
    pub to_code: String,
    /// Subject.
    #[serde(deserialize_with = "text")]
    pub title: String,
    /// Number and notation.
    #[serde(deserialize_with = "text")]
    pub notation: String,
    /// `yyyy-MM-dd HH:mm:ss`, Vietnam.
    #[serde(deserialize_with = "text")]
    pub sent_time: String,
    /// The same; empty until received.
    #[serde(deserialize_with = "text")]
    pub received_time: String,
    /// State of the sending.
    #[serde(deserialize_with = "text")]
    pub send_status: String,
    /// The same in words.
    #[serde(deserialize_with = "text")]
    pub send_status_desc: String,
    /// State at the receiver: the transfer's (`initial`, `processing`, `done`, `fail`), then the document's (`01` …).
    #[serde(deserialize_with = "text")]
    pub receive_status: String,
    /// The same in words.
    #[serde(deserialize_with = "text")]
    pub receive_status_desc: String,
}

/// One agency with all that the three lists tell of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AgencyEntry {
    /// The axis's id of it.
    #[serde(deserialize_with = "text")]
    pub id: String,
    /// The id of its parent.
    #[serde(deserialize_with = "text")]
    pub pid: String,
    /// Its code.
    #[serde(deserialize_with = "text")]
    pub code: String,
    /// Its name.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// Its address for mail.
    #[serde(deserialize_with = "text")]
    pub mail: String,
    /// Its code of the older generation (`getAgenciesList`).
    #[serde(deserialize_with = "text")]
    pub old_code: String,
    /// Its code by QCVN 102 (`getAgenciesListQD20`).
    #[serde(deserialize_with = "text")]
    pub code102: String,
    /// Version of the record (`getSynchronizeUnit`, as are all below).
    #[serde(deserialize_with = "integer")]
    pub version: i64,
    /// The centre (system) that serves it.
    #[serde(deserialize_with = "text")]
    pub center_code: String,
    /// Whether it is gone.
    #[serde(deserialize_with = "boolean")]
    pub deleted: bool,
    /// `yyyy-MM-dd HH:mm:ss`, Vietnam.
    #[serde(deserialize_with = "text")]
    pub modify_date: String,
    /// Whether it is an agency, not a unit.
    #[serde(deserialize_with = "boolean")]
    pub is_agency: bool,
}

/// The body of `registerAgency`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Registration {
    /// The axis's id of it; empty for a new one.
    #[serde(deserialize_with = "text")]
    pub id: String,
    /// Code of its parent.
    #[serde(deserialize_with = "text")]
    pub pcode: String,
    /// Its code.
    #[serde(deserialize_with = "text")]
    pub code: String,
    /// Its name.
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// Its address for mail.
    #[serde(deserialize_with = "text")]
    pub mail: String,
    /// Its telephone numbers.
    #[serde(deserialize_with = "text")]
    pub mobile: String,
    /// Its fax number.
    #[serde(deserialize_with = "text")]
    pub fax: String,
}

/// A string; null, numbers and booleans, which some servers write, as their text.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Text(String),
        Integer(i64),
        Boolean(bool),
        Null(()),
    }
    Ok(match Loose::deserialize(deserializer)? {
        Loose::Text(text) => text,
        Loose::Integer(number) => number.to_string(),
        Loose::Boolean(value) => value.to_string(),
        Loose::Null(()) => String::new(),
    })
}

/// An integer, perhaps in quotes; anything else is 0.
fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(text(deserializer)?.trim().parse().unwrap_or_default())
}

/// A boolean, perhaps in quotes or as a number; anything else is false.
fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let text = text(deserializer)?;
    Ok(text.trim().eq_ignore_ascii_case("true") || text.trim() == "1")
}
