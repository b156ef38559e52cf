//! Writes small PDFs, signs them revision by revision, and appends whatever a test wants.

use std::fmt::Write as _;

use crate::der::{self, tag};
use crate::pki::{AT, Entity, critical, leaf_params, root};
use crate::sign::{Signer, Stamping, sign_pdf_cms, stamp};
use crate::timestamp::TimestampRequest;
use crate::trust::TrustStore;
use types::UnixMillis;

/// Hexadecimal digits left for a signature.
const CONTENTS_DIGITS: usize = 6000;

/// Who signs in these tests.
pub(super) struct Cast {
    pub(super) root: Entity,
    pub(super) trust: TrustStore,
}

impl Cast {
    pub(super) fn new() -> Self {
        let root = root();
        Self { trust: TrustStore::new(vec![root.certificate()], vec![]), root }
    }

    /// A time-stamping authority of this PKI.
    pub(super) fn authority(&self) -> Signer {
        let only_stamping = vec![0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8];
        self.root.issue(critical(leaf_params("EXAMPLE TSA"), &[2, 5, 29, 37], only_stamping)).signer(&[])
    }

    pub(super) fn signer(&self, name: &str) -> Signer {
        self.root.issue(leaf_params(name)).signer(&[])
    }
}

/// A PDF that grows by revisions.
#[derive(Clone)]
pub(super) struct Pdf {
    pub(super) bytes: Vec<u8>,
    pub(super) next: u32,
    pub(super) fields: Vec<u32>,
    pub(super) annotations: Vec<u32>,
    /// More entries of the catalog, the form and the page.
    pub(super) catalog_more: String,
    pub(super) form_more: String,
    pub(super) page_more: String,
    start: Option<usize>,
}

/// What a signature of a test looks like.
pub(super) struct Signing {
    pub(super) name: &'static str,
    pub(super) sub_filter: &'static str,
    pub(super) rectangle: &'static str,
    /// More entries of the signature dictionary, and of the field.
    pub(super) value_more: String,
    pub(super) field_more: &'static str,
}

impl Signing {
    pub(super) fn named(name: &'static str) -> Self {
        Self {
            name,
            sub_filter: "ETSI.CAdES.detached",
            rectangle: "[50 50 150 90]",
            value_more: String::new(),
            field_more: "",
        }
    }
}

pub(super) const CATALOG: u32 = 1;
pub(super) const PAGE: u32 = 3;
pub(super) const CONTENT: u32 = 4;
pub(super) const INFO: u32 = 5;
pub(super) const METADATA: u32 = 6;

pub(super) fn stream(dictionary: &str, data: &str) -> String {
    format!("<< {dictionary} /Length {} >>\nstream\n{data}\nendstream", data.len())
}

impl Pdf {
    /// One page with a text, information and metadata.
    pub(super) fn new() -> Self {
        Self::with("")
    }

    /// The same with more entries in the catalog.
    pub(super) fn with(catalog_more: &str) -> Self {
        let mut pdf = Self {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            next: 7,
            fields: Vec::new(),
            annotations: Vec::new(),
            catalog_more: catalog_more.to_owned(),
            form_more: String::new(),
            page_more: String::new(),
            start: None,
        };
        pdf.update(&[
            (CATALOG, pdf.catalog()),
            (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned()),
            (PAGE, pdf.page()),
            (CONTENT, stream("", "BT /F1 12 Tf 50 700 Td (Quyet dinh) Tj ET")),
            (INFO, "<< /Title (Quyet dinh) >>".to_owned()),
            (METADATA, stream("/Type /Metadata /Subtype /XML", "<x:xmpmeta/>")),
        ]);
        pdf
    }

    /// Goes on from a file written elsewhere, whose cross-reference is found by its end.
    pub(super) fn continue_from(&mut self, bytes: Vec<u8>, next: u32) {
        let at = rfind(&bytes, b"startxref\n") + 10;
        let digits: String =
            bytes[at..].iter().map(|byte| char::from(*byte)).take_while(char::is_ascii_digit).collect();
        (self.bytes, self.next, self.start) = (bytes, next, Some(digits.parse().unwrap()));
    }

    pub(super) fn catalog(&self) -> String {
        let fields = references(&self.fields);
        let form = if self.fields.is_empty() && self.form_more.is_empty() {
            String::new()
        } else {
            format!("/AcroForm << /Fields [{fields}] /SigFlags 3 {} >>", self.form_more)
        };
        format!("<< /Type /Catalog /Pages 2 0 R /Metadata {METADATA} 0 R {form} {} >>", self.catalog_more)
    }

