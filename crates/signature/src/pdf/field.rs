//! Signature fields of a document. Source: ISO 32000-2 clauses 12.7.4.5 and 12.8.

use std::collections::BTreeSet;

use super::error::PdfError;
use super::object::{Dictionary, Id, Object};
use super::view::View;

/// Fields of one form, of any kind: a tax return has two thousand.
const FIELDS_MAX: usize = 20_000;
/// Levels of one form's names.
const LEVELS_MAX: usize = 32;

/// A signature field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) id: Id,
    /// Full name, parts joined with dots.
    pub(super) name: String,
    pub(super) dictionary: Dictionary,
    /// What `V` holds; `None` for a field not signed yet.
    pub(super) value: Option<Object>,
}

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// Signature fields, in the form's order.
    pub(super) signatures: Vec<Field>,
    /// How many fields of other kinds there are.
    pub(super) others: usize,
}

/// Every field that the document's form leads to.
///
/// # Errors
/// A field that is no indirect dictionary, stands in the form twice, or nests too deep.
pub(super) fn read_form(view: &View<'_>) -> Result<Form, PdfError> {
    let (_, catalog) = view.catalog()?;
    let Some(form) = view.dictionary(&catalog, b"AcroForm")? else { return Ok(Form::default()) };
    let mut walk = Walk { view, seen: BTreeSet::new(), found: Form::default() };
    for field in view.array(&form, b"Fields")?.iter() {
        walk.field(field, &Inherited::default(), 0)?;
    }
    Ok(walk.found)
}

struct Walk<'a> {
    view: &'a View<'a>,
    seen: BTreeSet<Id>,
    found: Form,
}

/// What a field takes from the ones above it.
#[derive(Clone, Debug, Default)]
struct Inherited {
    name: String,
    kind: Option<Object>,
    value: Option<Object>,
}

impl Walk<'_> {
    fn field(&mut self, value: &Object, above: &Inherited, level: usize) -> Result<(), PdfError> {
        let bad = |why| PdfError::Malformed { at: 0, why };
        if level > LEVELS_MAX || self.seen.len() >= FIELDS_MAX {
            return Err(PdfError::Limit { what: "form fields", max: FIELDS_MAX });
        }
        let id = value.reference().ok_or(bad("a form field is no indirect object"))?;
        if !self.seen.insert(id) {
            return Err(bad("a form field occurs twice"));
        }
        let Object::Dictionary(dictionary) = self.view.resolve(value)? else {
            // Forms of real life list fields that were deleted: null is no field.
            return Ok(());
        };
        let own = dictionary.get(b"T").map(|part| self.view.resolve(part)).transpose()?;
        let own = own.map(|part| text(&part)).unwrap_or_default();
        let name = match (above.name.as_str(), own.as_str()) {
            ("", own) => own.to_owned(),
            (above, "") => above.to_owned(),
            (above, own) => format!("{above}.{own}"),
        };
        let inherited = Inherited {
            name: name.chars().take(200).collect(),
            kind: dictionary.get(b"FT").map(|kind| self.view.resolve(kind)).transpose()?.or(above.kind.clone()),
            value: dictionary.get(b"V").cloned().or(above.value.clone()),
        };
        let kids = self.view.array(&dictionary, b"Kids")?;
        let mut is_terminal = true;
        for kid in kids.iter() {
            let below = self.view.resolve(kid)?;
            // A kid without a name of its own is one of the field's widgets (12.7.4.1).
            if below.dictionary().is_some_and(|kid| kid.get(b"T").is_some()) {
                is_terminal = false;
                self.field(kid, &inherited, level + 1)?;
            }
        }
        let is_signature = inherited.kind.as_ref().and_then(Object::name) == Some(b"Sig");
        if is_signature && (is_terminal || dictionary.get(b"V").is_some()) {
            self.found.signatures.push(Field { id, name: inherited.name, dictionary, value: inherited.value });
        } else if is_terminal {
            self.found.others += 1;
        }
        Ok(())
    }
}

/// A text string: UTF-16 or UTF-8 with their marks, else one character a byte; control characters left out.
pub(super) fn text(value: &Object) -> String {
    let Object::Text(text) = value else { return String::new() };
    let text = match text.bytes.as_ref() {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(u16::from_be_bytes);
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    };
    text.chars().filter(|character| !character.is_control()).take(200).collect()
}
