//! The manifest, the attachments, and whether they agree.

use std::collections::HashSet;
use std::io::BufRead;

use crate::base64_text::{Base64Error, Base64Text};
use crate::namespace::Tag;
use crate::xml::{Phase, Xml};
use crate::{
    Attachment, AttachmentHead, AttachmentSink, ByteRange, EdxmlError, Manifest, ManifestEntry, Packet, Problem,
};

/// `edXMLManifest`.
pub(super) fn manifest<R: BufRead>(xml: &mut Xml<R>) -> Result<Manifest, EdxmlError> {
    let mut manifest = Manifest { version: xml.take_attribute("version"), entries: Vec::new() };
    let max = xml.limits().attachments_max;
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Reference if manifest.entries.len() >= max => {
                return Err(xml.limit("entries in the manifest", max as u64));
            }
            Tag::Reference => manifest.entries.push(manifest_entry(xml)?),
            _ => xml.skip_unknown()?,
        }
    }
    Ok(manifest)
}

fn manifest_entry<R: BufRead>(xml: &mut Xml<R>) -> Result<ManifestEntry, EdxmlError> {
    let (mut content_id, mut content_type, mut description, mut name) = (None, None, None, None);
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::ContentId => xml.text_into(tag, &mut content_id)?,
            Tag::ContentType => xml.text_into(tag, &mut content_type)?,
            Tag::Description => xml.text_into(tag, &mut description)?,
            Tag::AttachmentName => xml.text_into(tag, &mut name)?,
            _ => xml.skip_unknown()?,
        }
    }
    let content_id = required_id(xml, content_id, Tag::Reference)?;
    Ok(ManifestEntry { content_id, content_type, description, name })
}

fn required_id<R: BufRead>(xml: &Xml<R>, id: Option<String>, parent: Tag) -> Result<String, EdxmlError> {
    xml.require(id.filter(|id| !crate::attachment::content_key(id).is_empty()), parent, Tag::ContentId)
}

/// `AttachmentEncoded`. `packet` is the envelope, when it came before.
pub(super) fn read<R: BufRead>(
    xml: &mut Xml<R>,
    packet: Option<&Packet>,
    sink: &mut dyn AttachmentSink,
) -> Result<Vec<Attachment>, EdxmlError> {
    xml.set_phase(Phase::Attachments);
    let mut attachments = Vec::new();
    let mut text = None;
    let max = xml.limits().attachments_max;
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Attachment if matches!(packet, Some(Packet::Status(_))) => return Err(on_status(xml)),
            Tag::Attachment if attachments.len() >= max => return Err(xml.limit("attachments", max as u64)),
            Tag::Attachment => {
                let text = text.get_or_insert_with(Base64Text::new);
                attachments.push(attachment(xml, attachments.len(), text, sink)?);
            }
            _ => xml.skip_unknown()?,
        }
    }
    xml.set_phase(Phase::Envelope);
    Ok(attachments)
}

/// The error for a status that carries attachments.
pub(super) fn on_status<R: BufRead>(xml: &Xml<R>) -> EdxmlError {
    xml.invalid(Tag::Attachment, "", "a status packet has no attachments".to_owned())
}

