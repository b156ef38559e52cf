//! Signing PDFs: an incremental update that keeps every byte before it. Sources: ISO 32000-2 clause 12.8,
//! EN 319 142-1 (PAdES), Decree 30/2020/NĐ-CP annex I.
//!
//! Two steps, so that a key or an authority elsewhere can do its part between them: [`PreparedPdf`] has everything
//! but the signature, and takes it.

mod error;
mod font;
mod form;
mod guard;
mod image;
mod look;
mod page;
mod place;
mod role;
mod store;
mod update;
mod write;

use types::UnixMillis;

pub use error::PdfSignError;
pub use font::{PdfFont, TrueType};
pub use image::PdfImage;
pub use place::{PdfPage, PdfPlace, PdfRectangle};
pub use role::{CopyForm, PdfRole};
pub use store::{ValidationData, add_validation_data};

use super::later::Kind;
use super::object::{Dictionary, Object};
use super::view::View;
use super::{ActiveContent, PdfLimits};
use crate::reason::PdfReason;
use crate::sign::{Claim, Signer, sign_pieces};
use guard::{Earlier, Own};
use look::{Frame, Look};
use page::{Area, Page};
use update::{Update, Updated};
use write::{Blanks, Body, bytes, digits, name, text};

/// How a PDF is signed.
#[derive(Clone, Debug, PartialEq)]
pub struct PdfSignOptions {
    /// What the signature is for: decides its field's name, and what it shows where.
    pub role: PdfRole,
    /// Time of signing: a claim.
    pub time: UnixMillis,
    /// Kind of signature.
    pub format: PdfSignatureFormat,
    /// Where it stands.
    pub place: PdfPlace,
    /// Picture of a leader's name or of a seal; the other roles have none.
    pub image: Option<PdfImage>,
    /// Width of the picture in millimetres where the place is by role; a seal's real diameter is 36 without it.
    pub image_width_mm: Option<f64>,
    /// What text is drawn with.
    pub font: PdfFont,
    /// Who signs, for `Name` and for text in place of a picture.
    pub name: Option<String>,
    /// Why: `Reason`.
    pub reason: Option<String>,
    /// Where: `Location`.
    pub location: Option<String>,
    /// Bytes left for the signature.
    pub room_bytes: usize,
    /// Bounds of the work.
    pub limits: PdfLimits,
    /// What to do with a document that runs code.
    pub active_content: ActiveContent,
}

/// Kind of a PDF signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PdfSignatureFormat {
    /// `ETSI.CAdES.detached`: PAdES baseline, level B-B.
    #[default]
    Cades,
    /// `adbe.pkcs7.detached`, for readers before 2010.
    Pkcs7,
}

/// Room beside the certificates of a signature: its attributes, and RSA of 4096 bits twice.
const ROOM_BYTES: usize = 3 * 1024;
/// More room for a time-stamp with the authority's certificates.
pub const TIMESTAMP_ROOM_BYTES: usize = 12 * 1024;

impl PdfSignOptions {
    /// PAdES by this signer at the role's place; room for a signature without time-stamp.
    #[must_use]
    pub fn new(role: PdfRole, signer: &Signer, time: UnixMillis) -> Self {
        let certificates: usize = signer.certificates().iter().map(|one| one.der().len()).sum();
        Self {
            role,
            time,
            format: PdfSignatureFormat::default(),
            place: PdfPlace::default(),
            image: None,
            image_width_mm: None,
            font: PdfFont::default(),
            name: signer.certificate().subject_name().common_name().map(str::to_owned),
            reason: None,
            location: None,
            room_bytes: ROOM_BYTES + certificates,
            limits: PdfLimits::document(),
            active_content: ActiveContent::Refused,
        }
    }
}

/// A PDF that has everything but its signature.
#[derive(Clone, Debug)]
pub struct PreparedPdf {
    bytes: Vec<u8>,
    blanks: Blanks,
    claim: Claim,
}

impl PreparedPdf {
    /// Everything that the signature covers, in two pieces one after the other.
    #[must_use]
    pub fn covered(&self) -> [&[u8]; 2] {
        [
            self.bytes.get(..self.blanks.contents.start).unwrap_or_default(),
            self.bytes.get(self.blanks.contents.end..).unwrap_or_default(),
        ]
    }

    /// The CMS signature over what is covered, DER.
    ///
    /// # Errors
    /// Those of the key.
    pub fn sign(&self, signer: &Signer) -> Result<Vec<u8>, PdfSignError> {
        Ok(sign_pieces(signer, &self.covered(), self.claim)?)
    }

