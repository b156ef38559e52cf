//! What may come after a signature: other signatures, validation data, time-stamps, metadata.

use super::{outcome, report, signed, signed_three_times};
use crate::pdf::fixture::{CATALOG, Cast, INFO, METADATA, PAGE, Pdf, Signing, stream};
use crate::pdf::{Change, Coverage};
use crate::pki::AT;
use crate::report::{Indication, SignatureFormat};

#[test]
fn one_signature_covers_the_file() {
    let (cast, pdf) = signed();
    let report = report(&cast, &pdf);
    assert!(report.is_passed(), "{report:?}");
    let entry = &report.signatures[0];
    assert_eq!((entry.field.as_str(), entry.coverage), ("LanhDao", Some(Coverage::EntireFile)));
    assert!(entry.signature.signer.as_ref().unwrap().subject.contains("EXAMPLE Leader"));
    assert_eq!(entry.covered_bytes, Some(u64::try_from(pdf.bytes.len()).unwrap()));
    assert!(entry.signature.claimed_time.is_some());
}

#[test]
fn leader_seal_and_incoming_stamp_all_pass() {
    let (cast, pdf) = signed_three_times();
    let report = report(&cast, &pdf);
    assert!(report.is_passed(), "{report:?}");
    let coverage: Vec<_> = report.signatures.iter().map(|entry| entry.coverage.unwrap()).collect();
    assert_eq!(coverage, [Coverage::EntireRevision, Coverage::EntireRevision, Coverage::EntireFile]);
    let fields: Vec<_> = report.signatures.iter().map(|entry| entry.field.as_str()).collect();
    assert_eq!(fields, ["LanhDao", "ConDau", "VanBanDen"]);
    let changes: Vec<_> = report.signatures[0].changes.iter().map(|change| &change.change).collect();
    let signature = |field: &str| Change::Signature { field: field.to_owned() };
    assert_eq!(changes, [&signature("ConDau"), &signature("VanBanDen")]);
}

#[test]
fn an_empty_field_of_the_signed_revision_may_be_signed() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    let (field, value) = (pdf.number(), pdf.number());
    let widget = |more: &str| {
        format!("<< /Type /Annot /Subtype /Widget /FT /Sig /T (ConDau) /Rect [0 0 9 9] /P {PAGE} 0 R {more} >>")
    };
    pdf.fields.push(field);
    pdf.annotations.push(field);
    let objects = [(CATALOG, pdf.catalog()), (PAGE, pdf.page()), (field, widget(""))];
    pdf.update(&objects);
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    let seal = cast.signer("EXAMPLE Seal");
    let mut moved = pdf.clone();
    pdf.sign_into(&seal, &Signing::named(""), value, vec![(field, widget(&format!("/V {value} 0 R")))]);
    assert_eq!(outcome(&cast, &pdf), "passed");
    let elsewhere = widget(&format!("/V {value} 0 R")).replace("[0 0 9 9]", "[0 0 595 842]");
    moved.sign_into(&seal, &Signing::named(""), value, vec![(field, elsewhere)]);
    assert_eq!(outcome(&cast, &moved), "pdf_changed");
}

#[test]
fn validation_data_may_follow_the_last_signature() {
    let (cast, mut pdf) = signed_three_times();
    let (store, list, certificate) = (pdf.number(), pdf.number(), pdf.number());
    pdf.catalog_more = format!("/DSS {store} 0 R /Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>");
    pdf.update(&[
        (CATALOG, pdf.catalog()),
        (store, format!("<< /Type /DSS /Certs {list} 0 R >>")),
        (list, format!("[{certificate} 0 R]")),
        (certificate, stream("", "certificate")),
    ]);
    let first = report(&cast, &pdf);
    assert!(first.is_passed(), "{first:?}");
    assert!(first.signatures[2].changes.iter().any(|change| change.change == Change::SecurityStore));
    // More of it later.
    let other = pdf.number();
    pdf.update(&[(list, format!("[{certificate} 0 R {other} 0 R]")), (other, stream("", "another"))]);
    assert_eq!(outcome(&cast, &pdf), "passed");
    // A member that is not the store's own.
    pdf.update(&[(store, format!("<< /Type /DSS /Certs {list} 0 R /Pages 2 0 R >>"))]);
    assert_eq!(outcome(&cast, &pdf), "pdf_changed");
}

fn stamp_field() -> Signing {
    let mut stamp = Signing::named("DauThoiGian");
    stamp.sub_filter = "ETSI.RFC3161";
    stamp.rectangle = "[0 0 0 0]";
    stamp
}

