//! Every role and their sequences, held to the verifier.

use super::*;
use crate::pdf::fixture::{CATALOG, PAGE};
use crate::pdf::sign::{CopyForm, PdfPage, PdfRectangle, PdfSignatureFormat};
use crate::pdf::{Change, Coverage};

#[test]
fn leader_seal_and_incoming_stamp_all_pass() {
    let cast = Cast::new();
    for file in [plain(), with_streams()] {
        let leader = signed_as(&cast, &file, PdfRole::Leader, "EXAMPLE Leader");
        let seal = signed_as(&cast, &leader, PdfRole::Seal, "EXAMPLE Seal");
        let stamped = signed_as(&cast, &seal, incoming(), "EXAMPLE Incoming");
        let report = assert_passed(&cast, &stamped);
        let fields: Vec<_> = report.signatures.iter().map(|entry| entry.field.as_str()).collect();
        assert_eq!(fields, ["LanhDao", "ConDau", "VanBanDen"]);
        let coverage: Vec<_> = report.signatures.iter().map(|entry| entry.coverage.unwrap()).collect();
        assert_eq!(coverage, [Coverage::EntireRevision, Coverage::EntireRevision, Coverage::EntireFile]);
        let signers: Vec<_> =
            report.signatures.iter().map(|entry| entry.signature.signer.as_ref().unwrap().subject.as_str()).collect();
        assert!(signers[1].contains("EXAMPLE Seal"), "{signers:?}");
        let added = |field: &str| Change::Signature { field: field.to_owned() };
        let changes: Vec<_> = report.signatures[0].changes.iter().map(|change| change.change.clone()).collect();
        assert_eq!(changes, [added("ConDau"), added("VanBanDen")]);
    }
}

#[test]
fn the_update_has_cross_references_of_the_files_kind() {
    let cast = Cast::new();
    let appended = |file: &[u8]| {
        let signed = signed_as(&cast, file, PdfRole::Leader, "EXAMPLE Leader");
        String::from_utf8_lossy(&signed[file.len()..]).into_owned()
    };
    let (table, stream) = (appended(&plain()), appended(&with_streams()));
    assert!(table.contains("\nxref\n") && table.contains("\ntrailer\n") && !table.contains("/XRef"), "{table}");
    assert!(stream.contains("/Type /XRef") && !stream.contains("\ntrailer\n"), "{stream}");
    // The first part of the identifier stays, the second one changes.
    assert!(stream.contains("/ID [<01> <") && !stream.contains("/ID [<01> <02>]"), "{stream}");
}

#[test]
fn attachments_and_copies_show_text_and_stand_one_below_the_other() {
    let cast = Cast::new();
    let appendix = PdfRole::Appendix { number: "15/QĐ-UBND".to_owned() };
    let copy = PdfRole::Copy { form: CopyForm::OfCopy, agency: "UBND xã Phú Minh".to_owned() };
    let first = signed_as(&cast, &plain(), appendix.clone(), "EXAMPLE Seal");
    let second = signed_as(&cast, &first, copy, "EXAMPLE Seal");
    let report = assert_passed(&cast, &second);
    let fields: Vec<_> = report.signatures.iter().map(|entry| entry.field.as_str()).collect();
    assert_eq!(fields, ["PhuLuc", "SaoY"]);
    let [one, other] = [rectangle(&second, "PhuLuc"), rectangle(&second, "SaoY")];
    assert!(other[3] <= one[1], "{one:?} {other:?}");
    // Top right: 10 mm from the right edge of A4, 5 mm from the top.
    assert!((one[2] - (595.0 - 28.35)).abs() < 0.1 && (one[3] - (842.0 - 14.17)).abs() < 0.1, "{one:?}");
}

