//! Files that bring validation data along (PAdES-B-LT, B-LTA), and tricks with it.

use std::fmt::Write as _;

use super::super::verify_pdf_with;
use crate::pdf::fixture::{CATALOG, Cast, INFO, METADATA, Pdf, Signing, stream};
use crate::pdf::{Change, PdfOptions, PdfReport};
use crate::pki::{AT, Entity, Span, answer, critical, leaf_params, list, root_of, this_week};
use crate::policy::{Policy, Revocation};
use crate::report::Unchecked;
use crate::revocation::{Crl, RevocationEvidence, RevocationSource};
use crate::{CertStatus, CrlReason};
use rcgen::date_time_ymd;
use types::UnixMillis;

const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);
/// 2030-01-01T00:00:00Z: when everything but the anchor has changed.
const MUCH_LATER: UnixMillis = UnixMillis::new(1_893_456_000_000);

/// What goes into a DSS.
#[derive(Default)]
struct Store {
    certificates: Vec<Vec<u8>>,
    crls: Vec<Vec<u8>>,
    responses: Vec<Vec<u8>>,
}

impl Store {
    fn of_crl(crl: Vec<u8>) -> Self {
        Self { crls: vec![crl], ..Self::default() }
    }

    fn of_response(response: Vec<u8>) -> Self {
        Self { responses: vec![response], ..Self::default() }
    }
}

/// A stream of any bytes, in hexadecimal-free plain form.
fn append(pdf: &mut Pdf, bytes: &[u8], filter: &str) -> u32 {
    let number = pdf.number();
    pdf.update_raw(number, &format!("<< /Length {} {filter} >>", bytes.len()), bytes);
    number
}

/// Appends a revision with a DSS that has these.
fn keep(pdf: &mut Pdf, store: &Store) {
    let mut lists = String::new();
    for (key, members) in [("Certs", &store.certificates), ("CRLs", &store.crls), ("OCSPs", &store.responses)] {
        let numbers: Vec<String> = members.iter().map(|bytes| format!("{} 0 R", append(pdf, bytes, ""))).collect();
        write!(lists, "/{key} [{}] ", numbers.join(" ")).unwrap();
    }
    name_store(pdf, &lists);
}

fn name_store(pdf: &mut Pdf, entries: &str) {
    let number = pdf.number();
    pdf.catalog_more = format!("/DSS {number} 0 R");
    pdf.update(&[(CATALOG, pdf.catalog()), (number, format!("<< /Type /DSS {entries} >>"))]);
}

struct Scene {
    cast: Cast,
    leader: Entity,
    pdf: Pdf,
}

fn scene() -> Scene {
    scene_of(leaf_params("EXAMPLE Leader"))
}

fn scene_of(leader: rcgen::CertificateParams) -> Scene {
    let cast = Cast::new();
    let leader = cast.root.issue(leader);
    let mut pdf = Pdf::new();
    pdf.sign(&leader.signer(&[]), &Signing::named("LanhDao"));
    Scene { cast, leader, pdf }
}

impl Scene {
    fn report_with(&self, evidence: &RevocationEvidence, at: UnixMillis) -> PdfReport {
        let policy = Policy { revocation: Revocation::Require, ..Policy::documents() };
        let report = verify_pdf_with(&self.pdf.bytes, &self.cast.trust, &policy, &PdfOptions::strict(), evidence, at);
        let is_unchecked = report.not_checked.iter().any(|entry| entry.what == Unchecked::Revocation);
        let is_known = report.signatures.iter().all(|entry| entry.signature.has_revocation());
        assert_eq!(is_unchecked, !is_known, "{report:?}");
        report
    }

    fn report(&self) -> PdfReport {
        self.report_with(&RevocationEvidence::new(), AT)
    }

    fn rule(&self) -> String {
        self.report().rule.unwrap_or_else(|| "passed".to_owned())
    }

    fn stamp(&mut self, name: &'static str, authority: &Entity, time: UnixMillis) {
        let mut stamp = Signing::named(name);
        stamp.sub_filter = "ETSI.RFC3161";
        stamp.rectangle = "[0 0 0 0]";
        self.pdf.sign(&authority.signer(&[]), &stamp);
        self.pdf.stamp(&authority.signer(&[]), time);
    }

