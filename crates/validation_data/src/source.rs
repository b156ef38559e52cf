//! An address that lists or responses come from, and how it goes with it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use types::UnixMillis;

use crate::keeper::HeldCrl;

/// What an address gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SourceKind {
    /// Revocation lists, on schedule.
    Crl,
    /// OCSP responses, when they are needed.
    Ocsp,
}

/// How it became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// The configuration names it.
    Configured,
    /// A certificate of the trust store names it.
    Trusted,
    /// The certificate of a signer names it, and its list held.
    Learned,
}

/// One address and how it goes with it, as it is shown and kept. Times in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The address, as it is asked: after rewriting.
    pub url: String,
    /// What it gives.
    pub kind: SourceKind,
    /// How it became known.
    pub origin: Origin,
    /// The address as a signer's certificate names it, for a learned one.
    #[serde(default)]
    pub named: Option<String>,
    /// Digest that names the line of its lists.
    #[serde(default)]
    pub line: Option<String>,
    /// Whose lists it gives: the issuer of the last one.
    pub issuer: Option<String>,
    /// When it was last asked.
    pub last_attempt_ms: Option<u64>,
    /// When it last gave what could be kept, or what was kept already.
    pub last_success_ms: Option<u64>,
    /// What went wrong the last time; absent when it went well.
    pub error: Option<String>,
    /// Attempts in a row that went wrong.
    pub failures: u32,
    /// When its last list was issued.
    pub this_update_ms: Option<u64>,
    /// When its next list is due.
    pub next_update_ms: Option<u64>,
    /// Number of its last list, hexadecimal.
    pub number: Option<String>,
    /// Entries of its last list.
    pub entries: Option<u64>,
    /// When it is asked next.
    #[serde(skip)]
    pub next_attempt: Option<UnixMillis>,
    /// Whether it may not be asked.
    #[serde(skip)]
    pub(crate) is_refused: bool,
    /// Whether operators were told that it is stale.
    #[serde(skip)]
    pub(crate) was_stale: bool,
}

impl Source {
    pub(crate) fn new(url: &str, kind: SourceKind, origin: Origin) -> Self {
        Self {
            url: url.to_owned(),
            kind,
            origin,
            named: None,
            line: None,
            issuer: None,
            last_attempt_ms: None,
            last_success_ms: None,
            error: None,
            failures: 0,
            this_update_ms: None,
            next_update_ms: None,
            number: None,
            entries: None,
            next_attempt: None,
            is_refused: false,
            was_stale: false,
        }
    }

    /// Whether its list is over, or is older than `stale_after` with nothing heard for as long. Responders are asked only
    /// when needed and are stale while their last answer was none.
    #[must_use]
    pub fn is_stale(&self, stale_after: Duration, now: UnixMillis) -> bool {
        match self.kind {
            SourceKind::Ocsp => self.error.is_some(),
            SourceKind::Crl => {
                let is_over = self.next_update_ms.is_none_or(|next| next < now.as_millis());
                // A newer list may have come in a file.
                let news = self.last_success_ms.max(self.this_update_ms).map(UnixMillis::new);
                is_over || news.is_none_or(|news| now.since(news) > stale_after)
            }
        }
    }

    /// Notes the list that is kept of its line.
    pub(crate) fn holds(&mut self, held: &HeldCrl) {
        self.line = Some(held.crl.line().to_string());
        self.issuer = Some(held.crl.issuer().to_owned());
        self.this_update_ms = Some(held.crl.this_update().as_millis());
        self.next_update_ms = held.crl.next_update().map(UnixMillis::as_millis);
        self.number = held.crl.number_hex();
        self.entries = u64::try_from(held.crl.entries()).ok();
    }

    pub(crate) fn succeeded(&mut self, now: UnixMillis) {
        if self.error.is_some() {
            tracing::info!(source.url = self.url, "the source of validation data answers again");
        }
        self.last_attempt_ms = Some(now.as_millis());
        self.last_success_ms = Some(now.as_millis());
        self.error = None;
        self.failures = 0;
    }

    pub(crate) fn failed(&mut self, error: String, now: UnixMillis) {
        // Once for each change, not once for each attempt.
        if self.error.as_ref() != Some(&error) {
            tracing::warn!(
                source.url = self.url,
                error,
                "the source of validation data failed; what is kept stays in use"
            );
        }
        self.last_attempt_ms = Some(now.as_millis());
        self.error = Some(error);
        self.failures = self.failures.saturating_add(1);
    }

    /// Tells operators once when it becomes stale, and once when it no longer is.
    pub(crate) fn tell(&mut self, stale_after: Duration, now: UnixMillis) -> bool {
        let is_stale = self.is_stale(stale_after, now);
        if is_stale == self.was_stale || self.kind == SourceKind::Ocsp {
            return false;
        }
        self.was_stale = is_stale;
        if is_stale {
            tracing::warn!(
                source.url = self.url,
                next_update_ms = self.next_update_ms,
                "the revocation list is stale: fetch or import a newer one"
            );
        } else {
            tracing::info!(source.url = self.url, "the revocation list is current");
        }
        true
    }
}

/// The sources as their file has them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct SourcesFile {
    pub(crate) sources: Vec<Source>,
}

/// Sources by address.
pub(crate) type Sources = BTreeMap<String, Source>;