    pub(super) fn page(&self) -> String {
        let annotations = match references(&self.annotations) {
            list if list.is_empty() => String::new(),
            list => format!("/Annots [{list}]"),
        };
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {CONTENT} 0 R {annotations} {} >>",
            self.page_more
        )
    }

    /// A number that nothing has.
    pub(super) fn number(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// Appends a revision with these objects.
    pub(super) fn update(&mut self, objects: &[(u32, String)]) {
        self.update_with(objects, &[], "");
    }

    /// Appends a revision with one stream of any bytes.
    pub(super) fn update_raw(&mut self, number: u32, dictionary: &str, bytes: &[u8]) {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(format!("{number} 0 obj\n{dictionary}\nstream\n").as_bytes());
        self.bytes.extend_from_slice(bytes);
        self.bytes.extend_from_slice(b"\nendstream\nendobj\n");
        self.next = self.next.max(number + 1);
        self.close(&format!("{number} 1\n{at:010} 00000 n \n"), "");
    }

    /// The same, with numbers that are freed and more entries of the trailer.
    pub(super) fn update_with(&mut self, objects: &[(u32, String)], freed: &[u32], trailer: &str) {
        let mut table = String::new();
        for (number, object) in objects {
            writeln!(table, "{number} 1\n{:010} 00000 n ", self.bytes.len()).unwrap();
            self.bytes.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
            self.next = self.next.max(number + 1);
        }
        for number in freed {
            writeln!(table, "{number} 1\n0000000000 00001 f ").unwrap();
        }
        self.close(&table, trailer);
    }

    /// Ends a revision with this table.
    fn close(&mut self, table: &str, trailer: &str) {
        let at = self.bytes.len();
        let previous = self.start.map(|start| format!("/Prev {start}")).unwrap_or_default();
        let trailer = format!("<< /Size {} /Root {CATALOG} 0 R /Info {INFO} 0 R {previous} {trailer} >>", self.next);
        self.bytes.extend_from_slice(format!("xref\n{table}trailer\n{trailer}\nstartxref\n{at}\n%%EOF\n").as_bytes());
        self.start = Some(at);
    }

    /// Appends a revision with a signature field, and signs it.
    pub(super) fn sign(&mut self, signer: &Signer, signing: &Signing) {
        let (field, value, look) = (self.number(), self.number(), self.number());
        self.fields.push(field);
        self.annotations.push(field);
        let widget = format!(
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T ({}) /Rect {} /F 132 /P {PAGE} 0 R /V {value} 0 R \
             /AP << /N {look} 0 R >> {} >>",
            signing.name, signing.rectangle, signing.field_more
        );
        let look_stream = stream("/Type /XObject /Subtype /Form /BBox [0 0 100 40]", "0 0 1 rg 0 0 100 40 re f");
        self.sign_into(
            signer,
            signing,
            value,
            vec![(CATALOG, self.catalog()), (PAGE, self.page()), (field, widget), (look, look_stream)],
        );
    }

    /// Appends a revision with these objects and a signature dictionary under `value`, and signs it.
    pub(super) fn sign_into(
        &mut self,
        signer: &Signer,
        signing: &Signing,
        value: u32,
        mut objects: Vec<(u32, String)>,
    ) {
        let kind = if signing.sub_filter == "ETSI.RFC3161" { "DocTimeStamp" } else { "Sig" };
        let blank = "0".repeat(CONTENTS_DIGITS);
        objects.push((
            value,
            format!(
                "<< /Type /{kind} /Filter /Adobe.PPKLite /SubFilter /{} /ByteRange [0 {:>10} {:>10} {:>10}] \
             /M (D:20261121095500+07'00') {} /Contents <{blank}> >>",
                signing.sub_filter, "@", "@", "@", signing.value_more
            ),
        ));
        self.update(&objects);
        self.fill(signer, &blank);
    }

    /// Writes ranges and signature into the blanks.
    fn fill(&mut self, signer: &Signer, blank: &str) {
        let open = rfind(&self.bytes, blank.as_bytes()) - 1;
        let close = open + blank.len() + 2;
        for number in [open, close, self.bytes.len() - close] {
            let at = find(&self.bytes, format!("{:>10}", "@").as_bytes());
            put(&mut self.bytes, at, format!("{number:>10}").as_bytes());
        }
        let covered = [&self.bytes[..open], &self.bytes[close..]].concat();
        let cms = sign_pdf_cms(signer, &covered, AT).unwrap();
        self.write_contents(open, &cms);
    }

    /// Puts the token of a time-stamp over what the last signature covers in its place.
    pub(super) fn stamp(&mut self, authority: &Signer, time: UnixMillis) {
        let (_, [_, open, behind, _]) = self.byte_range();
        let covered = [&self.bytes[..open], &self.bytes[behind..]].concat();
        let stamping = Stamping { policy: "1.3.6.1.4.1.99999.1".to_owned(), serial: 7, time, accuracy_seconds: 1 };
        let response = stamp(authority, &TimestampRequest::over(&covered, 7).to_der(), &stamping).unwrap();
        let mut inside = der::single(&response, tag::SEQUENCE).unwrap().inside();
        inside.next().unwrap();
        self.bytes[open + 1..behind - 1].fill(b'0');
        self.write_contents(open, inside.next().unwrap().raw);
    }

    /// Puts a structure into the blank that begins at `open`.
    pub(super) fn write_contents(&mut self, open: usize, cms: &[u8]) {
        let digits = cms.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
        assert!(digits.len() <= CONTENTS_DIGITS);
        put(&mut self.bytes, open + 1, digits.as_bytes());
    }

    /// Replaces the last occurrence of a text by one of the same length.
    pub(super) fn replace(&mut self, old: &str, new: &str) {
        assert_eq!(old.len(), new.len());
        let at = rfind(&self.bytes, old.as_bytes());
        put(&mut self.bytes, at, new.as_bytes());
    }

    /// The last signature's ranges: its text, and its numbers.
    pub(super) fn byte_range(&self) -> (String, [usize; 4]) {
        let at = rfind(&self.bytes, b"/ByteRange [");
        let text = std::str::from_utf8(&self.bytes[at..at + 50]).unwrap();
        let text = &text[..=text.find(']').unwrap()];
        let inside = text.trim_start_matches("/ByteRange [").trim_end_matches(']');
        let numbers: Vec<usize> = inside.split_whitespace().map(|number| number.parse().unwrap()).collect();
        (text.to_owned(), numbers.try_into().unwrap())
    }
}

fn references(numbers: &[u32]) -> String {
    numbers.iter().map(|number| format!("{number} 0 R")).collect::<Vec<_>>().join(" ")
}

pub(super) fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).position(|window| window == what).unwrap()
}

pub(super) fn rfind(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).rposition(|window| window == what).unwrap()
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}
