mod later;
mod look;
mod mutations;
mod refusals;
mod roles;

use png::{BitDepth, ColorType, Encoder};

use super::{PdfFont, PdfImage, PdfPlace, PdfRole, PdfSignError, PdfSignOptions, sign_pdf};
use crate::pdf::fixture::{Cast, Pdf};
use crate::pdf::{PdfOptions, PdfReport, verify_pdf};
use crate::pki::AT;
use crate::policy::Policy;

/// A picture of four pixels, one of them transparent; twice as wide as high.
fn picture() -> PdfImage {
    PdfImage::from_png(&png(ColorType::Rgba, 4, 2)).unwrap()
}

fn png(colour: ColorType, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    if colour == ColorType::Indexed {
        encoder.set_palette([200, 0, 0, 255, 255, 255].as_slice());
        encoder.set_trns([255, 0].as_slice());
    }
    let samples = usize::try_from(width * height).unwrap() * colour.samples();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![1; samples]).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A font of boxes that has the letters which these tests draw.
fn font() -> PdfFont {
    PdfFont::from_true_type(include_bytes!("../../../fixtures/EXAMPLE-boxes.ttf").to_vec()).unwrap()
}

fn incoming() -> PdfRole {
    PdfRole::Incoming { agency: "UBND xã Phú Minh".to_owned(), number: "15".to_owned() }
}

/// How this role signs here: pictures for leader and seal, text for the others.
fn options(cast: &Cast, role: PdfRole) -> PdfSignOptions {
    let mut options = PdfSignOptions::new(role, &cast.signer("EXAMPLE"), AT);
    options.image = options.role.picture_width_mm().map(|_| picture());
    options.font = font();
    options
}

/// Signs as this role, by a signer of this name.
fn signed_as(cast: &Cast, file: &[u8], role: PdfRole, signer: &str) -> Vec<u8> {
    let signer = cast.signer(signer);
    let signed = sign_pdf(&signer, file, &options(cast, role)).unwrap();
    assert!(signed.starts_with(file), "what was there has changed");
    signed
}

fn report(cast: &Cast, bytes: &[u8]) -> PdfReport {
    verify_pdf(bytes, &cast.trust, &Policy::envelope(), &PdfOptions::strict(), AT)
}

fn assert_passed(cast: &Cast, bytes: &[u8]) -> PdfReport {
    let report = report(cast, bytes);
    assert!(report.is_passed(), "{report:#?}");
    report
}

/// The refusal of a leader's signature on this file.
fn refused(cast: &Cast, file: &[u8]) -> PdfSignError {
    sign_pdf(&cast.signer("EXAMPLE"), file, &options(cast, PdfRole::Leader)).unwrap_err()
}

/// A file whose catalog stands in an object stream and whose cross-reference is a stream, nothing compressed.
fn with_streams() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let mut put = |bytes: &mut Vec<u8>, number: usize, object: &str| {
        offsets.push((number, bytes.len()));
        bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    };
    let (catalog, page) = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate 90 /Annots 6 0 R >>",
    );
    let header = format!("1 0 3 {} ", catalog.len() + 1);
    let inside = format!("{header}{catalog} {page}");
    put(&mut bytes, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    let container = format!("<< /Type /ObjStm /N 2 /First {} /Length {} >>", header.len(), inside.len());
    put(&mut bytes, 4, &format!("{container}\nstream\n{inside}\nendstream"));
    put(&mut bytes, 6, "[]");
    let at = bytes.len();
    let mut rows = [[0_u8; 4]; 7];
    for (number, offset) in offsets.into_iter().chain([(5, at)]) {
        let [.., high, low] = u32::try_from(offset).unwrap().to_be_bytes();
        rows[number] = [1, high, low, 0];
    }
    (rows[1], rows[3]) = ([2, 0, 4, 0], [2, 0, 4, 1]);
    let rows = rows.concat();
    let dictionary = format!("<< /Type /XRef /Size 7 /W [1 2 1] /Root 1 0 R /ID [<01> <02>] /Length {} >>", rows.len());
    bytes.extend_from_slice(format!("5 0 obj\n{dictionary}\nstream\n").as_bytes());
    bytes.extend_from_slice(&rows);
    bytes.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n").as_bytes());
    bytes
}

fn plain() -> Vec<u8> {
    Pdf::new().bytes
}

fn in_field(name: &str) -> PdfPlace {
    PdfPlace::Field(name.to_owned())
}
