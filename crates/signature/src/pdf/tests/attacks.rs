//! Every attack on signed PDFs by its name: no altered file passes.

use super::{outcome, report, signed, signed_three_times};
use crate::pdf::fixture::{CATALOG, CONTENT, Cast, INFO, METADATA, PAGE, Pdf, Signing, find, rfind, stream};
use crate::report::Indication;

fn forged() -> String {
    stream("", "BT /F1 12 Tf 50 700 Td (Quyet dinh khac) Tj ET")
}

/// Appends something to a document signed once and to one signed three times: neither may pass.
fn refused_after(change: fn(&mut Pdf), rule: &str) {
    for (cast, mut pdf) in [signed(), signed_three_times()] {
        assert_eq!(outcome(&cast, &pdf), "passed");
        change(&mut pdf);
        assert_eq!(outcome(&cast, &pdf), rule);
        // The attacker signs what was appended, with a certificate nobody trusts.
        let attacker = Cast::new();
        pdf.sign(&attacker.signer("EXAMPLE Attacker"), &Signing::named("KeGia"));
        let report = report(&cast, &pdf);
        assert_eq!(report.indication, Indication::TotalFailed, "{report:?}");
        assert!(report.signatures.iter().all(|entry| !entry.signature.is_passed()), "{report:?}");
    }
}

#[test]
fn usf_a_signature_without_its_range_or_value_is_an_error() {
    for (old, new, rule) in [
        ("/ByteRange", "/BiteRange", "pdf_field_malformed"),
        ("/Contents <", "/Kontents <", "pdf_field_malformed"),
        ("/SubFilter", "/SuppFilte", "pdf_sub_filter"),
    ] {
        let (cast, mut pdf) = signed();
        pdf.replace(old, new);
        assert_eq!(outcome(&cast, &pdf), rule, "{old}");
    }
    for range in ["[]", "null", "[0 -1 -1 -1]", "[0 1 2]", "[1 2 3 4]", "[0 0 0 0]", "(0 1 2 3)"] {
        let (cast, mut pdf) = signed();
        let (text, _) = pdf.byte_range();
        let width = text.len();
        pdf.replace(&text, &format!("{:<width$}", format!("/ByteRange {range}")));
        assert!(["pdf_byte_range", "pdf_field_malformed"].contains(&outcome(&cast, &pdf).as_str()), "{range}");
    }
}

#[test]
fn isa_an_appended_change_of_the_page_is_refused() {
    refused_after(|pdf| pdf.update(&[(CONTENT, forged())]), "pdf_changed");
}

