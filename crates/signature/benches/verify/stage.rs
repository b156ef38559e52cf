//! Who signs, and what: a root, a CA below it, signers that bring their own certificate alone, and their documents.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use signature::{
    Certificate, Envelope, EnvelopeSignature, Manifest, ManifestTime, Part, PdfImage, PdfRole, PdfSignOptions, Signer,
    TrustStore, sign_envelope_cms, sign_envelope_jws, sign_pdf,
};
use types::{Digest, UnixMillis};

pub(crate) const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);
const RSA_2048: &str = include_str!("../../fixtures/EXAMPLE-rsa2048.key.pem");
const RSA_3072: &str = include_str!("../../fixtures/EXAMPLE-rsa3072.key.pem");

pub(crate) fn rsa_2048() -> KeyPair {
    KeyPair::from_pem(RSA_2048).expect("the fixture reads")
}

pub(crate) fn rsa_3072() -> KeyPair {
    KeyPair::from_pem(RSA_3072).expect("the fixture reads")
}

/// The certificates that the signers' paths lead over: RSA of 3072 bits, as the government's cards have.
pub(crate) struct Stage {
    anchor: Certificate,
    between: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

fn params(name: &str, usages: &[KeyUsagePurpose]) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names to refuse");
    params.distinguished_name.push(DnType::CountryName, "VN");
    params.distinguished_name.push(DnType::OrganizationName, "EXAMPLE");
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = usages.to_vec();
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut ca = params(name, &[KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign]);
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca
}

fn read(certificate: &rcgen::Certificate) -> Certificate {
    Certificate::parse(certificate.der()).expect("a certificate")
}

impl Stage {
    pub(crate) fn new() -> Self {
        let (root, between) = (ca("EXAMPLE Root"), ca("EXAMPLE CA of agencies"));
        let anchor = root.self_signed(&rsa_3072()).expect("the key signs");
        let above = Issuer::from_params(&root, rsa_3072());
        let certificate = between.signed_by(&rsa_3072(), &above).expect("the key signs");
        Self { anchor: read(&anchor), between: read(&certificate), issuer: Issuer::new(between, rsa_3072()) }
    }

    /// A store that has checked nothing yet.
    pub(crate) fn trust(&self) -> TrustStore {
        TrustStore::new(vec![self.anchor.clone()], vec![self.between.clone()])
    }

    pub(crate) fn signer(&self, name: &str, key: &KeyPair) -> Signer {
        let leaf = params(name, &[KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment]);
        let leaf = leaf.signed_by(key, &self.issuer).expect("the key signs");
        Signer::from_pem(key.serialize_pem().as_bytes(), leaf.pem().as_bytes()).expect("the key's own")
    }
}

pub(crate) fn cms(signer: &Signer) -> Envelope {
    let manifest = manifest();
    let signature = EnvelopeSignature::Cms(sign_envelope_cms(signer, &manifest, AT).expect("a manifest"));
    Envelope { manifest, signature }
}

pub(crate) fn jws(signer: &Signer) -> Envelope {
    let manifest = manifest();
    let signature = EnvelopeSignature::Jws(sign_envelope_jws(signer, &manifest, AT).expect("a manifest"));
    Envelope { manifest, signature }
}

fn manifest() -> Vec<u8> {
    let part = |number: u8| Part {
        name: format!("Phụ lục {number}.pdf"),
        media_type: "application/pdf".to_owned(),
        length: 1_000_000,
        sha256: Digest::new([number; 32]),
    };
    let manifest = Manifest {
        message: "0190f3a2-7b1c-7cc0-8f00-000000000001".parse().expect("a UUID"),
        from: "H48.20".parse().expect("a code"),
        to: vec!["H48.21".parse().expect("a code"); 10],
        created: ManifestTime::new(AT),
        document_id: "15/UBND-VX".parse().expect("an id"),
        kind: types::PacketKind::Document,
        business_type: types::BusinessType::New,
        subject: Some("V/v thử nghiệm".to_owned()),
        reply_to: None,
        nonce: "EXAMPLE-nonce".to_owned(),
        packet: None,
        parts: vec![part(1), part(2)],
    };
    manifest.to_bytes().expect("within the limits")
}

/// A PDF of about this many bytes with the signatures of a leader and an agency, and one as on an attachment.
pub(crate) fn pdf(bytes: usize, pages: usize, signer: &Signer) -> Vec<u8> {
    let roles = [PdfRole::Leader, PdfRole::Seal, PdfRole::Appendix { number: "15".to_owned() }];
    roles.into_iter().fold(unsigned(bytes, pages), |file, role| {
        let mut options = PdfSignOptions::new(role, signer, AT);
        options.image = (!matches!(options.role, PdfRole::Appendix { .. })).then(picture);
        sign_pdf(signer, &file, &options).expect("a plain file")
    })
}

/// Sixteen pixels of one colour.
fn picture() -> PdfImage {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 4, 4);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("in memory");
    writer.write_image_data(&[0x80; 48]).expect("in memory");
    writer.finish().expect("in memory");
    PdfImage::from_png(&file).expect("a picture")
}

/// Pages that have one stream each, all of one length.
fn unsigned(bytes: usize, pages: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut objects = vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned()];
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
    objects.push(format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")));
    let drawing = "q 1 0 0 1 72 720 cm (Quyet dinh so 15) Tj Q\n".repeat(bytes / pages / 45 + 1);
    for page in 0..pages {
        let content = 4 + 2 * page;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents {content} 0 R >>"
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{drawing}\nendstream", drawing.len()));
    }
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
    }
    let start = file.len();
    let size = objects.len() + 1;
    let end = format!("{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice(end.as_bytes());
    file
}
