//! The signature field in the document's form. Source: ISO 32000-2 clauses 12.7.3 and 12.7.5.5.

use std::collections::BTreeSet;

use super::error::PdfSignError;
use super::update::Update;
use super::write::{Body, bytes, name, size};
use crate::pdf::error::PdfError;
use crate::pdf::field::{read_form, text};
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::view::View;

/// SignaturesExist and AppendOnly (table 225).
const SIGNATURES_EXIST_APPEND_ONLY: i64 = 3;

/// Appends a field to the form, which is made where there is none.
pub(super) fn append(update: &mut Update<'_, '_>, field: Id) -> Result<(), PdfSignError> {
    change(update, |update, form| {
        let reference = Object::Reference(field);
        match form.get(b"Fields").cloned() {
            Some(Object::Reference(id)) if update.is_single(id) => {
                let mut fields = update.view.array(form, b"Fields")?.to_vec();
                fields.push(reference);
                update.put(id, Body::Plain(Object::Array(fields.into())));
            }
            _ => {
                let mut fields = update.view.array(form, b"Fields")?.to_vec();
                fields.push(reference);
                form.set("Fields", Object::Array(fields.into()));
            }
        }
        Ok(())
    })
}

/// Says that the document has signatures, for a field that was there before.
pub(super) fn announce(update: &mut Update<'_, '_>) -> Result<(), PdfSignError> {
    change(update, |_, _| Ok(()))
}

fn change(
    update: &mut Update<'_, '_>,
    edit: impl FnOnce(&mut Update<'_, '_>, &mut Dictionary) -> Result<(), PdfSignError>,
) -> Result<(), PdfSignError> {
    let (catalog_id, mut catalog) = update.view.catalog()?;
    let before = update.view.dictionary(&catalog, b"AcroForm")?;
    let mut form = before.clone().unwrap_or_default();
    let flags = form.get(b"SigFlags").map(|flags| update.view.resolve(flags)).transpose()?;
    let flags = flags.as_ref().and_then(Object::integer).unwrap_or(0);
    form.set("SigFlags", Object::Integer(flags | SIGNATURES_EXIST_APPEND_ONLY));
    edit(update, &mut form)?;
    if before.as_ref() == Some(&form) {
        return Ok(());
    }
    match catalog.get(b"AcroForm") {
        Some(Object::Reference(id)) if before.is_some() && update.is_single(*id) => {
            update.put(*id, Body::Plain(Object::Dictionary(form)));
        }
        Some(Object::Dictionary(_)) => {
            catalog.set("AcroForm", Object::Dictionary(form));
            update.put(catalog_id, Body::Plain(Object::Dictionary(catalog)));
        }
        _ => {
            let id = update.add(Body::Plain(Object::Dictionary(form)))?;
            catalog.set("AcroForm", Object::Reference(id));
            update.put(catalog_id, Body::Plain(Object::Dictionary(catalog)));
        }
    }
    Ok(())
}

/// A name that no field of the form has: `stem`, or `stem2` and so on.
pub(super) fn free_name(view: &View<'_>, stem: &str) -> Result<String, PdfSignError> {
    let (_, catalog) = view.catalog()?;
    let form = view.dictionary(&catalog, b"AcroForm")?.unwrap_or_default();
    let mut taken = BTreeSet::new();
    for field in view.array(&form, b"Fields")?.iter() {
        if let Object::Dictionary(field) = view.resolve(field)? {
            let own = field.get(b"T").map(|own| view.resolve(own)).transpose()?;
            taken.insert(own.as_ref().map(text).unwrap_or_default());
        }
    }
    let numbered = (2..).map(|number: u32| format!("{stem}{number}"));
    let free = std::iter::once(stem.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    Ok(free.unwrap_or_else(|| stem.to_owned()))
}

/// An empty signature field that the document brings, by its full name.
pub(super) fn empty_field(view: &View<'_>, wanted: &str) -> Result<(Id, Dictionary), PdfSignError> {
    let refused = |why| PdfSignError::Field { field: wanted.to_owned(), why };
    let fields = read_form(view)?.signatures;
    let field = fields.into_iter().find(|field| field.name == wanted);
    let field = field.ok_or(refused("the form has no signature field of this name"))?;
    if field.value.is_some() {
        return Err(refused("it is signed already"));
    }
    if field.dictionary.get(b"Kids").is_some() || field.dictionary.get(b"Rect").is_none() {
        return Err(refused("it has no widget of its own"));
    }
    if field.dictionary.get(b"Lock").is_some() || field.dictionary.get(b"SV").is_some() {
        return Err(refused("it asks for a lock or a kind of signature that is not made here"));
    }
    Ok((field.id, field.dictionary))
}

/// A widget merged with its new signature field.
pub(super) fn widget(field_name: &str, page: Id, rectangle: [f64; 4], value: Id, look: Option<Id>) -> Dictionary {
    let mut own = Dictionary::of([
        ("Type", name("Annot")),
        ("Subtype", name("Widget")),
        ("FT", name("Sig")),
        ("T", bytes(field_name.as_bytes())),
        ("F", size(PRINT_AND_LOCKED)),
        ("P", Object::Reference(page)),
        ("Rect", Object::Array(rectangle.map(super::write::real).into())),
        ("V", Object::Reference(value)),
    ]);
    if let Some(look) = look {
        own.set("AP", appearance(look));
    }
    own
}

/// The normal appearance.
pub(super) fn appearance(look: Id) -> Object {
    Object::Dictionary(Dictionary::of([("N", Object::Reference(look))]))
}

/// Annotation flags 3 and 8 (table 167).
const PRINT_AND_LOCKED: usize = 132;

/// Rectangle of a widget.
pub(super) fn rectangle(view: &View<'_>, widget: &Dictionary) -> Result<[f64; 4], PdfError> {
    let bad = PdfError::Malformed { at: 0, why: "a widget's Rect is broken" };
    let numbers: Option<Vec<f64>> = view.array(widget, b"Rect")?.iter().map(super::page::number).collect();
    let Some(&[a, b, c, d]) = numbers.as_deref() else { return Err(bad) };
    Ok([a.min(c), b.min(d), a.max(c), b.max(d)])
}
