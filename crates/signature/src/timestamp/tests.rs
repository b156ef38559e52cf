use std::time::Duration;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, date_time_ymd};

use super::*;
use crate::cms::fixture::Parts;
use crate::der::{integer, object_id, octet_string, sequence, tag, tlv};
use crate::envelope::{Envelope, EnvelopeSignature, verify_envelope};
use crate::pki::{AT, Entity, critical, leaf_params, manifest, params, purposes, root};
use crate::report::{Indication, Quirk, SignatureReport};
use crate::sign::{Signer, Stamping, add_signature_timestamp, sign_envelope_cms, signature_value, stamp};

const POLICY: &str = "1.3.6.1.4.1.99999.1";
/// SEQUENCE of id-kp-timeStamping.
const ONLY_STAMPING: [u8; 12] = [0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8];
const EXTENDED_KEY_USAGE: [u64; 4] = [2, 5, 29, 37];

struct World {
    root: Entity,
    authority: Signer,
    trust: TrustStore,
}

fn world() -> World {
    world_with(authority_params())
}

fn authority_params() -> CertificateParams {
    critical(leaf_params("EXAMPLE TSA"), &EXTENDED_KEY_USAGE, ONLY_STAMPING.to_vec())
}

fn world_with(authority: CertificateParams) -> World {
    let root = root();
    let authority = root.issue(authority).signer(&[]);
    World { trust: TrustStore::new(vec![root.certificate()], vec![]), root, authority }
}

fn stamping(time: UnixMillis) -> Stamping {
    Stamping { policy: POLICY.to_owned(), serial: 0xfedc_ba98_7654_3210, time, accuracy_seconds: 1 }
}

/// An hour before everything is checked.
fn earlier() -> UnixMillis {
    AT - Duration::from_secs(3600)
}

impl World {
    fn token(&self, over: &[u8], time: UnixMillis) -> Vec<u8> {
        let request = TimestampRequest::over(over, 7);
        let response = stamp(&self.authority, &request.to_der(), &stamping(time)).unwrap();
        let mut inside = der::single(&response, tag::SEQUENCE).unwrap().inside();
        inside.next().unwrap();
        inside.next().unwrap().raw.to_vec()
    }

    fn report(&self, token: &[u8], over: &[u8]) -> TimestampReport {
        verify_timestamp(token, over, &self.trust, &Policy::envelope(), AT)
    }

    fn rule(&self, token: &[u8]) -> String {
        self.report(token, b"data").rule.unwrap_or_else(|| "passed".to_owned())
    }

    /// A token over `data` around another TSTInfo.
    fn token_of(&self, info: &[u8]) -> Vec<u8> {
        crate::sign::token_for_tests(&self.authority, info, earlier())
    }

    fn envelope(&self, cms: Vec<u8>, at: UnixMillis) -> SignatureReport {
        let envelope = Envelope { manifest: manifest().to_bytes().unwrap(), signature: EnvelopeSignature::Cms(cms) };
        let verification = verify_envelope(&envelope, &self.trust, &Policy::envelope(), at);
        let signature = verification.report.signatures[0].clone();
        assert_eq!(verification.manifest.is_some(), signature.is_passed());
        signature
    }

    fn signed(&self, signer: CertificateParams, claimed: UnixMillis) -> Vec<u8> {
        let signer = self.root.issue(signer).signer(&[]);
        sign_envelope_cms(&signer, &manifest().to_bytes().unwrap(), claimed).unwrap()
    }

    /// The signature with a time-stamp over its value.
    fn stamped(&self, cms: &[u8], time: UnixMillis) -> Vec<u8> {
        let token = self.token(&signature_value(cms).unwrap(), time);
        add_signature_timestamp(cms, &token).unwrap()
    }
}

fn rule(report: &SignatureReport) -> &str {
    report.rule.as_deref().unwrap_or("passed")
}

/// Members of a TSTInfo over `data`, to be changed one at a time.
struct Info {
    version: u8,
    digest: Vec<u8>,
    time: &'static [u8],
    rest: Vec<Vec<u8>>,
}

fn info(change: impl FnOnce(&mut Info)) -> Vec<u8> {
    let digest = crate::certificate::sha256(b"data").as_bytes().to_vec();
    let mut info = Info { version: 1, digest, time: b"20261121020000Z", rest: Vec::new() };
    change(&mut info);
    let imprint = sequence(&[&sequence(&[&object_id(oid::SHA256)]), &octet_string(&info.digest)]);
    sequence(&[
        &integer(info.version),
        &object_id(&oid::from_text(POLICY).unwrap()),
        &imprint,
        &integer(9),
        &tlv(tag::GENERALIZED_TIME, info.time),
        &info.rest.concat(),
    ])
}

