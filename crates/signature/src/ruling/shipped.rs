//! The policies that come with the program.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::demands::{Demand, Demands, OnFailure, OnUndecided, Rules, SignedBy};
use crate::policy::{Policy, Revocation};

/// Name of a policy that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyName {
    /// Without a choice: manifests are required; of everything else, what is disproved is refused, what is undecided flagged.
    Default,
    /// Everything is required; undecided documents are held.
    Strict,
    /// Everything is expected; what is missing or wrong is flagged.
    Transition,
    /// For old documents: judged at their proved time, flagged.
    LegacyArchive,
}

impl PolicyName {
    /// Every name.
    pub const ALL: [Self; 4] = [Self::Default, Self::Strict, Self::Transition, Self::LegacyArchive];

    /// As configurations write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
            Self::Transition => "transition",
            Self::LegacyArchive => "legacy-archive",
        }
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No policy has this name. Code: `invalid_argument`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no policy is called {text:?}; there are default, strict, transition and legacy-archive")]
pub struct PolicyNameError {
    text: String,
}

impl FromStr for PolicyName {
    type Err = PolicyNameError;

    fn from_str(text: &str) -> Result<Self, PolicyNameError> {
        let found = Self::ALL.into_iter().find(|name| name.as_str() == text);
        found.ok_or_else(|| PolicyNameError { text: text.chars().take(64).collect() })
    }
}

/// What a signature has to fulfil, and what is done with documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Its name.
    pub name: PolicyName,
    /// For each signature.
    pub signatures: Policy,
    /// For the document.
    pub rules: Rules,
}

impl NamedPolicy {
    /// What the signatures of manifests have to fulfil: the same, within the limits of an envelope.
    #[must_use]
    pub fn envelopes(&self) -> Policy {
        let Policy { signature_bytes_max, signers_max, .. } = Policy::envelope();
        Policy { signature_bytes_max, signers_max, ..self.signatures.clone() }
    }

    /// A policy as it comes with the program.
    #[must_use]
    pub fn shipped(name: PolicyName) -> Self {
        let signatures = Policy { name: format!("lienthong-{name}-1"), ..Policy::documents() };
        let rules = Rules {
            demands: Demands { envelope: Demand::Required, ..Demands::all(Demand::Optional) },
            exceptions: Vec::new(),
            indeterminate: OnUndecided::Flag,
            // What was altered goes back (ND 30/2020, article 21.2); what is only undecided is flagged.
            failed: OnFailure::Refuse,
            signed_by: SignedBy::SenderOrParent,
        };
        let flagged = Rules { failed: OnFailure::Flag, ..rules.clone() };
        match name {
            PolicyName::Default => Self { name, signatures, rules },
            PolicyName::Strict => Self {
                name,
                signatures: Policy { revocation: Revocation::Require, ..signatures },
                rules: Rules {
                    // An XML signature repeats what the manifest covers; files of other kinds have no signature to check.
                    demands: Demands {
                        packet: Demand::Optional,
                        attachment_pdf: Demand::Expected,
                        ..Demands::all(Demand::Required)
                    },
                    indeterminate: OnUndecided::Quarantine,
                    ..rules
                },
            },
            PolicyName::Transition => Self {
                name,
                signatures,
                rules: Rules {
                    demands: Demands { packet: Demand::Optional, ..Demands::all(Demand::Expected) },
                    ..flagged
                },
            },
            PolicyName::LegacyArchive => Self {
                name,
                signatures,
                rules: Rules {
                    demands: Demands {
                        leader: Demand::Expected,
                        seal: Demand::Expected,
                        ..Demands::all(Demand::Optional)
                    },
                    ..flagged
                },
            },
        }
    }
}