    fn authority(&self, until: i32) -> Entity {
        let only_stamping = vec![0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8];
        let mut params = critical(leaf_params("EXAMPLE TSA"), &[2, 5, 29, 37], only_stamping);
        params.not_after = date_time_ymd(until, 1, 1);
        self.cast.root.issue(params)
    }
}

#[test]
fn a_list_or_a_response_of_the_store_settles_the_document() {
    let mut by_list = scene();
    assert_eq!(by_list.rule(), "revocation_unknown");
    assert_eq!(by_list.report().take_wanted().len(), 1);
    keep(&mut by_list.pdf, &Store::of_crl(list(&by_list.cast.root, this_week(), &[])));
    let mut report = by_list.report();
    assert!(report.is_passed(), "{report:?}");
    assert_eq!(report.signatures[0].signature.revocation[0].source, Some(RevocationSource::Crl));
    assert!(report.take_wanted().is_empty());
    let mut by_response = scene();
    let root = &by_response.cast.root;
    let good = answer(root, root, &by_response.leader, this_week(), CertStatus::Good);
    keep(&mut by_response.pdf, &Store::of_response(good));
    assert_eq!(by_response.rule(), "passed");
}

#[test]
fn evidence_that_was_handed_in_settles_it_too() {
    let scene = scene();
    let crl = Crl::parse(&list(&scene.cast.root, this_week(), &[])).unwrap();
    let evidence = RevocationEvidence::new().with_crl(std::sync::Arc::new(crl));
    assert!(scene.report_with(&evidence, AT).is_passed());
}

#[test]
fn validation_data_may_come_with_a_note_of_when_it_was_written_and_with_nothing_else() {
    let note = |title: &str| format!("<< /Title ({title}) /ModDate (D:20261121100500+07'00') /Producer (EXAMPLE) >>");
    for (title, has_data, expected) in
        [("Quyet dinh", true, "passed"), ("Quyet dinh", false, "pdf_changed"), ("Quyet dinh khac", true, "pdf_changed")]
    {
        let cast = Cast::new();
        let leader = cast.root.issue(leaf_params("EXAMPLE Leader"));
        let mut pdf = Pdf::new();
        pdf.update(&[(INFO, "<< /Title (Quyet dinh) >>".to_owned())]);
        pdf.sign(&leader.signer(&[]), &Signing::named("LanhDao"));
        let mut scene = Scene { cast, leader, pdf };
        if has_data {
            keep(&mut scene.pdf, &Store::of_crl(list(&scene.cast.root, this_week(), &[])));
        }
        scene.pdf.update(&[(INFO, note(title))]);
        let crl = Crl::parse(&list(&scene.cast.root, this_week(), &[])).unwrap();
        let evidence = RevocationEvidence::new().with_crl(std::sync::Arc::new(crl));
        let report = scene.report_with(&evidence, AT);
        assert_eq!(report.rule.as_deref().unwrap_or("passed"), expected, "{title}, {has_data}");
        if expected == "passed" {
            let changes: Vec<_> = report.signatures[0].changes.iter().map(|change| &change.change).collect();
            assert_eq!(changes, [&Change::SecurityStore, &Change::Written]);
        }
    }
}

#[test]
fn metadata_may_tell_of_the_same_note_and_of_nothing_else() {
    let xmp = |date: &str, title: &str| {
        let text = format!("<xmp:ModifyDate>{date}</xmp:ModifyDate><dc:title>{title}</dc:title>");
        stream("/Type /Metadata /Subtype /XML", &text)
    };
    for (title, expected) in [("Quyet dinh", "passed"), ("Quyet dinh khac", "pdf_changed")] {
        let cast = Cast::new();
        let leader = cast.root.issue(leaf_params("EXAMPLE Leader"));
        let mut pdf = Pdf::new();
        pdf.update(&[(METADATA, xmp("2026-11-21", "Quyet dinh"))]);
        pdf.sign(&leader.signer(&[]), &Signing::named("LanhDao"));
        let mut scene = Scene { cast, leader, pdf };
        keep(&mut scene.pdf, &Store::of_crl(list(&scene.cast.root, this_week(), &[])));
        scene.pdf.update(&[(METADATA, xmp("2026-11-22", title))]);
        assert_eq!(scene.rule(), expected, "{title}");
    }
}