#[test]
fn a_document_time_stamp_proves_the_age_of_what_it_covers() {
    let (cast, mut pdf) = signed();
    pdf.sign(&cast.signer("EXAMPLE Leader"), &stamp_field());
    pdf.stamp(&cast.authority(), AT);
    let found = report(&cast, &pdf);
    assert!(found.is_passed(), "{found:?}");
    assert_eq!(found.signatures[0].signature.proved_time, Some(AT));
    assert_eq!(found.signatures[0].changes[0].change, Change::Timestamp { field: "DauThoiGian".to_owned() });
    assert_eq!(found.signatures[1].signature.format, SignatureFormat::PdfTimestamp);
}

#[test]
fn a_time_stamp_of_an_unknown_authority_leaves_the_document_undecided_and_shows_nothing() {
    let (cast, mut pdf) = signed();
    let other = Cast::new();
    let mut stamp = stamp_field();
    let mut visible = pdf.clone();
    pdf.sign(&cast.signer("EXAMPLE TSA"), &stamp);
    pdf.stamp(&other.authority(), AT);
    let found = report(&cast, &pdf);
    assert!(found.signatures[0].signature.is_passed(), "{found:?}");
    assert_eq!(found.signatures[0].signature.proved_time, None);
    assert_eq!(found.indication, Indication::Indeterminate);
    // One that shows something would put a picture of nobody's on the page.
    stamp.rectangle = "[0 0 595 842]";
    visible.sign(&cast.signer("EXAMPLE TSA"), &stamp);
    visible.stamp(&other.authority(), AT);
    assert_eq!(report(&cast, &visible).signatures[0].signature.rule.as_deref(), Some("pdf_later_signature"));
}

#[test]
fn a_time_stamp_over_something_else_is_refused() {
    let (cast, mut pdf) = signed();
    let mut other = pdf.clone();
    other.sign(&cast.signer("EXAMPLE TSA"), &stamp_field());
    // A signature where a token belongs.
    assert_eq!(report(&cast, &other).signatures[1].signature.rule.as_deref(), Some("content_type_mismatch"));
    assert!(!report(&cast, &other).is_passed());
    pdf.sign(&cast.signer("EXAMPLE TSA"), &stamp_field());
    pdf.stamp(&cast.authority(), AT);
    assert!(report(&cast, &pdf).is_passed());
    pdf.replace("/T (DauThoiGian)", "/T (DauThoiGiaN)");
    assert_eq!(outcome(&cast, &pdf), "timestamp_imprint_mismatch");
}

#[test]
fn metadata_may_change_with_a_later_signature_and_not_behind_the_last() {
    let (cast, mut pdf) = signed();
    pdf.update(&[
        (INFO, "<< /Title (Quyet dinh) /ModDate (D:20261121) >>".to_owned()),
        (METADATA, stream("/Type /Metadata /Subtype /XML", "<x:xmpmeta>sealed</x:xmpmeta>")),
    ]);
    assert_eq!(outcome(&cast, &pdf), "pdf_changed");
    pdf.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
    assert_eq!(outcome(&cast, &pdf), "passed");
}

#[test]
fn a_certification_of_level_1_forbids_later_signatures() {
    for (level, expected) in [(1, "pdf_forbidden"), (2, "passed"), (3, "passed"), (4, "pdf_malformed")] {
        let cast = Cast::new();
        let mut pdf = Pdf::new();
        let value = pdf.next + 1;
        pdf.catalog_more = format!("/Perms << /DocMDP {value} 0 R >>");
        let mut signing = Signing::named("ChungThuc");
        signing.value_more = format!(
            "/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /P {level} /V /1.2 >> >>]"
        );
        pdf.sign(&cast.signer("EXAMPLE Leader"), &signing);
        pdf.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
        assert_eq!(outcome(&cast, &pdf), expected, "level {level}");
    }
}

#[test]
fn a_field_lock_forbids_signing_the_fields_it_names() {
    for (lock, expected) in [
        ("/Action /All", "pdf_forbidden"),
        ("/Action /Include /Fields [(ConDau)]", "pdf_forbidden"),
        ("/Action /Include /Fields [(Khac)]", "passed"),
        ("/Action /Exclude /Fields [(ConDau)]", "passed"),
        ("/Action /Exclude /Fields [(Khac)]", "pdf_forbidden"),
    ] {
        let cast = Cast::new();
        let mut pdf = Pdf::new();
        let mut signing = Signing::named("LanhDao");
        signing.value_more = format!(
            "/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << {lock} /V /1.2 >> >>]"
        );
        pdf.sign(&cast.signer("EXAMPLE Leader"), &signing);
        pdf.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
        assert_eq!(outcome(&cast, &pdf), expected, "{lock}");
    }
}
