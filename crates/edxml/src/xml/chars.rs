//! Which characters XML 1.0 carries, and where. Source: XML 1.0 (fifth edition), productions 2, 4 and 5.

/// The first character that XML 1.0 cannot carry in any form.
pub(crate) fn first_illegal(text: &str) -> Option<char> {
    // Only control bytes, and 0xEF (which starts U+FFFE and U+FFFF), can be part of an illegal character.
    let suspect = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0xEF;
    if text.bytes().any(suspect) { text.chars().find(|c| !is_legal(*c)) } else { None }
}

/// Production 2, `Char`.
pub(crate) const fn is_legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// XML white space, which is less than Unicode's.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// A name with at most one colon, both parts being names (Namespaces in XML, production 7).
pub(crate) fn is_qualified_name(name: &str) -> bool {
    let (prefix, local) = name.split_once(':').map_or((None, name), |(prefix, local)| (Some(prefix), local));
    prefix.is_none_or(is_name) && is_name(local)
}

/// Production 5 without the colon.
fn is_name(name: &str) -> bool {
    name.starts_with(is_name_start) && name.chars().all(|c| is_name_start(c) || is_name_rest(c))
}

const fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

const fn is_name_rest(c: char) -> bool {
    matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// What a reference between `&` and `;` stands for: one of the five predefined entities or a legal character.
pub(crate) fn resolve_reference(name: &str) -> Result<char, ReferenceError> {
    let number = match name {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "apos" => return Ok('\''),
        "quot" => return Ok('"'),
        _ => name.strip_prefix('#').ok_or(ReferenceError::Entity)?,
    };
    // `from_str_radix` takes a sign, the standard does not.
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
    let code = digits.chars().all(|c| c.is_digit(radix)).then(|| u32::from_str_radix(digits, radix));
    let character = code.and_then(Result::ok).and_then(char::from_u32).filter(|c| is_legal(*c));
    character.ok_or(ReferenceError::Character)
}

/// Why a reference stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceError {
    /// A name that only a DTD could define.
    Entity,
    /// A number that is no legal character.
    Character,
}