#[test]
fn what_stands_only_in_the_vri_counts_compressed_or_not() {
    use std::io::Write as _;
    for is_compressed in [false, true] {
        let mut scene = scene();
        let crl = list(&scene.cast.root, this_week(), &[]);
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(&crl).unwrap();
        let packed = packed.finish().unwrap();
        let number = if is_compressed {
            append(&mut scene.pdf, &packed, "/Filter /FlateDecode")
        } else {
            append(&mut scene.pdf, &crl, "")
        };
        name_store(&mut scene.pdf, &format!("/VRI << /ABCDEF << /CRL [{number} 0 R] >> >>"));
        assert_eq!(scene.rule(), "passed");
    }
}

#[test]
fn certificates_of_the_store_complete_paths() {
    let cast = Cast::new();
    let ca = cast.root.issue(crate::pki::ca_params("EXAMPLE CA", Some(0)));
    let leader = ca.issue(leaf_params("EXAMPLE Leader"));
    let mut pdf = Pdf::new();
    pdf.sign(&leader.signer(&[]), &Signing::named("LanhDao"));
    let mut scene = Scene { cast, leader, pdf };
    assert_eq!(scene.rule(), "no_issuer");
    let crls = vec![list(&scene.cast.root, this_week(), &[]), list(&ca, this_week(), &[])];
    let certificates = vec![ca.certificate().der().to_vec()];
    keep(&mut scene.pdf, &Store { certificates, crls, ..Store::default() });
    assert_eq!(scene.rule(), "passed");
}

#[test]
fn dss_trick_evidence_of_another_certificate_answers_nothing() {
    let mut scene = scene();
    let root = &scene.cast.root;
    let other = root.issue(leaf_params("EXAMPLE Leader"));
    let good = answer(root, root, &other, this_week(), CertStatus::Good);
    keep(&mut scene.pdf, &Store::of_response(good));
    assert_eq!(scene.rule(), "revocation_unknown");
}

#[test]
fn dss_trick_a_forged_response_answers_nothing() {
    let mut scene = scene();
    let root = &scene.cast.root;
    let namesake = root_of(crate::pki::ca_params("EXAMPLE Root", None));
    // Signed by a key of the issuer's name, and by the signer's own key.
    let responses =
        [&namesake, &scene.leader].map(|forger| answer(forger, root, &scene.leader, this_week(), CertStatus::Good));
    let certificates = vec![namesake.certificate().der().to_vec()];
    keep(&mut scene.pdf, &Store { certificates, responses: responses.to_vec(), ..Store::default() });
    assert_eq!(scene.rule(), "revocation_unknown");
}

#[test]
fn dss_trick_an_older_good_response_does_not_hide_a_revocation() {
    let mut scene = scene();
    let root = &scene.cast.root;
    let older = Span(AT - 72 * HOUR, AT + 72 * HOUR);
    let responses = vec![answer(root, root, &scene.leader, older, CertStatus::Good)];
    let crls = vec![list(root, this_week(), &[(&scene.leader, AT - 2 * HOUR)])];
    keep(&mut scene.pdf, &Store { responses, crls, ..Store::default() });
    assert_eq!(scene.rule(), "certificate_revoked");
}

#[test]
fn dss_trick_a_root_in_the_store_is_no_anchor() {
    let stranger = Cast::new();
    let leader = stranger.root.issue(leaf_params("EXAMPLE Leader"));
    let mut pdf = Pdf::new();
    pdf.sign(&leader.signer(&[]), &Signing::named("LanhDao"));
    let certificates = vec![stranger.root.certificate().der().to_vec()];
    let crls = vec![list(&stranger.root, this_week(), &[])];
    keep(&mut pdf, &Store { certificates, crls, ..Store::default() });
    let scene = Scene { cast: Cast::new(), leader, pdf };
    assert_ne!(scene.rule(), "passed");
}