#[test]
fn a_token_proves_its_time() {
    let world = world();
    let report = world.report(&world.token(b"data", earlier()), b"data");
    assert!(report.is_passed(), "{report:?}");
    assert_eq!(report.time, Some(earlier()));
    assert_eq!(report.accuracy_ms, Some(1000));
    assert_eq!(report.policy.as_deref(), Some(POLICY));
    assert_eq!(report.serial.as_deref(), Some("00fedcba9876543210"));
    assert!(report.authority.unwrap().subject.contains("EXAMPLE TSA"));
}

#[test]
fn a_token_over_something_else_is_refused() {
    let world = world();
    let report = world.report(&world.token(b"data", earlier()), b"Data");
    assert_eq!(report.rule.as_deref(), Some("timestamp_imprint_mismatch"));
    assert_eq!(report.indication, Indication::TotalFailed);
}

#[test]
fn an_altered_token_is_refused() {
    let world = world();
    let mut token = world.token(b"data", earlier());
    let own = token.windows(14).position(|part| part == b"20261121020000").unwrap();
    token[own + 3] = b'5';
    assert_eq!(world.rule(&token), "digest_mismatch");
}

#[test]
fn a_signature_over_plain_data_is_no_token() {
    let world = world();
    let cms = sign_envelope_cms(&world.authority, &manifest().to_bytes().unwrap(), earlier()).unwrap();
    assert_eq!(world.rule(&cms), "content_type_mismatch");
}

#[test]
fn a_token_without_its_ess_reference_is_refused() {
    let world = world();
    let mut parts = Parts::of(&world.token(b"data", earlier()));
    let attributes = parts.signers[0].attributes.as_mut().unwrap();
    attributes.retain(|raw| !raw.windows(11).any(|part| part == oid::SIGNING_CERTIFICATE_V2));
    assert_eq!(world.rule(&parts.write()), "attribute_missing");
}

#[test]
fn a_token_has_one_signer() {
    let world = world();
    let mut parts = Parts::of(&world.token(b"data", earlier()));
    let signer = parts.signers[0].clone();
    parts.signers.push(signer);
    assert_eq!(world.rule(&parts.write()), "cms_too_many_signers");
}

#[test]
fn an_authoritys_one_purpose_is_stamping_and_critical() {
    for params in [
        leaf_params("EXAMPLE no purpose"),
        purposes(leaf_params("EXAMPLE not critical"), &[ExtendedKeyUsagePurpose::TimeStamping]),
        purposes(leaf_params("EXAMPLE documents"), &[ExtendedKeyUsagePurpose::EmailProtection]),
        critical(
            leaf_params("EXAMPLE two"),
            &EXTENDED_KEY_USAGE,
            sequence(&[&ONLY_STAMPING[2..], &[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 4]]),
        ),
    ] {
        let world = world_with(params);
        let report = world.report(&world.token(b"data", earlier()), b"data");
        assert_eq!(report.rule.as_deref(), Some("timestamping_purpose"));
        assert_eq!(report.indication, Indication::Indeterminate);
    }
}

#[test]
fn an_authority_may_do_without_key_usage() {
    let world = world_with(critical(params("EXAMPLE TSA"), &EXTENDED_KEY_USAGE, ONLY_STAMPING.to_vec()));
    assert_eq!(world.rule(&world.token(b"data", earlier())), "passed");
}

#[test]
fn an_authority_without_a_path_proves_nothing() {
    let (world, other) = (world(), self::world());
    assert_eq!(world.rule(&other.token(b"data", earlier())), "chain_signature_wrong");
}

#[test]
fn an_authority_is_valid_when_it_stamps_and_when_it_is_checked() {
    let mut expired = authority_params();
    expired.not_after = date_time_ymd(2026, 11, 1);
    let world = world_with(expired);
    assert_eq!(world.rule(&world.token(b"data", AT - Duration::from_secs(40 * 86_400))), "certificate_expired");
    let mut young = authority_params();
    young.not_before = date_time_ymd(2026, 11, 10);
    let world = world_with(young);
    assert_eq!(world.rule(&world.token(b"data", AT - Duration::from_secs(40 * 86_400))), "certificate_not_yet_valid");
}

