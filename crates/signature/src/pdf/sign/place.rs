//! Where on which page a signature stands.

use super::error::PdfSignError;
use super::form::rectangle;
use super::guard::Earlier;
use super::page::{Area, Page};
use super::role::{Habit, LEADER_FIELD, MILLIMETRE, over_leader};
use crate::pdf::object::{Id, Object};
use crate::pdf::view::View;

/// Where a signature stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PdfPlace {
    /// Where signatures of its role stand: the leader's on the last page at the right, a seal over the leader's left
    /// third, text stamps at the top of the first page.
    #[default]
    ByRole,
    /// On a page, in a rectangle.
    At {
        /// Which page.
        page: PdfPage,
        /// Where on it.
        rectangle: PdfRectangle,
    },
    /// In an empty signature field of the document, by its full name.
    Field(String),
    /// Nowhere to be seen.
    Invisible,
}

/// A page of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PdfPage {
    /// The first one.
    First,
    /// The last one.
    #[default]
    Last,
    /// By number, from 1.
    Number(usize),
}

/// A rectangle on a page as it is displayed, in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PdfRectangle {
    /// From the page's left edge.
    pub left: f64,
    /// From the page's top edge.
    pub top: f64,
    /// Greater than zero.
    pub width: f64,
    /// Greater than zero.
    pub height: f64,
}

/// From a page's left or right edge to a stamp.
const EDGE: f64 = 10.0 * MILLIMETRE;
/// From its top edge: stamps stand above the text, which begins 20 to 25 mm down (annex I).
const TOP: f64 = 5.0 * MILLIMETRE;
/// Between two stamps.
const GAP: f64 = 2.0;
/// Middle of the leader's name, of the page's width and height: right half, above the lower margin.
const LEADER_MIDDLE: (f64, f64) = (0.7, 0.8);

impl PdfPage {
    pub(super) fn of(self, pages: &[Page]) -> Result<&Page, PdfSignError> {
        let wanted = match self {
            Self::First => 1,
            Self::Last => pages.len(),
            Self::Number(number) => number,
        };
        let page = wanted.checked_sub(1).and_then(|index| pages.get(index));
        page.ok_or(PdfSignError::NoPage { pages: pages.len(), wanted })
    }
}

impl PdfRectangle {
    /// The rectangle in points, which has to lie on the page.
    pub(super) fn on(&self, page: &Page) -> Result<Area, PdfSignError> {
        let [left, top, width, height] = [self.left, self.top, self.width, self.height].map(|own| own * MILLIMETRE);
        let area = Area { left, top, width, height };
        let is_one = [left, top, width, height].iter().all(|own| own.is_finite()) && width > 0.0 && height > 0.0;
        if is_one && is_on(&area, page) { Ok(area) } else { Err(outside(&area, page)) }
    }
}

fn is_on(area: &Area, page: &Page) -> bool {
    let (width, height) = page.size();
    // Half a point: what rounding to millimetres makes of a page's edge.
    area.left >= -0.5 && area.top >= -0.5 && area.right() <= width + 0.5 && area.bottom() <= height + 0.5
}

fn outside(area: &Area, page: &Page) -> PdfSignError {
    let (width, height) = page.size();
    let mm = |points: f64| points / MILLIMETRE;
    let why = format!(
        "a rectangle of {:.0} by {:.0} mm at {:.0} mm from the left and {:.0} mm from the top is not on a page of \
         {:.0} by {:.0} mm",
        mm(area.width),
        mm(area.height),
        mm(area.left),
        mm(area.top),
        mm(width),
        mm(height)
    );
    PdfSignError::Place { why }
}

/// Where a role's signature of this size stands.
pub(super) fn by_habit<'p>(
    habit: Habit,
    (width, height): (f64, f64),
    view: &View<'_>,
    pages: &'p [Page],
    earlier: &[Earlier],
) -> Result<(&'p Page, Area), PdfSignError> {
    let shown = visible(view, pages, earlier)?;
    let (page, area) = match habit {
        Habit::BelowText => {
            let page = PdfPage::Last.of(pages)?;
            let (page_width, page_height) = page.size();
            let (x, y) = (page_width * LEADER_MIDDLE.0, page_height * LEADER_MIDDLE.1);
            let left = (x - width / 2.0).min(page_width - EDGE - width);
            (page, Area { left, top: y - height / 2.0, width, height })
        }
        Habit::OverLeader => {
            let by_name = shown.iter().rev().find(|shown| shown.name.starts_with(LEADER_FIELD));
            let leader = by_name.or(shown.last()).ok_or_else(|| PdfSignError::Place {
                why: "no visible signature that the seal could overlap; sign as leader first, or give a rectangle"
                    .to_owned(),
            })?;
            (leader.page, over_leader(&leader.area, width, height))
        }
        Habit::TopRight | Habit::TopLeft => {
            let page = PdfPage::First.of(pages)?;
            let left = if habit == Habit::TopLeft { EDGE } else { page.size().0 - EDGE - width };
            let mut area = Area { left, top: TOP, width, height };
            // Below the stamps that are there already.
            let mut others: Vec<&Area> =
                shown.iter().filter(|shown| shown.page.id == page.id).map(|shown| &shown.area).collect();
            others.sort_by(|one, other| one.top.total_cmp(&other.top));
            for other in others {
                if area.meets(other) {
                    area.top = other.bottom() + GAP;
                }
            }
            (page, area)
        }
    };
    if is_on(&area, page) { Ok((page, area)) } else { Err(outside(&area, page)) }
}

/// A signature that shows.
struct Shown<'p> {
    name: String,
    page: &'p Page,
    area: Area,
}

/// The signatures that show, in the order of signing.
fn visible<'p>(view: &View<'_>, pages: &'p [Page], earlier: &[Earlier]) -> Result<Vec<Shown<'p>>, PdfSignError> {
    let mut found = Vec::new();
    for signed in earlier.iter().filter(|signed| !signed.is_timestamp()) {
        if signed.field.dictionary.get(b"Rect").is_none() {
            continue;
        }
        let own = rectangle(view, &signed.field.dictionary)?;
        let Some(page) = page_of(view, pages, signed.field.id)? else { continue };
        let area = page.shown(own);
        if area.width > 0.0 && area.height > 0.0 {
            found.push(Shown { name: signed.field.name.clone(), page, area });
        }
    }
    Ok(found)
}

/// The page that has this annotation.
pub(super) fn page_of<'p>(view: &View<'_>, pages: &'p [Page], widget: Id) -> Result<Option<&'p Page>, PdfSignError> {
    for page in pages {
        let annotations = view.array(&page.dictionary, b"Annots")?;
        if annotations.iter().filter_map(Object::reference).any(|id| id == widget) {
            return Ok(Some(page));
        }
    }
    Ok(None)
}
