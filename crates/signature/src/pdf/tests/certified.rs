//! Attacks on certified documents, whose certification permits some changes: Mainka and others, "Breaking the
//! specification: PDF certification" (2021).

use super::{outcome, report};
use crate::pdf::fixture::{CATALOG, Cast, PAGE, Pdf, Signing, stream};

/// A document certified at this level.
fn certified(level: u8) -> (Cast, Pdf) {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let value = pdf.next + 1;
    pdf.catalog_more = format!("/Perms << /DocMDP {value} 0 R >>");
    let mut signing = Signing::named("ChungThuc");
    signing.value_more =
        format!("/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P {level} /V /1.2 >> >>]");
    pdf.sign(&cast.signer("EXAMPLE Leader"), &signing);
    assert_eq!(outcome(&cast, &pdf), "passed");
    (cast, pdf)
}

#[test]
fn eaa_an_annotation_that_the_certification_permits_is_refused() {
    // Level 3 permits annotations, and an annotation can look like any part of the page.
    for kind in ["FreeText", "Stamp", "Redact", "Highlight", "Widget"] {
        for level in 1..=3 {
            let (cast, mut pdf) = certified(level);
            let note = pdf.number();
            pdf.annotations.push(note);
            let look = pdf.number();
            pdf.update(&[
                (PAGE, pdf.page()),
                (note, format!(
                    "<< /Type /Annot /Subtype /{kind} /Rect [0 0 595 842] /Contents (Khac) /AP << /N {look} 0 R >> >>"
                )),
                (look, stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", "1 1 1 rg 0 0 9 9 re f")),
            ]);
            assert_eq!(outcome(&cast, &pdf), "pdf_changed", "{kind}, level {level}");
        }
    }
}

#[test]
fn eaa_a_changed_annotation_of_the_certified_page_is_refused() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let note = pdf.number();
    pdf.annotations.push(note);
    let shown = |text: &str| format!("<< /Type /Annot /Subtype /FreeText /Rect [0 0 99 99] /Contents ({text}) >>");
    let objects = [(PAGE, pdf.page()), (note, shown("Dong y"))];
    pdf.update(&objects);
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    assert_eq!(outcome(&cast, &pdf), "passed");
    pdf.update(&[(note, shown("Khong dong y"))]);
    assert_eq!(outcome(&cast, &pdf), "pdf_changed");
}

#[test]
fn ssa_a_signature_that_the_certification_permits_counts_only_when_it_is_trusted() {
    for (level, expected) in [(1, "pdf_forbidden"), (2, "passed"), (3, "passed")] {
        let (cast, mut pdf) = certified(level);
        let mut sneaky = pdf.clone();
        pdf.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
        assert_eq!(outcome(&cast, &pdf), expected, "level {level}");
        // What it would show covers the page, and nobody vouches for it.
        let mut over_the_page = Signing::named("ConDau");
        over_the_page.rectangle = "[0 0 595 842]";
        sneaky.sign(&Cast::new().signer("EXAMPLE Seal"), &over_the_page);
        let found = report(&cast, &sneaky);
        assert!(found.signatures.iter().all(|entry| !entry.signature.is_passed()), "level {level}: {found:?}");
    }
}

#[test]
fn ssa_a_field_with_the_name_of_another_is_refused() {
    let (cast, mut pdf) = certified(2);
    pdf.sign(&cast.signer("EXAMPLE Clerk"), &Signing::named("ChungThuc"));
    assert_eq!(outcome(&cast, &pdf), "pdf_field_malformed");
}

#[test]
fn a_certification_that_is_taken_away_or_added_later_is_refused() {
    let (cast, mut pdf) = certified(2);
    pdf.catalog_more = String::new();
    pdf.update(&[(CATALOG, pdf.catalog())]);
    assert_eq!(outcome(&cast, &pdf), "pdf_changed");
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    let value = pdf.next - 2;
    pdf.catalog_more = format!("/Perms << /DocMDP {value} 0 R >>");
    pdf.update(&[(CATALOG, pdf.catalog())]);
    assert_ne!(outcome(&cast, &pdf), "passed");
}
