//! What should be: every document with what its sender, its readers and the nodes were told, outside of all crashes.

use std::collections::{BTreeMap, BTreeSet};

use queue::{DocumentKey, EntryKind, ItemId};
use types::{AgencyCode, BusinessType, Lane, StatusCode, UnixMillis};

use crate::region::Place;

/// Number of a document in its run.
pub(crate) type Document = usize;

/// A document or status as its sender wrote it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) kind: EntryKind,
    pub(crate) key: DocumentKey,
    pub(crate) business: BusinessType,
    pub(crate) lane: Lane,
    pub(crate) due: Option<UnixMillis>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) about: Option<Document>,
    pub(crate) recipients: Vec<AgencyCode>,
    /// Bytes of content.
    pub(crate) length: usize,
    /// The node that its sender's software is connected to.
    pub(crate) home: Place,
    /// The first document of its thread, and its place among the packets of its sender in it.
    pub(crate) thread: Document,
    pub(crate) position: u32,
    /// When the submitter had the acceptance.
    pub(crate) answered_at: Option<u64>,
    /// What its sender writes next, once this is answered.
    pub(crate) next: Vec<(u64, Document)>,
}

/// Everything that is known.
#[derive(Default)]
pub(crate) struct Oracle {
    pub(crate) documents: Vec<Written>,
    /// What lies or lay in an inbox: the item, by document and canonical agency.
    pub(crate) consigned: BTreeMap<(Document, String), ItemId>,
    /// What was confirmed.
    pub(crate) handed_over: BTreeSet<(Document, String)>,
    /// How far each inbox was seen.
    pub(crate) seen: BTreeMap<(Place, String), ItemId>,
    /// The last position of a thread's sender in an inbox.
    positions: BTreeMap<(Document, String, String), u32>,
    /// What each node answered as accepted.
    pub(crate) accepted_at: Vec<BTreeSet<Document>>,
    /// Positions given to senders in threads.
    next_positions: BTreeMap<(Document, String), u32>,
}

/// Marks the content of one document, so that copies can be counted on a disk.
pub(crate) const MARK: &[u8; 8] = b"PAYLOAD:";

impl Oracle {
    pub(crate) fn new(nodes: usize) -> Self {
        Self { accepted_at: vec![BTreeSet::new(); nodes], ..Self::default() }
    }

    /// Enters a document; gives its number.
    pub(crate) fn write(&mut self, make: impl FnOnce(&Self, Document) -> Option<Written>) -> Option<Document> {
        let number = self.documents.len();
        let mut written = make(self, number)?;
        let sender = written.key.sender.canonical().to_owned();
        let position = self.next_positions.entry((written.thread, sender)).or_default();
        *position += 1;
        written.position = *position;
        self.documents.push(written);
        Some(number)
    }

    pub(crate) fn get(&self, document: Document) -> Option<&Written> {
        self.documents.get(document)
    }

    /// The document of an id, `D` and its number; what sabotage appends is left out.
    pub(crate) fn number(id: &str) -> Option<Document> {
        id.strip_prefix('D')?.split('~').next()?.parse().ok()
    }

    /// Content that no other document has.
    pub(crate) fn content(&self, document: Document) -> Vec<u8> {
        let mut content = format!("{}{document:016x}", String::from_utf8_lossy(MARK)).into_bytes();
        content.resize(self.get(document).map_or(content.len(), |written| written.length), b'.');
        content
    }

    /// An item appeared in an inbox: the first of this document, and behind its thread's earlier ones.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn consigned(&mut self, document: Document, agency: &str, item: ItemId) -> Result<(), String> {
        let written = self.documents.get(document).ok_or("an item of a document that nobody wrote")?;
        if !written.recipients.iter().any(|code| code.canonical() == agency) {
            return Err(format!("{agency} got a document that was not for it"));
        }
        if let Some(first) = self.consigned.insert((document, agency.to_owned()), item) {
            return Err(format!("{agency} got it twice: items {} and {}", first.as_number(), item.as_number()));
        }
        let sender = written.key.sender.canonical().to_owned();
        let last = self.positions.entry((written.thread, sender, agency.to_owned())).or_default();
        if *last >= written.position {
            return Err(format!("{agency} got packet {} of its thread after packet {last}", written.position));
        }
        *last = written.position;
        Ok(())
    }

    /// The reader confirmed it.
    ///
    /// # Errors
    /// When it had been confirmed before.
    pub(crate) fn handed_over(&mut self, document: Document, agency: &str) -> Result<(), String> {
        if self.handed_over.insert((document, agency.to_owned())) {
            return Ok(());
        }
        Err(format!("{agency} confirmed it twice as new"))
    }
}
