//! A strict reader of XML 1.0 without a DTD, one token at a time, borrowing from the text.

use std::borrow::Cow;

use crate::reason::XmlReason;

/// Attributes on one element: comparing them for repeats costs their square.
const ATTRIBUTES_MAX: usize = 64;

/// One token. Text and CDATA are as written; attribute values are normalised (XML 1.0 3.3.3).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Start { name: &'a str, attributes: Vec<(&'a str, Cow<'a, str>)> },
    End { name: &'a str },
    Text(&'a str),
    CData(&'a str),
    Comment(&'a str),
    Instruction { target: &'a str, data: &'a str },
}

/// Reads tokens; the caller checks that tags nest.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// `<a/>` was read: its end comes next.
    open_end: Option<&'a str>,
}

impl<'a> Tokens<'a> {
    /// Reader over a text that begins with `<`, or with the XML declaration where there is one.
    pub(super) fn new(text: &'a str) -> Result<Self, XmlReason> {
        let mut tokens = Self { text, at: 0, open_end: None };
        let is_suspect = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0xef;
        if text.bytes().any(is_suspect) && text.chars().any(|c| !is_legal(c)) {
            return Err(tokens.malformed("a character that XML does not allow"));
        }
        if let Some(rest) = text.strip_prefix("<?xml")
            && rest.starts_with([' ', '\t', '\r', '\n'])
        {
            let end = rest.find("?>").ok_or_else(|| tokens.malformed("an XML declaration without an end"))?;
            let declaration = rest.get(..end).unwrap_or_default();
            if !declaration.contains("1.0") || declaration.contains('<') {
                return Err(tokens.malformed("not XML 1.0"));
            }
            let encoding = declaration.split_once("encoding").map(|(_, rest)| rest.to_ascii_lowercase());
            if encoding.is_some_and(|rest| !rest.contains("utf-8") && !rest.contains("us-ascii")) {
                return Err(tokens.malformed("another encoding than UTF-8"));
            }
            tokens.at = 5 + end + 2;
        }
        Ok(tokens)
    }

    /// Offset of the next token.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) const fn malformed(&self, why: &'static str) -> XmlReason {
        XmlReason::Malformed { at: self.at, why }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, XmlReason> {
        if let Some(name) = self.open_end.take() {
            return Ok(Some(Token::End { name }));
        }
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(None);
        }
        let Some(markup) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            let text = rest.get(..end).unwrap_or_default();
            if text.contains("]]>") {
                return Err(self.malformed("']]>' in text"));
            }
            self.at += end;
            return Ok(Some(Token::Text(text)));
        };
        if let Some(body) = markup.strip_prefix("!--") {
            let comment = self.until(body, 4, "-->")?;
            if comment.contains("--") || comment.ends_with('-') {
                return Err(self.malformed("'--' in a comment"));
            }
            return Ok(Some(Token::Comment(comment)));
        }
        if let Some(body) = markup.strip_prefix("![CDATA[") {
            return self.until(body, 9, "]]>").map(|text| Some(Token::CData(text)));
        }
        if markup.starts_with('!') {
            return Err(XmlReason::Forbidden { what: "a DOCTYPE" });
        }
        if let Some(body) = markup.strip_prefix('?') {
            let instruction = self.until(body, 2, "?>")?;
            let end = instruction.find(is_blank).unwrap_or(instruction.len());
            let (target, data) = instruction.split_at(end);
            if !is_name(target) || target.contains(':') || target.eq_ignore_ascii_case("xml") {
                return Err(self.malformed("an instruction without a proper target"));
            }
            return Ok(Some(Token::Instruction { target, data: data.trim_start_matches(is_blank) }));
        }
        if let Some(body) = markup.strip_prefix('/') {
            let name = self.until(body, 2, ">")?.trim_end_matches(is_blank);
            return Ok(Some(Token::End { name }));
        }
        self.start(markup).map(Some)
    }

    /// The text up to `end`, which is passed over as well; `before` bytes of markup came first.
    fn until(&mut self, body: &'a str, before: usize, end: &str) -> Result<&'a str, XmlReason> {
        let length = body.find(end).ok_or_else(|| self.malformed("markup without an end"))?;
        self.at += before + length + end.len();
        Ok(body.get(..length).unwrap_or_default())
    }

    fn start(&mut self, markup: &'a str) -> Result<Token<'a>, XmlReason> {
        let end = markup.find(|c| is_blank(c) || matches!(c, '/' | '>')).unwrap_or(markup.len());
        let (name, mut rest) = markup.split_at(end);
        if !is_name(name) {
            return Err(self.malformed("a tag without a proper name"));
        }
        let mut attributes: Vec<(&str, Cow<'_, str>)> = Vec::new();
        loop {
            let trimmed = rest.trim_start_matches(is_blank);
            let closed = trimmed.strip_prefix("/>").map(|after| (after, Some(name)));
            if let Some((after, open_end)) = closed.or_else(|| trimmed.strip_prefix('>').map(|after| (after, None))) {
                self.open_end = open_end;
                self.at = self.text.len() - after.len();
                return Ok(Token::Start { name, attributes });
            }
            if trimmed.len() == rest.len() {
                return Err(self.malformed("a tag that is not closed"));
            }
            let (key, after) = trimmed.split_once('=').ok_or_else(|| self.malformed("an attribute without a value"))?;
            let (key, after) = (key.trim_end_matches(is_blank), after.trim_start_matches(is_blank));
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let quote = quote.ok_or_else(|| self.malformed("an attribute value without quotes"))?;
            let value = after.get(1..).unwrap_or_default();
            let (value, after) =
                value.split_once(quote).ok_or_else(|| self.malformed("an attribute value without an end"))?;
            if !is_name(key) || attributes.iter().any(|(other, _)| *other == key) {
                return Err(self.malformed("an attribute with no proper name, or twice"));
            }
            if attributes.len() >= ATTRIBUTES_MAX {
                return Err(XmlReason::Limit { what: "attributes on one element", max: ATTRIBUTES_MAX });
            }
            attributes.push((key, self.attribute_value(value)?));
            rest = after;
        }
    }

    fn attribute_value(&self, raw: &'a str) -> Result<Cow<'a, str>, XmlReason> {
        if raw.contains('<') {
            return Err(self.malformed("'<' in an attribute value"));
        }
        if !raw.contains(['&', '\t', '\r', '\n']) {
            return Ok(Cow::Borrowed(raw));
        }
        let mut value = String::with_capacity(raw.len());
        let lines = raw.replace("\r\n", "\n");
        let mut rest = lines.as_str();
        while let Some(at) = rest.find(['&', '\t', '\r', '\n']) {
            let (plain, special) = rest.split_at(at);
            value.push_str(plain);
            if let Some(reference) = special.strip_prefix('&') {
                let (c, after) = self.reference(reference)?;
                value.push(c);
                rest = after;
            } else {
                value.push(' ');
                rest = special.get(1..).unwrap_or_default();
            }
        }
        value.push_str(rest);
        Ok(Cow::Owned(value))
    }

    /// The character of a reference whose `&` was read, and what follows it.
    pub(super) fn reference<'t>(&self, text: &'t str) -> Result<(char, &'t str), XmlReason> {
        let (name, rest) = text.split_once(';').ok_or_else(|| self.malformed("'&' that begins no reference"))?;
        let c = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "apos" => '\'',
            "quot" => '"',
            _ => {
                let number = name.strip_prefix('#').ok_or(XmlReason::Forbidden { what: "an entity" })?;
                let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
                let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
                let code = is_number.then(|| u32::from_str_radix(digits, radix).ok()).flatten();
                let c = code.and_then(char::from_u32).filter(|c| is_legal(*c));
                c.ok_or_else(|| self.malformed("a reference to no character"))?
            }
        };
        Ok((c, rest))
    }
}

/// XML 1.0, production 2.
const fn is_legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

pub(super) const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// A name with at most one colon. What ASCII allows is exact; of other characters, the codec that reads the packet
/// for its content is the judge.
fn is_name(name: &str) -> bool {
    let (prefix, local) = name.split_once(':').map_or((None, name), |(prefix, local)| (Some(prefix), local));
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') || !c.is_ascii())
    };
    prefix.is_none_or(is_part) && is_part(local)
}