    /// Puts the signature, or a document time-stamp's token, in its place: the signed file.
    ///
    /// # Errors
    /// `limit_exceeded` when it is longer than the room that was left.
    pub fn complete(mut self, signature: &[u8]) -> Result<Vec<u8>, PdfSignError> {
        let blank = self.blanks.contents.start + 1..self.blanks.contents.end.saturating_sub(1);
        let mut written = Vec::with_capacity(signature.len().saturating_mul(2));
        digits(signature, &mut written);
        let room = blank.len();
        let target = self.bytes.get_mut(blank).and_then(|blank| blank.get_mut(..written.len()));
        match target {
            Some(target) => target.copy_from_slice(&written),
            None => return Err(PdfSignError::Room { length: signature.len(), room: room / 2 }),
        }
        Ok(self.bytes)
    }
}

/// Signs a PDF: [`prepare_pdf_signature`], [`PreparedPdf::sign`], [`PreparedPdf::complete`].
///
/// # Errors
/// Those of the three.
pub fn sign_pdf(signer: &Signer, file: &[u8], options: &PdfSignOptions) -> Result<Vec<u8>, PdfSignError> {
    let prepared = prepare_pdf_signature(file, options)?;
    let signature = prepared.sign(signer)?;
    prepared.complete(&signature)
}

/// Appends a signature field with everything but its signature; every byte of `file` stays.
///
/// The file has to be one that verifies: it reads strictly, is not encrypted, has no XFA form and no signature that
/// something was changed after, or that is disproved. Before it is handed out, the result is held against every earlier signature.
///
/// # Errors
/// `signature_malformed` and `signature_invalid` for what is wrong with the file, `invalid_argument` for what is wrong
/// with picture, font, page or place, `limit_exceeded`.
pub fn prepare_pdf_signature(file: &[u8], options: &PdfSignOptions) -> Result<PreparedPdf, PdfSignError> {
    let view = open(file, &options.limits)?;
    let earlier = guard::examine(&view, &options.limits, options.active_content)?;
    if !earlier.is_empty() {
        guard::intact(&view, &options.limits, options.time)?;
    }
    let pages = page::pages(&view)?;
    let mut update = Update::new(&view)?;
    let value = update.add(Body::Signature(signature_dictionary(options), options.room_bytes))?;
    let own = match &options.place {
        PdfPlace::Field(wanted) => {
            let (id, mut field) = form::empty_field(&view, wanted)?;
            let page = place::page_of(&view, &pages, id)?;
            let page = page.ok_or(PdfSignError::Field { field: wanted.clone(), why: "no page shows it" })?;
            let area = page.shown(form::rectangle(&view, &field)?);
            if area.width > 0.0 && area.height > 0.0 {
                let look = look(options)?.add(&mut update, &area, page.turn)?;
                field.set("AP", form::appearance(look));
            }
            field.set("V", Object::Reference(value));
            update.put(id, Body::Plain(Object::Dictionary(field)));
            form::announce(&mut update)?;
            Own { field: id, name: wanted.clone(), kind: Kind::Signature }
        }
        place => {
            let shown = show(place, options, &view, &pages, &earlier)?;
            if shown.look.is_some() && guard::is_certified(&view, &earlier)? {
                let why = "the document is certified: sign an empty field that it has, or invisibly".to_owned();
                return Err(PdfSignError::Place { why });
            }
            let field_name = form::free_name(&view, options.role.field_stem())?;
            add_field(&mut update, field_name, value, shown, Kind::Signature)?
        }
    };
    finish(update, &earlier, own, options)
}

/// Appends a document time-stamp's field (EN 319 142-1 clause 5.4.3), invisible, with everything but its token; the
/// token is over what [`PreparedPdf::covered`] gives.
///
/// # Errors
/// As for [`prepare_pdf_signature`].
pub fn prepare_pdf_timestamp(
    file: &[u8],
    limits: &PdfLimits,
    active_content: ActiveContent,
) -> Result<PreparedPdf, PdfSignError> {
    let view = open(file, limits)?;
    let earlier = guard::examine(&view, limits, active_content)?;
    let pages = page::pages(&view)?;
    let mut update = Update::new(&view)?;
    let own = Dictionary::of([
        ("Type", name("DocTimeStamp")),
        ("Filter", name("Adobe.PPKLite")),
        ("SubFilter", name("ETSI.RFC3161")),
    ]);
    let value = update.add(Body::Signature(own, TIMESTAMP_ROOM_BYTES))?;
    let field_name = form::free_name(&view, "DauThoiGian")?;
    let shown = Shown { page: PdfPage::First.of(&pages)?, area: None, look: None };
    let own = add_field(&mut update, field_name, value, shown, Kind::Timestamp)?;
    seal(update, &earlier, &own, limits, Claim::Absent)
}