#[test]
fn a_token_of_the_future_is_refused() {
    let world = world();
    assert_eq!(world.rule(&world.token(b"data", AT + Duration::from_secs(299))), "passed");
    assert_eq!(world.rule(&world.token(b"data", AT + Duration::from_secs(302))), "timestamp_ahead");
    // Seven hours ahead is no excuse for an authority.
    assert_eq!(world.rule(&world.token(b"data", AT + Duration::from_secs(7 * 3600))), "timestamp_ahead");
}

#[test]
fn the_policy_names_the_authorities_policies() {
    let world = world();
    let token = world.token(b"data", earlier());
    let check = |listed: &str| {
        let policy = Policy { timestamp_policies: vec![listed.to_owned()], ..Policy::envelope() };
        verify_timestamp(&token, b"data", &world.trust, &policy, AT).rule
    };
    assert_eq!(check(POLICY), None);
    assert_eq!(check("1.2.3").as_deref(), Some("timestamp_policy"));
}

#[test]
fn an_inexact_clock_is_refused() {
    let world = world();
    let accuracy = |parts: &[&[u8]]| world.token_of(&info(|info| info.rest.push(sequence(parts))));
    assert_eq!(world.rule(&accuracy(&[&integer(60)])), "passed");
    assert_eq!(world.rule(&accuracy(&[&integer(60), &[0x80, 1, 1]])), "timestamp_accuracy");
    assert_eq!(world.rule(&accuracy(&[&integer(60), &[0x81, 1, 1]])), "timestamp_accuracy");
    assert_eq!(world.rule(&accuracy(&[&[0x80, 2, 3, 0xe8]])), "timestamp_malformed");
}

#[test]
fn a_broken_tst_info_is_refused() {
    let world = world();
    assert_eq!(world.rule(&world.token_of(&info(|_| {}))), "passed");
    assert_eq!(world.rule(&world.token_of(&info(|info| info.time = b"20261121020000.5Z"))), "passed");
    let critical = sequence(&[&object_id(&[0x2a, 3]), &[1, 1, 0xff], &octet_string(b"")]);
    for broken in [
        info(|info| info.version = 2),
        info(|info| info.time = b"20261121020000"),
        info(|info| info.time = b"20261121020000.50Z"),
        info(|info| info.time = b"20261121020000+0700"),
        info(|info| info.rest.push(octet_string(b"more"))),
        info(|info| info.rest.push(tlv(tag::context(1), &critical))),
        Vec::new(),
    ] {
        assert_eq!(world.rule(&world.token_of(&broken)), "timestamp_malformed");
    }
    assert_eq!(world.rule(&world.token_of(&info(|info| info.digest.truncate(16)))), "timestamp_imprint_mismatch");
}

#[test]
fn a_response_is_held_against_its_request() {
    let world = world();
    let read = |request: &TimestampRequest, response: &[u8]| {
        request.read_response(response, &world.trust, &Policy::envelope(), AT).map_err(|reason| reason.rule())
    };
    for nonce in [0, 7, 0x80, u64::MAX] {
        let request = TimestampRequest::over(b"data", nonce);
        let response = stamp(&world.authority, &request.to_der(), &stamping(earlier())).unwrap();
        let timestamp = read(&request, &response).unwrap();
        assert_eq!(timestamp.time, earlier());
        assert_eq!(world.rule(&timestamp.token), "passed");
        let other = TimestampRequest::over(b"data", nonce ^ 1);
        assert_eq!(read(&other, &response).unwrap_err(), "timestamp_other_request");
        let other = TimestampRequest::over(b"Data", nonce);
        assert_eq!(read(&other, &response).unwrap_err(), "timestamp_imprint_mismatch");
        let other = request.clone().under("1.2.3");
        assert_eq!(read(&other, &response).unwrap_err(), "timestamp_other_request");
    }
}

#[test]
fn a_refusal_says_why() {
    let world = world();
    let answer = |request: &[u8]| stamp(&world.authority, request, &stamping(earlier())).unwrap();
    let request = TimestampRequest::over(b"data", 7).under("1.2.3");
    let refused = |response: &[u8]| {
        request.read_response(response, &world.trust, &Policy::envelope(), AT).unwrap_err().to_string()
    };
    assert!(refused(&answer(&request.to_der())).contains("status 2, failure unacceptedPolicy"));
    assert!(refused(&answer(b"no request")).contains("failure badRequest"));
    let sha1 = sequence(&[&sequence(&[&object_id(oid::SHA1)]), &octet_string(&[0; 20])]);
    assert!(refused(&answer(&sequence(&[&integer(1), &sha1]))).contains("failure badAlg"));
    // Granted, and nothing in it.
    assert!(refused(&sequence(&[&sequence(&[&integer(0)])])).contains("status 0"));
}

