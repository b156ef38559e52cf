//! Files as a whole: what is refused whatever its signatures say, and the structures that are read.

use std::io::Write as _;

use super::{outcome, report, signed};
use crate::cms::fixture::joined;
use crate::pdf::fixture::{CATALOG, CONTENT, Cast, Pdf, Signing, stream};
use crate::pdf::{ActiveContent, PdfOptions, verify_pdf};
use crate::pki::AT;
use crate::policy::{Policy, Revocation};
use crate::report::Indication;
use crate::sign::sign_pdf_cms;

#[test]
fn a_document_without_signature_is_not_passed() {
    assert_eq!(outcome(&Cast::new(), &Pdf::new()), "pdf_no_signature");
}

#[test]
fn an_encrypted_file_is_refused_before_anything_is_read() {
    let (cast, mut pdf) = signed();
    pdf.update_with(&[], &[], "/Encrypt << /Filter /Standard >>");
    assert_eq!(outcome(&cast, &pdf), "pdf_encrypted");
}

#[test]
fn an_xfa_form_is_refused() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.form_more = "/XFA [(template) 4 0 R]".to_owned();
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    assert_eq!(outcome(&cast, &pdf), "pdf_xfa");
}

#[test]
fn active_content_is_refused_or_noted_by_policy() {
    for (action, what) in [("/S /JavaScript /JS (app.alert(1))", "JavaScript"), ("/S /Launch /F (x.exe)", "Launch")] {
        let cast = Cast::new();
        let mut pdf = Pdf::with(&format!("/OpenAction << {action} >>"));
        pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
        assert_eq!(outcome(&cast, &pdf), "pdf_active_content");
        let options = PdfOptions { active_content: ActiveContent::Noted, ..PdfOptions::strict() };
        let report = verify_pdf(&pdf.bytes, &cast.trust, &Policy::envelope(), &options, AT);
        assert!(report.is_passed(), "{report:?}");
        assert_eq!(report.active_content, [what]);
    }
}

#[test]
fn sub_filters_of_other_kinds_are_refused() {
    for (sub_filter, expected) in [
        ("ETSI.CAdES.detached", "passed"),
        ("adbe.pkcs7.detached", "passed"),
        ("adbe.pkcs7.sha1", "pdf_sub_filter"),
        ("adbe.x509.rsa_sha1", "pdf_sub_filter"),
    ] {
        let cast = Cast::new();
        let mut pdf = Pdf::new();
        let mut signing = Signing::named("LanhDao");
        signing.sub_filter = sub_filter;
        pdf.sign(&cast.signer("EXAMPLE Leader"), &signing);
        assert_eq!(outcome(&cast, &pdf), expected, "{sub_filter}");
    }
}

#[test]
fn a_signature_outside_the_form_is_an_error() {
    let (cast, mut pdf) = signed();
    let hidden = pdf.number();
    pdf.update(&[(hidden, "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>".to_owned())]);
    assert_eq!(outcome(&cast, &pdf), "pdf_hidden_signature");
    let (cast, mut pdf) = signed();
    let hidden = pdf.number();
    pdf.update(&[(hidden, "<< /FT /Sig /T (an) /V (x) >>".to_owned())]);
    assert_eq!(outcome(&cast, &pdf), "pdf_hidden_signature");
}

#[test]
fn two_fields_of_one_signature_are_an_error() {
    let (cast, mut pdf) = signed();
    let value = pdf.next - 2;
    let other = pdf.number();
    pdf.fields.push(other);
    let objects = [(CATALOG, pdf.catalog()), (other, format!("<< /FT /Sig /T (y) /V {value} 0 R >>"))];
    pdf.update(&objects);
    assert_ne!(outcome(&cast, &pdf), "passed");
}

#[test]
fn exactly_one_signer_is_in_the_structure() {
    let (cast, mut pdf) = signed();
    let (_, [_, open, behind, _]) = pdf.byte_range();
    let covered = [&pdf.bytes[..open], &pdf.bytes[behind..]].concat();
    let sign = |name: &str| sign_pdf_cms(&cast.signer(name), &covered, AT).unwrap();
    let (one, other) = (sign("EXAMPLE Leader"), sign("EXAMPLE Seal"));
    pdf.write_contents(open, &joined(&one, &other));
    assert_eq!(outcome(&cast, &pdf), "cms_too_many_signers");
    let mut pdf = pdf.clone();
    pdf.bytes[open + 1..behind - 1].fill(b'0');
    pdf.write_contents(open, &one);
    assert_eq!(outcome(&cast, &pdf), "passed");
    // Bytes behind the structure that are no padding.
    pdf.bytes[behind - 2] = b'7';
    assert_eq!(outcome(&cast, &pdf), "cms_malformed");
}

