//! A one-page PDF, so that samples and demonstrations send what offices send.

use std::fmt::Write as _;

/// Makes a page of A4 with these lines, which must be ASCII: the standard fonts have no Vietnamese letters.
#[must_use]
pub fn page(lines: &[&str]) -> Vec<u8> {
    let text = drawn(lines);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push(file.len());
        _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
    }
    let xref = file.len();
    // Each entry is exactly 20 bytes, its line end included.
    _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        _ = writeln!(file, "{offset:010} 00000 n ");
    }
    _ = write!(file, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

fn drawn(lines: &[&str]) -> String {
    let mut text = String::from("BT /F1 14 Tf 22 TL 72 770 Td");
    for line in lines {
        let line: String = line.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
        let line = line.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        _ = write!(text, " ({line}) Tj T*");
    }
    text + " ET"
}

#[cfg(test)]
mod tests;
