use super::*;
use crate::envelope::{Envelope, EnvelopeSignature, verify_envelope};
use crate::pki::{AT, Entity, ca_params, leaf_params, manifest, root};
use crate::policy::Policy;
use crate::report::{Indication, SignatureReport};
use crate::sign::{sign_envelope_cms, sign_envelope_jws};
use crate::trust::TrustStore;

/// An envelope whose check needs three signature checks: its own, its certificate's, the CA's.
struct Case {
    envelope: Envelope,
    trust: TrustStore,
}

fn case() -> Case {
    let root = root();
    let between = root.issue(ca_params("EXAMPLE CA", None));
    let leaf: Entity = between.issue(leaf_params("EXAMPLE Leaf"));
    let manifest = manifest().to_bytes().unwrap();
    let signature = EnvelopeSignature::Cms(sign_envelope_cms(&leaf.signer(&[]), &manifest, AT).unwrap());
    let trust = TrustStore::new(vec![root.certificate()], vec![between.certificate()]);
    Case { envelope: Envelope { manifest, signature }, trust }
}

impl Case {
    fn check(&self, budget: &Budget) -> SignatureReport {
        let trust = self.trust.within(budget);
        verify_envelope(&self.envelope, &trust, &Policy::envelope(), AT).report.signatures.remove(0)
    }
}

fn budget(checks_max: u64, bytes_max: u64) -> Budget {
    Budget::new(BudgetLimits { checks_max, bytes_max })
}

fn outcome(report: &SignatureReport) -> (Indication, Option<&str>) {
    (report.indication, report.rule.as_deref())
}

const SPENT: (Indication, Option<&str>) = (Indication::Indeterminate, Some("work_budget_spent"));

#[test]
fn a_check_that_fits_passes_and_is_counted() {
    let budget = budget(3, 10_000);
    assert_eq!(outcome(&case().check(&budget)), (Indication::TotalPassed, None));
    assert_eq!(budget.spent().checks, 3);
    assert!(budget.spent().bytes > 500, "{budget:?}");
}

#[test]
fn one_check_too_many_leaves_the_signature_undecided() {
    assert_eq!(outcome(&case().check(&budget(2, 10_000))), SPENT);
}

#[test]
fn bytes_are_bounded_before_they_are_hashed() {
    let budget = budget(3, 100);
    assert_eq!(outcome(&case().check(&budget)), SPENT);
    assert_eq!(budget.spent().checks, 0);
}

#[test]
fn the_checks_of_one_document_share_it() {
    let (case, budget) = (case(), budget(8, 100_000));
    let outcomes: Vec<_> = (0..4).map(|_| case.check(&budget).indication).collect();
    use Indication::{Indeterminate, TotalPassed};
    assert_eq!(outcomes, [TotalPassed, TotalPassed, Indeterminate, Indeterminate]);
}

#[test]
fn another_document_has_its_own() {
    let case = case();
    assert_eq!(outcome(&case.check(&budget(1, 10_000))), SPENT);
    assert_eq!(case.check(&budget(3, 10_000)).indication, Indication::TotalPassed);
}

/// What came before decides no outcome: a path that is remembered costs the same budget.
#[test]
fn what_is_remembered_is_counted_too() {
    let case = case();
    assert_eq!(case.check(&Budget::unlimited()).indication, Indication::TotalPassed);
    assert_eq!(outcome(&case.check(&budget(2, 10_000))), SPENT);
}

#[test]
fn a_cancelled_check_ends_undecided() {
    let budget = Budget::new(BudgetLimits::document());
    budget.cancel();
    assert_eq!(outcome(&case().check(&budget)), SPENT);
}

#[test]
fn jws_is_counted_too() {
    let root = root();
    let leaf = root.issue(leaf_params("EXAMPLE Leaf"));
    let manifest = manifest().to_bytes().unwrap();
    let signature = EnvelopeSignature::Jws(sign_envelope_jws(&leaf.signer(&[]), &manifest, AT).unwrap());
    let trust = TrustStore::new(vec![root.certificate()], vec![]);
    let case = Case { envelope: Envelope { manifest, signature }, trust };
    assert_eq!(outcome(&case.check(&budget(1, 10_000))), SPENT);
    assert_eq!(case.check(&budget(2, 10_000)).indication, Indication::TotalPassed);
}

#[test]
fn work_done_elsewhere_counts_like_ones_own() {
    let (case, elsewhere, here) = (case(), budget(4, 100_000), budget(4, 100_000));
    assert_eq!(case.check(&elsewhere).indication, Indication::TotalPassed);
    here.charge(elsewhere.spent());
    assert!(!here.is_spent());
    assert_eq!(outcome(&case.check(&here)), SPENT);
    assert!(here.is_spent());
    assert_eq!(here.spent().since(elsewhere.spent()).checks, 2, "{here:?}");
}
