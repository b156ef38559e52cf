//! `TraceHeaderList` and what is in it.

use std::io::BufRead;

use types::BusinessType;

use super::header;
use crate::namespace::Tag;
use crate::xml::Xml;
use crate::{
    Business, ChangedInfo, EdxmlError, OrganId, Receiver, ReceiverChange, Replacement, StaffInfo, TraceHeader,
    TraceHeaderList,
};

/// `TraceHeaderList`; hops and business in either order.
pub(super) fn trace_header_list<R: BufRead>(xml: &mut Xml<R>) -> Result<TraceHeaderList, EdxmlError> {
    let mut list = TraceHeaderList {
        id: xml.take_attribute("id"),
        version: xml.take_attribute("version"),
        must_understand: xml.take_attribute("mustUnderstand"),
        actor: xml.take_attribute("actor"),
        ..TraceHeaderList::default()
    };
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::TraceHeader => list.hops.push(trace_header(xml)?),
            Tag::Business => {
                let value = business(xml)?;
                xml.put(tag, &mut list.business, value)?;
            }
            _ => xml.skip_unknown()?,
        }
    }
    Ok(list)
}

fn trace_header<R: BufRead>(xml: &mut Xml<R>) -> Result<TraceHeader, EdxmlError> {
    let (mut organ_id, mut timestamp) = (None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::OrganId => xml.value_into(tag, &mut organ_id)?,
            Tag::Timestamp => xml.value_into(tag, &mut timestamp)?,
            _ => xml.skip_unknown()?,
        }
    }
    let own = Tag::TraceHeader;
    Ok(TraceHeader {
        organ_id: xml.require(organ_id, own, Tag::OrganId)?,
        timestamp: xml.require(timestamp, own, Tag::Timestamp)?,
    })
}

fn business<R: BufRead>(xml: &mut Xml<R>) -> Result<Business, EdxmlError> {
    let mut value = Business::default();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::DocumentId => xml.value_into(tag, &mut value.document_id)?,
            Tag::BusinessDocType => {
                header::number(xml, tag, &mut value.doc_type, BusinessType::from_number, "expected 0, 1, 2 or 3")?;
            }
            Tag::BusinessDocReason => xml.text_into(tag, &mut value.doc_reason)?,
            Tag::Paper => header::integer(xml, tag, &mut value.paper)?,
            Tag::StaffInfo => {
                let staff = staff_info(xml)?;
                xml.put(tag, &mut value.staff, staff)?;
            }
            Tag::BusinessDocumentInfo => {
                let changed = changed_info(xml)?;
                xml.put(tag, &mut value.changed, changed)?;
            }
            Tag::ReplacementInfoList => {
                let replacements = list(xml, Tag::ReplacementInfo, replacement)?;
                xml.put(tag, &mut value.replacements, replacements)?;
            }
            _ => xml.skip_unknown()?,
        }
    }
    Ok(value)
}

/// `StaffInfo`, here and in status packets.
pub(super) fn staff_info<R: BufRead>(xml: &mut Xml<R>) -> Result<StaffInfo, EdxmlError> {
    let mut value = StaffInfo::default();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Department => xml.text_into(tag, &mut value.department)?,
            Tag::Staff => xml.text_into(tag, &mut value.staff)?,
            Tag::Email => xml.text_into(tag, &mut value.email)?,
            Tag::Mobile => xml.text_into(tag, &mut value.mobile)?,
            _ => xml.skip_unknown()?,
        }
    }
    Ok(value)
}

fn changed_info<R: BufRead>(xml: &mut Xml<R>) -> Result<ChangedInfo, EdxmlError> {
    let mut value = ChangedInfo::default();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::DocumentInfo => xml.text_into(tag, &mut value.document_info)?,
            Tag::DocumentReceiver => xml.text_into(tag, &mut value.document_receiver)?,
            Tag::ReceiverList => {
                let receivers = list(xml, Tag::Receiver, receiver)?;
                xml.put(tag, &mut value.receivers, receivers)?;
            }
            _ => xml.skip_unknown()?,
        }
    }
    Ok(value)
}

fn receiver<R: BufRead>(xml: &mut Xml<R>) -> Result<Receiver, EdxmlError> {
    let (mut organ_id, mut change) = (None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::OrganId => xml.value_into(tag, &mut organ_id)?,
            Tag::ReceiverType => header::number(xml, tag, &mut change, ReceiverChange::from_number, "expected 0 or 1")?,
            _ => xml.skip_unknown()?,
        }
    }
    let own = Tag::Receiver;
    Ok(Receiver {
        organ_id: xml.require(organ_id, own, Tag::OrganId)?,
        change: xml.require(change, own, Tag::ReceiverType)?,
    })
}

fn replacement<R: BufRead>(xml: &mut Xml<R>) -> Result<Replacement, EdxmlError> {
    let (mut document_id, mut organ_ids) = (None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::DocumentId => xml.value_into(tag, &mut document_id)?,
            Tag::OrganIdList => {
                let ids = list(xml, Tag::OrganId, organ_id)?;
                xml.put(tag, &mut organ_ids, ids)?;
            }
            _ => xml.skip_unknown()?,
        }
    }
    let document_id = xml.require(document_id, Tag::ReplacementInfo, Tag::DocumentId)?;
    Ok(Replacement { document_id, organ_ids: organ_ids.unwrap_or_default() })
}

fn organ_id<R: BufRead>(xml: &mut Xml<R>) -> Result<OrganId, EdxmlError> {
    let mut id = None;
    xml.value_into(Tag::OrganId, &mut id)?;
    xml.require_here(id, Tag::OrganId)
}

/// All children with one name; together with the receivers of the packet below the limit of receivers.
fn list<R: BufRead, T>(
    xml: &mut Xml<R>,
    item: Tag,
    read: fn(&mut Xml<R>) -> Result<T, EdxmlError>,
) -> Result<Vec<T>, EdxmlError> {
    let max = xml.limits().recipients_max;
    let mut items = Vec::new();
    while let Some(tag) = xml.child()? {
        if tag != item {
            xml.skip_unknown()?;
        } else if items.len() < max {
            items.push(read(xml)?);
        } else {
            return Err(xml.limit("entries in one list", max as u64));
        }
    }
    Ok(items)
}
