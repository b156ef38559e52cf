//! The envelope, in the order in which the standard lists its elements.

use std::io::Write;

use super::WriteError;
use super::markup::Markup;
use crate::namespace::Tag;
use crate::{
    AttachmentHead, Business, ChangedInfo, Document, Manifest, Organization, OtherInfo, Replacement, ResponseFor,
    StaffInfo, Status, TraceHeaderList,
};

type Written = Result<(), WriteError>;

/// `edXMLEnvelope` of a document.
pub(super) fn document<W: Write>(out: &mut Markup<W>, document: &Document) -> Written {
    group(out, Tag::Envelope, |out| {
        group(out, Tag::Header, |out| {
            group(out, Tag::MessageHeader, |out| message(out, document))?;
            document.trace.as_ref().map_or(Ok(()), |list| trace(out, list))
        })?;
        group(out, Tag::Body, |out| document.manifest.as_ref().map_or(Ok(()), |list| manifest(out, list)))
    })
}

/// `edXMLEnvelope` of a status.
pub(super) fn status<W: Write>(out: &mut Markup<W>, status: &Status) -> Written {
    group(out, Tag::Envelope, |out| {
        group(out, Tag::Header, |out| {
            group(out, Tag::MessageHeader, |out| {
                organization(out, Tag::From, &status.from)?;
                response_for(out, &status.response_for)?;
                status.staff.as_ref().map_or(Ok(()), |one| staff(out, one))?;
                out.value(Tag::StatusCode, Some(status.status_code))?;
                out.optional(Tag::Description, &status.description)?;
                out.value(Tag::Timestamp, Some(status.timestamp))
            })?;
            status.trace.as_ref().map_or(Ok(()), |list| trace(out, list))
        })
    })
}

/// Everything of an attachment but its content.
pub(super) fn attachment<W: Write>(out: &mut Markup<W>, head: &AttachmentHead) -> Written {
    out.text(Tag::ContentId, &head.content_id)?;
    out.optional(Tag::AttachmentName, &head.name)?;
    out.optional(Tag::Description, &head.description)?;
    out.optional(Tag::ContentType, &head.content_type)?;
    out.optional(Tag::FieldName, &head.field_name)?;
    out.optional(Tag::MimeType, &head.mime_type)
}

fn group<W: Write>(out: &mut Markup<W>, tag: Tag, inside: impl FnOnce(&mut Markup<W>) -> Written) -> Written {
    out.open(tag)?;
    inside(out)?;
    out.close(tag)
}

fn message<W: Write>(out: &mut Markup<W>, document: &Document) -> Written {
    organization(out, Tag::From, &document.from)?;
    document.to.iter().try_for_each(|to| organization(out, Tag::To, to))?;
    out.text(Tag::DocumentId, document.document_id.as_str())?;
    group(out, Tag::Code, |out| {
        out.text(Tag::CodeNumber, &document.code.number)?;
        out.optional(Tag::CodeNotation, &document.code.notation)
    })?;
    group(out, Tag::PromulgationInfo, |out| {
        out.optional(Tag::Place, &document.promulgation.place)?;
        out.value(Tag::PromulgationDate, Some(document.promulgation.date))
    })?;
    if let Some(kind) = &document.document_type {
        group(out, Tag::DocumentType, |out| {
            out.value(Tag::Type, kind.kind)?;
            out.value(Tag::TypeDetail, kind.detail)?;
            out.optional(Tag::TypeName, &kind.name)
        })?;
    }
    out.text(Tag::Subject, &document.subject)?;
    out.optional(Tag::Content, &document.content)?;
    if let Some(signer) = &document.signer {
        group(out, Tag::SignerInfo, |out| {
            out.optional(Tag::Competence, &signer.competence)?;
            out.optional(Tag::Position, &signer.position)?;
            out.optional(Tag::FullName, &signer.full_name)
        })?;
    }
    out.value(Tag::DueDate, document.due_date)?;
    document.other.as_ref().map_or(Ok(()), |other| other_info(out, other))?;
    document.response_for.iter().try_for_each(|response| response_for(out, response))?;
    out.value(Tag::SteeringType, document.steering_type)?;
    out.optional(Tag::ResponseForTask, &document.response_for_task)?;
    out.optional(Tag::ApplicationType, &document.application_type)?;
    texts(out, Tag::ToPlaces, Tag::Place, document.to_places.as_deref())
}

fn organization<W: Write>(out: &mut Markup<W>, tag: Tag, organization: &Organization) -> Written {
    group(out, tag, |out| {
        out.text(Tag::OrganId, organization.organ_id.as_str())?;
        out.optional(Tag::OrganizationInCharge, &organization.organization_in_charge)?;
        out.optional(Tag::OrganName, &organization.organ_name)?;
        out.optional(Tag::OrganAdd, &organization.organ_add)?;
        out.optional(Tag::Email, &organization.email)?;
        out.optional(Tag::Telephone, &organization.telephone)?;
        out.optional(Tag::Fax, &organization.fax)?;
        out.optional(Tag::Website, &organization.website)
    })
}