/// Rectangle of the widget with this field name, as the file states it.
fn rectangle(bytes: &[u8], field: &str) -> [f64; 4] {
    let text = String::from_utf8_lossy(bytes);
    let name: String = field.bytes().map(|byte| format!("{byte:02x}")).collect();
    let at = text.find(&format!("/T <{name}>")).unwrap();
    let start = text[..at].rfind("/Rect [").unwrap() + 7;
    let numbers = text[start..].split(']').next().unwrap();
    let numbers: Vec<f64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

#[test]
fn a_seal_covers_the_left_third_of_the_leaders_picture() {
    let cast = Cast::new();
    let leader = signed_as(&cast, &plain(), PdfRole::Leader, "EXAMPLE Leader");
    let sealed = signed_as(&cast, &leader, PdfRole::Seal, "EXAMPLE Seal");
    let [left, bottom, right, top] = rectangle(&sealed, "LanhDao");
    let seal = rectangle(&sealed, "ConDau");
    assert!((seal[2] - (left + (right - left) / 3.0)).abs() < 0.02, "{seal:?}");
    assert!((seal[1] + seal[3] - bottom - top).abs() < 0.02, "{seal:?}");
    // Its real size: 36 mm.
    assert!((seal[2] - seal[0] - 36.0 / 25.4 * 72.0).abs() < 0.02, "{seal:?}");
}

#[test]
fn a_rectangle_is_meant_as_the_page_is_displayed() {
    let cast = Cast::new();
    for (turn, expected) in [
        ("", [28.35, 842.0 - 56.69, 85.04, 842.0 - 28.35]),
        ("/Rotate 90", [28.35, 28.35, 56.69, 85.04]),
        ("/Rotate 180", [595.0 - 85.04, 28.35, 595.0 - 28.35, 56.69]),
        ("/Rotate -90", [595.0 - 56.69, 842.0 - 85.04, 595.0 - 28.35, 842.0 - 28.35]),
    ] {
        let mut pdf = Pdf::new();
        pdf.page_more = turn.to_owned();
        pdf.update(&[(PAGE, pdf.page())]);
        let mut options = options(&cast, PdfRole::Leader);
        let rectangle_mm = PdfRectangle { left: 10.0, top: 10.0, width: 20.0, height: 10.0 };
        options.place = PdfPlace::At { page: PdfPage::First, rectangle: rectangle_mm };
        let signed = sign_pdf(&cast.signer("EXAMPLE Leader"), &pdf.bytes, &options).unwrap();
        assert_passed(&cast, &signed);
        let found = rectangle(&signed, "LanhDao");
        assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 0.02), "{turn}: {found:?}");
    }
}

#[test]
fn an_invisible_signature_shows_nothing() {
    let cast = Cast::new();
    let mut options = options(&cast, PdfRole::Leader);
    options.place = PdfPlace::Invisible;
    let signed = sign_pdf(&cast.signer("EXAMPLE Leader"), &plain(), &options).unwrap();
    assert_passed(&cast, &signed);
    let text = String::from_utf8_lossy(&signed);
    assert!(text.contains("/Rect [0 0 0 0]") && !text.contains("/AP"), "{text}");
}

#[test]
fn an_empty_field_of_the_document_is_signed_where_it_stands() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let field = pdf.number();
    pdf.fields.push(field);
    pdf.annotations.push(field);
    let widget = "<< /Type /Annot /Subtype /Widget /FT /Sig /T (NguoiKy) /Rect [50 50 150 90] /MK << >> >>";
    pdf.update(&[(CATALOG, pdf.catalog()), (PAGE, pdf.page()), (field, widget.to_owned())]);
    // Signed by another one before: the field was there already.
    let first = signed_as(&cast, &pdf.bytes, PdfRole::Leader, "EXAMPLE Leader");
    let mut options = options(&cast, PdfRole::Leader);
    options.place = in_field("NguoiKy");
    let signed = sign_pdf(&cast.signer("EXAMPLE Other"), &first, &options).unwrap();
    let report = assert_passed(&cast, &signed);
    assert_eq!(report.signatures[1].field, "NguoiKy");
    assert_eq!(rectangle(&signed[first.len()..], "NguoiKy"), [50.0, 50.0, 150.0, 90.0]);
    let again = sign_pdf(&cast.signer("EXAMPLE Other"), &signed, &options).unwrap_err();
    assert!(matches!(again, PdfSignError::Field { why: "it is signed already", .. }), "{again}");
    options.place = in_field("Khac");
    let unknown = sign_pdf(&cast.signer("EXAMPLE Other"), &signed, &options).unwrap_err();
    assert!(matches!(unknown, PdfSignError::Field { .. }), "{unknown}");
}

