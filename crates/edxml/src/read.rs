//! Reading a packet.

mod attachments;
mod business;
mod header;
mod message;

use std::io::BufRead;

use crate::namespace::Tag;
use crate::xml::Xml;
use crate::{AttachmentSink, EdxmlError, Limits, Manifest, Packet, Problem};
use message::Message;

/// Reads one packet from `input` to its end, and hands the attachments to `sink` while doing so.
///
/// When it returns `Ok`, every byte of the input has been taken, so a caller that copies or hashes what it feeds in
/// has seen all of it. After an error the rest of the input is left unread.
///
/// # Errors
/// `malformed_document`, `forbidden_xml`, `wrong_namespace`, `missing_element`, `invalid_element`, `limit_exceeded`,
/// `document_too_large`, `invalid_base64`, `attachment_missing`, `attachment_duplicate`, `attachment_unlisted`;
/// `cancelled` when `input` fails; the sink's code when it refuses.
pub fn read_packet<R: BufRead>(input: R, limits: &Limits, sink: &mut dyn AttachmentSink) -> Result<Packet, EdxmlError> {
    let mut xml = Xml::open(input, limits)?;
    xml.root()?;
    let mut packet = None;
    let mut attachments = None;
    let mut signatures = Vec::new();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Envelope => {
                let envelope = envelope(&mut xml)?;
                sink.envelope(&envelope).map_err(|source| xml.fail(Problem::Sink { source }))?;
                xml.put(tag, &mut packet, envelope)?;
            }
            Tag::AttachmentEncoded => {
                let list = attachments::read(&mut xml, packet.as_ref(), sink)?;
                xml.put(tag, &mut attachments, list)?;
            }
            Tag::Signature | Tag::DigitalSignature => signatures.push(xml.skip()?),
            _ => xml.skip_unknown()?,
        }
    }
    xml.finish()?;
    let mut packet = xml.require(packet, Tag::EdXml, Tag::Envelope)?;
    let attachments = attachments.unwrap_or_default();
    match &mut packet {
        Packet::Document(document) => {
            attachments::check_against(document.manifest.as_ref(), &attachments)
                .map_err(|problem| xml.fail(problem))?;
            document.attachments = attachments;
            document.signatures.append(&mut signatures);
            document.unknown_elements += xml.unknown();
        }
        Packet::Status(status) => {
            if !attachments.is_empty() {
                return Err(attachments::on_status(&xml));
            }
            status.signatures.append(&mut signatures);
            status.unknown_elements += xml.unknown();
        }
    }
    Ok(packet)
}

/// `edXMLEnvelope`: a whole packet but for its attachments.
fn envelope<R: BufRead>(xml: &mut Xml<R>) -> Result<Packet, EdxmlError> {
    let (mut message, mut trace, mut body) = (None, None, None);
    let mut signatures = Vec::new();
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Header => {
                while let Some(tag) = xml.child()? {
                    match tag {
                        Tag::MessageHeader => {
                            let value = Message::read(xml)?;
                            xml.put(tag, &mut message, value)?;
                        }
                        Tag::TraceHeaderList => {
                            let value = business::trace_header_list(xml)?;
                            xml.put(tag, &mut trace, value)?;
                        }
                        Tag::Signature | Tag::DigitalSignature => signatures.push(xml.skip()?),
                        _ => xml.skip_unknown()?,
                    }
                }
            }
            Tag::Body => {
                let value = manifest(xml)?;
                xml.put(tag, &mut body, value)?;
            }
            Tag::Signature | Tag::DigitalSignature => signatures.push(xml.skip()?),
            _ => xml.skip_unknown()?,
        }
    }
    let message: Message = xml.require(message, Tag::Envelope, Tag::Header).map_err(|_| message::missing(xml))?;
    message.into_packet(xml, trace, body.flatten(), signatures)
}

/// `edXMLBody`: the manifest in it.
fn manifest<R: BufRead>(xml: &mut Xml<R>) -> Result<Option<Manifest>, EdxmlError> {
    let mut manifest = None;
    while let Some(tag) = xml.child()? {
        match tag {
            Tag::Manifest => {
                let value = attachments::manifest(xml)?;
                xml.put(tag, &mut manifest, value)?;
            }
            _ => xml.skip_unknown()?,
        }
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests;
