//! A document header of the interface as the header of an edXML packet.

use std::str::FromStr;

use edxml::{
    AttachmentHead, Business, ChangedInfo, Document, DocumentCode, DocumentType, EdxmlDate, OrganId, Organization,
    OtherInfo, PromulgationInfo, Replacement, ResponseFor, SignerInfo, TraceHeaderList,
};
use types::{BusinessType, DocumentId};
use wire::exchange_v1::{DocumentHeader, DocumentReference, Party};

use crate::failure::Failure;
use crate::files::LocalFile;

/// The packet's document with its attachments listed, and their heads in order.
pub(super) fn document(
    header: &DocumentHeader,
    files: &[LocalFile],
) -> Result<(Document, Vec<AttachmentHead>), Failure> {
    let from = organization(&header.from.clone().unwrap_or_default(), "from")?;
    let to = header.to.iter().map(|party| organization(party, "to")).collect::<Result<Vec<_>, _>>()?;
    let promulgation =
        PromulgationInfo { place: given(&header.place), date: field("promulgationDate", &header.promulgation_date)? };
    let code = DocumentCode { number: header.code_number.clone(), notation: given(&header.code_notation) };
    let id = field("documentId", &header.document_id)?;
    let mut document = Document::new(from, to, id, code, promulgation, &header.subject);
    document.document_type = document_type(header);
    document.content = given(&header.content);
    document.signer = signer(header);
    document.due_date = given(&header.due_date).map(|date| field("dueDate", &date)).transpose()?;
    document.other = Some(OtherInfo { priority: Some(header.priority().into()), ..OtherInfo::default() });
    document.response_for = header.response_for.iter().map(response_for).collect::<Result<_, _>>()?;
    let business = business(header, &document)?;
    document.trace = Some(TraceHeaderList { business: Some(business), ..TraceHeaderList::default() });
    let heads: Vec<_> = files.iter().enumerate().map(|(index, file)| head(index, file)).collect();
    heads.iter().for_each(|head| document.list(head));
    Ok((document, heads))
}

fn head(index: usize, file: &LocalFile) -> AttachmentHead {
    AttachmentHead::new(&format!("cid:{}", index + 1), &file.name, &file.content_type)
}

fn organization(party: &Party, name: &str) -> Result<Organization, Failure> {
    let mut organization = Organization::new(field::<OrganId>(name, &party.code)?);
    organization.organ_name = given(&party.name);
    organization.organization_in_charge = given(&party.in_charge);
    organization.organ_add = given(&party.address);
    organization.email = given(&party.email);
    organization.telephone = given(&party.telephone);
    organization.fax = given(&party.fax);
    organization.website = given(&party.website);
    Ok(organization)
}

fn document_type(header: &DocumentHeader) -> Option<DocumentType> {
    let kind = Some(i64::from(header.r#type)).filter(|kind| *kind != 0);
    let name = given(&header.type_name);
    (kind.is_some() || name.is_some()).then_some(DocumentType { kind, detail: None, name })
}

fn signer(header: &DocumentHeader) -> Option<SignerInfo> {
    let signer = SignerInfo {
        competence: given(&header.signer_competence),
        position: given(&header.signer_position),
        full_name: given(&header.signer_name),
    };
    (signer != SignerInfo::default()).then_some(signer)
}

fn response_for(reference: &DocumentReference) -> Result<ResponseFor, Failure> {
    let date =
        given(&reference.promulgation_date).map(|date| field::<EdxmlDate>("responseFor.promulgationDate", &date));
    let id = given(&reference.document_id).map(|id| field::<DocumentId>("responseFor.documentId", &id));
    Ok(ResponseFor {
        organ_id: field("responseFor.agency", &reference.agency)?,
        code: given(&reference.code),
        promulgation_date: date.transpose()?,
        document_id: id.transpose()?,
    })
}

fn business(header: &DocumentHeader, document: &Document) -> Result<Business, Failure> {
    let doc_type: BusinessType = header.business_type().into();
    let earlier = header.refers_to.as_ref().and_then(|earlier| given(&earlier.document_id));
    let earlier = earlier.map(|id| field::<DocumentId>("refersTo.documentId", &id)).transpose()?;
    let mut business = Business {
        document_id: earlier.clone(),
        doc_type: Some(doc_type),
        doc_reason: given(&header.business_reason),
        ..Business::default()
    };
    match (doc_type, earlier) {
        (BusinessType::Update, _) => {
            // By custom 1: the content changes.
            business.changed = Some(ChangedInfo { document_info: Some("1".to_owned()), ..ChangedInfo::default() });
        }
        (BusinessType::Replace, Some(document_id)) => {
            let organ_ids = document.recipients().cloned().collect();
            business.replacements = Some(vec![Replacement { document_id, organ_ids }]);
        }
        _ => {}
    }
    Ok(business)
}

fn given(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

fn field<T>(name: &str, text: &str) -> Result<T, Failure>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| Failure::usage(format!("{name} {text:?}: {error}")))
}
