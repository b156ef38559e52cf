//! `MessageHeader`, of either packet.

use std::io::BufRead;

use types::{DocumentId, StatusCode};

use super::{business, header};
use crate::namespace::Tag;
use crate::xml::Xml;
use crate::{
    ByteRange, Document, DocumentCode, DocumentType, EdxmlDate, EdxmlError, EdxmlTimestamp, Manifest, Organization,
    OtherInfo, Packet, Problem, PromulgationInfo, ResponseFor, SignerInfo, StaffInfo, Status, TraceHeaderList,
};

/// Everything that `MessageHeader` may hold; which packet it makes is known at its end.
#[derive(Default)]
pub(super) struct Message {
    from: Option<Organization>,
    to: Vec<Organization>,
    document_id: Option<DocumentId>,
    code: Option<DocumentCode>,
    promulgation: Option<PromulgationInfo>,
    document_type: Option<DocumentType>,
    subject: Option<String>,
    content: Option<String>,
    signer: Option<SignerInfo>,
    due_date: Option<EdxmlDate>,
    other: Option<OtherInfo>,
    response_for: Vec<ResponseFor>,
    steering_type: Option<i64>,
    response_for_task: Option<String>,
    application_type: Option<String>,
    to_places: Option<Vec<String>>,
    staff: Option<StaffInfo>,
    status_code: Option<StatusCode>,
    description: Option<String>,
    timestamp: Option<EdxmlTimestamp>,
}

/// The error for a packet without `MessageHeader`.
pub(super) fn missing<R: BufRead>(xml: &Xml<R>) -> EdxmlError {
    let element = ["edXML", "edXMLEnvelope", "edXMLHeader", Tag::MessageHeader.local()].join("/");
    xml.fail(Problem::Missing { element })
}

impl Message {
    pub(super) fn read<R: BufRead>(xml: &mut Xml<R>) -> Result<Self, EdxmlError> {
        let mut message = Self::default();
        while let Some(tag) = xml.child()? {
            message.child(xml, tag)?;
        }
        message.check(xml)?;
        Ok(message)
    }

    fn child<R: BufRead>(&mut self, xml: &mut Xml<R>, tag: Tag) -> Result<(), EdxmlError> {
        match tag {
            Tag::From => set(xml, tag, &mut self.from, |xml| header::organization(xml, tag)),
            Tag::To => {
                let max = xml.limits().recipients_max;
                if self.to.len() >= max {
                    return Err(xml.limit("To elements", max as u64));
                }
                self.to.push(header::organization(xml, tag)?);
                Ok(())
            }
            Tag::DocumentId => xml.value_into(tag, &mut self.document_id),
            Tag::Code => set(xml, tag, &mut self.code, header::code),
            Tag::PromulgationInfo => set(xml, tag, &mut self.promulgation, header::promulgation),
            Tag::DocumentType => set(xml, tag, &mut self.document_type, header::document_type),
            Tag::Subject => xml.text_into(tag, &mut self.subject),
            Tag::Content => xml.text_into(tag, &mut self.content),
            Tag::SignerInfo => set(xml, tag, &mut self.signer, header::signer),
            Tag::DueDate => xml.value_into(tag, &mut self.due_date),
            Tag::OtherInfo => set(xml, tag, &mut self.other, header::other_info),
            Tag::ResponseFor => {
                self.response_for.push(header::response_for(xml)?);
                Ok(())
            }
            Tag::SteeringType => header::integer(xml, tag, &mut self.steering_type),
            Tag::ResponseForTask => xml.text_into(tag, &mut self.response_for_task),
            Tag::ApplicationType => xml.text_into(tag, &mut self.application_type),
            Tag::ToPlaces => set(xml, tag, &mut self.to_places, |xml| header::texts(xml, Tag::Place)),
            Tag::StaffInfo => set(xml, tag, &mut self.staff, business::staff_info),
            Tag::StatusCode => set(xml, tag, &mut self.status_code, status_code),
            Tag::Description => xml.text_into(tag, &mut self.description),
            Tag::Timestamp => xml.value_into(tag, &mut self.timestamp),
            _ => xml.skip_unknown(),
        }
    }

