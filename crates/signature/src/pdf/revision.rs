//! What was changed between the revision that a signature covers and the file as it is.
//!
//! Whatever differs is refused unless it stands at a known position and is of the type that belongs there.
//! Nothing is allowed for being reachable from something allowed: an attacker chooses what is reachable. An object
//! that is replaced whole has to be referenced once, from its position, in the signed revision.

use std::collections::{BTreeMap, BTreeSet};

use super::accounting::check_update;
use super::changes::Change;
use super::entries::Entry;
use super::error::PdfError;
use super::facts::Facts;
use super::field::{Form, read_form};
use super::graph::{References, id, is_invisible, keys, pages, printable, same};
use super::later::{Kind, Later, Standing};
use super::object::{Dictionary, Id, Object};
use super::view::View;
use super::written;
use crate::reason::PdfReason;

/// Compares the signed revision with the file.
///
/// # Errors
/// `pdf_not_incremental`, `pdf_changed`, `pdf_later_signature`.
pub(super) fn compare(old: &View<'_>, new: &View<'_>, later: &[Later]) -> Result<Vec<Change>, PdfReason> {
    check_update(old, new)?;
    Comparison::new(old, new, later)?.run()
}

fn broken(error: PdfError) -> PdfReason {
    PdfReason::Malformed { why: error.to_string() }
}

fn changed(what: impl Into<String>) -> PdfReason {
    PdfReason::Changed { what: what.into() }
}

struct Comparison<'a> {
    old: &'a View<'a>,
    new: &'a View<'a>,
    later: BTreeMap<Id, &'a Later>,
    /// Numbers whose object differs, of those that the signed revision refers to.
    differing: BTreeSet<u32>,
    /// How often the signed revision refers to a number.
    references: References,
    /// Numbers that were found at their position, compared, and may differ.
    allowed: BTreeSet<u32>,
    changes: BTreeSet<Change>,
    /// Fields of later signatures that may not show what they show.
    refused: BTreeSet<String>,
    /// The signed revision's form.
    form: Form,
}

impl<'a> Comparison<'a> {
    fn new(old: &'a View<'a>, new: &'a View<'a>, later: &'a [Later]) -> Result<Self, PdfReason> {
        let references = References::of(old).map_err(broken)?;
        let mut comparison = Self {
            old,
            new,
            later: later.iter().map(|later| (later.field, later)).collect(),
            differing: BTreeSet::new(),
            references,
            allowed: BTreeSet::new(),
            changes: BTreeSet::new(),
            refused: BTreeSet::new(),
            form: read_form(old).map_err(broken)?,
        };
        for number in old.entries.differences(&new.entries) {
            if comparison.differs(number).map_err(broken)? {
                comparison.differing.insert(number);
            }
        }
        Ok(comparison)
    }

    /// Whether the signed revision refers to a number and would find something else there.
    fn differs(&self, number: u32) -> Result<bool, PdfError> {
        let entry = |view: &View<'_>| view.entries.get(number).unwrap_or(Entry::Free);
        let (one, other) = (entry(self.old), entry(self.new));
        if one == other || !self.references.has(number) {
            return Ok(false);
        }
        let (one, other) = (id(number, one), id(number, other));
        // The same content under another generation is out of the reach of the references that were signed.
        if one != other {
            return Ok(true);
        }
        Ok(match (self.old.get(one)?, self.new.get(other)?) {
            (Some(one), Some(other)) => !same(self.old, &one, self.new, &other),
            (None, None) => false,
            _ => true,
        })
    }

    fn run(mut self) -> Result<Vec<Change>, PdfReason> {
        self.trailer()?;
        self.catalog()?;
        self.signed_fields()?;
        self.pages()?;
        if let Some(number) = self.differing.difference(&self.allowed).next() {
            return Err(changed(self.describe(*number)));
        }
        match self.refused.pop_first() {
            Some(field) => Err(PdfReason::LaterSignature { field }),
            None => Ok(self.changes.into_iter().collect()),
        }
    }

