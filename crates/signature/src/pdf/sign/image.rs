//! Pictures: PNG in, image objects out. Source: ISO 32000-2 clauses 8.9.5 and 11.6.5.2.

use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use png::{ColorType, Decoder, Limits, Transformations};

use super::error::PdfSignError;
use super::update::Update;
use super::write::{Body, name, size};
use crate::pdf::object::{Dictionary, Id, Object};

/// Pixels on a side: a seal of 36 mm at 1200 dots per inch has 1700.
const SIDE_MAX: u32 = 4096;
/// Bytes that decoding may take.
const DECODED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A picture with its transparency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PdfImage {
    width: u32,
    height: u32,
    space: &'static str,
    /// Samples of eight bits, compressed.
    colour: Vec<u8>,
    /// Opacity, one compressed byte a pixel; `None` for a picture without.
    opacity: Option<Vec<u8>>,
}

impl PdfImage {
    /// Reads a PNG of any kind, up to 4096 pixels on a side. Transparency is kept; 16-bit samples become 8-bit.
    ///
    /// # Errors
    /// `invalid_argument` when it is no PNG, broken, or too large.
    pub fn from_png(bytes: &[u8]) -> Result<Self, PdfSignError> {
        let bad = |why: String| PdfSignError::Image { why };
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: DECODED_BYTES_MAX });
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(|error| bad(error.to_string()))?;
        let (width, height) = (reader.info().width, reader.info().height);
        if width > SIDE_MAX || height > SIDE_MAX {
            return Err(bad(format!("{width} by {height} pixels, more than {SIDE_MAX} on a side")));
        }
        let length = reader.output_buffer_size().filter(|length| *length <= DECODED_BYTES_MAX);
        let mut samples = vec![0; length.ok_or_else(|| bad("too many pixels".to_owned()))?];
        let frame = reader.next_frame(&mut samples).map_err(|error| bad(error.to_string()))?;
        samples.truncate(frame.buffer_size());
        let (space, colours, has_opacity) = match frame.color_type {
            ColorType::Grayscale => ("DeviceGray", 1, false),
            ColorType::GrayscaleAlpha => ("DeviceGray", 1, true),
            ColorType::Rgb => ("DeviceRGB", 3, false),
            ColorType::Rgba => ("DeviceRGB", 3, true),
            ColorType::Indexed => return Err(bad("a palette that was not resolved".to_owned())),
        };
        let (mut colour, mut opacity) = (Vec::new(), Vec::new());
        for pixel in samples.chunks_exact(colours + usize::from(has_opacity)) {
            let (own, rest) = pixel.split_at(colours);
            colour.extend_from_slice(own);
            opacity.extend_from_slice(rest);
        }
        let compressed = |data: &[u8]| compress(data).map_err(|error| bad(error.to_string()));
        Ok(Self {
            width,
            height,
            space,
            colour: compressed(&colour)?,
            opacity: has_opacity.then(|| compressed(&opacity)).transpose()?,
        })
    }

    /// Height of one width.
    pub(super) fn ratio(&self) -> f64 {
        f64::from(self.height) / f64::from(self.width.max(1))
    }

    /// Adds the picture's objects; the number of the one to draw.
    pub(super) fn add(&self, update: &mut Update<'_, '_>) -> Result<Id, PdfSignError> {
        let mut own = self.dictionary(self.space);
        if let Some(opacity) = &self.opacity {
            let mask = update.add(Body::Stream(self.dictionary("DeviceGray"), opacity.clone()))?;
            own.set("SMask", Object::Reference(mask));
        }
        update.add(Body::Stream(own, self.colour.clone()))
    }

    fn dictionary(&self, space: &str) -> Dictionary {
        let side = |pixels| size(usize::try_from(pixels).unwrap_or(usize::MAX));
        Dictionary::of([
            ("Type", name("XObject")),
            ("Subtype", name("Image")),
            ("Width", side(self.width)),
            ("Height", side(self.height)),
            ("ColorSpace", name(space)),
            ("BitsPerComponent", size(8)),
            ("Filter", name("FlateDecode")),
        ])
    }
}

/// Deflate with the header that FlateDecode wants.
pub(super) fn compress(data: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data)?;
    encoder.finish()
}