#[test]
fn a_signature_time_stamp_proves_when_it_was_there() {
    let world = world();
    let cms = world.signed(leaf_params("EXAMPLE Leaf"), earlier());
    let report = world.envelope(world.stamped(&cms, earlier()), AT);
    assert!(report.is_passed(), "{report:?}");
    assert_eq!((report.claimed_time, report.proved_time), (Some(earlier()), Some(earlier())));
    assert_eq!(report.timestamps.len(), 1);
    assert_eq!(report.timestamps[0].kind, TimestampKind::Signature);
    assert_eq!(world.envelope(cms, AT).proved_time, None);
}

#[test]
fn a_certificate_that_expired_since_is_judged_as_of_the_proved_time() {
    let world = world();
    let mut params = leaf_params("EXAMPLE Leaf");
    let end = earlier() + Duration::from_secs(1800);
    params.not_after = time::OffsetDateTime::from_unix_timestamp(i64::try_from(end.as_seconds()).unwrap()).unwrap();
    let cms = world.signed(params, earlier());
    assert_eq!(rule(&world.envelope(cms.clone(), AT)), "certificate_expired");
    assert_eq!(rule(&world.envelope(world.stamped(&cms, earlier()), AT)), "passed");
    let later = end + Duration::from_secs(60);
    assert_eq!(rule(&world.envelope(world.stamped(&cms, later), AT)), "certificate_expired");
}

#[test]
fn time_stamp_substitution_is_refused() {
    let world = world();
    let (one, other) =
        (world.signed(leaf_params("EXAMPLE One"), earlier()), world.signed(leaf_params("EXAMPLE Two"), earlier()));
    let token = world.token(&signature_value(&other).unwrap(), earlier());
    let report = world.envelope(add_signature_timestamp(&one, &token).unwrap(), AT);
    assert_eq!(rule(&report), "timestamp_imprint_mismatch");
    assert_eq!(report.indication, Indication::TotalFailed);
    assert_eq!(report.proved_time, None);
}

#[test]
fn a_token_of_an_unknown_authority_proves_nothing_and_says_so() {
    let (world, other) = (world(), self::world());
    let cms = world.signed(leaf_params("EXAMPLE Leaf"), earlier());
    let token = other.token(&signature_value(&cms).unwrap(), earlier());
    let report = world.envelope(add_signature_timestamp(&cms, &token).unwrap(), AT);
    assert!(report.is_passed());
    assert_eq!(report.proved_time, None);
    assert_eq!(report.timestamps[0].indication, Indication::Indeterminate);
}

#[test]
fn the_earliest_of_several_proves_most() {
    let world = world();
    let cms = world.signed(leaf_params("EXAMPLE Leaf"), earlier());
    let later = earlier() + Duration::from_secs(600);
    let report = world.envelope(world.stamped(&world.stamped(&cms, later), earlier()), AT);
    // Two attributes of one type: unsigned, so neither can be told from an addition.
    assert_eq!((report.proved_time, report.timestamps.len()), (Some(earlier()), 2));
    let many = (0..9).fold(cms, |cms, _| world.stamped(&cms, earlier()));
    assert_eq!(rule(&world.envelope(many, AT)), "timestamps_too_many");
}

#[test]
fn a_claim_after_the_proved_time_is_refused_and_local_time_is_noted() {
    let world = world();
    for (ahead, expected) in
        [(60, "passed"), (62, "passed"), (7 * 3600, "passed"), (7 * 3600 + 62, "claimed_time_ahead")]
    {
        let cms = world.signed(leaf_params("EXAMPLE Leaf"), earlier() + Duration::from_secs(ahead));
        let report = world.envelope(world.stamped(&cms, earlier()), AT);
        assert_eq!(rule(&report), expected, "{ahead}");
        assert_eq!(report.quirks.contains(&Quirk::LocalTimeAsUtc), expected == "passed" && ahead > 60, "{ahead}");
    }
}

/// Adds signed attributes and signs again.
fn with_attributes(world: &World, oid: &[u8], values: &[Vec<u8>]) -> Vec<u8> {
    let leaf = world.root.issue(leaf_params("EXAMPLE Leaf"));
    let cms = sign_envelope_cms(&leaf.signer(&[]), &manifest().to_bytes().unwrap(), earlier()).unwrap();
    let mut parts = Parts::of(&cms);
    let signer = &mut parts.signers[0];
    let attributes = signer.attributes.as_mut().unwrap();
    attributes.extend(values.iter().map(|value| sequence(&[&object_id(oid), &tlv(tag::SET, value)])));
    signer.signature = rcgen::SigningKey::sign(&leaf.key, &tlv(tag::SET, &attributes.concat())).unwrap();
    parts.write()
}

