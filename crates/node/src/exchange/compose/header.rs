//! From the interface's metadata to the standard's header.

use std::str::FromStr;

use directory::Group;
use edxml::{
    Business, Document, DocumentCode, DocumentType, OrganId, Organization, OtherInfo, PromulgationInfo, ResponseFor,
    SignerInfo, TraceHeaderList,
};
use types::{BusinessType, DocumentId, ErrorCode, Lane};
use wire::exchange_v1::{DocumentHeader, DocumentReference, Party};

use crate::core::Core;
use crate::intake::{Refused, agency_code, customary_id};

/// Receivers of one document.
const RECIPIENTS_MAX: usize = 10_000;

/// The document that `header` describes, without its files.
pub(super) fn document(core: &Core, header: DocumentHeader) -> Result<Document, Refused> {
    if !header.secrecy.trim().is_empty() {
        let detail = format!("the document is marked {:?}", header.secrecy.trim());
        return Err(Refused::new(ErrorCode::SecretDocument, detail).at("secrecy"));
    }
    let business = header.business_type();
    let lane = Lane::from(header.priority());
    let from = header.from.as_ref().ok_or_else(|| missing("from"))?;
    let from = organization(core, from, "from.code")?;
    let to = receivers(core, &header.to)?;
    let number = required(&header.code_number, "codeNumber")?;
    let promulgation = PromulgationInfo {
        place: present(&header.place),
        date: parsed(required(&header.promulgation_date, "promulgationDate")?, "promulgationDate")?,
    };
    let code = DocumentCode { number: number.to_owned(), notation: present(&header.code_notation) };
    let document_id = match header.document_id.as_str() {
        "" => customary_id(&agency_code(&from.organ_id)?, &promulgation.date.to_string(), &code.joined())?,
        text => parsed::<DocumentId>(text, "documentId")?,
    };
    let subject = required(&header.subject, "subject")?;
    let mut document = Document::new(from, to, document_id, code, promulgation, subject);
    document.document_type = (header.r#type != 0 || !header.type_name.is_empty()).then(|| DocumentType {
        kind: Some(i64::from(header.r#type)),
        detail: None,
        name: present(&header.type_name),
    });
    document.content = present(&header.content);
    document.signer = signer(&header);
    document.due_date = match header.due_date.as_str() {
        "" => None,
        text => Some(parsed(text, "dueDate")?),
    };
    document.other = Some(OtherInfo { priority: Some(lane), ..OtherInfo::default() });
    document.response_for =
        header.response_for.iter().map(|reference| response(reference, "responseFor")).collect::<Result<_, _>>()?;
    document.trace = Some(trace(&header, business.into())?);
    Ok(document)
}

fn signer(header: &DocumentHeader) -> Option<SignerInfo> {
    let signer = SignerInfo {
        competence: present(&header.signer_competence),
        position: present(&header.signer_position),
        full_name: present(&header.signer_name),
    };
    (signer != SignerInfo::default()).then_some(signer)
}

fn trace(header: &DocumentHeader, business: BusinessType) -> Result<TraceHeaderList, Refused> {
    let earlier = header.refers_to.as_ref().map(|reference| reference.document_id.as_str()).unwrap_or_default();
    let document_id = match earlier {
        "" if business == BusinessType::New => None,
        "" => return Err(missing("refersTo.documentId")),
        text => Some(parsed(text, "refersTo.documentId")?),
    };
    let business = Business {
        document_id,
        doc_type: Some(business),
        doc_reason: present(&header.business_reason),
        ..Business::default()
    };
    Ok(TraceHeaderList { business: Some(business), ..TraceHeaderList::default() })
}

/// Receivers as named; a group becomes its members as of today.
fn receivers(core: &Core, parties: &[Party]) -> Result<Vec<Organization>, Refused> {
    let mut receivers = Vec::new();
    for party in parties {
        if Group::is_meant(&party.code) {
            receivers.extend(members(core, &party.code)?);
        } else {
            receivers.push(organization(core, party, "to.code")?);
        }
        if receivers.len() > RECIPIENTS_MAX {
            return Err(
                Refused::new(ErrorCode::LimitExceeded, format!("more than {RECIPIENTS_MAX} receivers")).at("to")
            );
        }
    }
    if receivers.is_empty() { Err(missing("to")) } else { Ok(receivers) }
}

fn members(core: &Core, text: &str) -> Result<Vec<Organization>, Refused> {
    let failed = |error: directory::GroupError| Refused::new(error.code(), error.to_string()).at("to.code");
    let group: Group = text.parse().map_err(failed)?;
    let directory = core.directory.load();
    let found = directory.expand(&group, crate::clock::now()).map_err(failed)?;
    Ok(found
        .members
        .into_iter()
        .map(|agency| Organization::new(OrganId::from(&agency.code)).named(&agency.name))
        .collect())
}

fn organization(core: &Core, party: &Party, field: &'static str) -> Result<Organization, Refused> {
    let organ_id: OrganId = parsed(required(&party.code, field)?, field)?;
    let name = match party.name.as_str() {
        "" => core.directory.load().find_text(organ_id.as_str()).map(|agency| agency.name.to_string()),
        name => Some(name.to_owned()),
    };
    Ok(Organization {
        organ_name: name,
        organization_in_charge: present(&party.in_charge),
        organ_add: present(&party.address),
        email: present(&party.email),
        telephone: present(&party.telephone),
        fax: present(&party.fax),
        website: present(&party.website),
        ..Organization::new(organ_id)
    })
}

/// A reference to an earlier document, as `ResponseFor` names it.
pub(in crate::exchange) fn response(
    reference: &DocumentReference,
    field: &'static str,
) -> Result<ResponseFor, Refused> {
    Ok(ResponseFor {
        organ_id: parsed(required(&reference.agency, field)?, field)?,
        code: present(&reference.code),
        promulgation_date: match reference.promulgation_date.as_str() {
            "" => None,
            text => Some(parsed(text, field)?),
        },
        document_id: match reference.document_id.as_str() {
            "" => None,
            text => Some(parsed(text, field)?),
        },
    })
}

fn present(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn missing(field: &str) -> Refused {
    Refused::new(ErrorCode::MissingElement, format!("{field} is required")).at(field)
}

fn required<'a>(text: &'a str, field: &str) -> Result<&'a str, Refused> {
    if text.trim().is_empty() { Err(missing(field)) } else { Ok(text) }
}

fn parsed<T>(text: &str, field: &str) -> Result<T, Refused>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| {
        Refused::new(ErrorCode::InvalidElement, format!("{field} {text:?}: {error}")).at(field)
    })
}
