use std::path::PathBuf;

use clap::Parser as _;
use signature::{PdfReport, Signer, sign_pdf_cms};

use crate::cli::Cli;
use crate::commands::{dispatch, now};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Form;
use crate::output::tests::printed;
use crate::pki::{Existing, write_example};

/// Hexadecimal digits left for the signature.
const BLANK: usize = 8000;

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        write_example(&dir.path().join("pki"), crate::header::today().year().into(), Existing::Keep).unwrap();
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn signer(&self) -> Signer {
        let read = |name: &str| std::fs::read(self.at(name)).unwrap();
        Signer::from_pem(&read("pki/systems/vpcp/signing.key.pem"), &read("pki/systems/vpcp/signing.pem")).unwrap()
    }

    /// Runs `verify` on these bytes.
    fn verify(&self, form: Form, bytes: &[u8], trust: &str, more: &[&str]) -> (String, Result<(), Failure>) {
        let file = self.at("a.pdf");
        std::fs::write(&file, bytes).unwrap();
        let (file, trust) = (file.display().to_string(), self.at(trust).display().to_string());
        let line = [&["lienthong", "verify", &file, "--trust", &trust], more].concat();
        let cli = Cli::try_parse_from(line).unwrap();
        let mut result = Ok(());
        let text = printed(form, |output| result = dispatch(cli.command, output));
        (text, result)
    }
}

/// One page with one signature of this signer.
fn signed(signer: &Signer) -> Vec<u8> {
    let blank = "0".repeat(BLANK);
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [5 0 R] >>".to_owned(),
        "<< /Length 2 >>\nstream\nET\nendstream".to_owned(),
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (LanhDao) /Rect [0 0 0 0] /P 3 0 R /V 6 0 R >>".to_owned(),
        format!(
            "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached \
             /ByteRange [0 @@@@@@ ###### $$$$$$] /Contents <{blank}> >>"
        ),
    ];
    let mut text = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let at = text.len();
    text.push_str(&format!("xref\n0 7\n{table}trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"));
    let open = text.find(&blank).unwrap() - 1;
    let close = open + BLANK + 2;
    let length = text.len();
    for (mark, number) in [("@@@@@@", open), ("######", close), ("$$$$$$", length - close)] {
        text = text.replace(mark, &format!("{number:>6}"));
    }
    let covered = [&text.as_bytes()[..open], &text.as_bytes()[close..]].concat();
    let cms = sign_pdf_cms(signer, &covered, now()).unwrap();
    let digits: String = cms.iter().map(|byte| format!("{byte:02x}")).collect();
    text.replace_range(open + 1..open + 1 + digits.len(), &digits);
    text.into_bytes()
}

#[test]
fn a_signed_document_passes_with_a_readable_report() {
    let desk = Desk::new();
    let pdf = signed(&desk.signer());
    let (text, result) = desk.verify(Form::Text, &pdf, "pki/ca", &[]);
    result.unwrap();
    for part in ["TOTAL_PASSED", "LanhDao", "toàn bộ tệp", "EXAMPLE", "Chưa kiểm tra"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (json, result) = desk.verify(Form::Json, &pdf, "pki/ca/signing.pem", &[]);
    result.unwrap();
    let report: PdfReport = serde_json::from_str(&json).unwrap();
    assert!(report.is_passed());
    assert_eq!(report.signatures[0].field, "LanhDao");
}

#[test]
fn what_does_not_pass_ends_with_its_own_exit_code() {
    let desk = Desk::new();
    let pdf = signed(&desk.signer());
    let mut altered = pdf.clone();
    let at = altered.windows(2).position(|window| window == b"ET").unwrap();
    altered[at] = b'B';
    for (bytes, trust, more, rule) in [
        (&altered, "pki/ca", &[][..], "digest_mismatch"),
        (&pdf, "pki/ca/transport.pem", &[], "no_issuer"),
        (&pdf, "pki/ca", &["--at", "2001-01-01T00:00:00Z"], "certificate_not_yet_valid"),
    ] {
        let (json, result) = desk.verify(Form::Json, bytes, trust, more);
        let failure = result.unwrap_err();
        assert_eq!(failure.exit(), Exit::Unverified, "{failure}");
        let report: PdfReport = serde_json::from_str(&json).unwrap();
        assert_eq!(report.rule.as_deref(), Some(rule));
    }
}

#[test]
fn another_kind_of_file_and_a_folder_without_certificates_are_said() {
    let desk = Desk::new();
    assert_eq!(desk.verify(Form::Text, b"<edXML/>", "pki/ca", &[]).1.unwrap_err().exit(), Exit::LocalFile);
    std::fs::create_dir(desk.at("none")).unwrap();
    assert_eq!(desk.verify(Form::Text, b"%PDF-1.7\n", "none", &[]).1.unwrap_err().exit(), Exit::Usage);
}