#[test]
fn limits_are_kept() {
    let (cast, mut pdf) = signed();
    pdf.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
    let rule = |change: fn(&mut PdfOptions)| {
        let mut options = PdfOptions::strict();
        change(&mut options);
        verify_pdf(&pdf.bytes, &cast.trust, &Policy::envelope(), &options, AT).rule.unwrap()
    };
    assert_eq!(rule(|options| options.limits.bytes_max = 1000), "pdf_too_large");
    assert_eq!(rule(|options| options.limits.objects_max = 5), "pdf_malformed");
    assert_eq!(rule(|options| options.limits.signatures_max = 1), "pdf_too_many_signatures");
}

/// A document whose catalog stands in an object stream and whose cross-reference is a stream, both compressed.
pub(super) fn compressed() -> Vec<u8> {
    let deflated = |data: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    };
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let mut put = |bytes: &mut Vec<u8>, number: u32, dictionary: &str, data: Option<&[u8]>| {
        offsets.push((number, bytes.len()));
        let stream = data.map(|data| [b"\nstream\n", data, b"\nendstream"].concat()).unwrap_or_default();
        bytes.extend_from_slice(&[format!("{number} 0 obj\n{dictionary}").as_bytes(), &stream, b"\nendobj\n"].concat());
    };
    let objects = ["<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>", "<< /Title (x) >>"];
    let header = format!("1 0 5 {} ", objects[0].len() + 1);
    let packed = deflated(format!("{header}{} {}", objects[0], objects[1]).as_bytes());
    let container =
        format!("<< /Type /ObjStm /N 2 /First {} /Filter /FlateDecode /Length {} >>", header.len(), packed.len());
    put(&mut bytes, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", None);
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R  >>";
    put(&mut bytes, 3, page, None);
    put(&mut bytes, 4, "<< /Length 2 >>", Some(b"ET"));
    put(&mut bytes, 6, "<< /Type /Metadata /Length 4 >>", Some(b"<x/>"));
    put(&mut bytes, 7, &container, Some(&packed));
    let at = bytes.len();
    let mut rows = [[0_u8; 4]; 9];
    for (number, offset) in &offsets {
        let [.., high, low] = u32::try_from(*offset).unwrap().to_be_bytes();
        rows[usize::try_from(*number).unwrap()] = [1, high, low, 0];
    }
    (rows[1], rows[5]) = ([2, 0, 7, 0], [2, 0, 7, 1]);
    // PNG predictor «up» on every row.
    let mut above = [0_u8; 4];
    let predicted: Vec<u8> = rows
        .iter()
        .flat_map(|row| {
            let up: Vec<u8> = row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)).collect();
            above = *row;
            [vec![2], up].concat()
        })
        .collect();
    let packed = deflated(&predicted);
    let trailer = format!(
        "8 0 obj\n<< /Type /XRef /Size 9 /W [1 2 1] /Root 1 0 R /Info 5 0 R /Filter /FlateDecode /DecodeParms \
         << /Predictor 12 /Columns 4 >> /Length {} >>\nstream\n",
        packed.len()
    );
    let end = format!("\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n");
    [&bytes, trailer.as_bytes(), &packed, end.as_bytes()].concat()
}

#[test]
fn object_and_cross_reference_streams_are_read() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let bytes = compressed();
    pdf.continue_from(bytes, 9);
    assert_eq!(outcome(&cast, &pdf), "pdf_no_signature");
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    pdf.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
    assert_eq!(outcome(&cast, &pdf), "passed", "{:?}", report(&cast, &pdf));
    let mut unpacked = pdf.clone();
    unpacked.update(&[(CONTENT, stream("", "BT"))]);
    assert_eq!(outcome(&cast, &unpacked), "pdf_changed");
    // The container is in use, whoever refers to it.
    pdf.update(&[(7, "<< >>".to_owned())]);
    assert_ne!(outcome(&cast, &pdf), "passed");
}

#[test]
fn any_cut_of_a_signed_file_is_refused_without_panic() {
    let (cast, pdf) = signed();
    for length in (0..pdf.bytes.len() - 1).step_by(7) {
        let mut cut = pdf.clone();
        cut.bytes.truncate(length);
        assert_ne!(outcome(&cast, &cut), "passed", "{length} bytes");
    }
}

#[test]
fn revocation_that_is_required_and_was_not_checked_leaves_the_document_undecided() {
    let (cast, pdf) = signed();
    let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
    let report = verify_pdf(&pdf.bytes, &cast.trust, &policy, &PdfOptions::strict(), AT);
    assert_eq!(report.indication, Indication::Indeterminate, "{report:?}");
}
