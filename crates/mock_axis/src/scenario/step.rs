//! One step: a call, and what its answer has to hold.

use std::collections::BTreeMap;
use std::time::Duration;

use axis::client::AgencyList;
use axis::{MessageType, TransferState};
use types::{BusinessType, Lane, StatusCode};

use super::raw::RawStep;
use crate::Faults;

/// One step of a scenario.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name; unique in the file.
    pub name: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// The acting party, as an index into the scenario's; `None` for what is done to the mock itself.
    pub by: Option<usize>,
    /// What is done.
    pub act: Act,
    pub(super) expect: Expect,
    /// The call is repeated for as long until the expectation holds.
    pub(super) within: Option<Duration>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Act {
    /// `sendEdoc` with a document.
    Send(Draft),
    /// `sendEdoc` with a status about an earlier step's document.
    Status(StatusDraft),
    /// `sendEdoc` with the very bytes of an earlier step.
    Again(String),
    /// `getReceivedEdocList`.
    List(MessageType),
    /// `getEdoc` or `downloadEdoc` of an earlier step's packet.
    Fetch(String, Way),
    /// `updateStatus`.
    Confirm(String, TransferState),
    /// `getSentEdocList` of an earlier step's packet.
    Sent(String),
    /// `countReceiveEdoc` or `countReceiveStatus`.
    Count(MessageType),
    /// `registerAgency`.
    Register {
        /// Its code.
        agency: String,
        /// Its name.
        name: String,
        /// Code of its parent.
        parent: String,
    },
    /// `deleteAgency`.
    Delete(String),
    /// One of the three lists of agencies.
    Agencies(AgencyList),
    /// The mock's faults from here on, in place of those before.
    Fault(Faults),
    /// The mock's operator locks an agency.
    Lock(String),
}

/// How a packet is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `getEdoc`: base64 inside JSON.
    Get,
    /// `downloadEdoc`: as it is.
    Download,
}

/// What is wrong with a sent packet on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoil {
    /// `hash-file` of other bytes.
    Hash,
    /// The packet ends in its middle.
    Packet,
    /// Signed with another secret.
    Secret,
}

/// A document before it is written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Sending agency; the party's first one when `None`.
    pub(super) from: Option<String>,
    pub(super) to: Vec<String>,
    pub(super) business: BusinessType,
    pub(super) lane: Lane,
    pub(super) subject: String,
    /// Bytes of each attachment; one page of PDF when empty.
    pub(super) attachments: Vec<u64>,
    /// The step whose document it acts on.
    pub(super) about: Option<String>,
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
    pub(super) spoil: Option<Spoil>,
}

/// A status before it is written.
#[derive(Clone, Debug)]
pub struct StatusDraft {
    pub(super) from: Option<String>,
    pub(super) about: String,
    pub(super) code: StatusCode,
    pub(super) text: String,
}

/// What an answer has to hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Expect {
    /// `ErrorCode`; 0 when not said.
    pub(super) code: u8,
    /// Steps whose packets are listed; agencies for `agencies`.
    pub(super) has: Vec<String>,
    pub(super) has_not: Vec<String>,
    /// Receiver to `receiveStatus`.
    pub(super) states: BTreeMap<String, String>,
    /// The step whose bytes were fetched.
    pub(super) bytes_of: Option<String>,
    pub(super) count: Option<u64>,
    pub(super) at_least: Option<u64>,
}

impl Act {
    /// The word that a file has for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Send(_) | Self::Again(_) => "send",
            Self::Status(_) => "status",
            Self::List(_) => "list",
            Self::Fetch(..) => "fetch",
            Self::Confirm(..) => "confirm",
            Self::Sent(_) => "sent",
            Self::Count(_) => "count",
            Self::Register { .. } => "register",
            Self::Delete(_) => "delete",
            Self::Agencies(_) => "agencies",
            Self::Fault(_) => "fault",
            Self::Lock(_) => "lock",
        }
    }

    /// Whether only a mock can do it.
    #[must_use]
    pub const fn needs_mock(&self) -> bool {
        matches!(self, Self::Fault(_) | Self::Lock(_))
    }

    /// Whether later steps may name its packet.
    pub(super) const fn makes_packet(&self) -> bool {
        matches!(self, Self::Send(_) | Self::Status(_) | Self::Again(_))
    }

    /// Steps that it names.
    pub(super) fn names(&self) -> Option<&String> {
        match self {
            Self::Send(draft) => draft.about.as_ref(),
            Self::Status(draft) => Some(&draft.about),
            Self::Again(step) | Self::Fetch(step, _) | Self::Confirm(step, _) | Self::Sent(step) => Some(step),
            _ => None,
        }
    }

    /// Reads the action of a step.
    pub(super) fn read(raw: &RawStep) -> Result<Self, String> {
        let keys = keys(raw)?;
        if let Some(foreign) = raw.keys().into_iter().find(|key| !keys.contains(key)) {
            return Err(format!("{foreign}: không dùng với do = {:?} (does not belong to it)", raw.act));
        }
        Ok(match raw.act.as_str() {
            "send" => match &raw.again {
                Some(step) if raw.keys() == ["again"] => Self::Again(step.clone()),
                Some(_) => return Err("again: đứng một mình (stands alone)".to_owned()),
                None => Self::Send(draft(raw)?),
            },
            "status" => Self::Status(StatusDraft {
                from: raw.from.clone(),
                about: needed(&raw.about, "about")?,
                code: status(&needed(&raw.status, "status")?)?,
                text: raw.text.clone().unwrap_or_default(),
            }),
            "list" => Self::List(kind(raw)?),
            "fetch" => Self::Fetch(
                needed(&raw.document, "document")?,
                match raw.way.as_deref() {
                    None | Some("getEdoc") => Way::Get,
                    Some("downloadEdoc") => Way::Download,
                    Some(other) => return Err(format!("way {other:?}: getEdoc | downloadEdoc")),
                },
            ),
            "confirm" => {
                let state = raw.state.as_deref().unwrap_or("done").parse();
                Self::Confirm(needed(&raw.document, "document")?, state.map_err(|e: axis::IdError| e.to_string())?)
            }
            "sent" => Self::Sent(needed(&raw.document, "document")?),
            "count" => Self::Count(kind(raw)?),
            "register" => Self::Register {
                agency: needed(&raw.agency, "agency")?,
                name: needed(&raw.agency_name, "agency_name")?,
                parent: raw.parent.clone().unwrap_or_default(),
            },
            "delete" => Self::Delete(needed(&raw.agency, "agency")?),
            "agencies" => Self::Agencies(match raw.list.as_deref() {
                None | Some("all") => AgencyList::All,
                Some("qd20") => AgencyList::Qd20,
                Some("units") => AgencyList::Units,
                Some(other) => return Err(format!("list {other:?}: all | qd20 | units")),
            }),
            "fault" => {
                let mut faults = Faults::default();
                for fault in raw.set.iter().flatten() {
                    faults.set(fault).map_err(|error| error.to_string())?;
                }
                Self::Fault(faults)
            }
            _ => Self::Lock(needed(&raw.agency, "agency")?),
        })
    }
}

