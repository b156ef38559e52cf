//! Pages: where they are, how they are turned, and what is put on them. Source: ISO 32000-2 clauses 7.7.3 and 12.5.

use std::collections::BTreeSet;

use super::error::PdfSignError;
use super::update::Update;
use super::write::Body;
use crate::pdf::error::PdfError;
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::view::View;

/// Levels of the page tree.
const LEVELS_MAX: usize = 64;
/// A4, for a page tree that states no size.
const A4: [f64; 4] = [0.0, 0.0, 595.28, 841.89];

/// One page, as far as placing needs it.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) id: Id,
    pub(super) dictionary: Dictionary,
    /// What is displayed, in the page's own coordinates: left, bottom, right, top.
    shown: [f64; 4],
    /// Clockwise turn for display.
    pub(super) turn: Turn,
}

/// Multiples of 90 degrees, clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Turn {
    #[default]
    None,
    Quarter,
    Half,
    ThreeQuarters,
}

/// A rectangle as the page is displayed: points from the left and from the top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Area {
    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.left < other.right() && other.left < self.right() && self.top < other.bottom() && other.top < self.bottom()
    }
}

#[derive(Clone, Default)]
struct Inherited {
    media: Option<[f64; 4]>,
    crop: Option<[f64; 4]>,
    turn: Option<i64>,
}

/// Every page, in order.
pub(super) fn pages(view: &View<'_>) -> Result<Vec<Page>, PdfSignError> {
    let (_, catalog) = view.catalog()?;
    let root = catalog.get(b"Pages").and_then(Object::reference);
    let root = root.ok_or(PdfError::Malformed { at: 0, why: "the document has no page tree" })?;
    let mut walk = Walk { view, seen: BTreeSet::new(), found: Vec::new() };
    walk.node(root, &Inherited::default(), 0)?;
    if walk.found.is_empty() {
        return Err(PdfError::Malformed { at: 0, why: "the document has no page" }.into());
    }
    Ok(walk.found)
}

struct Walk<'a, 'b> {
    view: &'a View<'b>,
    seen: BTreeSet<Id>,
    found: Vec<Page>,
}

impl Walk<'_, '_> {
    fn node(&mut self, id: Id, above: &Inherited, level: usize) -> Result<(), PdfError> {
        let bad = |why| PdfError::Object { number: id.number, why };
        if level > LEVELS_MAX {
            return Err(bad("the page tree nests too deep"));
        }
        if !self.seen.insert(id) {
            return Err(bad("a page occurs twice"));
        }
        let Some(Object::Dictionary(node)) = self.view.get(id)?.map(|found| found.object) else {
            return Err(bad("a page is no dictionary"));
        };
        let turn = node.get(b"Rotate").map(|turn| self.view.resolve(turn)).transpose()?;
        let own = Inherited {
            media: self.rectangle(&node, b"MediaBox")?.or(above.media),
            crop: self.rectangle(&node, b"CropBox")?.or(above.crop),
            turn: turn.as_ref().and_then(Object::integer).or(above.turn),
        };
        if node.get(b"Kids").is_some() {
            for kid in self.view.array(&node, b"Kids")?.iter() {
                let kid = kid.reference().ok_or(bad("a page is no indirect object"))?;
                self.node(kid, &own, level + 1)?;
            }
            return Ok(());
        }
        let media = own.media.unwrap_or(A4);
        let crop = own.crop.unwrap_or(media);
        let [left, bottom, right, top] = media;
        let shown = [crop[0].max(left), crop[1].max(bottom), crop[2].min(right), crop[3].min(top)];
        let is_empty = shown[0] >= shown[2] || shown[1] >= shown[3];
        let turn = match own.turn.unwrap_or(0).rem_euclid(360) {
            90 => Turn::Quarter,
            180 => Turn::Half,
            270 => Turn::ThreeQuarters,
            _ => Turn::None,
        };
        self.found.push(Page { id, dictionary: node, shown: if is_empty { media } else { shown }, turn });
        Ok(())
    }