#[test]
fn dss_trick_a_look_alike_of_the_signers_certificate_does_not_take_its_place() {
    let mut params = leaf_params("EXAMPLE Leader");
    params.serial_number = Some(rcgen::SerialNumber::from(7_u64));
    let mut scene = scene_of(params.clone());
    let alike = root_of(crate::pki::ca_params("EXAMPLE Root", None)).issue(params);
    assert_eq!(alike.certificate().serial(), scene.leader.certificate().serial());
    let certificates = vec![alike.certificate().der().to_vec()];
    let crls = vec![list(&scene.cast.root, this_week(), &[])];
    keep(&mut scene.pdf, &Store { certificates, crls, ..Store::default() });
    assert_eq!(scene.rule(), "passed");
}

#[test]
fn an_answer_made_after_the_certificate_expired_says_nothing() {
    let mut params = leaf_params("EXAMPLE Leader");
    params.not_after = date_time_ymd(2026, 12, 1);
    let mut scene = scene_of(params);
    let authority = scene.authority(2031);
    scene.stamp("DauThoiGian", &authority, AT + HOUR);
    let root = &scene.cast.root;
    let later = Span(AT + 24 * 30 * HOUR, AT + 24 * 60 * HOUR);
    let responses =
        [&scene.leader, &authority].map(|about| answer(root, root, about, later, CertStatus::Good)).to_vec();
    keep(&mut scene.pdf, &Store { responses, ..Store::default() });
    let report = scene.report_with(&RevocationEvidence::new(), AT + 24 * 31 * HOUR);
    let rules: Vec<_> = report.signatures.iter().map(|entry| entry.signature.rule.as_deref()).collect();
    assert_eq!(rules, [Some("revocation_unknown"), None]);
}

#[test]
fn dss_trick_broken_stores_answer_nothing() {
    for entries in ["/CRLs [1 0 R 999 0 R]", "/CRLs 1 0 R", "/VRI [1 0 R]", "/OCSPs [2 0 R] /VRI << /A 1 0 R >>"] {
        let mut scene = scene();
        name_store(&mut scene.pdf, entries);
        assert_ne!(scene.rule(), "passed", "{entries}");
    }
}

#[test]
fn revoked_after_the_proved_time_passes_and_before_it_fails() {
    for (revoked_at, expected) in [(AT + 2 * HOUR, "passed"), (AT, "signed_after_revocation")] {
        let mut scene = scene();
        let authority = scene.authority(2031);
        scene.stamp("DauThoiGian", &authority, AT + HOUR);
        let crl = list(&scene.cast.root, Span(AT + 3 * HOUR, AT + 9 * HOUR), &[(&scene.leader, revoked_at)]);
        keep(&mut scene.pdf, &Store::of_crl(crl));
        let report = scene.report_with(&RevocationEvidence::new(), AT + 4 * HOUR);
        assert_eq!(report.rule.as_deref().unwrap_or("passed"), expected, "{report:?}");
    }
}

#[test]
fn a_time_stamping_authority_is_held_to_the_policy_too() {
    let revoked = CertStatus::Revoked { at: AT, reason: CrlReason::KeyCompromise };
    for (status, expected) in
        [(None, "revocation_unknown"), (Some(revoked), "signed_after_revocation"), (Some(CertStatus::Good), "passed")]
    {
        let mut scene = scene();
        let authority = scene.authority(2031);
        scene.stamp("DauThoiGian", &authority, AT + HOUR);
        let (root, span) = (&scene.cast.root, Span(AT + HOUR, AT + 9 * HOUR));
        // An answer about the signer alone leaves the authority's status open.
        let mut responses = vec![answer(root, root, &scene.leader, span, CertStatus::Good)];
        responses.extend(status.map(|status| answer(root, root, &authority, span, status)));
        keep(&mut scene.pdf, &Store { responses, ..Store::default() });
        let report = scene.report_with(&RevocationEvidence::new(), AT + 2 * HOUR);
        let stamp = &report.signatures[1].signature;
        assert_eq!(stamp.rule.as_deref().unwrap_or("passed"), expected, "{report:?}");
    }
}

