//! A document packet: header, manifest, attachments.

use types::{BusinessType, DocumentId, Lane, Secrecy};

use crate::{
    Attachment, AttachmentHead, ByteRange, EdxmlDate, Manifest, ManifestEntry, OrganId, Organization, Receiver,
    TraceHeaderList,
};

/// A document packet.
///
/// The last three fields tell about bytes that were read; the writer leaves them aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// `From`.
    pub from: Organization,
    /// `To`, one or more, in order.
    pub to: Vec<Organization>,
    /// `DocumentId`: the sender's name for the document.
    pub document_id: DocumentId,
    /// `Code`: số, ký hiệu.
    pub code: DocumentCode,
    /// `PromulgationInfo`: place and date of issue.
    pub promulgation: PromulgationInfo,
    /// `DocumentType`: loại văn bản.
    pub document_type: Option<DocumentType>,
    /// `Subject`: trích yếu.
    pub subject: String,
    /// `Content`.
    pub content: Option<String>,
    /// `SignerInfo`.
    pub signer: Option<SignerInfo>,
    /// `DueDate`; an empty element is `None`.
    pub due_date: Option<EdxmlDate>,
    /// `OtherInfo`.
    pub other: Option<OtherInfo>,
    /// `ResponseFor`, any number.
    pub response_for: Vec<ResponseFor>,
    /// `SteeringType`.
    pub steering_type: Option<i64>,
    /// `ResponseForTask`.
    pub response_for_task: Option<String>,
    /// `ApplicationType`: one-stop case files.
    pub application_type: Option<String>,
    /// `ToPlaces/Place`; `None` when `ToPlaces` is absent.
    pub to_places: Option<Vec<String>>,
    /// `TraceHeaderList`.
    pub trace: Option<TraceHeaderList>,
    /// `edXMLManifest`.
    pub manifest: Option<Manifest>,
    /// Attachments found while reading, in order; the writer takes them one by one instead.
    pub attachments: Vec<Attachment>,
    /// Where `Signature` and `DigitalSignature` elements stand in the packet, tags included, in order.
    pub signatures: Vec<ByteRange>,
    /// Elements that this version does not know and passed over.
    pub unknown_elements: u64,
}

impl Document {
    /// A document with what the standard requires and nothing else.
    #[must_use]
    pub fn new(
        from: Organization,
        to: Vec<Organization>,
        document_id: DocumentId,
        code: DocumentCode,
        promulgation: PromulgationInfo,
        subject: &str,
    ) -> Self {
        Self {
            from,
            to,
            document_id,
            code,
            promulgation,
            document_type: None,
            subject: subject.to_owned(),
            content: None,
            signer: None,
            due_date: None,
            other: None,
            response_for: Vec::new(),
            steering_type: None,
            response_for_task: None,
            application_type: None,
            to_places: None,
            trace: None,
            manifest: None,
            attachments: Vec::new(),
            signatures: Vec::new(),
            unknown_elements: 0,
        }
    }

    /// Lists an attachment in the manifest, as [`PacketWriter`](crate::PacketWriter) requires before it is written.
    pub fn list(&mut self, head: &AttachmentHead) {
        let manifest =
            self.manifest.get_or_insert_with(|| Manifest { version: Some("1.0".to_owned()), entries: vec![] });
        manifest.entries.push(ManifestEntry::of(head));
    }

    /// `BussinessDocType`; a packet without one is a new document.
    #[must_use]
    pub fn business_type(&self) -> BusinessType {
        self.trace.as_ref().and_then(|trace| trace.business.as_ref()?.doc_type).unwrap_or_default()
    }

    /// The lane of `OtherInfo/Priority`; normal when it is absent.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.other.as_ref().and_then(|other| other.priority).unwrap_or_default()
    }

    /// The secrecy mark in `OtherInfo/SphereOfPromulgation`.
    ///
    /// The standard has no element for it. The field, composed (NFC), in lower case, outer punctuation and doubled
    /// spaces dropped, carries a mark when
    /// - it equals `mật`, `tối mật` or `tuyệt mật` (also typed without diacritics: `mat`, `toi mat`, `tuyet mat`);
    /// - it starts with `tối mật` or `tuyệt mật` as whole words;
    /// - it starts with `mật` followed by punctuation (`Mật - khẩn`); a following word makes another word of it
    ///   (`mật mã`, `mật độ`, `mật khẩu`) and is no mark;
    /// - anywhere, a label `độ mật` (or `do mat`) with `:`, `=` or `-` is followed by one of the marks.
    ///
    /// Text that only mentions the word (`Liên thông văn bản mật mã`, `Mặt trận Tổ quốc`) is open.
    #[must_use]
    pub fn secrecy(&self) -> Secrecy {
        let sphere = self.other.as_ref().and_then(|other| other.sphere_of_promulgation.as_deref());
        sphere.map_or(Secrecy::Open, crate::secrecy::mark_in)
    }

    /// Codes of the `To` elements, in order.
    pub fn recipients(&self) -> impl Iterator<Item = &OrganId> {
        self.to.iter().map(|organization| &organization.organ_id)
    }

    /// Receivers that an update adds or removes (`BussinessDocumentInfo/ReceiverList`).
    pub fn receiver_changes(&self) -> impl Iterator<Item = &Receiver> {
        let changed = self.trace.as_ref().and_then(|trace| trace.business.as_ref()?.changed.as_ref());
        changed.and_then(|changed| changed.receivers.as_deref()).unwrap_or_default().iter()
    }

    /// Earlier documents that the packet names: `Bussiness/DocumentId` unless this is a new document (there producers
    /// fill it with anything), then each `ResponseFor`, then each `ReplacementInfo`.
    #[must_use]
    pub fn references(&self) -> Vec<Reference<'_>> {
        let business = self.trace.as_ref().and_then(|trace| trace.business.as_ref());
        let mut references = Vec::new();
        if let Some(id) = business.and_then(|business| business.document_id.as_ref())
            && self.business_type() != BusinessType::New
        {
            references.push(Reference::by_id(ReferenceRole::Business, id));
        }
        references.extend(self.response_for.iter().map(Reference::of_response));
        let replaced = business.and_then(|business| business.replacements.as_deref()).unwrap_or_default();
        references.extend(replaced.iter().map(|one| Reference::by_id(ReferenceRole::Replacement, &one.document_id)));
        references
    }
}