    fn rectangle(&self, node: &Dictionary, key: &[u8]) -> Result<Option<[f64; 4]>, PdfError> {
        let list = self.view.array(node, key)?;
        let numbers: Option<Vec<f64>> = list.iter().map(number).collect();
        match numbers.as_deref() {
            Some([]) => Ok(None),
            Some(&[a, b, c, d]) => Ok(Some([a.min(c), b.min(d), a.max(c), b.max(d)])),
            _ => Err(PdfError::Malformed { at: 0, why: "a page has a broken box" }),
        }
    }
}

/// A finite number of a size that a page can have.
pub(super) fn number(value: &Object) -> Option<f64> {
    let number = match value {
        Object::Integer(number) => f64::from(i32::try_from(*number).ok()?),
        Object::Real(written) => std::str::from_utf8(written).ok()?.parse().ok()?,
        _ => return None,
    };
    (number.is_finite() && number.abs() < 1e6).then_some(number)
}

impl Page {
    fn own_size(&self) -> (f64, f64) {
        let [left, bottom, right, top] = self.shown;
        (right - left, top - bottom)
    }

    /// Width and height as displayed.
    pub(super) fn size(&self) -> (f64, f64) {
        let (width, height) = self.own_size();
        match self.turn {
            Turn::None | Turn::Half => (width, height),
            Turn::Quarter | Turn::ThreeQuarters => (height, width),
        }
    }

    /// A displayed rectangle in the page's own coordinates: left, bottom, right, top.
    pub(super) fn own(&self, shown: &Area) -> [f64; 4] {
        let (width, height) = self.own_size();
        let Area { left, top, .. } = *shown;
        let (right, bottom) = (shown.right(), shown.bottom());
        let [x0, y0, x1, y1] = match self.turn {
            Turn::None => [left, height - bottom, right, height - top],
            Turn::Quarter => [top, left, bottom, right],
            Turn::Half => [width - right, top, width - left, bottom],
            Turn::ThreeQuarters => [width - bottom, height - right, width - top, height - left],
        };
        let [dx, dy, ..] = self.shown;
        [x0 + dx, y0 + dy, x1 + dx, y1 + dy]
    }

    /// A rectangle of the page's own coordinates as it is displayed.
    pub(super) fn shown(&self, own: [f64; 4]) -> Area {
        let (width, height) = self.own_size();
        let [dx, dy, ..] = self.shown;
        let [x0, y0, x1, y1] = [own[0] - dx, own[1] - dy, own[2] - dx, own[3] - dy];
        let [left, top, right, bottom] = match self.turn {
            Turn::None => [x0, height - y1, x1, height - y0],
            Turn::Quarter => [y0, x0, y1, x1],
            Turn::Half => [width - x1, y0, width - x0, y1],
            Turn::ThreeQuarters => [height - y1, width - x1, height - y0, width - x0],
        };
        Area { left, top, width: right - left, height: bottom - top }
    }
}

/// Appends a widget to a page's annotations.
pub(super) fn annotate(update: &mut Update<'_, '_>, page: &Page, widget: Id) -> Result<(), PdfSignError> {
    let mut annotations = update.view.array(&page.dictionary, b"Annots")?.to_vec();
    annotations.push(Object::Reference(widget));
    match page.dictionary.get(b"Annots") {
        // An array that several pages share would show the widget on each of them.
        Some(Object::Reference(id)) if update.is_single(*id) => {
            update.put(*id, Body::Plain(Object::Array(annotations.into())));
        }
        _ => {
            let mut dictionary = page.dictionary.clone();
            dictionary.set("Annots", Object::Array(annotations.into()));
            update.put(page.id, Body::Plain(Object::Dictionary(dictionary)));
        }
    }
    Ok(())
}