#[test]
fn an_answer_made_after_the_proved_time_speaks_of_it_whenever_it_ended() {
    // Responders that answer live state an end a minute away; what counts is what they said after the signature.
    for (from, expected) in [(AT + HOUR, "passed"), (AT + HOUR - HOUR / 60, "revocation_unknown")] {
        let mut scene = scene();
        let authority = scene.authority(2031);
        scene.stamp("DauThoiGian", &authority, AT + HOUR);
        let root = &scene.cast.root;
        let about_signer = answer(root, root, &scene.leader, Span(from, from + HOUR / 120), CertStatus::Good);
        let all = Span(AT + HOUR, AT + 9 * HOUR);
        let about_authority = answer(root, root, &authority, all, CertStatus::Good);
        let responses = vec![about_signer, about_authority];
        keep(&mut scene.pdf, &Store { responses, ..Store::default() });
        let report = scene.report_with(&RevocationEvidence::new(), AT + 2 * HOUR);
        assert_eq!(report.rule.as_deref().unwrap_or("passed"), expected, "{report:?}");
    }
}

/// A document of 2026 that was kept: stamped when signed, and again a year later, each time with evidence.
fn archived() -> (Scene, Vec<u8>) {
    let mut params = leaf_params("EXAMPLE Leader");
    params.not_after = date_time_ymd(2027, 1, 1);
    let mut scene = scene_of(params);
    let (first, second) = (scene.authority(2028), scene.authority(2031));
    let renewed = AT + 24 * 400 * HOUR;
    scene.stamp("Dau1", &first, AT + HOUR);
    let of_signature = list(&scene.cast.root, Span(AT + 2 * HOUR, AT + 24 * 7 * HOUR), &[]);
    keep(&mut scene.pdf, &Store::of_crl(of_signature.clone()));
    let crls = vec![of_signature, list(&scene.cast.root, Span(renewed, renewed + 24 * 7 * HOUR), &[])];
    let without = scene.pdf.bytes.clone();
    keep(&mut scene.pdf, &Store { crls, ..Store::default() });
    scene.stamp("Dau2", &second, renewed + HOUR);
    (scene, without)
}

fn of_2030(scene: &Scene) -> RevocationEvidence {
    let crl = list(&scene.cast.root, Span(MUCH_LATER - HOUR, MUCH_LATER + 24 * HOUR), &[]);
    RevocationEvidence::new().with_crl(std::sync::Arc::new(Crl::parse(&crl).unwrap()))
}

#[test]
fn a_chain_of_document_time_stamps_outlives_signer_and_authority() {
    let (scene, _) = archived();
    let report = scene.report_with(&of_2030(&scene), MUCH_LATER);
    assert!(report.is_passed(), "{report:?}");
    assert_eq!(report.signatures[0].signature.proved_time, Some(AT + HOUR));
    let proved: Vec<_> = report.signatures.iter().filter_map(|entry| entry.signature.proved_time).collect();
    assert_eq!(proved, [AT + HOUR, AT + HOUR, AT + 24 * 400 * HOUR + HOUR]);
}

#[test]
fn a_chain_that_was_not_renewed_proves_nothing_once_its_authority_expired() {
    let (mut scene, without) = archived();
    scene.pdf.bytes = without;
    let report = scene.report_with(&of_2030(&scene), MUCH_LATER);
    let rules: Vec<_> = report.signatures.iter().map(|entry| entry.signature.rule.as_deref()).collect();
    assert_eq!(rules, [Some("certificate_expired"), Some("certificate_expired")]);
    assert_eq!(report.signatures[0].signature.proved_time, None);
}

#[test]
fn a_time_stamp_younger_than_the_one_that_covers_it_is_no_proof() {
    let mut scene = scene();
    let authority = scene.authority(2031);
    scene.stamp("Dau1", &authority, AT + 3 * HOUR);
    scene.stamp("Dau2", &authority, AT + HOUR);
    keep(&mut scene.pdf, &Store::of_crl(list(&scene.cast.root, Span(AT + HOUR, AT + 9 * HOUR), &[])));
    let report = scene.report_with(&RevocationEvidence::new(), AT + 4 * HOUR);
    assert_eq!(report.signatures[1].signature.rule.as_deref(), Some("timestamp_order"));
    assert!(!report.is_passed());
}
