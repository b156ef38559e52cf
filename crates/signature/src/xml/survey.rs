//! The first walk: where signatures and identifiers stand, and which elements the packet is read from.

use std::collections::HashMap;
use std::ops::Range;

use super::tokens::Tokens;
use super::walk::{Element, Scopes, Text, Visitor};
use crate::reason::XmlReason;

pub(super) const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EDXML: &str = "http://www.mic.gov.vn/TBT/QCVN_102_2016";

/// Elements that a packet is read from as a whole, by absolute path. A reference may name these and no others.
const CONSUMED: [&str; 7] = [
    "/edXML",
    "/edXML/edXMLEnvelope",
    "/edXML/edXMLEnvelope/edXMLHeader",
    "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader",
    "/edXML/edXMLEnvelope/edXMLHeader/TraceHeaderList",
    "/edXML/edXMLEnvelope/edXMLBody",
    "/edXML/AttachmentEncoded",
];
/// Elements that a signature may be a child of, beside the root; QCVN's own containers too.
const HOLDERS: [&str; 2] = ["/edXML/edXMLEnvelope", "/edXML/edXMLEnvelope/edXMLHeader"];
const CONTAINERS: [&str; 2] = ["/Signature", "/DigitalSignature"];

/// Identifiers of one packet, and bytes of one.
const IDS_MAX: usize = 10_000;
const ID_BYTES_MAX: usize = 256;
/// Characters kept of one path: twice the longest step, so that a cut path still shows that it is not the root's.
const PATH_CHARS_MAX: usize = 4 * ID_BYTES_MAX + 16;
/// Signatures of one packet: an agency's, its leader's, and those of systems on the way.
const SIGNATURES_MAX: usize = 8;

/// A signature element.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) number: usize,
    pub(super) bytes: Range<usize>,
    pub(super) scopes: Scopes,
    /// Where it stands, when it may not.
    pub(super) misplaced: Option<String>,
    /// Numbers of the elements in it, itself included.
    pub(super) elements: Range<usize>,
}

/// An element with an identifier.
#[derive(Debug)]
pub(super) struct Identified {
    pub(super) number: usize,
    pub(super) path: String,
}

/// What the walk found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) signatures: Vec<Place>,
    pub(super) ids: HashMap<String, Identified>,
    counts: HashMap<&'static str, usize>,
    /// Steps of the open elements.
    path: Vec<String>,
    /// Depth and position of the outermost signature that is open.
    inside: Option<(usize, usize)>,
    elements: usize,
}

impl Survey {
    /// Whether a reference to the element at `path` covers what is read.
    pub(super) fn check_consumed(&self, path: &str) -> Result<(), XmlReason> {
        if !path.get(1..).unwrap_or_default().contains('/') || is_foreign_root(path) {
            return Ok(());
        }
        let Some(known) = CONSUMED.iter().find(|known| **known == path) else {
            return Err(XmlReason::NotConsumed { path: path.to_owned() });
        };
        match self.counts.get(known).copied().unwrap_or_default() {
            1 => Ok(()),
            count => Err(XmlReason::Repeated { path: path.to_owned(), count }),
        }
    }

    fn step(&self, element: &Element<'_>) -> String {
        let is_attachments =
            element.namespace.is_empty() && self.path.len() == 1 && element.local == "AttachmentEncoded";
        if element.namespace == EDXML || is_attachments {
            return element.local.to_owned();
        }
        let namespace: String = element.namespace.chars().take(ID_BYTES_MAX).collect();
        format!("{{{namespace}}}{}", element.local.chars().take(ID_BYTES_MAX).collect::<String>())
    }

    fn may_stand_here(&self) -> bool {
        let path = joined(&self.path);
        let holder = CONTAINERS.iter().find_map(|container| path.strip_suffix(container)).unwrap_or(&path);
        let is_root = self.path.len() == 1 || (holder != path && self.path.len() == 2);
        is_root || HOLDERS.contains(&holder)
    }

    fn signature(&mut self, element: &Element<'_>, scopes: &Scopes) -> Result<(), XmlReason> {
        if self.signatures.len() >= SIGNATURES_MAX {
            return Err(XmlReason::Limit { what: "signatures", max: SIGNATURES_MAX });
        }
        let is_nested = self.inside.is_some();
        let may_stand = !is_nested && !self.path.is_empty() && self.may_stand_here();
        self.signatures.push(Place {
            number: element.number,
            bytes: element.start..element.start,
            scopes: scopes.clone(),
            misplaced: (!may_stand).then(|| joined(&self.path)),
            elements: element.number..element.number + 1,
        });
        if !is_nested {
            self.inside = Some((self.path.len(), self.signatures.len() - 1));
        }
        Ok(())
    }
}

/// The root of a text that is no packet has a path of its own, in which namespaces may hold slashes.
fn is_foreign_root(path: &str) -> bool {
    path.starts_with("/{") && path.split_once('}').is_some_and(|(_, local)| !local.contains('/'))
}

fn joined(path: &[String]) -> String {
    path.iter().fold(String::new(), |path, step| path + "/" + step)
}

impl Visitor for Survey {
    fn start(&mut self, element: &Element<'_>, scopes: &Scopes) -> Result<(), XmlReason> {
        self.elements = element.number + 1;
        if element.namespace == XMLDSIG && element.local == "Signature" {
            self.signature(element, scopes)?;
        }
        self.path.push(self.step(element));
        if self.path.len() <= 4 {
            let path = joined(&self.path);
            if let Some(known) = CONSUMED.iter().find(|known| **known == path) {
                *self.counts.entry(known).or_default() += 1;
            }
        }
        for attribute in &element.attributes {
            let is_id = match attribute.prefix {
                "" => matches!(attribute.local, "Id" | "ID" | "id"),
                prefix => prefix == "xml" && attribute.local == "id",
            };
            if !is_id {
                continue;
            }
            let id = attribute.value.to_string();
            if self.ids.len() >= IDS_MAX || id.len() > ID_BYTES_MAX {
                return Err(XmlReason::Limit { what: "identifiers", max: IDS_MAX });
            }
            // Deep paths with long names are cut, not kept thousands of times: no such path is one that is read.
            let path = joined(&self.path).chars().take(PATH_CHARS_MAX).collect();
            let place = Identified { number: element.number, path };
            if self.ids.insert(id.clone(), place).is_some() {
                return Err(XmlReason::DuplicateId { id });
            }
        }
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), XmlReason> {
        self.path.pop();
        let Some((depth, index)) = self.inside else { return Ok(()) };
        if depth == self.path.len() {
            self.inside = None;
            // Nested ones are refused for where they stand, and need no end.
            if let Some(own) = self.signatures.get_mut(index) {
                own.bytes.end = end;
                own.elements.end = self.elements;
            }
        }
        Ok(())
    }

    fn text(&mut self, _: Text<'_>, _: &Tokens<'_>) -> Result<(), XmlReason> {
        Ok(())
    }
}
