//! The groups of `MessageHeader`.

use std::io::BufRead;

use types::Lane;

use crate::namespace::Tag;
use crate::xml::Xml;
use crate::{
    DocumentCode, DocumentType, EdxmlError, Organization, OtherInfo, PromulgationInfo, ResponseFor, SignerInfo,
};

/// `From` or `To`.
pub(super) fn organization<R: BufRead>(xml: &mut Xml<R>, own: Tag) -> Result<Organization, EdxmlError> {
    let mut organ_id = None;
    let (mut in_charge, mut name, mut address) = (None, None, None);
    let (mut email, mut telephone, mut fax, mut website) = (None, None, None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::OrganId => xml.value_into(tag, &mut organ_id)?,
            Tag::OrganizationInCharge => xml.text_into(tag, &mut in_charge)?,
            Tag::OrganName => xml.text_into(tag, &mut name)?,
            Tag::OrganAdd => xml.text_into(tag, &mut address)?,
            Tag::Email => xml.text_into(tag, &mut email)?,
            Tag::Telephone => xml.text_into(tag, &mut telephone)?,
            Tag::Fax => xml.text_into(tag, &mut fax)?,
            Tag::Website => xml.text_into(tag, &mut website)?,
            _ => xml.skip_unknown()?,
        }
    }
    Ok(Organization {
        organ_id: xml.require(organ_id, own, Tag::OrganId)?,
        organization_in_charge: in_charge,
        organ_name: name,
        organ_add: address,
        email,
        telephone,
        fax,
        website,
    })
}

/// `Code` of a document.
pub(super) fn code<R: BufRead>(xml: &mut Xml<R>) -> Result<DocumentCode, EdxmlError> {
    let (mut number, mut notation) = (None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::CodeNumber => xml.text_into(tag, &mut number)?,
            Tag::CodeNotation => xml.text_into(tag, &mut notation)?,
            _ => xml.skip_unknown()?,
        }
    }
    let number = number.filter(|number| !number.trim().is_empty());
    Ok(DocumentCode { number: xml.require(number, Tag::Code, Tag::CodeNumber)?, notation })
}

/// `PromulgationInfo`.
pub(super) fn promulgation<R: BufRead>(xml: &mut Xml<R>) -> Result<PromulgationInfo, EdxmlError> {
    let (mut place, mut date) = (None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Place => xml.text_into(tag, &mut place)?,
            Tag::PromulgationDate => xml.value_into(tag, &mut date)?,
            _ => xml.skip_unknown()?,
        }
    }
    Ok(PromulgationInfo { place, date: xml.require(date, Tag::PromulgationInfo, Tag::PromulgationDate)? })
}

/// `DocumentType`.
pub(super) fn document_type<R: BufRead>(xml: &mut Xml<R>) -> Result<DocumentType, EdxmlError> {
    let mut value = DocumentType::default();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Type => integer(xml, tag, &mut value.kind)?,
            Tag::TypeDetail => integer(xml, tag, &mut value.detail)?,
            Tag::TypeName => xml.text_into(tag, &mut value.name)?,
            _ => xml.skip_unknown()?,
        }
    }
    Ok(value)
}

/// `SignerInfo`.
pub(super) fn signer<R: BufRead>(xml: &mut Xml<R>) -> Result<SignerInfo, EdxmlError> {
    let mut value = SignerInfo::default();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Competence => xml.text_into(tag, &mut value.competence)?,
            Tag::Position => xml.text_into(tag, &mut value.position)?,
            Tag::FullName => xml.text_into(tag, &mut value.full_name)?,
            _ => xml.skip_unknown()?,
        }
    }
    Ok(value)
}

/// `OtherInfo`.
pub(super) fn other_info<R: BufRead>(xml: &mut Xml<R>) -> Result<OtherInfo, EdxmlError> {
    let mut value = OtherInfo::default();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Priority => number(xml, tag, &mut value.priority, Lane::from_number, "expected 0, 1, 2 or 3")?,
            Tag::SphereOfPromulgation => xml.text_into(tag, &mut value.sphere_of_promulgation)?,
            Tag::TyperNotation => xml.text_into(tag, &mut value.typer_notation)?,
            Tag::PromulgationAmount => integer(xml, tag, &mut value.promulgation_amount)?,
            Tag::PageAmount => integer(xml, tag, &mut value.page_amount)?,
            Tag::ReplyFors => xml.text_into(tag, &mut value.reply_fors)?,
            Tag::Direction => direction(xml, &mut value.direction)?,
            Tag::ReferenceCodes => xml.text_into(tag, &mut value.reference_codes)?,
            Tag::Appendixes => {
                let appendixes = texts(xml, Tag::Appendix)?;
                xml.put(tag, &mut value.appendixes, appendixes)?;
            }
            _ => xml.skip_unknown()?,
        }
    }
    Ok(value)
}

/// `ResponseFor`.
pub(super) fn response_for<R: BufRead>(xml: &mut Xml<R>) -> Result<ResponseFor, EdxmlError> {
    let (mut organ_id, mut code, mut promulgation_date, mut document_id) = (None, None, None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::OrganId => xml.value_into(tag, &mut organ_id)?,
            Tag::Code => xml.text_into(tag, &mut code)?,
            Tag::PromulgationDate => xml.value_into(tag, &mut promulgation_date)?,
            Tag::DocumentId => xml.value_into(tag, &mut document_id)?,
            _ => xml.skip_unknown()?,
        }
    }
    let organ_id = xml.require(organ_id, Tag::ResponseFor, Tag::OrganId)?;
    let has_code = code.as_ref().is_some_and(|code: &String| !code.trim().is_empty());
    let named = (document_id.is_some() || has_code).then_some(());
    xml.require(named, Tag::ResponseFor, Tag::DocumentId)?;
    Ok(ResponseFor { organ_id, code, promulgation_date, document_id })
}

/// The texts of all children with one name: `ToPlaces`, `Appendixes`.
pub(super) fn texts<R: BufRead>(xml: &mut Xml<R>, item: Tag) -> Result<Vec<String>, EdxmlError> {
    let mut texts = Vec::new();
    while let Some(tag) = xml.child()? {
        if tag == item { texts.push(xml.text()?) } else { xml.skip_unknown()? }
    }
    Ok(texts)
}

/// A whole number.
pub(super) fn integer<R: BufRead>(xml: &mut Xml<R>, tag: Tag, slot: &mut Option<i64>) -> Result<(), EdxmlError> {
    let parse = |text: &str| text.parse().map_err(|_| "expected a whole number".to_owned());
    match xml.parsed(tag, parse)? {
        Some(value) => xml.put(tag, slot, value),
        None => Ok(()),
    }
}

/// A small number that stands for one of several meanings.
pub(super) fn number<R: BufRead, T>(
    xml: &mut Xml<R>,
    tag: Tag,
    slot: &mut Option<T>,
    meaning: impl Fn(u8) -> Option<T>,
    expected: &str,
) -> Result<(), EdxmlError> {
    let parse = |text: &str| text.parse().ok().and_then(&meaning).ok_or_else(|| expected.to_owned());
    match xml.parsed(tag, parse)? {
        Some(value) => xml.put(tag, slot, value),
        None => Ok(()),
    }
}

/// `Direction`: a boolean of XML Schema, in any case (.NET producers write `True`).
fn direction<R: BufRead>(xml: &mut Xml<R>, slot: &mut Option<bool>) -> Result<(), EdxmlError> {
    let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("expected true or false".to_owned()),
    };
    match xml.parsed(Tag::Direction, parse)? {
        Some(value) => xml.put(Tag::Direction, slot, value),
        None => Ok(()),
    }
}