#[test]
fn several_content_time_stamps_are_legal() {
    let world = world();
    let token = world.token(&manifest().to_bytes().unwrap(), earlier());
    let report = world.envelope(with_attributes(&world, oid::CONTENT_TIMESTAMP, &[token.clone(), token]), AT);
    assert!(report.is_passed(), "{report:?}");
    assert!(report.timestamps.iter().all(|stamp| stamp.kind == TimestampKind::Content && stamp.is_passed()));
    // They prove when it was not yet signed, not when it was.
    assert_eq!((report.timestamps.len(), report.proved_time), (2, None));
}

#[test]
fn a_content_time_stamp_over_other_content_is_refused() {
    let world = world();
    let cms = with_attributes(&world, oid::CONTENT_TIMESTAMP, &[world.token(b"data", earlier())]);
    assert_eq!(rule(&world.envelope(cms, AT)), "timestamp_imprint_mismatch");
    let cms = with_attributes(&world, oid::CONTENT_TIMESTAMP, &[vec![5, 0]]);
    assert_eq!(rule(&world.envelope(cms, AT)), "cms_malformed");
}

#[test]
fn content_is_not_stamped_after_the_signature() {
    let world = world();
    let later = earlier() + Duration::from_secs(600);
    let token = world.token(&manifest().to_bytes().unwrap(), later);
    let cms = with_attributes(&world, oid::CONTENT_TIMESTAMP, &[token]);
    assert_eq!(rule(&world.envelope(world.stamped(&cms, earlier()), AT)), "timestamp_order");
    assert_eq!(rule(&world.envelope(world.stamped(&cms, later), AT)), "passed");
}

#[test]
fn archive_time_stamps_are_named_and_not_passed() {
    let world = world();
    let cms = world.signed(leaf_params("EXAMPLE Leaf"), earlier());
    let mut stamped = world.stamped(&cms, earlier());
    // The same length, so that only the type changes.
    let own = stamped.windows(11).position(|part| part == oid::SIGNATURE_TIMESTAMP).unwrap();
    stamped[own..own + 11].copy_from_slice(oid::ARCHIVE_TIMESTAMP_V2);
    let report = world.envelope(stamped, AT);
    assert_eq!(report.timestamps[0].rule.as_deref(), Some("archive_timestamp_not_checked"));
    assert_eq!((report.timestamps[0].indication, report.proved_time), (Indication::Indeterminate, None));
}

/// What this crate says to tokens that OpenSSL made.
#[test]
fn openssls_tokens_prove_their_time() {
    let root = Certificate::parse_all(include_bytes!("../../fixtures/tsa-root.pem")).unwrap();
    let trust = TrustStore::new(root, vec![]);
    let at = UnixMillis::new(1_798_761_600_000);
    for text in [
        include_str!("../../fixtures/timestamp-sha256.cms.pem"),
        include_str!("../../fixtures/timestamp-sha512.cms.pem"),
    ] {
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let token = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).unwrap();
        let report = verify_timestamp(&token, b"data", &trust, &Policy::envelope(), at);
        assert!(report.is_passed(), "{report:?}");
        assert_eq!(report.time.unwrap().as_seconds(), 1_795_274_242);
        assert_eq!(report.accuracy_ms, Some(1501));
        assert_eq!(report.policy.as_deref(), Some("1.3.6.1.4.1.99999.2"));
        let other = verify_timestamp(&token, b"Data", &trust, &Policy::envelope(), at);
        assert_eq!(other.rule.as_deref(), Some("timestamp_imprint_mismatch"));
    }
}

/// Writes what OpenSSL then checks (`openssl ts -verify`), where `LIENTHONG_SIGN_OUT` names a folder.
#[test]
fn tokens_are_written_for_a_second_opinion() {
    let Some(folder) = std::env::var_os("LIENTHONG_SIGN_OUT").map(std::path::PathBuf::from) else {
        println!("LIENTHONG_SIGN_OUT is not set: nothing written");
        return;
    };
    let world = world();
    let request = TimestampRequest::over(b"data", 0xfedc_ba98_7654_3210).to_der();
    std::fs::write(folder.join("tsa-root.pem"), &world.root.pem).unwrap();
    std::fs::write(folder.join("data"), b"data").unwrap();
    std::fs::write(folder.join("response.tsr"), stamp(&world.authority, &request, &stamping(earlier())).unwrap())
        .unwrap();
    std::fs::write(folder.join("request.tsq"), request).unwrap();
}
