//! Canonical XML of one subtree, or of the whole text, piece by piece. Source: W3C Canonical XML 1.0 and 1.1,
//! Exclusive XML Canonicalization 1.0.

use super::tokens::Tokens;
use super::walk::{Element, Scopes, Text};
use crate::reason::XmlReason;

/// Which of the methods, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    pub(super) kind: Kind,
    pub(super) comments: Comments,
    /// PrefixList of InclusiveNamespaces; `#default` is the empty prefix.
    pub(super) inclusive: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Inclusive,
    Exclusive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comments {
    Kept,
    Dropped,
}

impl Method {
    /// The method of an algorithm identifier.
    pub(super) fn of(uri: &str) -> Option<Self> {
        let (base, comments) = match uri.strip_suffix("WithComments") {
            Some(base) => (base.strip_suffix('#')?, Comments::Kept),
            None => (uri.strip_suffix('#').unwrap_or(uri), Comments::Dropped),
        };
        let kind = match base {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" | "http://www.w3.org/2006/12/xml-c14n11" => {
                Kind::Inclusive
            }
            "http://www.w3.org/2001/10/xml-exc-c14n" => Kind::Exclusive,
            _ => return None,
        };
        Some(Self { kind, comments, inclusive: Vec::new() })
    }

    /// What applies where no method is named (XMLDSig 4.4.3.2).
    pub(crate) const fn default_for_references() -> Self {
        Self { kind: Kind::Inclusive, comments: Comments::Dropped, inclusive: Vec::new() }
    }
}

/// Writes the canonical form of what it is told, whose first element is the subtree's.
pub(super) struct Canonical {
    method: Method,
    /// Namespaces as written so far, and how many there were before each open element.
    rendered: Vec<(String, String)>,
    open: Vec<(String, usize)>,
    /// The root has been closed.
    is_after: bool,
}

impl Canonical {
    pub(super) const fn new(method: Method) -> Self {
        Self { method, rendered: Vec::new(), open: Vec::new(), is_after: false }
    }

    pub(super) fn start(
        &mut self,
        element: &Element<'_>,
        scopes: &Scopes,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), XmlReason> {
        let is_apex = self.open.is_empty();
        if is_apex && scopes.inherits_xml && self.method.kind == Kind::Inclusive {
            // Canonical XML 1.0 and 1.1 inherit these by different rules; edXML has none.
            return Err(XmlReason::Unsupported { what: "attributes of the xml namespace above a signed element" });
        }
        self.open.push((element.name.to_owned(), self.rendered.len()));
        out(b"<");
        out(element.name.as_bytes());
        for (prefix, namespace) in self.namespaces(element, scopes, is_apex) {
            if prefix.is_empty() {
                out(b" xmlns=\"");
            } else {
                out(b" xmlns:");
                out(prefix.as_bytes());
                out(b"=\"");
            }
            escape(&namespace, Place::Attribute, out);
            out(b"\"");
            self.rendered.push((prefix, namespace));
        }
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by(|one, other| (&*one.namespace, one.local).cmp(&(&*other.namespace, other.local)));
        for attribute in attributes {
            out(b" ");
            out(attribute.name.as_bytes());
            out(b"=\"");
            escape(&attribute.value, Place::Attribute, out);
            out(b"\"");
        }
        out(b">");
        Ok(())
    }

    /// Namespaces to write on an element, sorted by prefix.
    fn namespaces(&self, element: &Element<'_>, scopes: &Scopes, is_apex: bool) -> Vec<(String, String)> {
        let mut wanted: Vec<&str> = match self.method.kind {
            Kind::Inclusive if is_apex => scopes.all().into_iter().map(|(prefix, _)| prefix).collect(),
            Kind::Inclusive => element.declared.iter().map(|(prefix, _)| *prefix).collect(),
            Kind::Exclusive => {
                let used = element.attributes.iter().map(|attribute| attribute.prefix).filter(|p| !p.is_empty());
                let listed = self.method.inclusive.iter().map(String::as_str);
                used.chain(listed).chain([element.prefix]).collect()
            }
        };
        wanted.retain(|prefix| *prefix != "xml");
        wanted.sort_unstable();
        wanted.dedup();
        let written = |prefix: &str| self.rendered.iter().rev().find(|(other, _)| other == prefix).map(|(_, to)| &**to);
        wanted
            .into_iter()
            .filter_map(|prefix| Some((prefix, scopes.resolve(prefix)?)))
            // An absent default is written only to undo one.
            .filter(|(prefix, namespace)| written(prefix).unwrap_or_default() != *namespace)
            .map(|(prefix, namespace)| (prefix.to_owned(), namespace.to_owned()))
            .collect()
    }

