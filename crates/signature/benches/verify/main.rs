//! What a check costs beside the primitive that it cannot do without, measured in the same run: µs of CPU time of one
//! thread, checks per second and core, and the share of the primitive's own rate.
//!
//! `cargo bench -p signature --bench verify`, with `--features aws-lc-rs` for the other library; `-- pdf` or
//! `-- envelope` measures that alone.

mod clock;
mod primitive;
mod stage;

use std::hint::black_box;
use std::time::Duration;

use rcgen::KeyPair;
use signature::{Envelope, PdfOptions, Policy, TrustStore, provider_name, verify_envelope, verify_pdf};

use clock::costs;
use primitive::{Primitive, hash};
use stage::{AT, Stage, rsa_2048, rsa_3072};

fn check_envelope(envelope: &Envelope, trust: &TrustStore, policy: &Policy) {
    let verification = verify_envelope(black_box(envelope), trust, policy, AT);
    assert!(verification.manifest.is_some(), "{:?}", verification.report);
}

fn check_pdf(file: &[u8], trust: &TrustStore, policy: &Policy) {
    let report = verify_pdf(black_box(file), trust, policy, &PdfOptions::strict(), AT);
    let passed = report.signatures.iter().filter(|one| one.signature.is_passed()).count();
    assert_eq!(passed, 3, "{report:?}");
}

#[expect(clippy::print_stdout, reason = "a bench speaks to the one who runs it")]
fn row(name: &str, cost: Duration, share: Option<(&str, Duration)>) {
    let seconds = cost.as_secs_f64();
    let share = share.map(|(of, bare)| format!("{:5.1} % of {of}", 100.0 * bare.as_secs_f64() / seconds));
    println!("{name:44} {:10.1} µs {:10.0} /s  {}", seconds * 1e6, 1.0 / seconds, share.unwrap_or_default());
}

fn envelopes(stage: &Stage, key: &KeyPair, bare: &Primitive) {
    let signer = stage.signer("EXAMPLE Leaf", key);
    let policy = Policy::envelope();
    let (cms, jws, trust) = (stage::cms(&signer), stage::jws(&signer), stage.trust());
    let found = costs(&[
        &|| bare.verify(),
        &|| check_envelope(&cms, &trust, &policy),
        &|| check_envelope(&jws, &trust, &policy),
        &|| check_envelope(&cms, &stage.trust(), &policy),
        &|| drop(black_box(stage.trust())),
    ]);
    let [alone, cms, jws, unknown, store] = found[..] else { return };
    let share = Some((bare.name, alone));
    row(&format!("{}, alone", bare.name), alone, None);
    row(&format!("{} envelope, CMS, path known", bare.name), cms, share);
    row(&format!("{} envelope, JWS, path known", bare.name), jws, share);
    row(&format!("{} envelope, CMS, path new", bare.name), unknown.saturating_sub(store), share);
}

fn files(stage: &Stage, key: &KeyPair, bytes: usize, pages: usize) {
    let signer = stage.signer("EXAMPLE Leaf", key);
    let policy = Policy::envelope();
    let (envelope, file, trust) = (stage::cms(&signer), stage::pdf(bytes, pages, &signer), stage.trust());
    let found = costs(&[&|| hash(&file), &|| check_pdf(&file, &trust, &policy), &|| {
        check_envelope(&envelope, &trust, &policy);
        check_pdf(&file, &trust, &policy);
    }]);
    let [alone, pdf, packet] = found[..] else { return };
    let name = format!("{} KiB, {pages} pages", bytes / 1024);
    row(&format!("SHA-256 of PDF {name}"), alone, None);
    row(&format!("PDF {name}, 3 signatures"), pdf, Some(("hashing", alone)));
    row("packet with it, CMS envelope", packet, Some(("hashing", alone)));
}

#[expect(clippy::print_stdout, reason = "a bench speaks to the one who runs it")]
fn main() {
    println!("library: {}", provider_name());
    let stage = Stage::new();
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("random bytes");
    let p256 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("random bytes");
    for bare in [Primitive::rsa("RSA-3072", &rsa_3072()), Primitive::ed25519(&ed25519)] {
        let found = costs(&[&|| bare.verify()]);
        found.iter().for_each(|cost| row(&format!("{}, alone", bare.name), *cost, None));
    }
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    if "envelope".contains(&wanted) {
        envelopes(&stage, &rsa_2048(), &Primitive::rsa("RSA-2048", &rsa_2048()));
        envelopes(&stage, &p256, &Primitive::p256(&p256));
    }
    if !"pdf".contains(&wanted) {
        return;
    }
    for (bytes, pages) in [(64 * 1024, 4), (1024 * 1024, 20), (1024 * 1024, 500)] {
        files(&stage, &rsa_2048(), bytes, pages);
    }
}
