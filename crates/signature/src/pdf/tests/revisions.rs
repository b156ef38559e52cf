//! A revision reads as it would alone, whatever was read of its file before.

use super::files::compressed;
use super::{signed, signed_three_times};
use crate::pdf::PdfLimits;
use crate::pdf::fixture::{Cast, Pdf, Signing};
use crate::pdf::graph::{References, id};
use crate::pdf::view::View;

/// Every object and what is known of it, every section, and how often each number is referred to.
fn all(view: &View<'_>) -> Vec<String> {
    let mut all: Vec<String> = view.sections.iter().map(|section| format!("{section:?}")).collect();
    view.each(|id, facts| all.push(format!("{id:?} {facts:?}"))).unwrap();
    let references = References::of(view).unwrap();
    for (number, entry) in view.entries.iter() {
        all.push(format!("{entry:?} {} {:?}", references.count(number), view.get(id(number, entry)).unwrap()));
    }
    all
}

fn check(bytes: &[u8]) {
    let limits = PdfLimits::document();
    let file = View::open(bytes, &limits).unwrap();
    let mut newer = all(&file);
    let ends: Vec<usize> = memchr::memmem::find_iter(bytes, b"%%EOF\n").map(|at| at + 6).collect();
    assert!(ends.len() > 1);
    for end in ends.into_iter().rev().skip(1) {
        let revision = file.revision(end, &limits).unwrap();
        let found = all(&revision);
        assert_eq!(found, all(&View::open(&bytes[..end], &limits).unwrap()));
        assert_ne!(found, newer, "a revision without a change shows nothing");
        newer = found;
    }
}

#[test]
fn with_tables() {
    let (_, mut pdf) = signed_three_times();
    pdf.update_with(&[], &[4, 7], "");
    check(&pdf.bytes);
}

#[test]
fn with_object_and_cross_reference_streams() {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.continue_from(compressed(), 9);
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    // The catalog and the document information leave their stream, and then the stream is replaced.
    pdf.update(&[(5, "<< /Title (y) >>".to_owned())]);
    pdf.update(&[(7, "<< >>".to_owned())]);
    check(&pdf.bytes);
}

#[test]
fn where_one_ends_before_a_length_that_another_has() {
    let (_, mut pdf) = signed();
    let content = "<< /Length 90 0 R >>\nstream\nBT ET\nendstream".to_owned();
    pdf.update(&[(4, content), (90, "5".to_owned())]);
    // The same stream with an other length is longer than what stands there.
    pdf.update(&[(91, "<< >>".to_owned())]);
    check(&pdf.bytes);
    pdf.update(&[(90, "4".to_owned())]);
    let limits = PdfLimits::document();
    let file = View::open(&pdf.bytes, &limits).unwrap();
    assert!(file.each(|_, _| {}).is_err());
    let end = memchr::memmem::rfind_iter(&pdf.bytes, b"%%EOF\n").nth(1).unwrap() + 6;
    assert!(file.revision(end, &limits).unwrap().each(|_, _| {}).is_ok());
}