    fn trailer(&mut self) -> Result<(), PdfReason> {
        let (old, new) = (self.old.trailer().map_err(broken)?, self.new.trailer().map_err(broken)?);
        if old.get(b"Root") != new.get(b"Root") {
            return Err(changed("Root of the trailer"));
        }
        if old.get(b"Info") != new.get(b"Info") || self.is_differing(old.get(b"Info")) {
            let one = self.old.dictionary(old, b"Info").map_err(broken)?.unwrap_or_default();
            let other = self.new.dictionary(new, b"Info").map_err(broken)?.unwrap_or_default();
            let is_written = written::is_all_of_info(&one, &other);
            self.replace(old.get(b"Info"));
            self.changes.insert(if is_written { Change::Written } else { Change::Metadata });
        }
        Ok(())
    }

    fn catalog(&mut self) -> Result<(), PdfReason> {
        let ((number, old), (_, new)) = (self.old.catalog().map_err(broken)?, self.new.catalog().map_err(broken)?);
        for key in keys(&old, &new) {
            let (one, other) = (old.get(key), new.get(key));
            let is_equal = one == other && !self.is_differing(one);
            match key {
                // Their parts may differ where they themselves do not.
                b"AcroForm" => self.form(&old, &new)?,
                b"DSS" => self.security_store(&old, &new)?,
                _ if is_equal => {}
                b"Metadata" => self.metadata(one, other)?,
                b"Extensions" => {
                    self.new.dictionary(&new, b"Extensions").map_err(broken)?;
                    self.replace(one);
                    self.changes.insert(Change::Declaration);
                }
                b"Version" if other.is_some_and(|version| version.name().is_some()) => {
                    self.changes.insert(Change::Declaration);
                }
                // A reference that did not change leads to a page tree or the like, compared on its own.
                _ if one == other => {}
                _ => return Err(changed(format!("{} of the catalog", printable(key)))),
            }
        }
        self.allowed.insert(number.number);
        Ok(())
    }