#[test]
fn the_form_the_fields_and_the_annotations_may_be_objects_of_their_own() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let [form, fields, text, annotations] = [(); 4].map(|()| pdf.number());
    pdf.catalog_more = format!("/AcroForm {form} 0 R");
    pdf.page_more = format!("/Annots {annotations} 0 R");
    pdf.update(&[
        (CATALOG, pdf.catalog()),
        (PAGE, pdf.page()),
        (form, format!("<< /Fields {fields} 0 R /DA (/Helv 0 Tf 0 g) >>")),
        (fields, format!("[{text} 0 R]")),
        (text, "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Ten) /V (abc) /Rect [0 0 9 9] >>".to_owned()),
        (annotations, format!("[{text} 0 R]")),
    ]);
    let leader = signed_as(&cast, &pdf.bytes, PdfRole::Leader, "EXAMPLE Leader");
    let sealed = signed_as(&cast, &leader, PdfRole::Seal, "EXAMPLE Seal");
    assert_passed(&cast, &sealed);
    let appended = String::from_utf8_lossy(&sealed[leader.len()..]).into_owned();
    assert!(!appended.contains("/Type /Catalog") && !appended.contains("/Type /Page"), "{appended}");
    assert!(appended.contains(&format!("{fields} 0 obj\n[{text} 0 R ")), "{appended}");
}

#[test]
fn annotations_that_two_pages_share_are_not_shared_with_the_signature() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let [annotations, other] = [(); 2].map(|()| pdf.number());
    pdf.page_more = format!("/Annots {annotations} 0 R");
    pdf.update(&[
        (2, format!("<< /Type /Pages /Kids [{PAGE} 0 R {other} 0 R] /Count 2 >>")),
        (PAGE, pdf.page()),
        (other, pdf.page()),
        (annotations, "[]".to_owned()),
    ]);
    let signed = signed_as(&cast, &pdf.bytes, PdfRole::Leader, "EXAMPLE Leader");
    assert_passed(&cast, &signed);
    let appended = String::from_utf8_lossy(&signed[pdf.bytes.len()..]).into_owned();
    assert!(appended.contains(&format!("{other} 0 obj\n<< /Annots [")), "{appended}");
    assert!(!appended.contains(&format!("{annotations} 0 obj")), "{appended}");
}

#[test]
fn the_older_kind_of_signature_claims_its_time_inside() {
    let cast = Cast::new();
    let mut options = options(&cast, PdfRole::Leader);
    options.format = PdfSignatureFormat::Pkcs7;
    let signed = sign_pdf(&cast.signer("EXAMPLE Leader"), &plain(), &options).unwrap();
    let report = assert_passed(&cast, &signed);
    assert_eq!(report.signatures[0].signature.claimed_time, Some(AT));
    assert!(String::from_utf8_lossy(&signed).contains("/SubFilter /adbe.pkcs7.detached"));
}

#[test]
fn names_in_vietnamese_are_written_as_utf_16_and_times_in_vietnams_zone() {
    let cast = Cast::new();
    let mut options = options(&cast, PdfRole::Leader);
    options.reason = Some("Ký".to_owned());
    let signed = sign_pdf(&cast.signer("EXAMPLE Leader"), &plain(), &options).unwrap();
    let text = String::from_utf8_lossy(&signed);
    assert!(text.contains("/Reason <feff004b00fd>"), "{text}");
    let date: String = b"D:20261121100000+07'00'".iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(text.contains(&format!("/M <{date}>")), "{text}");
    assert_eq!(assert_passed(&cast, &signed).signatures[0].signature.claimed_time, Some(AT));
}

#[test]
fn numbers_that_something_refers_to_are_not_taken() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.page_more = "/PieceInfo << /X 40 0 R >>".to_owned();
    pdf.update(&[(PAGE, pdf.page())]);
    let leader = signed_as(&cast, &pdf.bytes, PdfRole::Leader, "EXAMPLE Leader");
    assert!(!String::from_utf8_lossy(&leader[pdf.bytes.len()..]).contains("\n40 0 obj"));
    assert_passed(&cast, &signed_as(&cast, &leader, PdfRole::Seal, "EXAMPLE Seal"));
}
