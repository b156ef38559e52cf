//! PDFs of a few objects, written by hand.

/// A page that says `Xin`, with this many empty objects besides.
pub(super) fn plain(more: usize) -> Vec<u8> {
    let content = "BT /F1 12 Tf 72 720 Td (Xin) Tj ET";
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    objects.extend((0..more).map(|number| format!("<< /Number {number} /List [1 2 3 (text) << /Deep [4 5 6] >>] >>")));
    file(&objects)
}

/// One that takes seconds to read.
pub(super) fn slow() -> Vec<u8> {
    plain(400_000)
}

/// One of few bytes per object and many objects: read into memory it is many times as large.
pub(super) fn large_in_memory() -> Vec<u8> {
    let list = "[]".repeat(60_000);
    let objects: Vec<String> = (0..200).map(|_| format!("<< /L [{list}] >>")).collect();
    let mut all =
        vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned(), "<< /Type /Pages /Kids [] /Count 0 >>".to_owned()];
    all.extend(objects);
    file(&all)
}

fn file(objects: &[String]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(objects) {
        places.push(bytes.len());
        bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let start = bytes.len();
    let count = objects.len() + 1;
    bytes.extend_from_slice(format!("xref\n0 {count}\n0000000000 65535 f \n").as_bytes());
    for place in places {
        bytes.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    bytes
        .extend_from_slice(format!("trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").as_bytes());
    bytes
}

/// The same with an incremental update that replaces the page's content (an ISA).
pub(super) fn replaced_content(signed: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(signed);
    let previous = text.rsplit("startxref").next().unwrap().split_whitespace().next().unwrap();
    let size = text.rsplit("/Size ").next().unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap();
    let root = text.rsplit("/Root ").next().unwrap().split(" R").next().unwrap();
    let content = "BT /F1 12 Tf 72 720 Td (Sua) Tj ET";
    let mut bytes = signed.to_vec();
    let at = bytes.len();
    let object = format!("4 0 obj\n<< /Length {} >>\nstream\n{content}\nendstream\nendobj\n", content.len());
    bytes.extend_from_slice(object.as_bytes());
    let start = bytes.len();
    let update = format!(
        "xref\n4 1\n{at:010} 00000 n \ntrailer\n<< /Size {size} /Root {root} R /Prev {previous} >>\nstartxref\n{start}\n%%EOF\n"
    );
    bytes.extend_from_slice(update.as_bytes());
    bytes
}
