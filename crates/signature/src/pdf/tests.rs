mod attacks;
mod certified;
mod evidence;
mod files;
mod later;
mod revisions;

use super::fixture::{Cast, Pdf, Signing};
use super::{PdfOptions, PdfReport, verify_pdf};
use crate::pki::AT;
use crate::policy::Policy;

fn report(cast: &Cast, pdf: &Pdf) -> PdfReport {
    verify_pdf(&pdf.bytes, &cast.trust, &Policy::envelope(), &PdfOptions::strict(), AT)
}

/// The document's rule, `passed` when there is none.
fn outcome(cast: &Cast, pdf: &Pdf) -> String {
    let report = report(cast, pdf);
    assert_eq!(report.is_passed(), report.rule.is_none(), "{report:?}");
    report.rule.unwrap_or_else(|| "passed".to_owned())
}

/// A document signed once, by the leader.
fn signed() -> (Cast, Pdf) {
    let cast = Cast::new();
    let mut pdf = Pdf::new();
    pdf.sign(&cast.signer("EXAMPLE Leader"), &Signing::named("LanhDao"));
    (cast, pdf)
}

/// Leader, seal, and the receiver's incoming stamp.
fn signed_three_times() -> (Cast, Pdf) {
    let (cast, mut pdf) = signed();
    pdf.sign(&cast.signer("EXAMPLE Seal"), &Signing::named("ConDau"));
    pdf.sign(&cast.signer("EXAMPLE Incoming"), &Signing::named("VanBanDen"));
    (cast, pdf)
}
