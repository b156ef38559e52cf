//! What happened, line by line: for the story of one document, and as a digest to tell two runs apart.

use ring::digest::{Context, SHA256};

use crate::region::Place;

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Said {
    Submitted,
    Answered,
    SubmissionRefused,
    Offered,
    Arrived,
    Accepted,
    Refused,
    Failed,
    Consigned,
    HandedOver,
    Started,
    Crashed,
    Cut,
    Healed,
    Full,
    Freed,
    Wrote,
}

impl Said {
    /// Whether it befalls a node, and with it every document there.
    const fn is_of_a_node(self) -> bool {
        matches!(self, Self::Started | Self::Crashed | Self::Cut | Self::Healed | Self::Full | Self::Freed)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Answered => "submission answered",
            Self::SubmissionRefused => "submission refused",
            Self::Offered => "offered by",
            Self::Arrived => "offer arrived",
            Self::Accepted => "next node answered: accepted",
            Self::Refused => "next node answered: refused",
            Self::Failed => "no answer from the next node",
            Self::Consigned => "in the inbox",
            Self::HandedOver => "confirmed by the reader",
            Self::Started => "node started",
            Self::Crashed => "node crashed",
            Self::Cut => "link to the node above cut",
            Self::Healed => "link to the node above healed",
            Self::Full => "disk full to its reserve",
            Self::Freed => "disk has room again",
            Self::Wrote => "batch written",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Line {
    at: u64,
    place: Place,
    document: Option<usize>,
    said: Said,
}

/// The lines of a run.
pub(crate) struct Trace {
    lines: Vec<Line>,
    digest: Context,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self { lines: Vec::new(), digest: Context::new(&SHA256) }
    }

    pub(crate) fn say(&mut self, at: u64, place: Place, document: Option<usize>, said: Said) {
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes();
        self.digest.update(&at.to_be_bytes());
        self.digest.update(&number(place));
        self.digest.update(&number(document.map_or(0, |document| document + 1)));
        self.digest.update(&[said as u8]);
        if said != Said::Wrote {
            self.lines.push(Line { at, place, document, said });
        }
    }

    /// SHA-256 of all lines, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        self.digest.clone().finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The lines about one document, and what befell the nodes that it touched.
    pub(crate) fn story(&self, document: usize, name: &dyn Fn(Place) -> String) -> Vec<String> {
        let about = |line: &&Line| line.document == Some(document);
        let touched: std::collections::BTreeSet<Place> =
            self.lines.iter().filter(about).map(|line| line.place).collect();
        let first = self.lines.iter().find(about).map_or(u64::MAX, |line| line.at);
        let lines = self.lines.iter().filter(|line| {
            about(line) || (line.said.is_of_a_node() && line.at >= first && touched.contains(&line.place))
        });
        lines.map(|line| format!("{} {} {}", clock(line.at), name(line.place), line.said.as_str())).collect()
    }
}

/// Milliseconds since the start as days and a time of day.
pub(crate) fn clock(at: u64) -> String {
    let since = at.saturating_sub(crate::calendar::START);
    let (seconds, millis) = (since / 1000, since % 1000);
    let (day, hour, minute, second) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("day {} {hour:02}:{minute:02}:{second:02}.{millis:03}", day + 1)
}