    /// Required elements of the packet that this header makes.
    fn check<R: BufRead>(&self, xml: &Xml<R>) -> Result<(), EdxmlError> {
        let need = |child: Tag, is_there: bool| xml.require(is_there.then_some(()), Tag::MessageHeader, child);
        need(Tag::From, self.from.is_some())?;
        if self.status_code.is_some() {
            need(Tag::ResponseFor, !self.response_for.is_empty())?;
            need(Tag::Timestamp, self.timestamp.is_some())?;
            if self.response_for.len() > 1 {
                return Err(xml.invalid(Tag::MessageHeader, "", "a status is about one document".to_owned()));
            }
            return Ok(());
        }
        need(Tag::To, !self.to.is_empty())?;
        need(Tag::DocumentId, self.document_id.is_some())?;
        need(Tag::Code, self.code.is_some())?;
        need(Tag::PromulgationInfo, self.promulgation.is_some())?;
        need(Tag::Subject, self.subject.as_ref().is_some_and(|subject| !subject.trim().is_empty()))
    }

    /// The packet; `trace`, `manifest` and `signatures` are what stood beside this header.
    pub(super) fn into_packet<R: BufRead>(
        self,
        xml: &Xml<R>,
        trace: Option<TraceHeaderList>,
        manifest: Option<Manifest>,
        signatures: Vec<ByteRange>,
    ) -> Result<Packet, EdxmlError> {
        if self.status_code.is_some() {
            return self.into_status(xml, trace, signatures).map(Packet::Status);
        }
        let need = |child| xml.require(None, Tag::MessageHeader, child);
        let (Some(from), Some(document_id)) = (self.from, self.document_id) else { return need(Tag::From) };
        let (Some(code), Some(promulgation)) = (self.code, self.promulgation) else { return need(Tag::Code) };
        // A document has no place for the fields of a status.
        let extra = [self.staff.is_some(), self.description.is_some(), self.timestamp.is_some()];
        Ok(Packet::Document(Document {
            from,
            to: self.to,
            document_id,
            code,
            promulgation,
            document_type: self.document_type,
            subject: self.subject.unwrap_or_default(),
            content: self.content,
            signer: self.signer,
            due_date: self.due_date,
            other: self.other,
            response_for: self.response_for,
            steering_type: self.steering_type,
            response_for_task: self.response_for_task,
            application_type: self.application_type,
            to_places: self.to_places,
            trace,
            manifest,
            attachments: Vec::new(),
            signatures,
            unknown_elements: extra.iter().map(|is_there| u64::from(*is_there)).sum(),
        }))
    }

    fn into_status<R: BufRead>(
        mut self,
        xml: &Xml<R>,
        trace: Option<TraceHeaderList>,
        signatures: Vec<ByteRange>,
    ) -> Result<Status, EdxmlError> {
        let parent = Tag::MessageHeader;
        Ok(Status {
            from: xml.require(self.from, parent, Tag::From)?,
            response_for: xml.require(self.response_for.pop(), parent, Tag::ResponseFor)?,
            staff: self.staff,
            status_code: xml.require(self.status_code, parent, Tag::StatusCode)?,
            description: self.description,
            timestamp: xml.require(self.timestamp, parent, Tag::Timestamp)?,
            trace,
            signatures,
            unknown_elements: 0,
        })
    }
}

/// Fills an empty place with what `read` makes of the open element.
fn set<R: BufRead, T>(
    xml: &mut Xml<R>,
    tag: Tag,
    slot: &mut Option<T>,
    read: impl FnOnce(&mut Xml<R>) -> Result<T, EdxmlError>,
) -> Result<(), EdxmlError> {
    let value = read(xml)?;
    xml.put(tag, slot, value)
}

/// Two digits, also without the leading zero. Present and empty is an error: the element decides the kind of packet.
fn status_code<R: BufRead>(xml: &mut Xml<R>) -> Result<StatusCode, EdxmlError> {
    let parse = |text: &str| {
        let is_short = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_short.then(|| text.parse().ok()).flatten();
        number.and_then(StatusCode::from_number).ok_or_else(|| "expected 01–06, 13, 15 or 16".to_owned())
    };
    let code = xml.parsed(Tag::StatusCode, parse)?;
    xml.require_here(code, Tag::StatusCode)
}
