//! What signing needs of reading: where a signature goes, and the canonical bytes that are digested and signed.

use super::canonical::Method;
use super::survey::Survey;
use super::tokens::Tokens;
use super::tree::{Extract, Target};
use super::walk::{Element, Scopes, Text, Visitor, walk};
use crate::reason::XmlReason;

/// The canonical form of a whole text.
pub(crate) fn canonical_text(text: &str, method: &Method) -> Result<Vec<u8>, XmlReason> {
    let mut out = Vec::new();
    let mut extract = Extract::new(method.clone(), Target::Whole, None, |piece| out.extend_from_slice(piece));
    walk(text, &Scopes::default(), &mut extract)?;
    drop(extract);
    Ok(out)
}

/// The canonical form of the SignedInfo of the signature that begins at `start`.
pub(crate) fn canonical_signed_info(text: &str, start: usize, method: &Method) -> Result<Vec<u8>, XmlReason> {
    let mut survey = Survey::default();
    walk(text, &Scopes::default(), &mut survey)?;
    let place = survey.signatures.iter().find(|place| place.bytes.start == start);
    let place = place.ok_or(XmlReason::Structure { what: "no signature where one was written" })?;
    let own = text.get(place.bytes.clone()).unwrap_or_default();
    let mut out = Vec::new();
    let mut extract = Extract::new(method.clone(), Target::Element(1), None, |piece| out.extend_from_slice(piece));
    walk(own, &place.scopes, &mut extract)?;
    drop(extract);
    Ok(out)
}

/// Where a signature goes: before the end tag of the header, or of the root where there is no header.
pub(crate) fn insertion(text: &str) -> Result<usize, XmlReason> {
    let mut finder = Finder::default();
    walk(text, &Scopes::default(), &mut finder)?;
    let end = finder.header.or(finder.root).unwrap_or_default();
    let before = text.get(..end).unwrap_or_default();
    before.rfind("</").ok_or(XmlReason::Structure { what: "an empty element takes no signature" })
}

/// Offsets after the end tags.
#[derive(Default)]
struct Finder {
    open: Vec<bool>,
    header: Option<usize>,
    root: Option<usize>,
}

impl Visitor for Finder {
    fn start(&mut self, element: &Element<'_>, _: &Scopes) -> Result<(), XmlReason> {
        self.open.push(element.local == "edXMLHeader" && self.open.len() == 2);
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), XmlReason> {
        if self.open.pop() == Some(true) {
            self.header = Some(end);
        }
        self.root = Some(end);
        Ok(())
    }

    fn text(&mut self, _: Text<'_>, _: &Tokens<'_>) -> Result<(), XmlReason> {
        Ok(())
    }
}
