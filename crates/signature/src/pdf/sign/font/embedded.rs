//! A subset of a TrueType font, addressed by its own glyph numbers. Source: ISO 32000-2 clauses 9.7.4 and 9.9.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use subsetter::{GlyphRemapper, subset};
use ttf_parser::{Face, Permissions, name_id};

use super::{Line, missing};
use crate::certificate::sha256;
use crate::pdf::object::{Dictionary, Id, Object};
use crate::pdf::sign::error::PdfSignError;
use crate::pdf::sign::image::compress;
use crate::pdf::sign::update::Update;
use crate::pdf::sign::write::{Body, bytes, name, real, size};

/// Bytes of a font file: those of every script of the world have 20 MiB.
const FONT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The glyphs that are used, as a font of their own.
#[derive(Debug)]
pub(super) struct Subset {
    file: Vec<u8>,
    /// Length of the file before it was compressed.
    length: usize,
    postscript_name: String,
    /// Character and advance of each glyph, by its number in the subset.
    glyphs: BTreeMap<u16, (char, f64)>,
    ascent: f64,
    descent: f64,
    cap_height: f64,
    italic_angle: f64,
    extent: [f64; 4],
}

fn refused(why: &str) -> PdfSignError {
    PdfSignError::Font { why: why.to_owned() }
}

pub(super) fn check(file: &[u8]) -> Result<(), PdfSignError> {
    open(file).map(drop)
}

fn open(file: &[u8]) -> Result<Face<'_>, PdfSignError> {
    if file.len() > FONT_BYTES_MAX {
        return Err(refused("more than 32 MiB"));
    }
    let face = Face::parse(file, 0).map_err(|error| PdfSignError::Font { why: error.to_string() })?;
    if face.tables().glyf.is_none() {
        return Err(refused("its outlines are not TrueType's"));
    }
    if face.permissions() == Some(Permissions::Restricted) || !face.is_subsetting_allowed() {
        return Err(refused("its licence forbids embedding"));
    }
    Ok(face)
}

pub(super) fn typeset(file: &[u8], lines: &[String]) -> Result<(Vec<Line>, Subset), PdfSignError> {
    let face = open(file)?;
    let scale = 1000.0 / f64::from(face.units_per_em());
    let mut remapper = GlyphRemapper::new();
    let (mut set, mut glyphs) = (Vec::new(), BTreeMap::new());
    for text in lines {
        let mut line = Line { codes: Vec::new(), width: 0.0 };
        for character in text.chars() {
            let glyph = face.glyph_index(character).ok_or_else(|| missing(character, text))?;
            let code = remapper.remap(glyph.0);
            let advance = scale * f64::from(face.glyph_hor_advance(glyph).unwrap_or(0));
            glyphs.entry(code).or_insert((character, advance));
            line.codes.extend_from_slice(&code.to_be_bytes());
            line.width += advance;
        }
        set.push(line);
    }
    let small = subset(file, 0, &remapper).map_err(|error| PdfSignError::Font { why: error.to_string() })?;
    let extent = face.global_bounding_box();
    let italic_angle = f64::from(face.italic_angle());
    let scaled = |number: i16| scale * f64::from(number);
    let subset = Subset {
        length: small.len(),
        postscript_name: postscript_name(&face, &small),
        file: compress(&small).map_err(|error| PdfSignError::Font { why: error.to_string() })?,
        glyphs,
        ascent: scaled(face.ascender()),
        descent: scaled(face.descender()),
        cap_height: scaled(face.capital_height().unwrap_or(face.ascender())),
        italic_angle,
        extent: [extent.x_min, extent.y_min, extent.x_max, extent.y_max].map(scaled),
    };
    Ok((set, subset))
}

/// Six letters that tell subsets apart, then the font's name (9.9.2).
fn postscript_name(face: &Face<'_>, small: &[u8]) -> String {
    let names = face.names().into_iter();
    let own = names.filter(|name| name.name_id == name_id::POST_SCRIPT_NAME).find_map(|name| name.to_string());
    let own: String = own.unwrap_or_default().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let digest = sha256(small);
    let letters = digest.as_bytes().iter().take(6).map(|byte| char::from(b'A' + byte % 26));
    format!("{}+{}", letters.collect::<String>(), if own.is_empty() { "Font" } else { &own })
}

impl Subset {
    pub(super) fn add(&self, update: &mut Update<'_, '_>) -> Result<Id, PdfSignError> {
        let compressed = |data: &[u8]| compress(data).map_err(|error| PdfSignError::Font { why: error.to_string() });
        let file = Dictionary::of([("Filter", name("FlateDecode")), ("Length1", size(self.length))]);
        let file = update.add(Body::Stream(file, self.file.clone()))?;
        let descriptor = update.add(Body::Plain(Object::Dictionary(Dictionary::of([
            ("Type", name("FontDescriptor")),
            ("FontName", name(&self.postscript_name)),
            ("Flags", size(SYMBOLIC)),
            ("FontBBox", Object::Array(self.extent.map(real).into())),
            ("ItalicAngle", real(self.italic_angle)),
            ("Ascent", real(self.ascent)),
            ("Descent", real(self.descent)),
            ("CapHeight", real(self.cap_height)),
            ("StemV", size(80)),
            ("FontFile2", Object::Reference(file)),
        ]))))?;
        let system =
            Dictionary::of([("Registry", bytes(b"Adobe")), ("Ordering", bytes(b"Identity")), ("Supplement", size(0))]);
        let descendant = update.add(Body::Plain(Object::Dictionary(Dictionary::of([
            ("Type", name("Font")),
            ("Subtype", name("CIDFontType2")),
            ("BaseFont", name(&self.postscript_name)),
            ("CIDSystemInfo", Object::Dictionary(system)),
            ("FontDescriptor", Object::Reference(descriptor)),
            ("W", self.widths()),
            ("CIDToGIDMap", name("Identity")),
        ]))))?;
        let to_unicode = Dictionary::of([("Filter", name("FlateDecode"))]);
        let to_unicode = update.add(Body::Stream(to_unicode, compressed(self.to_unicode().as_bytes())?))?;
        update.add(Body::Plain(Object::Dictionary(Dictionary::of([
            ("Type", name("Font")),
            ("Subtype", name("Type0")),
            ("BaseFont", name(&self.postscript_name)),
            ("Encoding", name("Identity-H")),
            ("DescendantFonts", Object::Array([Object::Reference(descendant)].into())),
            ("ToUnicode", Object::Reference(to_unicode)),
        ]))))
    }

    fn widths(&self) -> Object {
        let entries = self
            .glyphs
            .iter()
            .flat_map(|(code, (_, advance))| [size(usize::from(*code)), Object::Array([real(*advance)].into())]);
        Object::Array(entries.collect())
    }

    /// What the glyphs mean, for copying and searching (9.10.3).
    fn to_unicode(&self) -> String {
        let mut map = String::from(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
             /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n\
             /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
             1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n",
        );
        let glyphs: Vec<_> = self.glyphs.iter().collect();
        for block in glyphs.chunks(100) {
            // Writing to a String cannot fail.
            _ = writeln!(map, "{} beginbfchar", block.len());
            for (code, (character, _)) in block {
                let mut units = [0; 2];
                let units: String =
                    character.encode_utf16(&mut units).iter().map(|unit| format!("{unit:04x}")).collect();
                _ = writeln!(map, "<{code:04x}> <{units}>");
            }
            map.push_str("endbfchar\n");
        }
        map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
        map
    }
}

/// Glyphs are named by number, not by character (table 121).
const SYMBOLIC: usize = 4;
