//! PDFs of a few objects, written by hand.

/// A page that says `Xin`, with this many empty objects besides.
pub(crate) fn plain(more: usize) -> Vec<u8> {
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

/// A zip archive of less than one megabyte with one PDF of 200: a file that is small until it is looked at.
pub(super) fn large_in_memory() -> Vec<u8> {
    const LENGTH: u32 = 200_000_000;
    let mut bits = Bits::default();
    // One last block with fixed codes (RFC 1951 3.2.6): the header as literals, then runs of 258 at distance 1.
    bits.push(0b011, 3);
    b"%PDF-1.7\n ".iter().for_each(|byte| bits.push_code(0x30 + u32::from(*byte), 8));
    for _ in 0..LENGTH / 258 {
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    bits.push_code(0, 7);
    let deflated = bits.bytes;
    let name = b"a.pdf";
    let sizes = [[0; 4], u32::try_from(deflated.len()).unwrap().to_le_bytes(), LENGTH.to_le_bytes()].concat();
    // Version 2.0, no flags, deflate, 1980-01-01 00:00; the checksum is never reached. PKWARE APPNOTE 4.3.
    let shared = [&[20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0][..], &sizes, &[5, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04", shared.as_slice(), name, &deflated].concat();
    let entry = [b"PK\x01\x02\x14\0", shared.as_slice(), &[0; 14], name].concat();
    let end = [
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(),
        &u32::try_from(entry.len()).unwrap().to_le_bytes(),
        &u32::try_from(local.len()).unwrap().to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    [local, entry, end].concat()
}

/// Bits as deflate packs them: the first is the lowest.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for place in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= u8::from(value >> place & 1 == 1) << (self.used % 8);
            self.used += 1;
        }
    }

    /// Codes go the other way round.
    fn push_code(&mut self, code: u32, length: u32) {
        self.push(code.reverse_bits() >> (32 - length), length);
    }
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
