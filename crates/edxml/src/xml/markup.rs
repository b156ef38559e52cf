//! Well-formedness that the pull parser leaves to its user: names, attributes, the declaration.

use quick_xml::events::{BytesDecl, BytesStart};
use quick_xml::name::QName;

use super::chars::{self, ReferenceError};
use crate::Problem;

/// Checks the name and every attribute of a tag.
pub(super) fn check_tag(tag: &BytesStart<'_>, attributes_max: usize) -> Result<(), Problem> {
    check_name(tag.name())?;
    for (index, attribute) in tag.attributes().enumerate() {
        if index >= attributes_max {
            return Err(Problem::Limit { what: "attributes on one element", max: attributes_max as u64 });
        }
        let attribute = attribute.map_err(|error| Problem::malformed(format!("attribute: {error}")))?;
        check_name(attribute.key)?;
        check_attribute_value(&attribute.value)?;
    }
    Ok(())
}

fn check_name(name: QName<'_>) -> Result<(), Problem> {
    let text = name.into_inner();
    if chars::is_qualified_name(text) {
        return Ok(());
    }
    let shown: String = text.chars().take(64).collect();
    Err(Problem::malformed(format!("{shown:?} is not a name")))
}

fn check_attribute_value(value: &str) -> Result<(), Problem> {
    check_characters(value)?;
    if value.contains('<') {
        return Err(Problem::malformed("'<' in an attribute value"));
    }
    for after in value.split('&').skip(1) {
        let name = after.split_once(';').map(|(name, _)| name);
        resolve(name.ok_or_else(|| Problem::malformed("'&' without ';' in an attribute value"))?)?;
    }
    Ok(())
}

/// Value of an attribute that passed [`check_tag`], references resolved and white space normalized.
pub(super) fn attribute_value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let raw = tag.attributes().flatten().find(|attribute| attribute.key.into_inner() == name)?.value;
    let mut value = String::with_capacity(raw.len());
    let normalized = raw.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
    let mut pieces = normalized.split('&');
    value.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (reference, rest) = piece.split_once(';')?;
        value.push(chars::resolve_reference(reference).ok()?);
        value.push_str(rest);
    }
    Some(value)
}

/// The character a reference stands for.
pub(super) fn resolve(name: &str) -> Result<char, Problem> {
    chars::resolve_reference(name).map_err(|error| {
        let shown: String = name.chars().take(64).collect();
        match error {
            ReferenceError::Entity => Problem::forbidden(format!("the entity reference &{shown};")),
            ReferenceError::Character => Problem::malformed(format!("&{shown}; is not a character")),
        }
    })
}

pub(super) fn check_characters(text: &str) -> Result<(), Problem> {
    match chars::first_illegal(text) {
        None => Ok(()),
        Some('\0') => Err(Problem::malformed("a NUL byte: the packet has to be UTF-8, not UTF-16 or binary")),
        Some(found) => Err(Problem::malformed(format!("the character {found:?}, which XML cannot carry"))),
    }
}

/// Checks `<?xml …?>`: version 1.0, encoding UTF-8 or none.
pub(super) fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), Problem> {
    check_characters(declaration)?;
    let version = declaration.version().map_err(|error| Problem::malformed(error.to_string()))?;
    if version != "1.0" {
        return Err(Problem::malformed(format!("XML version {version:?}; only 1.0 is read")));
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("UTF-8") => Ok(()),
        Some(Ok(encoding)) => {
            let shown: String = encoding.chars().take(64).collect();
            Err(Problem::malformed(format!("encoding {shown:?}; only UTF-8 is read")))
        }
        Some(Err(error)) => Err(Problem::malformed(error.to_string())),
    }
}
