//! What a packet says about itself, in domain types, and the rules that need nothing else.

use directory::Day;
use edxml::{Document, EdxmlDate, OrganId, Packet, ResponseFor, Status};
use queue::DocumentKey;
use signature::{PacketDigest, PacketFacts, Part};
use types::{AgencyCode, BusinessType, DocumentId, ErrorCode, Lane, PacketKind, Secrecy, StatusCode, UnixMillis};

use super::{Received, Refused};

/// A packet's header, as the node acts on it.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// Document or status.
    pub(crate) kind: PacketKind,
    /// `From`.
    pub(crate) sender: AgencyCode,
    /// `DocumentId`; of a status, that of the document it is about.
    pub(crate) document_id: DocumentId,
    /// What it does to an earlier document.
    pub(crate) business: BusinessType,
    /// Its lane.
    pub(crate) lane: Lane,
    /// The end of its `DueDate` in Vietnam.
    pub(crate) due: Option<UnixMillis>,
    /// `To`; of a status, who gets it.
    pub(crate) to: Vec<AgencyCode>,
    /// The earlier document it acts on or reports about.
    pub(crate) about: Option<DocumentKey>,
    /// Of a status: its code.
    pub(crate) status: Option<StatusCode>,
    /// Of a status: its description.
    pub(crate) description: String,
}

/// The code as written: standard where it is, verbatim otherwise. The directory decides whether it exists.
pub(crate) fn agency_code(text: &OrganId) -> Result<AgencyCode, Refused> {
    text.code().or_else(|_| AgencyCode::opaque(text.as_str())).map_err(|error| Refused {
        code: ErrorCode::MalformedCode,
        detail: error.to_string(),
        field: Some("OrganId".to_owned()),
        position: u64::try_from(error.position).ok(),
        wait: None,
    })
}

impl Facts {
    /// Reads the header's facts, and refuses secret documents.
    pub(crate) fn of(packet: &Packet) -> Result<Self, Refused> {
        match packet {
            Packet::Document(document) => Self::of_document(document),
            Packet::Status(status) => Self::of_status(status),
        }
    }

    fn of_document(document: &Document) -> Result<Self, Refused> {
        let secrecy = document.secrecy();
        if secrecy != Secrecy::Open {
            return Err(Refused::new(ErrorCode::SecretDocument, "the document carries a secrecy mark (độ mật)")
                .at("OtherInfo/SphereOfPromulgation"));
        }
        let sender = agency_code(&document.from.organ_id)?;
        let business = document.business_type();
        Ok(Self {
            kind: PacketKind::Document,
            document_id: document.document_id.clone(),
            business,
            lane: document.lane(),
            due: document.due_date.and_then(end_of_day),
            to: document.recipients().map(agency_code).collect::<Result<_, _>>()?,
            about: (business != BusinessType::New).then(|| earlier(document, &sender)).flatten(),
            sender,
            status: None,
            description: String::new(),
        })
    }

    fn of_status(status: &Status) -> Result<Self, Refused> {
        let key = key_of(&status.response_for)?;
        Ok(Self {
            kind: PacketKind::Status,
            sender: agency_code(&status.from.organ_id)?,
            document_id: key.document_id.clone(),
            business: BusinessType::New,
            lane: Lane::Normal,
            due: None,
            to: vec![key.sender.clone()],
            about: Some(key),
            status: Some(status.status_code),
            description: status.description.clone().unwrap_or_default(),
        })
    }

    /// The packet as a signed manifest has to name it.
    pub(crate) fn signed_as(&self, received: &Received) -> PacketFacts {
        PacketFacts {
            from: self.sender.clone(),
            to: self.to.clone(),
            document_id: self.document_id.clone(),
            kind: self.kind,
            business_type: self.business,
            packet: PacketDigest { length: received.staged.length(), sha256: received.staged.digest() },
            parts: parts(received),
        }
    }
}

/// A document that is due on a day may arrive until its end.
fn end_of_day(date: EdxmlDate) -> Option<UnixMillis> {
    let day: Day = date.to_string().replace('/', "-").parse().ok()?;
    Some(day.end())
}

fn parts(received: &Received) -> Vec<Part> {
    let Packet::Document(document) = &received.packet else { return Vec::new() };
    let files = document.attachments.iter().zip(&received.parts);
    files
        .map(|(attachment, digest)| Part {
            name: attachment.head.name.clone().unwrap_or_default(),
            media_type: attachment.head.content_type.clone().unwrap_or_default(),
            length: attachment.decoded_length,
            sha256: *digest,
        })
        .collect()
}

/// The earlier document that a revocation, update or replacement names; its sender is this one's unless it says.
fn earlier(document: &Document, sender: &AgencyCode) -> Option<DocumentKey> {
    let mut references = document.references();
    // A replacement may answer a document of another agency besides.
    references.sort_by_key(|reference| reference.role == edxml::ReferenceRole::ResponseFor);
    references.into_iter().find_map(|reference| {
        let document_id = reference.document_id?.clone();
        let named = reference.organ_id.and_then(|organ_id| agency_code(organ_id).ok());
        Some(DocumentKey { sender: named.unwrap_or_else(|| sender.clone()), document_id })
    })
}

/// The document that a status is about. Without a `DocumentId`, the customary one is made of the other three.
pub(crate) fn key_of(reference: &ResponseFor) -> Result<DocumentKey, Refused> {
    let sender = agency_code(&reference.organ_id)?;
    let document_id = match (&reference.document_id, &reference.code, reference.promulgation_date) {
        (Some(document_id), _, _) => document_id.clone(),
        (None, Some(number), Some(date)) => customary_id(&sender, &date.to_string(), number)?,
        (None, _, _) => {
            let detail = "ResponseFor names its document by DocumentId, or by OrganId, Code and PromulgationDate";
            return Err(Refused::new(ErrorCode::MissingElement, detail).at("ResponseFor/DocumentId"));
        }
    };
    Ok(DocumentKey { sender, document_id })
}

/// `000.00.00.G22,2015/09/30,7816/VPCP-TTĐT`: the sender, the day of issue, number and notation.
pub(crate) fn customary_id(sender: &AgencyCode, date: &str, number: &str) -> Result<DocumentId, Refused> {
    format!("{sender},{date},{number}")
        .parse()
        .map_err(|error: types::IdError| Refused::new(ErrorCode::InvalidElement, error.to_string()).at("DocumentId"))
}

#[cfg(test)]
mod tests;
