//! The font of text signatures: the one that was named, or one that this machine has.

use std::path::Path;

use signature::PdfFont;

use super::refusal::of_pdf;
use crate::failure::Failure;
use crate::files::read_small;

/// Bytes of a font file.
const FONT_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Where systems keep Times New Roman, and fonts of its widths that have Vietnamese letters, in order of preference.
const KNOWN: [&str; 10] = [
    "/usr/share/fonts/truetype/msttcorefonts/Times_New_Roman.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/liberation-serif/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/liberation/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeSerif.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "/System/Library/Fonts/Supplemental/Times New Roman.ttf",
    "/Library/Fonts/Times New Roman.ttf",
    "C:\\Windows\\Fonts\\times.ttf",
];

/// A font with its name for people.
pub(super) struct Chosen {
    pub(super) font: PdfFont,
    pub(super) name: String,
}

/// The fonts to try, one after the other: the named one alone; else this machine's, then the standard Times, which has
/// no Vietnamese words. Older versions of some fonts lack letters, so the first one that has them all is taken.
pub(super) fn choices(named: Option<&Path>) -> Result<Vec<Chosen>, Failure> {
    if let Some(path) = named {
        return Ok(vec![read(path)?]);
    }
    let found = KNOWN.iter().map(Path::new).filter(|path| path.is_file());
    // A font of this machine that does not read is as good as none.
    let mut choices: Vec<Chosen> = found.filter_map(|path| read(path).ok()).collect();
    choices.push(Chosen { font: PdfFont::Times, name: "Times-Roman".to_owned() });
    Ok(choices)
}

fn read(path: &Path) -> Result<Chosen, Failure> {
    let font = PdfFont::from_true_type(read_small(path, FONT_BYTES_MAX)?).map_err(|error| of_pdf(&error))?;
    Ok(Chosen { font, name: path.display().to_string() })
}