    pub(super) fn end(&mut self, out: &mut dyn FnMut(&[u8])) {
        let Some((name, rendered)) = self.open.pop() else { return };
        self.rendered.truncate(rendered);
        out(b"</");
        out(name.as_bytes());
        out(b">");
        self.is_after = self.open.is_empty();
    }

    pub(super) fn text(
        &self,
        text: Text<'_>,
        tokens: &Tokens<'_>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), XmlReason> {
        let mut rest = match text {
            Text::Written(text) => text,
            Text::Plain(text) => {
                lines(text, out);
                return Ok(());
            }
        };
        while let Some((plain, reference)) = rest.split_once('&') {
            lines(plain, out);
            let (c, after) = tokens.reference(reference)?;
            escape(c.encode_utf8(&mut [0; 4]), Place::Text, out);
            rest = after;
        }
        lines(rest, out);
        Ok(())
    }

    pub(super) fn comment(&self, comment: &str, out: &mut dyn FnMut(&[u8])) {
        if self.method.comments == Comments::Kept {
            self.outside(out, |out| {
                out(b"<!--");
                lines_raw(comment, out);
                out(b"-->");
            });
        }
    }

    pub(super) fn instruction(&self, target: &str, data: &str, out: &mut dyn FnMut(&[u8])) {
        self.outside(out, |out| {
            out(b"<?");
            out(target.as_bytes());
            if !data.is_empty() {
                out(b" ");
                lines_raw(data, out);
            }
            out(b"?>");
        });
    }

    /// Outside the root element, a line end stands between it and everything else.
    fn outside(&self, out: &mut dyn FnMut(&[u8]), write: impl FnOnce(&mut dyn FnMut(&[u8]))) {
        let is_outside = self.open.is_empty();
        if is_outside && self.is_after {
            out(b"\n");
        }
        write(out);
        if is_outside && !self.is_after {
            out(b"\n");
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Attribute,
}

/// Text as written, without references: line ends become one form (XML 1.0 2.11), then it is escaped.
fn lines(text: &str, out: &mut dyn FnMut(&[u8])) {
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\r') {
        escape(line, Place::Text, out);
        out(b"\n");
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    escape(rest, Place::Text, out);
}

/// The same for comments and instructions, which are not escaped.
fn lines_raw(text: &str, out: &mut dyn FnMut(&[u8])) {
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\r') {
        out(line.as_bytes());
        out(b"\n");
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    out(rest.as_bytes());
}

fn escape(text: &str, place: Place, out: &mut dyn FnMut(&[u8])) {
    let replacement = |byte: u8| -> Option<&'static [u8]> {
        match (byte, place) {
            (b'&', _) => Some(b"&amp;"),
            (b'<', _) => Some(b"&lt;"),
            (b'\r', _) => Some(b"&#xD;"),
            (b'>', Place::Text) => Some(b"&gt;"),
            (b'"', Place::Attribute) => Some(b"&quot;"),
            (b'\t', Place::Attribute) => Some(b"&#x9;"),
            (b'\n', Place::Attribute) => Some(b"&#xA;"),
            _ => None,
        }
    };
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(replacement) = replacement(byte) {
            out(text.as_bytes().get(from..at).unwrap_or_default());
            out(replacement);
            from = at + 1;
        }
    }
    out(text.as_bytes().get(from..).unwrap_or_default());
}
