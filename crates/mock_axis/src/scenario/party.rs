//! A party at work: its calls, and which of the packets that wait for it is which.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use axis::client::{CallError, Client, ClientOptions, SentPacket};
use axis::{DocId, MessageType};
use ring::digest::{Context, SHA256};
use types::Digest;

use super::step::Way;
use super::written::{Bytes, Identity, Written, identify};

/// Why a call did not do what the step asked.
#[derive(Debug)]
pub(super) enum Problem {
    /// The other side refused, or did not answer.
    Call(CallError),
    /// Something here.
    Here(String),
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

/// What was fetched.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) digest: Digest,
    pub(super) length: u64,
    identity: Option<Identity>,
}

/// A connected system at work.
#[derive(Debug)]
pub(super) struct Actor {
    client: Client,
    /// The same system with a secret that is not its own.
    stranger: Client,
    /// What the packets are that were listed so far.
    known: BTreeMap<DocId, Identity>,
}

impl Actor {
    pub(super) fn new(options: ClientOptions) -> Result<Self, axis::client::OptionsError> {
        let secret = axis::Secret::new(b"not-the-secret-of-this-system".as_slice());
        let stranger = Client::new(ClientOptions { secret, ..options.clone() })?;
        Ok(Self { client: Client::new(options)?, stranger, known: BTreeMap::new() })
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a file; `said` is the digest that is claimed for it.
    pub(super) async fn send(
        &self,
        as_whom: Signed,
        written: &Written,
        bytes: &Bytes,
        said: Digest,
    ) -> Result<Option<DocId>, Problem> {
        let message_type = match written.identity {
            Identity::Document(_) => MessageType::Edoc,
            Identity::Status { .. } => MessageType::Status,
        };
        let packet =
            SentPacket { from: written.from.clone(), to: None, message_type, length: bytes.length, digest: said };
        let file = tokio::fs::File::open(&bytes.path).await.map_err(|error| Problem::Here(error.to_string()))?;
        let client = match as_whom {
            Signed::Rightly => &self.client,
            Signed::Wrongly => &self.stranger,
        };
        Ok(client.send_edoc(packet, file).await?)
    }

    /// What waits: each packet is fetched once to know which it is.
    pub(super) async fn list(
        &mut self,
        message_type: MessageType,
        folder: &Path,
    ) -> Result<Vec<(DocId, Identity)>, Problem> {
        let mut found = Vec::new();
        for line in self.client.received_edocs(message_type, None, None).await? {
            let doc_id: DocId = line.doc_id.parse().map_err(|error: axis::IdError| Problem::Here(error.to_string()))?;
            let identity = match self.known.get(&doc_id) {
                Some(identity) => identity.clone(),
                None => {
                    // What is no packet is nothing that a step sent.
                    let Some(identity) = self.fetch(&doc_id, Way::Get, folder).await?.identity else { continue };
                    self.known.insert(doc_id.clone(), identity.clone());
                    identity
                }
            };
            found.push((doc_id, identity));
        }
        Ok(found)
    }

    /// This party's id of a packet.
    pub(super) async fn doc_id(&mut self, wanted: &Written, folder: &Path) -> Result<DocId, Problem> {
        if let Some((doc_id, _)) = self.known.iter().find(|(_, identity)| identity.is(&wanted.identity)) {
            return Ok(doc_id.clone());
        }
        let message_type = match wanted.identity {
            Identity::Document(_) => MessageType::Edoc,
            Identity::Status { .. } => MessageType::Status,
        };
        let waiting = self.list(message_type, folder).await?;
        let found = waiting.into_iter().find(|(_, identity)| identity.is(&wanted.identity));
        let missing = || Problem::Here("không có trong danh sách chờ (not in the list of what waits)".to_owned());
        found.map(|(doc_id, _)| doc_id).ok_or_else(missing)
    }

    /// Fetches a packet to the disk and measures it.
    pub(super) async fn fetch(&self, doc_id: &DocId, way: Way, folder: &Path) -> Result<Fetched, Problem> {
        let here = |error: std::io::Error| Problem::Here(error.to_string());
        let mut answer = match way {
            Way::Get => self.client.get_edoc(doc_id).await?,
            Way::Download => self.client.download_edoc(doc_id).await?,
        };
        let mut file: File = tempfile::tempfile_in(folder).map_err(here)?;
        let (mut context, mut length) = (Context::new(&SHA256), 0);
        while let Some(piece) = answer.next().await? {
            context.update(&piece);
            length += piece.len() as u64;
            file.write_all(&piece).map_err(here)?;
        }
        file.seek(SeekFrom::Start(0)).map_err(here)?;
        let digest = Digest::try_from(context.finish().as_ref()).map_err(|error| Problem::Here(error.to_string()))?;
        let read = tokio::task::spawn_blocking(move || identify(file).ok()).await;
        let identity = read.map_err(|error| Problem::Here(error.to_string()))?;
        Ok(Fetched { digest, length, identity })
    }
}

/// With which secret a call is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    /// The system's.
    Rightly,
    /// Another.
    Wrongly,
}
