//! PDFs of these tests.

use std::fmt::Write as _;

use signature::{PdfPlace, PdfRole, PdfSignOptions, Signer, sign_pdf};

use crate::commands::now;

/// One page that shows nothing.
pub(in crate::commands) fn one_page() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        "<< /Length 2 >>\nstream\nET\nendstream",
    ];
    let mut text = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", text.len()).unwrap();
        write!(text, "{} 0 obj\n{object}\nendobj\n", number + 1).unwrap();
    }
    let at = text.len();
    write!(text, "xref\n0 5\n{table}trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n").unwrap();
    text.into_bytes()
}

/// The page with one signature of this signer, invisible.
pub(in crate::commands) fn signed(signer: &Signer) -> Vec<u8> {
    let mut options = PdfSignOptions::new(PdfRole::Leader, signer, now());
    options.place = PdfPlace::Invisible;
    sign_pdf(signer, &one_page(), &options).unwrap()
}