    fn metadata(&mut self, one: Option<&Object>, other: Option<&Object>) -> Result<(), PdfReason> {
        let stream = |view: &View<'_>, value: Option<&Object>| match value {
            Some(Object::Reference(id)) => view.get(*id).map_err(broken),
            _ => Ok(None),
        };
        let is_metadata = |found: &super::object::Indirect| {
            found.stream.is_some() && found.object.dictionary().is_some_and(|own| own.is(b"Type", b"Metadata"))
        };
        let now = stream(self.new, other)?.filter(is_metadata).ok_or(changed("Metadata of the catalog"))?;
        let before = stream(self.old, one)?.filter(is_metadata);
        let is_written =
            before.is_some_and(|before| written::is_all_of_metadata((self.old, &before), (self.new, &now)));
        self.replace(one);
        self.changes.insert(if is_written { Change::Written } else { Change::Metadata });
        Ok(())
    }

    /// The form: fields are appended, flags are set, nothing else.
    fn form(&mut self, old: &Dictionary, new: &Dictionary) -> Result<(), PdfReason> {
        let has_signatures_only = self.form.others == 0;
        self.replace(old.get(b"AcroForm"));
        let one = self.old.dictionary(old, b"AcroForm").map_err(broken)?.unwrap_or_default();
        let other = self.new.dictionary(new, b"AcroForm").map_err(broken)?.unwrap_or_default();
        for key in keys(&one, &other) {
            let (value, now) = (one.get(key), other.get(key));
            match key {
                b"Fields" => {
                    self.replace(value);
                    let before = self.old.array(&one, b"Fields").map_err(broken)?;
                    let after = self.new.array(&other, b"Fields").map_err(broken)?;
                    let added = after.strip_prefix(before.as_ref()).ok_or(changed("the form's fields"))?;
                    added.iter().try_for_each(|field| self.new_field(field))?;
                }
                b"SigFlags" if now.is_some_and(|flags| flags.size().is_some()) => self.replace(value),
                // Defaults for texts that no field of this form has.
                b"DA" | b"DR" if has_signatures_only => self.replace(value),
                _ if value == now => {}
                _ => return Err(changed(format!("{} of the form", printable(key)))),
            }
        }
        Ok(())
    }

    /// A field that the signed revision does not have: a later signature's, with one widget or none.
    fn new_field(&mut self, field: &Object) -> Result<(), PdfReason> {
        let refused = |why: &str| changed(format!("a form field was added: {why}"));
        let id = field.reference().ok_or(refused("it is no indirect object"))?;
        if self.references.has(id.number) {
            return Err(refused("its object is in use in the signed revision"));
        }
        let Object::Dictionary(field) = self.new.resolve(field).map_err(broken)? else {
            return Err(refused("it is no dictionary"));
        };
        if !field.is(b"FT", b"Sig") {
            return Err(refused("it is no signature field"));
        }
        if let Some(key) = field.keys().find(|key| !WIDGET_KEYS.contains(key)) {
            return Err(refused(&format!("it has {}", printable(key))));
        }
        self.bring(id, &field)
    }

    /// Whether the later signature in this field may be there, and may show what it shows.
    fn bring(&mut self, id: Id, field: &Dictionary) -> Result<(), PdfReason> {
        let later = self.later.get(&id).copied().ok_or(changed("an unsigned signature field was added or changed"))?;
        let field_name = later.name.clone();
        let may_be = match later.standing {
            Standing::Passed => true,
            Standing::Undecided => is_invisible(self.new, field),
            Standing::Refused => false,
        };
        match later.kind {
            Kind::Signature if may_be => self.changes.insert(Change::Signature { field: field_name }),
            Kind::Timestamp if may_be => self.changes.insert(Change::Timestamp { field: field_name }),
            // Told at the end: what disproves the signature says more.
            _ => self.refused.insert(field_name),
        };
        Ok(())
    }

    /// Signature fields that were there, empty, and have been signed.
    fn signed_fields(&mut self) -> Result<(), PdfReason> {
        for field in std::mem::take(&mut self.form.signatures) {
            if field.value.is_some() || !self.differing.contains(&field.id.number) {
                continue;
            }
            let found = self.new.get(field.id).map_err(broken)?.map(|found| found.object);
            let Some(Object::Dictionary(now)) = found else { return Err(changed("a signature field")) };
            for key in keys(&field.dictionary, &now) {
                let (value, now) = (field.dictionary.get(key), now.get(key));
                let may_change = matches!(key, b"V" | b"AP" | b"M" | b"F" | b"MK" | b"DA" | b"Type");
                // A widget that was there keeps its place on the page.
                if value != now && !may_change {
                    return Err(changed(format!("{} of the signature field {:?}", printable(key), field.name)));
                }
            }
            if now.get(b"V").and_then(Object::reference).is_none_or(|id| self.references.has(id.number)) {
                return Err(changed(format!("the signature field {:?}", field.name)));
            }
            self.bring(field.id, &now)?;
            self.allowed.insert(field.id.number);
        }
        Ok(())
    }

    /// Pages: widgets of later signatures are appended to their annotations, nothing else.
    fn pages(&mut self) -> Result<(), PdfReason> {
        let differs = |number: &u32| self.differing.contains(number);
        let is_the_same = |id: Id, facts: &Facts| !differs(&id.number) && !facts.references.iter().any(differs);
        for (id, old) in pages(self.old, is_the_same).map_err(broken)? {
            let annotations = old.get(b"Annots");
            if !self.differing.contains(&id.number) && !self.is_differing(annotations) {
                continue;
            }
            let found = self.new.get(id).map_err(broken)?.map(|found| found.object);
            let Some(Object::Dictionary(new)) = found else { return Err(changed("a page")) };
            for key in keys(&old, &new) {
                if key != b"Annots" && old.get(key) != new.get(key) {
                    return Err(changed(format!("{} of a page", printable(key))));
                }
            }
            let before = self.old.array(&old, b"Annots").map_err(broken)?;
            let after = self.new.array(&new, b"Annots").map_err(broken)?;
            let added = after.strip_prefix(before.as_ref()).ok_or(changed("the annotations of a page"))?;
            for widget in added {
                let is_signature = widget.reference().is_some_and(|id| self.later.contains_key(&id));
                if !is_signature {
                    return Err(changed("an annotation was added to a page"));
                }
            }
            self.replace(annotations);
            self.allowed.insert(id.number);
        }
        Ok(())
    }

    /// The document security store: certificates and revocation data, which nothing on a page depends on.
    fn security_store(&mut self, old: &Dictionary, new: &Dictionary) -> Result<(), PdfReason> {
        let one = self.old.dictionary(old, b"DSS").map_err(broken)?.unwrap_or_default();
        let other = self.new.dictionary(new, b"DSS").map_err(broken)?.unwrap_or_default();
        if let Some(key) = other.keys().find(|key| !STORE_KEYS.contains(key)) {
            return Err(changed(format!("{} of the DSS", printable(key))));
        }
        let mut parts = vec![old.get(b"DSS").cloned()];
        parts.extend(STORE_KEYS.iter().map(|key| one.get(key).cloned()));
        let related = self.old.dictionary(&one, b"VRI").map_err(broken)?.unwrap_or_default();
        for key in related.keys() {
            parts.push(related.get(key).cloned());
            let entry = self.old.dictionary(&related, key).map_err(broken)?.unwrap_or_default();
            parts.extend(entry.values().cloned().map(Some));
        }
        let is_changed =
            old.get(b"DSS") != new.get(b"DSS") || parts.iter().any(|part| self.is_differing(part.as_ref()));
        parts.iter().for_each(|part| self.replace(part.as_ref()));
        if is_changed {
            self.changes.insert(Change::SecurityStore);
        }
        Ok(())
    }

    fn is_differing(&self, value: Option<&Object>) -> bool {
        value.and_then(Object::reference).is_some_and(|id| self.differing.contains(&id.number))
    }

    /// Lets the object behind a position differ, if that position alone refers to it.
    fn replace(&mut self, value: Option<&Object>) {
        if let Some(id) = value.and_then(Object::reference)
            && self.references.count(id.number) == 1
        {
            self.allowed.insert(id.number);
        }
    }

    fn describe(&self, number: u32) -> String {
        let entry = self.old.entries.get(number).unwrap_or(Entry::Free);
        let found = self.old.get(id(number, entry)).ok().flatten();
        let kind = found.as_ref().and_then(|found| found.object.dictionary()).and_then(|own| {
            let name = own.get(b"Type").or(own.get(b"Subtype")).and_then(Object::name);
            name.map(printable)
        });
        match (kind, found) {
            (Some(kind), _) => format!("object {number} ({kind})"),
            (None, Some(_)) => format!("object {number}"),
            (None, None) => format!("object {number}, which the signed revision refers to and does not have"),
        }
    }
}

/// What a widget merged with a new signature field may have. No action, no parent, no kids, no layer.
const WIDGET_KEYS: [&[u8]; 25] = [
    b"Type",
    b"Subtype",
    b"FT",
    b"T",
    b"TU",
    b"TM",
    b"V",
    b"AP",
    b"AS",
    b"Rect",
    b"P",
    b"F",
    b"Ff",
    b"MK",
    b"DA",
    b"Lock",
    b"SV",
    b"NM",
    b"M",
    b"Border",
    b"BS",
    b"DR",
    b"H",
    b"Q",
    b"StructParent",
];

const STORE_KEYS: [&[u8]; 5] = [b"Type", b"Certs", b"CRLs", b"OCSPs", b"VRI"];
