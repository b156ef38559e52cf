//! Pictures and text.

use super::*;
use crate::pdf::sign::CopyForm;

#[test]
fn pictures_of_every_colour_type_are_drawn_with_their_transparency() {
    let cast = Cast::new();
    for (colour, space, has_mask) in [
        (ColorType::Grayscale, "/DeviceGray", false),
        (ColorType::GrayscaleAlpha, "/DeviceGray", true),
        (ColorType::Rgb, "/DeviceRGB", false),
        (ColorType::Rgba, "/DeviceRGB", true),
        (ColorType::Indexed, "/DeviceRGB", true),
    ] {
        let mut options = options(&cast, PdfRole::Leader);
        options.image = Some(PdfImage::from_png(&png(colour, 4, 2)).unwrap());
        let signed = sign_pdf(&cast.signer("EXAMPLE Leader"), &plain(), &options).unwrap();
        let text = String::from_utf8_lossy(&signed);
        assert!(text.contains(&format!("/ColorSpace {space}")), "{colour:?}");
        assert_eq!(text.contains("/SMask"), has_mask, "{colour:?}");
        assert_passed(&cast, &signed);
    }
}

#[test]
fn pictures_that_are_none_or_too_large_are_refused() {
    let mut cut = png(ColorType::Rgba, 40, 20);
    cut.truncate(cut.len() / 2);
    let mut wide = png(ColorType::Grayscale, 4097, 1);
    for bytes in [b"GIF89a".to_vec(), Vec::new(), cut, std::mem::take(&mut wide)] {
        let error = PdfImage::from_png(&bytes).unwrap_err();
        assert!(matches!(error, PdfSignError::Image { .. }), "{error}");
    }
}

#[test]
fn a_signature_that_shows_text_takes_no_picture() {
    let cast = Cast::new();
    let mut options = options(&cast, PdfRole::Appendix { number: "15/QĐ-UBND".to_owned() });
    options.image = Some(picture());
    let error = sign_pdf(&cast.signer("EXAMPLE Seal"), &plain(), &options).unwrap_err();
    assert!(matches!(error, PdfSignError::Image { .. }), "{error}");
}

#[test]
fn the_standard_font_writes_document_numbers_and_refuses_what_it_would_misspell() {
    let cast = Cast::new();
    let mut options = options(&cast, PdfRole::Appendix { number: "15/QĐ-UBND".to_owned() });
    options.font = PdfFont::Times;
    let signed = sign_pdf(&cast.signer("EXAMPLE Seal"), &plain(), &options).unwrap();
    let text = String::from_utf8_lossy(&signed);
    assert!(text.contains("/BaseFont /Times-Roman") && text.contains("/Dcroat"), "{text}");
    options.role = PdfRole::Copy { form: CopyForm::Full, agency: "Sở Nội vụ".to_owned() };
    let error = sign_pdf(&cast.signer("EXAMPLE Seal"), &plain(), &options).unwrap_err();
    assert!(matches!(error, PdfSignError::Glyph { character: 'ở', .. }), "{error}");
}

#[test]
fn vietnamese_text_is_embedded_with_the_glyphs_it_needs() {
    let cast = Cast::new();
    // Letters taken apart are put together first.
    let decomposed = "UBND xa\u{303} Phu\u{301} Minh".to_owned();
    let role = PdfRole::Incoming { agency: decomposed, number: "15".to_owned() };
    let signed = sign_pdf(&cast.signer("EXAMPLE Incoming"), &plain(), &options(&cast, role)).unwrap();
    let text = String::from_utf8_lossy(&signed);
    assert!(text.contains("+EXAMPLE-Boxes") && text.contains("/Identity-H") && text.contains("/ToUnicode"), "{text}");
    let error = font().typeset(&["z".to_owned()]).unwrap_err();
    assert!(matches!(error, PdfSignError::Glyph { character: 'z', .. }), "{error}");
}

#[test]
fn files_that_are_no_fonts_are_refused() {
    for bytes in [Vec::new(), b"OTTO".to_vec(), vec![0; 4096]] {
        let error = PdfFont::from_true_type(bytes).unwrap_err();
        assert!(matches!(error, PdfSignError::Font { .. }), "{error}");
    }
}