#[test]
fn isa_an_appended_page_tree_is_refused() {
    refused_after(
        |pdf| pdf.update(&[(2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>".to_owned())]),
        "pdf_changed",
    );
}

#[test]
fn isa_an_appended_catalog_is_refused() {
    for (cast, mut pdf) in [signed(), signed_three_times()] {
        let (pages, page) = (pdf.number(), pdf.number());
        let catalog = pdf.catalog().replace("/Pages 2 0 R", &format!("/Pages {pages} 0 R"));
        let content = pdf.page();
        pdf.update(&[
            (CATALOG, catalog),
            (pages, format!("<< /Type /Pages /Kids [{page} 0 R] /Count 1 >>")),
            (page, content),
        ]);
        assert_eq!(outcome(&cast, &pdf), "pdf_changed");
    }
}

#[test]
fn isa_bytes_that_no_section_names_are_refused() {
    let (cast, mut pdf) = signed();
    pdf.bytes.extend_from_slice(format!("{CONTENT} 0 obj\n{}\nendobj\n", forged()).as_bytes());
    assert_eq!(outcome(&cast, &pdf), "pdf_malformed");
    // Followed by an update that names nothing.
    pdf.update(&[]);
    assert_eq!(outcome(&cast, &pdf), "pdf_not_incremental");
}

#[test]
fn isa_a_broken_last_section_does_not_lead_back_to_an_older_one() {
    let (cast, mut pdf) = signed();
    pdf.update(&[(CONTENT, forged())]);
    let at = rfind(&pdf.bytes, b"xref\n4 1");
    pdf.bytes[at] = b'y';
    assert_eq!(outcome(&cast, &pdf), "pdf_malformed");
}

#[test]
fn isa_an_update_that_skips_the_signed_revision_is_refused() {
    let (cast, mut pdf) = signed();
    pdf.update(&[(CONTENT, forged())]);
    let previous = rfind(&pdf.bytes, b"/Prev ");
    let digits = pdf.bytes[previous + 6..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let first = find(&pdf.bytes, b"xref\n");
    let padded = format!("{first:0digits$}");
    pdf.bytes[previous + 6..previous + 6 + digits].copy_from_slice(padded.as_bytes());
    assert_ne!(outcome(&cast, &pdf), "passed");
}

#[test]
fn swa_a_moved_second_range_is_refused() {
    let (cast, mut pdf) = signed();
    let (text, [a, b, c, d]) = pdf.byte_range();
    let inserted = format!("/Evil <</Type /Sig>> {CONTENT} 0 obj {} endobj ", forged());
    pdf.bytes.splice(c..c, inserted.bytes());
    let moved = format!("/ByteRange [{a} {b:>10} {:>10} {d:>10}]", c + inserted.len());
    pdf.replace(&text, &moved);
    assert_ne!(outcome(&cast, &pdf), "passed");
    assert_eq!(report(&cast, &pdf).signatures.len(), 0, "{:?}", report(&cast, &pdf));
}

#[test]
fn swa_a_second_contents_is_refused() {
    let (cast, mut pdf) = signed();
    let (text, [a, b, c, d]) = pdf.byte_range();
    // Room in the gap for another value: the signed bytes stay as they are.
    let inserted = b"/Contents <00> ".to_vec();
    pdf.bytes.splice(c..c, inserted.iter().copied());
    pdf.replace(&text, &format!("/ByteRange [{a} {b:>10} {:>10} {d:>10}]", c + inserted.len()));
    assert_ne!(outcome(&cast, &pdf), "passed");
}

#[test]
fn overlapping_and_shortened_ranges_are_refused() {
    type Move = fn([usize; 4]) -> [usize; 4];
    let moves: [Move; 7] = [
        |[a, b, c, d]| [a, c, b, d],
        |[a, b, c, d]| [a, b + 1, c, d],
        |[a, b, c, d]| [a, b, c - 1, d],
        |[a, b, c, d]| [a, b, c, d - 1],
        |[a, b, c, d]| [a, b, c, d + 1],
        |[a, b, c, d]| [a + 1, b - 1, c, d],
        |[a, b, c, _]| [a, b, c, 0],
    ];
    for change in moves {
        let (cast, mut pdf) = signed();
        let (text, numbers) = pdf.byte_range();
        let [a, b, c, d] = change(numbers);
        pdf.replace(&text, &format!("/ByteRange [{a} {b:>10} {c:>10} {d:>10}]"));
        // A range that leaves out the last line end is one of other bytes than were signed.
        assert!(["pdf_byte_range", "digest_mismatch"].contains(&outcome(&cast, &pdf).as_str()));
    }
}

#[test]
fn shadow_hide_an_object_that_is_freed_is_refused() {
    refused_after(|pdf| pdf.update_with(&[], &[CONTENT], ""), "pdf_changed");
}

#[test]
fn shadow_hide_another_generation_is_refused() {
    let (cast, mut pdf) = signed();
    pdf.update(&[(CONTENT, stream("", "BT /F1 12 Tf 50 700 Td (Quyet dinh) Tj ET"))]);
    assert_eq!(outcome(&cast, &pdf), "passed");
    // The same content, out of the page's reach.
    let object = rfind(&pdf.bytes, b"4 0 obj");
    pdf.bytes[object + 2] = b'1';
    let entry = rfind(&pdf.bytes, b" 00000 n");
    pdf.bytes[entry + 5] = b'1';
    assert_eq!(outcome(&cast, &pdf), "pdf_changed");
}

#[test]
fn shadow_replace_a_field_value_is_refused() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let text = pdf.number();
    let field = |value: &str| format!("<< /FT /Tx /T (So tien) /V ({value}) >>");
    pdf.fields.push(text);
    let objects = [(CATALOG, pdf.catalog()), (text, field("1000"))];
    pdf.update(&objects);
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    assert_eq!(outcome(&cast, &pdf), "passed");
    pdf.update(&[(text, field("9000"))]);
    assert_eq!(outcome(&cast, &pdf), "pdf_changed");
}

#[test]
fn shadow_hide_and_replace_an_object_that_was_missing_is_refused() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    // The signed page refers to content that is not there yet.
    pdf.page_more = "/Resources << /XObject << /Im 90 0 R >> >>".to_owned();
    let page = pdf.page();
    pdf.update(&[(PAGE, page)]);
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    assert_eq!(outcome(&cast, &pdf), "passed");
    pdf.update(&[(90, stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", "1 0 0 rg"))]);
    assert_eq!(outcome(&cast, &pdf), "pdf_changed");
}

#[test]
fn eaa_an_annotation_over_the_page_is_refused() {
    refused_after(
        |pdf| {
            let note = pdf.number();
            pdf.annotations.push(note);
            pdf.update(&[
                (PAGE, pdf.page()),
                (note, "<< /Type /Annot /Subtype /FreeText /Rect [0 0 595 842] /Contents (Khac) >>".to_owned()),
            ]);
        },
        "pdf_changed",
    );
}

#[test]
fn ssa_an_unsigned_signature_field_with_an_appearance_is_refused() {
    refused_after(
        |pdf| {
            let (field, look) = (pdf.number(), pdf.number());
            pdf.fields.push(field);
            pdf.annotations.push(field);
            pdf.update(&[
                (CATALOG, pdf.catalog()),
                (PAGE, pdf.page()),
                (field, format!(
                    "<< /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 595 842] /P {PAGE} 0 R /AP << /N {look} 0 R >> >>"
                )),
                (look, stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", "1 0 0 rg")),
            ]);
        },
        "pdf_changed",
    );
}

#[test]
fn ssa_a_signature_that_nobody_trusts_shows_nothing_on_a_passed_page() {
    let (cast, mut pdf) = signed();
    let attacker = Cast::new();
    pdf.sign(&attacker.signer("EXAMPLE Attacker"), &Signing::named("KeGia"));
    let report = report(&cast, &pdf);
    let rules: Vec<_> = report.signatures.iter().map(|entry| entry.signature.rule.clone().unwrap()).collect();
    assert_eq!(rules, ["pdf_later_signature", "chain_signature_wrong"]);
    assert!(!report.is_passed());
}

#[test]
fn ssa_a_later_field_with_actions_or_kids_is_refused() {
    for more in ["/AA << /E << /S /GoTo >> >>", "/A << /S /URI /URI (x) >>", "/Kids []", "/OC 1 0 R", "/Parent 1 0 R"] {
        let (cast, mut pdf) = signed();
        let mut signing = Signing::named("ConDau");
        signing.field_more = more;
        pdf.sign(&cast.signer("EXAMPLE Seal"), &signing);
        assert_eq!(outcome(&cast, &pdf), "pdf_changed", "{more}");
    }
}

#[test]
fn a_whitelisted_position_does_not_whitelist_what_else_is_there() {
    // The signed catalog names the page's content as its metadata, or the trailer as its information.
    let cast = Cast::new();
    let mut pdf = Pdf::with(&format!("/DSS << /Certs {CONTENT} 0 R >>"));
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    let mut by_store = pdf.clone();
    by_store.update(&[(CONTENT, forged())]);
    assert_eq!(outcome(&cast, &by_store), "pdf_changed");
    let mut by_metadata = pdf.clone();
    let catalog = by_metadata.catalog().replace(&format!("/Metadata {METADATA}"), &format!("/Metadata {CONTENT}"));
    by_metadata.update(&[
        (CATALOG, catalog),
        (CONTENT, stream("/Type /Metadata", "BT /F1 12 Tf 50 700 Td (Quyet dinh khac) Tj ET")),
    ]);
    by_metadata.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
    assert_eq!(outcome(&cast, &by_metadata), "pdf_changed");
    let mut by_info = pdf.clone();
    by_info.update_with(&[(CONTENT, "<< /Title (Khac) >>".to_owned())], &[], "");
    by_info.replace(&format!("/Info {INFO} 0 R"), &format!("/Info {CONTENT} 0 R"));
    assert_eq!(outcome(&cast, &by_info), "pdf_changed");
}

#[test]
fn no_single_altered_byte_passes() {
    let (cast, pdf) = signed();
    let (_, [_, gap, behind, _]) = pdf.byte_range();
    // Both covered ranges, the brackets of the value, and the ends of its padding.
    for at in (0..=gap).chain(behind - 4..pdf.bytes.len()) {
        let mut altered = pdf.clone();
        altered.bytes[at] ^= 0x01;
        assert_ne!(outcome(&cast, &altered), "passed", "byte {at}");
    }
}
