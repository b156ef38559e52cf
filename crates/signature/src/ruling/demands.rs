//! What is asked of a document's signatures.

use serde::{Deserialize, Serialize};
use types::Level;

/// How much one signature is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// Not asked for.
    Optional,
    /// Asked for: the document is flagged where it is missing.
    Expected,
    /// Required: the document is refused where it is missing.
    Required,
}

/// Which signatures are asked for. A signature counts only when it passed and its signer is bound to the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Demands {
    /// The signed manifest beside the packet.
    pub envelope: Demand,
    /// That the manifest's signer is bound to the sender, not only trusted.
    pub envelope_signer: Demand,
    /// An XML signature inside the packet that covers all of it.
    pub packet: Demand,
    /// The leader's signature on the main PDF, the first of the packet. Source: ND 30/2020, article 13.7.
    pub leader: Demand,
    /// The agency's seal on the main PDF. Source: ND 30/2020, articles 14.3 and 17.2.
    pub seal: Demand,
    /// The agency's seal on each further PDF. Source: ND 30/2020, annex I.
    pub attachment_seal: Demand,
    /// That further files are PDFs, whose seals can be checked.
    pub attachment_pdf: Demand,
}

/// Demands that differ; absent ones stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, default)]
pub struct DemandChanges {
    /// See [`Demands::envelope`].
    pub envelope: Option<Demand>,
    /// See [`Demands::envelope_signer`].
    pub envelope_signer: Option<Demand>,
    /// See [`Demands::packet`].
    pub packet: Option<Demand>,
    /// See [`Demands::leader`].
    pub leader: Option<Demand>,
    /// See [`Demands::seal`].
    pub seal: Option<Demand>,
    /// See [`Demands::attachment_seal`].
    pub attachment_seal: Option<Demand>,
    /// See [`Demands::attachment_pdf`].
    pub attachment_pdf: Option<Demand>,
}

impl Demands {
    /// These demands with changes.
    #[must_use]
    pub fn with(self, changes: &DemandChanges) -> Self {
        Self {
            envelope: changes.envelope.unwrap_or(self.envelope),
            envelope_signer: changes.envelope_signer.unwrap_or(self.envelope_signer),
            packet: changes.packet.unwrap_or(self.packet),
            leader: changes.leader.unwrap_or(self.leader),
            seal: changes.seal.unwrap_or(self.seal),
            attachment_seal: changes.attachment_seal.unwrap_or(self.attachment_seal),
            attachment_pdf: changes.attachment_pdf.unwrap_or(self.attachment_pdf),
        }
    }

    /// The same demand of every signature.
    #[must_use]
    pub const fn all(demand: Demand) -> Self {
        Self {
            envelope: demand,
            envelope_signer: demand,
            packet: demand,
            leader: demand,
            seal: demand,
            attachment_seal: demand,
            attachment_pdf: demand,
        }
    }
}

/// Documents of which something else is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, default)]
pub struct Exception {
    /// Levels of the sender; empty: every level.
    #[serde(with = "levels")]
    pub levels: Vec<Level>,
    /// Numbers of `DocumentType/Type` (QCVN 102:2016); empty: every type, also none.
    pub document_types: Vec<i64>,
    /// What is asked of them.
    pub demands: DemandChanges,
}

impl Exception {
    fn fits(&self, level: Level, document_type: Option<i64>) -> bool {
        let is_level = self.levels.is_empty() || self.levels.contains(&level);
        let is_type = self.document_types.is_empty()
            || document_type.is_some_and(|document_type| self.document_types.contains(&document_type));
        is_level && is_type
    }
}

/// What an undecided signature (`INDETERMINATE`) does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUndecided {
    /// Nothing; the report has it.
    Accept,
    /// The document is accepted and flagged.
    Flag,
    /// The document is held while data may still come (`TRY_LATER`); what waiting cannot settle is refused.
    Quarantine,
    /// The document is refused.
    Refuse,
}

/// What a disproved signature (`TOTAL_FAILED`, or by a revoked certificate) does, also one that nobody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// The document is refused.
    Refuse,
    /// The document is accepted and flagged.
    Flag,
}

/// Whose signatures count as the sender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedBy {
    /// The sender's only.
    Sender,
    /// The sender's, and those of the body that the directory lists above it.
    SenderOrParent,
}

/// What is asked of documents, and what happens when they do not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Rules {
    /// What is asked, where no exception says otherwise.
    pub demands: Demands,
    /// Exceptions, in order: each changes what those before it said.
    pub exceptions: Vec<Exception>,
    /// What an undecided signature does.
    pub indeterminate: OnUndecided,
    /// What a disproved signature does.
    pub failed: OnFailure,
    /// Whose signatures count.
    pub signed_by: SignedBy,
}

impl Rules {
    /// What is asked of a document of this type by a sender of this level.
    #[must_use]
    pub fn demands_of(&self, level: Level, document_type: Option<i64>) -> Demands {
        let fitting = self.exceptions.iter().filter(|exception| exception.fits(level, document_type));
        fitting.fold(self.demands, |demands, exception| demands.with(&exception.demands))
    }
}

/// Levels as files write them.
mod levels {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use types::Level;

    pub(super) fn serialize<S: Serializer>(levels: &[Level], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(levels.iter().map(|level| level.as_str()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Level>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
    }
}
