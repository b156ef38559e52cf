//! What is not signed.

use types::ErrorCode;

use super::*;
use crate::pdf::fixture::{CATALOG, CONTENT, Signing, stream};
use crate::pdf::sign::{PdfPage, PdfRectangle};
use crate::pdf::{ActiveContent, PdfLimits};
use crate::reason::{PdfReason, Reason};

/// The rule about the file that signing stopped at.
fn rule(error: &PdfSignError) -> &'static str {
    match error {
        PdfSignError::Document(reason) => Reason::from(reason.clone()).rule(),
        other => panic!("{other}"),
    }
}

#[test]
fn files_that_cannot_verify_are_refused() {
    let cast = Cast::new();
    let mut encrypted = Pdf::new();
    encrypted.update_with(&[], &[], "/Encrypt << /Filter /Standard >>");
    let mut xfa = Pdf::new();
    xfa.form_more = "/XFA [(template) 4 0 R]".to_owned();
    xfa.update(&[(CATALOG, xfa.catalog())]);
    let script = Pdf::with("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>");
    let mut hidden = Pdf::new();
    hidden.update(&[(90, "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>".to_owned())]);
    let mut cut = plain();
    cut.truncate(cut.len() - 8);
    for (file, expected) in [
        (encrypted.bytes, "pdf_encrypted"),
        (xfa.bytes, "pdf_xfa"),
        (script.bytes.clone(), "pdf_active_content"),
        (hidden.bytes, "pdf_hidden_signature"),
        (cut, "pdf_malformed"),
        (b"no PDF".to_vec(), "pdf_malformed"),
        (Vec::new(), "pdf_malformed"),
    ] {
        assert_eq!(rule(&refused(&cast, &file)), expected);
    }
    // Where the policy of the receivers takes it, a document with scripts is signed.
    let mut noted = options(&cast, PdfRole::Leader);
    noted.active_content = ActiveContent::Noted;
    assert!(sign_pdf(&cast.signer("EXAMPLE Leader"), &script.bytes, &noted).is_ok());
}

#[test]
fn a_document_that_was_changed_after_a_signature_is_not_signed_again() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    let mut altered = pdf.clone();
    altered.update(&[(CONTENT, stream("", "BT ET"))]);
    let error = refused(&cast, &altered.bytes);
    assert_eq!((rule(&error), error.code()), ("pdf_changed", ErrorCode::DocumentAltered));
    let (text, [_, open, ..]) = pdf.byte_range();
    pdf.replace(&text, &text.replacen(&format!("{open:>10}"), &format!("{:>10}", open - 1), 1));
    assert_eq!(rule(&refused(&cast, &pdf.bytes)), "pdf_byte_range");
}

#[test]
fn a_certification_or_a_lock_against_more_signatures_is_kept() {
    let cast = Cast::new();
    let references = [
        "/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P 1 >> >>]",
        "/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << /Action /All >> >>]",
    ];
    for reference in references {
        let mut pdf = Pdf::new();
        let mut signing = Signing::named("LanhDao");
        signing.value_more = reference.to_owned();
        pdf.sign(&cast.signer("EXAMPLE Leader"), &signing);
        assert_passed(&cast, &pdf.bytes);
        let mut invisible = options(&cast, PdfRole::Leader);
        invisible.place = PdfPlace::Invisible;
        let error = sign_pdf(&cast.signer("EXAMPLE"), &pdf.bytes, &invisible).unwrap_err();
        assert_eq!(rule(&error), "pdf_forbidden");
    }
}

#[test]
fn a_certified_document_takes_no_new_visible_signature() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let mut signing = Signing::named("LanhDao");
    signing.value_more =
        "/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P 2 >> >>]".to_owned();
    pdf.sign(&cast.signer("EXAMPLE Leader"), &signing);
    let error = refused(&cast, &pdf.bytes);
    assert!(error.to_string().contains("certified"), "{error}");
    let mut invisible = options(&cast, PdfRole::Leader);
    invisible.place = PdfPlace::Invisible;
    assert_passed(&cast, &sign_pdf(&cast.signer("EXAMPLE Leader"), &pdf.bytes, &invisible).unwrap());
}

