//! Text on a page: the standard Times, or an embedded subset of a TrueType font. Source: ISO 32000-2 clause 9.

mod embedded;
mod times;

use unicode_normalization::UnicodeNormalization as _;

use super::error::PdfSignError;
use super::update::Update;
use crate::pdf::object::Id;

/// What text is drawn with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PdfFont {
    /// Times as every reader has it: Latin-1 and Đ, which is enough for document numbers and times, not for
    /// Vietnamese words. Nothing is embedded.
    #[default]
    Times,
    /// A TrueType font file of which the glyphs that are used are embedded.
    Embedded(TrueType),
}

/// A TrueType font that may be embedded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrueType {
    bytes: Vec<u8>,
}

/// Lines as the page shows them.
#[derive(Debug)]
pub(super) struct Typeset {
    pub(super) lines: Vec<Line>,
    subset: Option<embedded::Subset>,
}

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    /// Codes of the font.
    pub(super) codes: Vec<u8>,
    /// Thousandths of the font's size.
    pub(super) width: f64,
}

impl PdfFont {
    /// Reads a TrueType font file, up to 32 MiB.
    ///
    /// # Errors
    /// `invalid_argument` when it does not read, has other outlines than TrueType's, or its licence forbids embedding.
    pub fn from_true_type(bytes: Vec<u8>) -> Result<Self, PdfSignError> {
        embedded::check(&bytes)?;
        Ok(Self::Embedded(TrueType { bytes }))
    }

    /// Turns lines into codes of the font, precomposed first.
    pub(super) fn typeset(&self, lines: &[String]) -> Result<Typeset, PdfSignError> {
        let lines: Vec<String> = lines.iter().map(|line| line.nfc().collect()).collect();
        match self {
            Self::Times => {
                let lines: Result<_, _> = lines.iter().map(|line| times::line(line)).collect();
                Ok(Typeset { lines: lines?, subset: None })
            }
            Self::Embedded(font) => {
                let (lines, subset) = embedded::typeset(&font.bytes, &lines)?;
                Ok(Typeset { lines, subset: Some(subset) })
            }
        }
    }
}

impl Typeset {
    /// Width of the longest line in thousandths of the font's size.
    pub(super) fn width(&self) -> f64 {
        self.lines.iter().map(|line| line.width).fold(0.0, f64::max)
    }

    /// Adds the font's objects; the number of the font.
    pub(super) fn add(&self, update: &mut Update<'_, '_>) -> Result<Id, PdfSignError> {
        match &self.subset {
            None => times::add(update),
            Some(subset) => subset.add(update),
        }
    }
}

fn missing(character: char, line: &str) -> PdfSignError {
    PdfSignError::Glyph { character, line: line.to_owned() }
}
