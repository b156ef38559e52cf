use super::*;
use crate::certificate::Certificate;
use crate::pki::{AT, Entity, ca_params, leaf_params, manifest, params, root};
use crate::report::{Indication, SubIndication, Unchecked};
use crate::{
    Envelope, EnvelopeSignature, PathRequest, Policy, Reason, Revocation, TrustStore, ValidPath, sign_envelope_cms,
    validate_path, verify_envelope_with,
};
use rcgen::{CertificateRevocationListParams, Issuer, KeyIdMethod, KeyUsagePurpose, RevocationReason as Why};
use rcgen::{RevokedCertParams, SerialNumber, date_time_ymd};
use types::UnixMillis;

/// 2026-11-20T00:00:00Z, the day before [`AT`].
const DAY_BEFORE: UnixMillis = UnixMillis::new(1_795_132_800_000);

fn entry(certificate: &Certificate, day: u8) -> RevokedCertParams {
    RevokedCertParams {
        serial_number: SerialNumber::from_slice(certificate.serial()),
        revocation_time: date_time_ymd(2026, 11, day),
        reason_code: Some(Why::KeyCompromise),
        invalidity_date: None,
    }
}

fn list_params(revoked_certs: Vec<RevokedCertParams>) -> CertificateRevocationListParams {
    CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, 20),
        next_update: date_time_ymd(2026, 11, 28),
        crl_number: SerialNumber::from(7_u64),
        issuing_distribution_point: None,
        revoked_certs,
        key_identifier_method: KeyIdMethod::Sha256,
    }
}

fn signed(issuer: &Entity, params: CertificateRevocationListParams) -> Arc<Crl> {
    let list = params.signed_by(&Issuer::from_params(&issuer.params, &issuer.key)).unwrap();
    Arc::new(Crl::parse(list.der()).unwrap())
}

fn list(issuer: &Entity, revoked: Vec<RevokedCertParams>) -> Arc<Crl> {
    signed(issuer, list_params(revoked))
}

struct Stage {
    root: Entity,
    ca: Entity,
    leaf: Entity,
    trust: TrustStore,
}

impl Stage {
    fn new() -> Self {
        let root = root();
        let ca = root.issue(ca_params("EXAMPLE CA", Some(0)));
        let leaf = ca.issue(leaf_params("EXAMPLE Leaf"));
        let trust = TrustStore::new(vec![root.certificate()], vec![ca.certificate()]);
        Self { root, ca, leaf, trust }
    }

    /// Lists of the root and the CA that revoke nothing.
    fn clean(&self) -> RevocationEvidence {
        RevocationEvidence::new().with_crl(list(&self.root, vec![])).with_crl(list(&self.ca, vec![]))
    }

    fn path(&self, evidence: &RevocationEvidence, proved: Option<UnixMillis>) -> Result<ValidPath, Reason> {
        self.path_with(evidence, proved, Revocation::Require)
    }

    fn path_with(
        &self,
        evidence: &RevocationEvidence,
        proved: Option<UnixMillis>,
        revocation: Revocation,
    ) -> Result<ValidPath, Reason> {
        let policy = Policy { revocation, ..Policy::envelope() };
        let leaf = self.leaf.certificate();
        let request = PathRequest::new(&leaf, &self.trust, &policy, AT).with_evidence(evidence);
        validate_path(&proved.map_or(request, |proved| request.signed_before(proved)))
    }

    fn rule(&self, evidence: &RevocationEvidence) -> Option<&'static str> {
        self.path(evidence, None).err().map(|reason| reason.rule())
    }
}

#[test]
fn a_path_with_current_lists_is_good_and_says_from_what() {
    let stage = Stage::new();
    let path = stage.path(&stage.clean(), None).unwrap();
    let [leaf, ca] = path.revocation() else { panic!("{:?}", path.revocation()) };
    assert_eq!((leaf.state, leaf.source), (RevocationState::Good, Some(RevocationSource::Crl)));
    assert_eq!(leaf.number.as_deref(), Some("07"));
    assert_eq!(leaf.this_update, Some(DAY_BEFORE));
    assert!(leaf.source_issuer.as_ref().unwrap().contains("EXAMPLE CA"));
    assert!(ca.source_issuer.as_ref().unwrap().contains("EXAMPLE Root"));
    assert_eq!(path.certificates().len(), 3);
}