#[test]
fn a_document_whose_signature_is_disproved_is_not_signed_again() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    // A letter of the page, which the signature covers.
    pdf.replace("(Quyet dinh) Tj", "(Quyet dunh) Tj");
    let error = refused(&cast, &pdf.bytes);
    assert!(matches!(&error, PdfSignError::Earlier { rule, .. } if rule == "digest_mismatch"), "{error:?}");
    assert_eq!(error.code(), ErrorCode::SignatureInvalid);
}

#[test]
fn limits_are_kept() {
    let cast = Cast::new();
    let mut options = options(&cast, PdfRole::Leader);
    options.limits = PdfLimits { bytes_max: 100, ..PdfLimits::document() };
    let signer = cast.signer("EXAMPLE Leader");
    assert_eq!(rule(&sign_pdf(&signer, &plain(), &options).unwrap_err()), "pdf_too_large");
    options.limits = PdfLimits { signatures_max: 1, ..PdfLimits::document() };
    let once = sign_pdf(&signer, &plain(), &options).unwrap();
    assert_eq!(rule(&sign_pdf(&signer, &once, &options).unwrap_err()), "pdf_too_many_signatures");
    options.limits = PdfLimits::document();
    options.room_bytes = 100;
    let error = sign_pdf(&signer, &plain(), &options).unwrap_err();
    assert!(matches!(error, PdfSignError::Room { room: 100, .. }), "{error}");
    assert_eq!(error.code(), ErrorCode::LimitExceeded);
}

#[test]
fn places_that_are_not_there_are_refused() {
    let cast = Cast::new();
    let signer = cast.signer("EXAMPLE Leader");
    let mut options = options(&cast, PdfRole::Leader);
    let rectangle = PdfRectangle { left: 10.0, top: 10.0, width: 20.0, height: 10.0 };
    for page in [PdfPage::Number(0), PdfPage::Number(2)] {
        options.place = PdfPlace::At { page, rectangle };
        let error = sign_pdf(&signer, &plain(), &options).unwrap_err();
        assert!(matches!(error, PdfSignError::NoPage { pages: 1, .. }), "{error}");
    }
    for rectangle in [
        PdfRectangle { left: 200.0, ..rectangle },
        PdfRectangle { top: -1.0, ..rectangle },
        PdfRectangle { width: 0.0, ..rectangle },
        PdfRectangle { height: f64::NAN, ..rectangle },
    ] {
        options.place = PdfPlace::At { page: PdfPage::First, rectangle };
        let error = sign_pdf(&signer, &plain(), &options).unwrap_err();
        assert!(matches!(error, PdfSignError::Place { .. }), "{rectangle:?}: {error}");
    }
    let seal = sign_pdf(&signer, &plain(), &super::options(&cast, PdfRole::Seal)).unwrap_err();
    assert!(seal.to_string().contains("sign as leader first"), "{seal}");
}

#[test]
fn fields_that_ask_for_more_than_is_done_here_are_refused() {
    let cast = Cast::new();
    for (more, why) in [("/Lock << /Action /All >>", "it asks for a lock"), ("/Kids []", "it has no widget")] {
        let mut pdf = Pdf::new();
        let field = pdf.number();
        pdf.fields.push(field);
        let widget = format!("<< /Type /Annot /Subtype /Widget /FT /Sig /T (NguoiKy) /Rect [50 50 150 90] {more} >>");
        pdf.update(&[(CATALOG, pdf.catalog()), (field, widget)]);
        let mut options = options(&cast, PdfRole::Leader);
        options.place = in_field("NguoiKy");
        let error = sign_pdf(&cast.signer("EXAMPLE Leader"), &pdf.bytes, &options).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_hidden_page_tree_loop_is_an_error() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.update(&[(2, "<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>".to_owned())]);
    let error = refused(&cast, &pdf.bytes);
    assert!(matches!(&error, PdfSignError::Document(PdfReason::Malformed { .. })), "{error}");
}