fn attachment<R: BufRead>(
    xml: &mut Xml<R>,
    index: usize,
    text: &mut Base64Text,
    sink: &mut dyn AttachmentSink,
) -> Result<Attachment, EdxmlError> {
    let mut head = AttachmentHead::default();
    let mut content_id = None;
    let mut content = None;
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::ContentId => {
                xml.text_into(tag, &mut content_id)?;
                head.content_id = content_id.clone().unwrap_or_default();
            }
            Tag::AttachmentName => xml.text_into(tag, &mut head.name)?,
            Tag::Description => xml.text_into(tag, &mut head.description)?,
            Tag::ContentType => xml.text_into(tag, &mut head.content_type)?,
            Tag::FieldName => xml.text_into(tag, &mut head.field_name)?,
            Tag::MimeType => xml.text_into(tag, &mut head.mime_type)?,
            Tag::ContentTransferEncoded => {
                // Refused before it is read, so that a sink never sees two contents for one attachment.
                if content.is_some() {
                    return Err(xml.fail(Problem::Invalid {
                        element: tag.local().to_owned(),
                        value: String::new(),
                        expected: "it may occur once".to_owned(),
                    }));
                }
                content = Some(decode(xml, index, &head, text, sink)?);
            }
            _ => xml.skip_unknown()?,
        }
    }
    head.content_id = required_id(xml, content_id, Tag::Attachment)?;
    let (decoded_length, encoded) = xml.require(content, Tag::Attachment, Tag::ContentTransferEncoded)?;
    Ok(Attachment { head, decoded_length, encoded })
}

/// Why content could not be handed on.
struct Stopped(Problem);

impl From<Base64Error> for Stopped {
    fn from(error: Base64Error) -> Self {
        Self(match error {
            Base64Error::Text { position, reason } => {
                Problem::InvalidBase64 { content_id: String::new(), position, reason }
            }
            Base64Error::Entity(name) => Problem::forbidden(format!("the entity reference &{name};")),
        })
    }
}

/// Decodes the open element into the sink; gives the decoded length and the place of the text.
fn decode<R: BufRead>(
    xml: &mut Xml<R>,
    index: usize,
    head: &AttachmentHead,
    text: &mut Base64Text,
    sink: &mut dyn AttachmentSink,
) -> Result<(u64, ByteRange), EdxmlError> {
    let max = xml.limits().attachment_bytes_max;
    let named = |problem| match problem {
        Problem::InvalidBase64 { position, reason, .. } => {
            Problem::InvalidBase64 { content_id: head.content_id.clone(), position, reason }
        }
        other => other,
    };
    let mut length: u64 = 0;
    text.reset();
    sink.begin(index, head).map_err(|source| xml.fail(Problem::Sink { source }))?;
    let mut hand_on = |piece: &[u8]| {
        length += piece.len() as u64;
        if length > max {
            return Err(Stopped(Problem::TooLarge { what: format!("attachment {:?}", head.content_id), max }));
        }
        sink.data(piece).map_err(|source| Stopped(Problem::Sink { source }))
    };
    let range = xml.content(&mut |piece| text.push(piece, &mut hand_on).map_err(|Stopped(problem)| named(problem)))?;
    text.finish(&mut hand_on).map_err(|Stopped(problem)| xml.fail(named(problem)))?;
    sink.end().map_err(|source| xml.fail(Problem::Sink { source }))?;
    Ok((length, range))
}

/// Every entry has its attachment, every attachment its entry, each once.
pub(super) fn check_against(manifest: Option<&Manifest>, attachments: &[Attachment]) -> Result<(), Problem> {
    let entries = manifest.map(|manifest| manifest.entries.as_slice()).unwrap_or_default();
    let listed = distinct(entries.iter().map(ManifestEntry::content_key))?;
    let attached = distinct(attachments.iter().map(|attachment| attachment.head.content_key()))?;
    if let Some(entry) = entries.iter().find(|entry| !attached.contains(entry.content_key())) {
        return Err(Problem::AttachmentMissing { content_id: entry.content_id.clone() });
    }
    match attachments.iter().find(|attachment| !listed.contains(attachment.head.content_key())) {
        None => Ok(()),
        Some(attachment) => Err(Problem::AttachmentUnlisted { content_id: attachment.head.content_id.clone() }),
    }
}

fn distinct<'a>(keys: impl Iterator<Item = &'a str>) -> Result<HashSet<&'a str>, Problem> {
    let mut seen = HashSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(Problem::AttachmentDuplicate { content_id: key.to_owned() });
        }
    }
    Ok(seen)
}