fn other_info<W: Write>(out: &mut Markup<W>, other: &OtherInfo) -> Written {
    group(out, Tag::OtherInfo, |out| {
        out.value(Tag::Priority, other.priority.map(|lane| lane.as_number()))?;
        out.optional(Tag::SphereOfPromulgation, &other.sphere_of_promulgation)?;
        out.optional(Tag::TyperNotation, &other.typer_notation)?;
        out.value(Tag::PromulgationAmount, other.promulgation_amount)?;
        out.value(Tag::PageAmount, other.page_amount)?;
        out.optional(Tag::ReplyFors, &other.reply_fors)?;
        out.value(Tag::Direction, other.direction)?;
        out.optional(Tag::ReferenceCodes, &other.reference_codes)?;
        texts(out, Tag::Appendixes, Tag::Appendix, other.appendixes.as_deref())
    })
}

fn response_for<W: Write>(out: &mut Markup<W>, response: &ResponseFor) -> Written {
    if response.document_id.is_none() && response.code.as_ref().is_none_or(|code| code.trim().is_empty()) {
        return Err(WriteError::Missing { element: Tag::DocumentId.local() });
    }
    group(out, Tag::ResponseFor, |out| {
        out.text(Tag::OrganId, response.organ_id.as_str())?;
        out.optional(Tag::Code, &response.code)?;
        out.value(Tag::PromulgationDate, response.promulgation_date)?;
        out.value(Tag::DocumentId, response.document_id.as_ref())
    })
}

/// A list of texts under one parent, or nothing.
fn texts<W: Write>(out: &mut Markup<W>, parent: Tag, item: Tag, texts: Option<&[String]>) -> Written {
    let Some(texts) = texts else { return Ok(()) };
    group(out, parent, |out| texts.iter().try_for_each(|text| out.text(item, text)))
}

fn trace<W: Write>(out: &mut Markup<W>, list: &TraceHeaderList) -> Written {
    let attributes = [
        ("id", &list.id),
        ("version", &list.version),
        ("mustUnderstand", &list.must_understand),
        ("actor", &list.actor),
    ];
    out.open_with(Tag::TraceHeaderList, &attributes)?;
    for hop in &list.hops {
        group(out, Tag::TraceHeader, |out| {
            out.text(Tag::OrganId, hop.organ_id.as_str())?;
            out.value(Tag::Timestamp, Some(hop.timestamp))
        })?;
    }
    list.business.as_ref().map_or(Ok(()), |one| business(out, one))?;
    out.close(Tag::TraceHeaderList)
}

fn business<W: Write>(out: &mut Markup<W>, business: &Business) -> Written {
    group(out, Tag::Business, |out| {
        out.value(Tag::DocumentId, business.document_id.as_ref())?;
        out.value(Tag::BusinessDocType, business.doc_type.map(|kind| kind.as_number()))?;
        out.optional(Tag::BusinessDocReason, &business.doc_reason)?;
        out.value(Tag::Paper, business.paper)?;
        business.staff.as_ref().map_or(Ok(()), |one| staff(out, one))?;
        business.changed.as_ref().map_or(Ok(()), |one| changed(out, one))?;
        match &business.replacements {
            Some(list) => {
                group(out, Tag::ReplacementInfoList, |out| list.iter().try_for_each(|one| replacement(out, one)))
            }
            None => Ok(()),
        }
    })
}

fn staff<W: Write>(out: &mut Markup<W>, staff: &StaffInfo) -> Written {
    group(out, Tag::StaffInfo, |out| {
        out.optional(Tag::Department, &staff.department)?;
        out.optional(Tag::Staff, &staff.staff)?;
        out.optional(Tag::Email, &staff.email)?;
        out.optional(Tag::Mobile, &staff.mobile)
    })
}

fn changed<W: Write>(out: &mut Markup<W>, changed: &ChangedInfo) -> Written {
    group(out, Tag::BusinessDocumentInfo, |out| {
        out.optional(Tag::DocumentInfo, &changed.document_info)?;
        out.optional(Tag::DocumentReceiver, &changed.document_receiver)?;
        let Some(receivers) = &changed.receivers else { return Ok(()) };
        group(out, Tag::ReceiverList, |out| {
            receivers.iter().try_for_each(|receiver| {
                group(out, Tag::Receiver, |out| {
                    out.text(Tag::OrganId, receiver.organ_id.as_str())?;
                    out.value(Tag::ReceiverType, Some(receiver.change.as_number()))
                })
            })
        })
    })
}

fn replacement<W: Write>(out: &mut Markup<W>, replacement: &Replacement) -> Written {
    group(out, Tag::ReplacementInfo, |out| {
        out.text(Tag::DocumentId, replacement.document_id.as_str())?;
        group(out, Tag::OrganIdList, |out| {
            replacement.organ_ids.iter().try_for_each(|id| out.text(Tag::OrganId, id.as_str()))
        })
    })
}

fn manifest<W: Write>(out: &mut Markup<W>, manifest: &Manifest) -> Written {
    out.open_with(Tag::Manifest, &[("version", &manifest.version)])?;
    for entry in &manifest.entries {
        group(out, Tag::Reference, |out| {
            out.text(Tag::ContentId, &entry.content_id)?;
            out.optional(Tag::ContentType, &entry.content_type)?;
            out.optional(Tag::Description, &entry.description)?;
            out.optional(Tag::AttachmentName, &entry.name)
        })?;
    }
    out.close(Tag::Manifest)
}
