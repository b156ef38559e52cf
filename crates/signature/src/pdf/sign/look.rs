//! What a signature shows: a form of its own with a picture or with lines of text. Source: ISO 32000-2 clause 12.5.5.

use std::fmt::Write as _;

use super::error::PdfSignError;
use super::font::Typeset;
use super::image::{PdfImage, compress};
use super::page::{Area, Turn};
use super::role::MILLIMETRE;
use super::update::Update;
use super::write::{Body, decimal, digits, name, real, size};
use crate::pdf::object::{Dictionary, Id, Object};

/// Decree 30/2020/NĐ-CP annex I: size 10.
const FONT_POINTS: f64 = 10.0;
/// From one line of text to the next, in font sizes.
const LEADING: f64 = 1.2;
/// Between the edge and the text.
const PADDING: f64 = 3.0;

/// What a signature shows.
#[derive(Debug)]
pub(super) enum Look<'a> {
    Picture(&'a PdfImage),
    Text { typeset: Typeset, frame: Frame },
}

/// A line around the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Drawn,
    None,
}

impl Look<'_> {
    /// Width and height in points; a picture's by the width that was asked for.
    pub(super) fn size(&self, picture_width_mm: f64) -> (f64, f64) {
        match self {
            Self::Picture(image) => {
                let width = picture_width_mm * MILLIMETRE;
                (width, width * image.ratio())
            }
            Self::Text { typeset, .. } => {
                let lines = f64::from(u16::try_from(typeset.lines.len()).unwrap_or(u16::MAX));
                let width = typeset.width() * FONT_POINTS / 1000.0;
                (width + 2.0 * PADDING, lines * LEADING * FONT_POINTS + 2.0 * PADDING)
            }
        }
    }

    /// Adds the form that draws it into an area; upright as the page is displayed.
    pub(super) fn add(&self, update: &mut Update<'_, '_>, area: &Area, turn: Turn) -> Result<Id, PdfSignError> {
        let (resources, content) = match self {
            Self::Picture(image) => picture(image, update, area)?,
            Self::Text { typeset, frame } => text(typeset, *frame, update, area, self.size(0.0))?,
        };
        let content = compress(content.as_bytes()).map_err(|error| PdfSignError::Image { why: error.to_string() })?;
        let matrix: [i64; 6] = match turn {
            Turn::None => [1, 0, 0, 1, 0, 0],
            Turn::Quarter => [0, 1, -1, 0, 0, 0],
            Turn::Half => [-1, 0, 0, -1, 0, 0],
            Turn::ThreeQuarters => [0, -1, 1, 0, 0, 0],
        };
        let own = Dictionary::of([
            ("Type", name("XObject")),
            ("Subtype", name("Form")),
            ("FormType", size(1)),
            ("BBox", Object::Array([0.0, 0.0, area.width, area.height].map(real).into())),
            ("Matrix", Object::Array(matrix.map(Object::Integer).into())),
            ("Resources", Object::Dictionary(resources)),
            ("Filter", name("FlateDecode")),
        ]);
        update.add(Body::Stream(own, content))
    }
}

/// As large as fits, in the middle, its proportions kept.
fn picture(image: &PdfImage, update: &mut Update<'_, '_>, area: &Area) -> Result<(Dictionary, String), PdfSignError> {
    let width = area.width.min(area.height / image.ratio());
    let height = width * image.ratio();
    let [left, bottom] = [(area.width - width) / 2.0, (area.height - height) / 2.0].map(decimal);
    let content = format!("q {} 0 0 {} {left} {bottom} cm /Im0 Do Q\n", decimal(width), decimal(height));
    let images = Dictionary::of([("Im0", Object::Reference(image.add(update)?))]);
    Ok((Dictionary::of([("XObject", Object::Dictionary(images))]), content))
}

/// From the top left; smaller than its size when the area is.
fn text(
    typeset: &Typeset,
    frame: Frame,
    update: &mut Update<'_, '_>,
    area: &Area,
    (width, height): (f64, f64),
) -> Result<(Dictionary, String), PdfSignError> {
    let scale = (area.width / width).min(area.height / height).min(1.0);
    let (points, padding) = (FONT_POINTS * scale, PADDING * scale);
    let mut content = String::from("q\n");
    // Writing to a String cannot fail.
    if frame == Frame::Drawn {
        let [right, top] = [area.width - 1.0, area.height - 1.0].map(decimal);
        _ = writeln!(content, "0 G 0.75 w 0.5 0.5 {right} {top} re S");
    }
    let first = area.height - padding - points;
    _ = writeln!(content, "BT 0 g /F0 {} Tf {} TL", decimal(points), decimal(points * LEADING));
    _ = writeln!(content, "{} {} Td", decimal(padding), decimal(first));
    for line in &typeset.lines {
        let mut codes = Vec::new();
        digits(&line.codes, &mut codes);
        _ = writeln!(content, "<{}> Tj T*", String::from_utf8_lossy(&codes));
    }
    content.push_str("ET\nQ\n");
    let fonts = Dictionary::of([("F0", Object::Reference(typeset.add(update)?))]);
    Ok((Dictionary::of([("Font", Object::Dictionary(fonts))]), content))
}