fn open<'a>(file: &'a [u8], limits: &PdfLimits) -> Result<View<'a>, PdfSignError> {
    let max = limits.bytes_max;
    if file.len() > max {
        return Err(PdfReason::TooLarge { length: file.len(), max }.into());
    }
    Ok(View::open(file, limits)?)
}

/// Where a new field stands and what it shows there.
struct Shown<'a> {
    page: &'a Page,
    area: Option<Area>,
    look: Option<Look<'a>>,
}

fn show<'a>(
    place: &PdfPlace,
    options: &'a PdfSignOptions,
    view: &View<'_>,
    pages: &'a [Page],
    earlier: &[Earlier],
) -> Result<Shown<'a>, PdfSignError> {
    let (page, area, look) = match place {
        PdfPlace::Invisible => return Ok(Shown { page: PdfPage::First.of(pages)?, area: None, look: None }),
        PdfPlace::At { page, rectangle } => {
            let page = page.of(pages)?;
            (page, rectangle.on(page)?, look(options)?)
        }
        PdfPlace::ByRole | PdfPlace::Field(_) => {
            let look = look(options)?;
            let width = options.image_width_mm.or(options.role.picture_width_mm()).unwrap_or_default();
            let (page, area) = place::by_habit(options.role.habit(), look.size(width), view, pages, earlier)?;
            (page, area, look)
        }
    };
    Ok(Shown { page, area: Some(area), look: Some(look) })
}

fn look(options: &PdfSignOptions) -> Result<Look<'_>, PdfSignError> {
    match (&options.image, options.role.picture_width_mm()) {
        (Some(image), Some(_)) => Ok(Look::Picture(image)),
        (Some(_), None) => {
            Err(PdfSignError::Image { why: "a signature of this role shows text and no picture".to_owned() })
        }
        (None, _) => {
            let lines = options.role.lines(options.name.as_deref().unwrap_or_default(), options.time);
            let frame = if options.role.has_frame() { Frame::Drawn } else { Frame::None };
            Ok(Look::Text { typeset: options.font.typeset(&lines)?, frame })
        }
    }
}

fn add_field(
    update: &mut Update<'_, '_>,
    field_name: String,
    value: super::object::Id,
    shown: Shown<'_>,
    kind: Kind,
) -> Result<Own, PdfSignError> {
    let Shown { page, area, look } = shown;
    let rectangle = area.as_ref().map_or([0.0; 4], |area| page.own(area));
    let look = match (area, look) {
        (Some(area), Some(look)) => Some(look.add(update, &area, page.turn)?),
        _ => None,
    };
    let widget = form::widget(&field_name, page.id, rectangle, value, look);
    let field = update.add(Body::Plain(Object::Dictionary(widget)))?;
    form::append(update, field)?;
    page::annotate(update, page, field)?;
    Ok(Own { field, name: field_name, kind })
}

fn signature_dictionary(options: &PdfSignOptions) -> Dictionary {
    let format = match options.format {
        PdfSignatureFormat::Cades => "ETSI.CAdES.detached",
        PdfSignatureFormat::Pkcs7 => "adbe.pkcs7.detached",
    };
    let mut own = Dictionary::of([
        ("Type", name("Sig")),
        ("Filter", name("Adobe.PPKLite")),
        ("SubFilter", name(format)),
        ("M", bytes(role::pdf_date(options.time).as_bytes())),
    ]);
    let said = [("Name", &options.name), ("Reason", &options.reason), ("Location", &options.location)];
    for (key, value) in said {
        if let Some(value) = value {
            own.set(key, text(value));
        }
    }
    own
}

fn finish(
    update: Update<'_, '_>,
    earlier: &[Earlier],
    own: Own,
    options: &PdfSignOptions,
) -> Result<PreparedPdf, PdfSignError> {
    // EN 319 142-1 table 1: in PAdES the claimed time stands in `M` alone.
    let claim = match options.format {
        PdfSignatureFormat::Cades => Claim::Absent,
        PdfSignatureFormat::Pkcs7 => Claim::At(options.time),
    };
    seal(update, earlier, &own, &options.limits, claim)
}

fn seal(
    update: Update<'_, '_>,
    earlier: &[Earlier],
    own: &Own,
    limits: &PdfLimits,
    claim: Claim,
) -> Result<PreparedPdf, PdfSignError> {
    let Updated { bytes, blanks } = update.write()?;
    guard::check(&bytes, earlier, limits, Some(own))?;
    let blanks = blanks.ok_or(PdfSignError::Field { field: own.name.clone(), why: "it has no signature" })?;
    Ok(PreparedPdf { bytes, blanks, claim })
}

#[cfg(test)]
mod tests;