/// The keys that belong to an action.
fn keys(raw: &RawStep) -> Result<&'static [&'static str], String> {
    Ok(match raw.act.as_str() {
        "send" => &[
            "business",
            "from",
            "to",
            "subject",
            "priority",
            "attachments",
            "about",
            "added",
            "removed",
            "again",
            "spoil",
        ],
        "status" => &["from", "about", "status", "text"],
        "list" | "count" => &["kind"],
        "fetch" => &["document", "way"],
        "confirm" => &["document", "state"],
        "sent" => &["document"],
        "register" => &["agency", "agency_name", "parent"],
        "delete" | "lock" => &["agency"],
        "agencies" => &["list"],
        "fault" => &["set"],
        other => {
            return Err(format!(
                "do = {other:?}: send | status | list | fetch | confirm | sent | count | register | delete | agencies \
                 | fault | lock"
            ));
        }
    })
}

fn needed(value: &Option<String>, key: &str) -> Result<String, String> {
    value.clone().ok_or_else(|| format!("thiếu {key} (missing)"))
}

fn kind(raw: &RawStep) -> Result<MessageType, String> {
    raw.kind.as_deref().unwrap_or("edoc").parse().map_err(|error: axis::IdError| error.to_string())
}

fn draft(raw: &RawStep) -> Result<Draft, String> {
    let business = match raw.business.as_deref() {
        None | Some("new") => BusinessType::New,
        Some("revoke") => BusinessType::Revoke,
        Some("update") => BusinessType::Update,
        Some("replace") => BusinessType::Replace,
        Some(other) => return Err(format!("business {other:?}: new | revoke | update | replace")),
    };
    if business != BusinessType::New && raw.about.is_none() {
        return Err("thiếu about: văn bản trước đó (missing: the earlier document)".to_owned());
    }
    let to = raw.to.clone().unwrap_or_default();
    if to.is_empty() {
        return Err("thiếu to: nơi nhận (missing: the receivers)".to_owned());
    }
    let lane = match raw.priority.as_deref() {
        None | Some("normal") => Lane::Normal,
        Some("urgent") => Lane::Urgent,
        Some("very_urgent") => Lane::VeryUrgent,
        Some("express") => Lane::Express,
        Some(other) => return Err(format!("priority {other:?}: normal | urgent | very_urgent | express")),
    };
    let spoil = match raw.spoil.as_deref() {
        None => None,
        Some("hash") => Some(Spoil::Hash),
        Some("packet") => Some(Spoil::Packet),
        Some("secret") => Some(Spoil::Secret),
        Some(other) => return Err(format!("spoil {other:?}: hash | packet | secret")),
    };
    Ok(Draft {
        from: raw.from.clone(),
        to,
        business,
        lane,
        subject: raw.subject.clone().unwrap_or_else(|| "Văn bản kịch bản (scenario document)".to_owned()),
        attachments: raw.attachments.iter().flatten().map(|text| size(text)).collect::<Result<_, _>>()?,
        about: raw.about.clone(),
        added: raw.added.clone().unwrap_or_default(),
        removed: raw.removed.clone().unwrap_or_default(),
        spoil,
    })
}

fn status(text: &str) -> Result<StatusCode, String> {
    let code = text.parse().ok().and_then(StatusCode::from_number);
    code.ok_or_else(|| format!("status {text:?}: 01 02 03 04 05 06 13 15 16"))
}

/// Bytes of one attachment at most.
const ATTACHMENT_MAX: u64 = 4 << 30;

/// Bytes of `10 B`, `64 KiB`, `64 MiB`, `1 GiB`.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("attachments {text:?}: 10 B | 64 KiB | 64 MiB | 1 GiB, tối đa (at most) 4 GiB");
    let (number, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
    let unit: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    bytes.filter(|bytes| *bytes <= ATTACHMENT_MAX).ok_or_else(wrong)
}

/// Time of `500ms`, `10s`, `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000)];
    let found = units.iter().find_map(|(suffix, unit)| Some((text.trim().strip_suffix(suffix)?, unit)));
    let millis = found.and_then(|(number, unit)| number.trim().parse::<u64>().ok()?.checked_mul(*unit));
    let within = millis.map(Duration::from_millis).filter(|time| *time <= Duration::from_secs(3600));
    within.ok_or_else(|| format!("{text:?}: 500ms | 10s | 2m, tối đa (at most) 60m"))
}