/// An earlier document, as a packet names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Where the packet names it.
    pub role: ReferenceRole,
    /// The agency that issued it; `None` where the packet does not say (it is then the sender).
    pub organ_id: Option<&'a OrganId>,
    /// Its id.
    pub document_id: Option<&'a DocumentId>,
    /// Its số, ký hiệu as one text: `7816/VPCP-TTĐT`.
    pub code: Option<&'a str>,
    /// Its date of issue.
    pub promulgation_date: Option<EdxmlDate>,
}

/// Where a packet names an earlier document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReferenceRole {
    /// `Bussiness/DocumentId`: the document that is revoked, updated or replaced.
    Business,
    /// `ResponseFor`: the document that is answered.
    ResponseFor,
    /// `ReplacementInfo`: a document that is replaced.
    Replacement,
}

impl<'a> Reference<'a> {
    const fn by_id(role: ReferenceRole, id: &'a DocumentId) -> Self {
        Self { role, organ_id: None, document_id: Some(id), code: None, promulgation_date: None }
    }

    fn of_response(response: &'a ResponseFor) -> Self {
        Self {
            role: ReferenceRole::ResponseFor,
            organ_id: Some(&response.organ_id),
            document_id: response.document_id.as_ref(),
            code: response.code.as_deref(),
            promulgation_date: response.promulgation_date,
        }
    }
}

/// `Code`: số and ký hiệu.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentCode {
    /// `CodeNumber`: `7816`. Never blank in a packet that was read.
    pub number: String,
    /// `CodeNotation`: `VPCP-TTĐT`.
    pub notation: Option<String>,
}

impl DocumentCode {
    /// A code of number and notation.
    #[must_use]
    pub fn new(number: &str, notation: &str) -> Self {
        Self { number: number.to_owned(), notation: Some(notation.to_owned()) }
    }

    /// The code as one text: `7816/VPCP-TTĐT`, or the number alone.
    #[must_use]
    pub fn joined(&self) -> String {
        match self.notation.as_deref().map(str::trim) {
            Some(notation) if !notation.is_empty() => format!("{}/{notation}", self.number.trim()),
            _ => self.number.trim().to_owned(),
        }
    }
}

/// `PromulgationInfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromulgationInfo {
    /// `Place`.
    pub place: Option<String>,
    /// `PromulgationDate`: ngày ban hành.
    pub date: EdxmlDate,
}

/// `DocumentType`: numbers and name of the kind of document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentType {
    /// `Type`.
    pub kind: Option<i64>,
    /// `TypeDetail`.
    pub detail: Option<i64>,
    /// `TypeName`: `Công văn`.
    pub name: Option<String>,
}

/// `SignerInfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignerInfo {
    /// `Competence`: `TL. BỘ TRƯỞNG`.
    pub competence: Option<String>,
    /// `Position`.
    pub position: Option<String>,
    /// `FullName`.
    pub full_name: Option<String>,
}

/// `OtherInfo`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherInfo {
    /// `Priority`: độ khẩn.
    pub priority: Option<Lane>,
    /// `SphereOfPromulgation`: phạm vi; producers also put secrecy marks here.
    pub sphere_of_promulgation: Option<String>,
    /// `TyperNotation`: the typist's initials.
    pub typer_notation: Option<String>,
    /// `PromulgationAmount`: copies issued.
    pub promulgation_amount: Option<i64>,
    /// `PageAmount`: pages.
    pub page_amount: Option<i64>,
    /// `ReplyFors`.
    pub reply_fors: Option<String>,
    /// `Direction`: whether this is a directive.
    pub direction: Option<bool>,
    /// `ReferenceCodes`.
    pub reference_codes: Option<String>,
    /// `Appendixes/Appendix`; `None` when `Appendixes` is absent.
    pub appendixes: Option<Vec<String>>,
}

/// `ResponseFor`: an earlier document. At least one of id and code is there in a packet that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseFor {
    /// `OrganId`: who issued it.
    pub organ_id: OrganId,
    /// `Code` as one text: `7816/VPCP-TTĐT`.
    pub code: Option<String>,
    /// `PromulgationDate`.
    pub promulgation_date: Option<EdxmlDate>,
    /// `DocumentId`.
    pub document_id: Option<DocumentId>,
}

#[cfg(test)]
mod tests;
