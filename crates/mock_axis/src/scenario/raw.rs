//! A scenario file as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    pub(super) title: String,
    #[serde(default)]
    pub(super) clause: String,
    pub(super) party: Vec<Spanned<RawParty>>,
    pub(super) step: Vec<Spanned<RawStep>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawParty {
    pub(super) name: String,
    pub(super) system: String,
    pub(super) agencies: Vec<String>,
    pub(super) secret: Option<String>,
}

/// Every key that some step has; [`super::step`] knows which belong to which.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    pub(super) name: Option<String>,
    pub(super) by: Option<String>,
    #[serde(rename = "do")]
    pub(super) act: String,
    pub(super) within: Option<String>,
    #[serde(default)]
    pub(super) expect: RawExpect,
    pub(super) business: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<Vec<String>>,
    pub(super) subject: Option<String>,
    pub(super) priority: Option<String>,
    pub(super) attachments: Option<Vec<String>>,
    pub(super) about: Option<String>,
    pub(super) added: Option<Vec<String>>,
    pub(super) removed: Option<Vec<String>>,
    pub(super) again: Option<String>,
    pub(super) spoil: Option<String>,
    pub(super) status: Option<String>,
    pub(super) text: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) document: Option<String>,
    pub(super) way: Option<String>,
    pub(super) state: Option<String>,
    pub(super) agency: Option<String>,
    pub(super) agency_name: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) list: Option<String>,
    pub(super) set: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpect {
    pub(super) code: Option<u8>,
    #[serde(default)]
    pub(super) has: Vec<String>,
    #[serde(default)]
    pub(super) has_not: Vec<String>,
    #[serde(default)]
    pub(super) states: BTreeMap<String, String>,
    pub(super) bytes_of: Option<String>,
    pub(super) count: Option<u64>,
    pub(super) at_least: Option<u64>,
}

impl RawStep {
    /// Keys that were written, beside those that every step may have.
    pub(super) fn keys(&self) -> Vec<&'static str> {
        let texts = [
            ("business", &self.business),
            ("from", &self.from),
            ("subject", &self.subject),
            ("priority", &self.priority),
            ("about", &self.about),
            ("again", &self.again),
            ("spoil", &self.spoil),
            ("status", &self.status),
            ("text", &self.text),
            ("kind", &self.kind),
            ("document", &self.document),
            ("way", &self.way),
            ("state", &self.state),
            ("agency", &self.agency),
            ("agency_name", &self.agency_name),
            ("parent", &self.parent),
            ("list", &self.list),
        ];
        let lists = [
            ("to", &self.to),
            ("attachments", &self.attachments),
            ("added", &self.added),
            ("removed", &self.removed),
            ("set", &self.set),
        ];
        let texts = texts.into_iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key);
        texts.chain(lists.into_iter().filter(|(_, value)| value.is_some()).map(|(key, _)| key)).collect()
    }
}
