//! Walking a text: nesting, namespaces, limits. Source: Namespaces in XML 1.0.

use std::borrow::Cow;

use super::tokens::{Token, Tokens, is_blank};
use crate::reason::XmlReason;

/// Open elements at one time.
const DEPTH_MAX: usize = 64;
/// Elements of one text.
const ELEMENTS_MAX: usize = 100_000;
/// Namespace declarations in scope: each is looked through for every name.
const DECLARATIONS_MAX: usize = 256;
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// An element as it opens.
pub(super) struct Element<'a> {
    /// Counts the start tags of the text, from 0.
    pub(super) number: usize,
    /// As written.
    pub(super) name: &'a str,
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    /// Empty for none.
    pub(super) namespace: String,
    /// Declarations on it: prefix (empty for the default) and namespace.
    pub(super) declared: Vec<(&'a str, String)>,
    pub(super) attributes: Vec<Attribute<'a>>,
    /// Offset of its `<`.
    pub(super) start: usize,
}

pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    pub(super) namespace: String,
    pub(super) value: Cow<'a, str>,
}

/// What holds where an element opens, its own declarations included.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes {
    bindings: Vec<(String, String)>,
    /// Open elements above the current one that carry an attribute of the `xml` namespace.
    pub(super) inherits_xml: bool,
}

impl Scopes {
    /// The namespace of a prefix; empty for an absent default.
    pub(super) fn resolve(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML_NAMESPACE);
        }
        let found = self.bindings.iter().rev().find(|(bound, _)| bound == prefix).map(|(_, to)| to.as_str());
        found.or(prefix.is_empty().then_some(""))
    }

    /// Every binding in scope, sorted by prefix.
    pub(super) fn all(&self) -> Vec<(&str, &str)> {
        let mut prefixes: Vec<&str> = self.bindings.iter().map(|(prefix, _)| prefix.as_str()).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes.into_iter().filter_map(|prefix| Some((prefix, self.resolve(prefix)?))).collect()
    }
}

/// Text between tags.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'a> {
    /// With references, as written.
    Written(&'a str),
    /// CDATA.
    Plain(&'a str),
}

/// What is told about a text, in its order.
pub(super) trait Visitor {
    fn start(&mut self, element: &Element<'_>, scopes: &Scopes) -> Result<(), XmlReason>;
    /// `end`: offset after the tag.
    fn end(&mut self, end: usize) -> Result<(), XmlReason>;
    fn text(&mut self, text: Text<'_>, tokens: &Tokens<'_>) -> Result<(), XmlReason>;
    fn comment(&mut self, _comment: &str) {}
    fn instruction(&mut self, _target: &str, _data: &str) {}
}

/// Walks one well-formed text with exactly one root, inside `scopes`.
pub(super) fn walk(text: &str, scopes: &Scopes, visitor: &mut dyn Visitor) -> Result<(), XmlReason> {
    let mut tokens = Tokens::new(text)?;
    let mut scopes = scopes.clone();
    // Of each open element: its name, the bindings and the inheritance before it.
    let mut open: Vec<(&str, usize, bool)> = Vec::new();
    let mut number = 0;
    loop {
        let start = tokens.at();
        let Some(token) = tokens.next()? else { break };
        match token {
            Token::Start { name, attributes } => {
                if open.is_empty() && number > 0 {
                    return Err(tokens.malformed("a second root element"));
                }
                if open.len() >= DEPTH_MAX {
                    return Err(XmlReason::Limit { what: "open elements", max: DEPTH_MAX });
                }
                if number >= ELEMENTS_MAX {
                    return Err(XmlReason::Limit { what: "elements", max: ELEMENTS_MAX });
                }
                let before = (name, scopes.bindings.len(), scopes.inherits_xml);
                let element = element(name, attributes, number, start, &mut scopes, &tokens)?;
                visitor.start(&element, &scopes)?;
                scopes.inherits_xml |= element.attributes.iter().any(|attribute| attribute.prefix == "xml");
                open.push(before);
                number += 1;
            }
            Token::End { name } => {
                let (opened, bindings, inherits) =
                    open.pop().ok_or_else(|| tokens.malformed("an end without a start"))?;
                if opened != name {
                    return Err(tokens.malformed("an end of another element"));
                }
                scopes.bindings.truncate(bindings);
                scopes.inherits_xml = inherits;
                visitor.end(tokens.at())?;
            }
            Token::Text(text) if open.is_empty() => {
                if !text.chars().all(is_blank) {
                    return Err(tokens.malformed("text outside the root element"));
                }
            }
            Token::CData(_) if open.is_empty() => return Err(tokens.malformed("text outside the root element")),
            Token::Text(text) => visitor.text(Text::Written(text), &tokens)?,
            Token::CData(text) => visitor.text(Text::Plain(text), &tokens)?,
            Token::Comment(comment) => visitor.comment(comment),
            Token::Instruction { target, data } => visitor.instruction(target, data),
        }
    }
    if !open.is_empty() || number == 0 {
        return Err(tokens.malformed("the text ends inside an element, or has none"));
    }
    Ok(())
}

fn element<'a>(
    name: &'a str,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
    number: usize,
    start: usize,
    scopes: &mut Scopes,
    tokens: &Tokens<'_>,
) -> Result<Element<'a>, XmlReason> {
    let mut declared = Vec::new();
    let mut plain = Vec::new();
    for (key, value) in attributes {
        let prefix = if key == "xmlns" { Some("") } else { key.strip_prefix("xmlns:") };
        let Some(prefix) = prefix else {
            plain.push((key, value));
            continue;
        };
        let is_reserved = prefix == "xmlns" || (prefix == "xml") != (value == XML_NAMESPACE);
        if is_reserved || (value.is_empty() && !prefix.is_empty()) || value == "http://www.w3.org/2000/xmlns/" {
            return Err(tokens.malformed("a namespace declaration that is not allowed"));
        }
        if prefix != "xml" {
            scopes.bindings.push((prefix.to_owned(), value.clone().into_owned()));
            declared.push((prefix, value.into_owned()));
        }
    }
    if scopes.bindings.len() > DECLARATIONS_MAX {
        return Err(XmlReason::Limit { what: "namespace declarations", max: DECLARATIONS_MAX });
    }
    let undeclared = || tokens.malformed("a prefix that is not declared");
    let mut attributes: Vec<Attribute<'a>> = Vec::with_capacity(plain.len());
    for (name, value) in plain {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let namespace = if prefix.is_empty() { "" } else { scopes.resolve(prefix).ok_or_else(undeclared)? };
        if attributes.iter().any(|other| other.local == local && other.namespace == namespace) {
            return Err(tokens.malformed("an attribute twice under two prefixes"));
        }
        attributes.push(Attribute { name, prefix, local, namespace: namespace.to_owned(), value });
    }
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let namespace = scopes.resolve(prefix).ok_or_else(undeclared)?.to_owned();
    Ok(Element { number, name, prefix, local, namespace, declared, attributes, start })
}
