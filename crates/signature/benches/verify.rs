//! How much an envelope's verification costs beside the bare signature check of ring, in the same run.
//!
//! The path is a leaf under its anchor, so two signature checks are the floor of every row.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SigningKey};
use signature::{
    Certificate, Envelope, EnvelopeSignature, Manifest, ManifestTime, Part, Policy, Signer, TrustStore,
    sign_envelope_cms, sign_envelope_jws, verify_envelope,
};
use types::{Digest, UnixMillis};

const AT: UnixMillis = UnixMillis::new(1_795_230_000_000);
const RSA_KEY: &str = include_str!("../fixtures/EXAMPLE-rsa2048.key.pem");

/// One kind of key: envelopes of both formats, and what ring alone checks.
struct Case {
    name: &'static str,
    trust: TrustStore,
    cms: Envelope,
    jws: Envelope,
    message: Vec<u8>,
    value: Vec<u8>,
    public: Vec<u8>,
    algorithm: &'static dyn ring::signature::VerificationAlgorithm,
}

fn params(name: &str, usages: &[KeyUsagePurpose]) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names to refuse");
    params.distinguished_name.push(DnType::OrganizationName, "EXAMPLE");
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = usages.to_vec();
    params
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

fn case(name: &'static str, key: &KeyPair, algorithm: &'static dyn ring::signature::VerificationAlgorithm) -> Case {
    let mut ca = params("EXAMPLE Root", &[KeyUsagePurpose::KeyCertSign]);
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = ca.self_signed(key).expect("the key signs");
    let leaf = params("EXAMPLE Leaf", &[KeyUsagePurpose::DigitalSignature]);
    let leaf = leaf.signed_by(key, &Issuer::from_params(&ca, key)).expect("the key signs");
    let signer = Signer::from_pem(key.serialize_pem().as_bytes(), leaf.pem().as_bytes()).expect("the key's own");
    let anchors = Certificate::parse_all(root.der()).expect("a certificate");
    let manifest = manifest();
    let cms = EnvelopeSignature::Cms(sign_envelope_cms(&signer, &manifest, AT).expect("a manifest"));
    let jws = EnvelopeSignature::Jws(sign_envelope_jws(&signer, &manifest, AT).expect("a manifest"));
    Case {
        name,
        trust: TrustStore::new(anchors, Vec::new()),
        cms: Envelope { manifest: manifest.clone(), signature: cms },
        jws: Envelope { manifest: manifest.clone(), signature: jws },
        value: key.sign(&manifest).expect("the key signs"),
        message: manifest,
        public: key.public_key_raw().to_vec(),
        algorithm,
    }
}

impl Case {
    fn bare(&self) {
        let key = ring::signature::UnparsedPublicKey::new(self.algorithm, &self.public);
        key.verify(black_box(&self.message), &self.value).expect("signed above");
    }

    fn envelope(&self, envelope: &Envelope) {
        let verification = verify_envelope(black_box(envelope), &self.trust, &Policy::envelope(), AT);
        assert!(verification.manifest.is_some(), "{:?}", verification.report);
    }
}

/// Time of one call, the best of five rounds.
fn cost(call: impl Fn()) -> Duration {
    let round = || {
        let start = Instant::now();
        (0..500).for_each(|_| call());
        start.elapsed() / 500
    };
    (0..5).map(|_| round()).min().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "a bench speaks to the one who runs it")]
fn ratios(cases: &[Case]) {
    for case in cases {
        let bare = cost(|| case.bare());
        for (format, envelope) in [("CMS", &case.cms), ("JWS", &case.jws)] {
            let whole = cost(|| case.envelope(envelope));
            let per_second = 1.0 / whole.as_secs_f64();
            let ratio = whole.as_secs_f64() / bare.as_secs_f64();
            println!("{:9} {format}: {per_second:6.0}/s, {ratio:.2} bare checks (ring {bare:?})", case.name);
        }
    }
}

fn main() {
    let rsa = KeyPair::from_pem(RSA_KEY).expect("the fixture reads");
    let p256 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("random bytes");
    let cases = [
        case("RSA-2048", &rsa, &ring::signature::RSA_PKCS1_2048_8192_SHA256),
        case("P-256", &p256, &ring::signature::ECDSA_P256_SHA256_ASN1),
    ];
    let mut criterion = Criterion::default().configure_from_args();
    for case in &cases {
        let mut group = criterion.benchmark_group(case.name);
        group.bench_function("ring alone", |bencher| bencher.iter(|| case.bare()));
        group.bench_function("CMS envelope", |bencher| bencher.iter(|| case.envelope(&case.cms)));
        group.bench_function("JWS envelope", |bencher| bencher.iter(|| case.envelope(&case.jws)));
        group.finish();
    }
    ratios(&cases);
    criterion.final_summary();
}