#[test]
fn required_data_that_is_missing_leaves_the_verdict_open() {
    let stage = Stage::new();
    let half = RevocationEvidence::new().with_crl(list(&stage.ca, vec![]));
    for evidence in [RevocationEvidence::new(), half] {
        let reason = stage.path(&evidence, None).unwrap_err();
        assert_eq!((reason.rule(), reason.sub_indication()), ("revocation_unknown", SubIndication::TryLater));
        assert_eq!(reason.sub_indication().indication(), Indication::Indeterminate);
    }
}

#[test]
fn preferred_data_that_is_missing_refuses_nothing_and_is_shown() {
    let stage = Stage::new();
    let path = stage.path_with(&RevocationEvidence::new(), None, Revocation::Prefer).unwrap();
    assert!(path.revocation().iter().all(|status| status.state == RevocationState::Unknown && status.why.is_some()));
    let off = stage.path_with(&stage.clean(), None, Revocation::Off).unwrap();
    assert!(off.revocation().is_empty());
}

#[test]
fn a_revoked_signer_is_refused_even_where_data_is_only_preferred() {
    let stage = Stage::new();
    let revoked = list(&stage.ca, vec![entry(&stage.leaf.certificate(), 10)]);
    let evidence = RevocationEvidence::new().with_crl(revoked);
    let reason = stage.path_with(&evidence, None, Revocation::Prefer).unwrap_err();
    assert_eq!((reason.rule(), reason.sub_indication()), ("certificate_revoked", SubIndication::RevokedNoPoe));
}

#[test]
fn a_revoked_ca_is_refused() {
    let stage = Stage::new();
    let revoked = list(&stage.root, vec![entry(&stage.ca.certificate(), 10)]);
    let evidence = RevocationEvidence::new().with_crl(revoked).with_crl(list(&stage.ca, vec![]));
    let reason = stage.path(&evidence, None).unwrap_err();
    assert_eq!((reason.rule(), reason.sub_indication()), ("ca_revoked", SubIndication::RevokedCaNoPoe));
}

#[test]
fn used_then_revoked_passes_and_revoked_then_used_fails() {
    let stage = Stage::new();
    let revoked = list(&stage.ca, vec![entry(&stage.leaf.certificate(), 20)]);
    let evidence = RevocationEvidence::new().with_crl(list(&stage.root, vec![])).with_crl(revoked);
    let hour = std::time::Duration::from_secs(3600);
    let path = stage.path(&evidence, Some(DAY_BEFORE - hour)).unwrap();
    assert_eq!(path.revocation()[0].state, RevocationState::Revoked);
    let reason = stage.path(&evidence, Some(DAY_BEFORE + hour)).unwrap_err();
    assert_eq!((reason.rule(), reason.sub_indication()), ("signed_after_revocation", SubIndication::Revoked));
    assert_eq!(reason.sub_indication().indication(), Indication::TotalFailed);
    // At the very moment: not before.
    assert!(stage.path(&evidence, Some(DAY_BEFORE)).is_err());
}

#[test]
fn a_compromise_counts_from_its_invalidity_date() {
    let stage = Stage::new();
    let invalid =
        RevokedCertParams { invalidity_date: Some(date_time_ymd(2026, 11, 1)), ..entry(&stage.leaf.certificate(), 20) };
    let evidence =
        RevocationEvidence::new().with_crl(list(&stage.root, vec![])).with_crl(list(&stage.ca, vec![invalid]));
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(stage.path(&evidence, Some(DAY_BEFORE - hour)).unwrap_err().rule(), "signed_after_revocation");
}

#[test]
fn an_old_list_and_one_from_the_future_answer_nothing() {
    let stage = Stage::new();
    let old = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, 1),
        next_update: date_time_ymd(2026, 11, 20),
        ..list_params(vec![])
    };
    let ahead = CertificateRevocationListParams { this_update: date_time_ymd(2026, 11, 22), ..list_params(vec![]) };
    for params in [old, ahead] {
        let evidence =
            RevocationEvidence::new().with_crl(list(&stage.root, vec![])).with_crl(signed(&stage.ca, params));
        assert_eq!(stage.rule(&evidence), Some("revocation_unknown"));
    }
}

#[test]
fn a_list_of_another_key_answers_nothing() {
    let stage = Stage::new();
    let impostor = crate::pki::root_of(ca_params("EXAMPLE CA", Some(0)));
    let evidence = RevocationEvidence::new().with_crl(list(&stage.root, vec![])).with_crl(list(&impostor, vec![]));
    assert_eq!(stage.rule(&evidence), Some("revocation_unknown"));
}

#[test]
fn an_altered_list_answers_nothing() {
    let stage = Stage::new();
    let entry = entry(&stage.leaf.certificate(), 10);
    let serial = stage.leaf.certificate().serial().to_vec();
    let mut bytes = list(&stage.ca, vec![entry]).der().to_vec();
    let position = bytes.windows(serial.len()).position(|window| window == serial).unwrap();
    bytes[position + serial.len() - 1] ^= 1;
    let altered = Arc::new(Crl::parse(&bytes).unwrap());
    let evidence = RevocationEvidence::new().with_crl(list(&stage.root, vec![])).with_crl(altered);
    assert_eq!(stage.rule(&evidence), Some("revocation_unknown"));
}

#[test]
fn a_ca_without_crl_sign_signs_no_lists() {
    let root = root();
    let mut ca = ca_params("EXAMPLE CA", Some(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = root.issue(ca);
    let leaf = ca.issue(leaf_params("EXAMPLE Leaf"));
    // The same key and name, with the usage, makes the list; the certificate on the path does not have it.
    let mut maker = ca_params("EXAMPLE CA", Some(0));
    maker.key_usages.push(KeyUsagePurpose::CrlSign);
    let maker =
        Entity { params: maker, key: rcgen::KeyPair::from_pem(&ca.key.serialize_pem()).unwrap(), pem: String::new() };
    let trust = TrustStore::new(vec![root.certificate()], vec![ca.certificate()]);
    let evidence = RevocationEvidence::new().with_crl(list(&root, vec![])).with_crl(list(&maker, vec![]));
    let stage = Stage { root, ca, leaf, trust };
    assert_eq!(stage.rule(&evidence), Some("revocation_unknown"));
}

#[test]
fn a_list_may_be_signed_with_a_key_of_its_own_that_has_a_path() {
    let stage = Stage::new();
    let mut issuer = params("EXAMPLE CA");
    issuer.key_usages = vec![KeyUsagePurpose::CrlSign];
    let issuer = stage.root.issue(issuer);
    let evidence = RevocationEvidence::new().with_crl(list(&stage.root, vec![])).with_crl(list(&issuer, vec![]));
    let without = stage.rule(&evidence);
    assert_eq!(without, Some("revocation_unknown"));
    let trust = TrustStore::new(vec![stage.root.certificate()], vec![stage.ca.certificate(), issuer.certificate()]);
    let stage = Stage { trust, ..stage };
    assert_eq!(stage.rule(&evidence), None);
    // And not once that key is revoked itself.
    let revoked = list(&stage.root, vec![entry(&issuer.certificate(), 10)]);
    let evidence = RevocationEvidence::new().with_crl(revoked).with_crl(list(&issuer, vec![]));
    assert_eq!(stage.rule(&evidence), Some("revocation_unknown"));
}

#[test]
fn many_lists_cost_a_bounded_number_of_checks() {
    let stage = Stage::new();
    let impostor = crate::pki::root_of(ca_params("EXAMPLE CA", Some(0)));
    let mut evidence = RevocationEvidence::new().with_crl(list(&stage.root, vec![]));
    for number in 0..60_u64 {
        let params = CertificateRevocationListParams { crl_number: number.into(), ..list_params(vec![]) };
        evidence = evidence.with_crl(signed(&impostor, params));
    }
    let reason = stage.path(&evidence, None).unwrap_err();
    assert!(reason.to_string().contains("signature checks is spent"), "{reason}");
}

#[test]
fn a_list_of_a_hundred_thousand_entries_finds_every_one() {
    let ca = root();
    let revoked: Vec<RevokedCertParams> = (0..100_000_u64)
        .map(|number| RevokedCertParams {
            serial_number: SerialNumber::from(number * 2 + 1),
            revocation_time: date_time_ymd(2026, 11, 10),
            reason_code: None,
            invalidity_date: None,
        })
        .collect();
    let list = list(&ca, revoked);
    assert_eq!(list.entries(), 100_000);
    let certificate = ca.certificate();
    let issuer = certificate.subject_name();
    let serial = |number: u64| {
        let mut bytes: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        if bytes.first().is_none_or(|byte| *byte >= 0x80) {
            bytes.insert(0, 0);
        }
        bytes
    };
    for number in [1, 255, 257, 65_537, 131_071, 199_999] {
        assert!(list.find(issuer, &serial(number)).is_some(), "{number}");
        assert!(list.find(issuer, &serial(number + 1)).is_none(), "{number} + 1");
    }
}

#[test]
fn what_is_no_list_is_refused() {
    let list = list(&root(), vec![]);
    let bytes = list.der();
    assert!(matches!(Crl::parse(&bytes[..bytes.len() - 1]), Err(RevocationError::Malformed { .. })));
    assert!(Crl::parse(&[bytes, &[0]].concat()).is_err());
    assert!(Crl::parse(&vec![0x30; 17 << 20]).is_err());
    assert!(Crl::parse(&[]).is_err());
}

#[test]
fn an_envelopes_report_shows_the_statuses_and_what_is_still_unchecked() {
    let stage = Stage::new();
    let manifest = manifest().to_bytes().unwrap();
    let signature = sign_envelope_cms(&stage.leaf.signer(&[]), &manifest, AT).unwrap();
    let envelope = Envelope { manifest, signature: EnvelopeSignature::Cms(signature) };
    let policy = Policy { revocation: Revocation::Require, ..Policy::envelope() };
    let verify =
        |evidence: &RevocationEvidence| verify_envelope_with(&envelope, &stage.trust, &policy, evidence, AT).report;
    let lacks = |report: &crate::Report| report.not_checked.iter().any(|entry| entry.what == Unchecked::Revocation);
    let passed = verify(&stage.clean());
    assert!(passed.is_passed() && !lacks(&passed));
    assert_eq!(passed.signatures[0].revocation.len(), 2);
    let open = verify(&RevocationEvidence::new());
    assert!(lacks(&open));
    assert_eq!(open.signatures[0].indication, Indication::Indeterminate);
    assert_eq!(open.signatures[0].revocation[0].state, RevocationState::Unknown);
}

/// The store remembers the path's signatures from the first check; revocation is asked for every time.
#[test]
fn a_revocation_is_seen_at_once_though_the_path_is_remembered() {
    let stage = Stage::new();
    stage.path(&stage.clean(), None).unwrap();
    let revoked = list(&stage.ca, vec![entry(&stage.leaf.certificate(), 20)]);
    let evidence = RevocationEvidence::new().with_crl(list(&stage.root, vec![])).with_crl(revoked);
    assert_eq!(stage.rule(&evidence), Some("certificate_revoked"));
    assert_eq!(stage.rule(&RevocationEvidence::new()), Some("revocation_unknown"));
}

/// Five checks: two certificates, two lists, and the one that does not fit.
#[test]
fn a_list_that_no_longer_fits_the_budget_leaves_a_preferred_status_undecided() {
    let stage = Stage::new();
    let policy = Policy { revocation: Revocation::Prefer, ..Policy::envelope() };
    let leaf = stage.leaf.certificate();
    let outcome = |checks_max| {
        let budget = crate::Budget::new(crate::BudgetLimits { checks_max, bytes_max: 0 });
        let trust = stage.trust.within(&budget);
        let evidence = stage.clean();
        let request = PathRequest::new(&leaf, &trust, &policy, AT).with_evidence(&evidence);
        validate_path(&request).map(drop).map_err(|reason| reason.rule())
    };
    assert_eq!(outcome(4), Ok(()));
    assert_eq!(outcome(3), Err("work_budget_spent"));
}
