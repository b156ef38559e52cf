//! What is kept, what is not, and what a restart finds.

use std::fs;
use std::time::Duration;

use signature::{CertStatus, ResponseNonce, ocsp_request};
use validation_data::{KeepError, Keeper, Keeping};

use crate::pki::{DAY, HOUR, ca_params, judged, leaf_params, now, root, trust};

#[test]
fn the_newest_list_of_a_line_is_kept_and_an_older_one_is_refused() {
    let (dir, root) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"));
    let leaf = root.issue(leaf_params(None, None, None)).certificate();
    let trust = trust(&[&root], &[]);
    let (mut keeper, damaged) = Keeper::open(dir.path(), trust.clone(), now()).unwrap();
    assert!(damaged.is_empty());
    assert_eq!(judged(&leaf, &trust.store, &keeper.evidence()), Some("revocation_unknown"));

    let (old, new) = (root.list(7, HOUR * 2, &[]), root.list(8, HOUR, &[&leaf]));
    assert_eq!(keeper.keep_crl(&old, now()).unwrap().1, Keeping::Added);
    assert_eq!(judged(&leaf, &trust.store, &keeper.evidence()), None);
    assert!(matches!(keeper.keep_crl(&new, now()).unwrap().1, Keeping::Replaced { .. }));
    assert_eq!(keeper.keep_crl(&new, now()).unwrap().1, Keeping::Unchanged);
    assert!(matches!(keeper.keep_crl(&old, now()), Err(KeepError::Older { .. })));
    assert_eq!(judged(&leaf, &trust.store, &keeper.evidence()), Some("certificate_revoked"));

    let (again, damaged) = Keeper::open(dir.path(), trust.clone(), now()).unwrap();
    assert!(damaged.is_empty());
    assert_eq!(judged(&leaf, &trust.store, &again.evidence()), Some("certificate_revoked"));
}

#[test]
fn lists_of_strangers_from_the_future_and_without_end_are_refused() {
    let (dir, root) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"));
    let stranger = crate::pki::root("EXAMPLE Root");
    let (mut keeper, _) = Keeper::open(dir.path(), trust(&[&root], &[]), now()).unwrap();
    assert!(matches!(keeper.keep_crl(&stranger.list(1, HOUR, &[]), now()), Err(KeepError::Standing(_))));
    assert!(matches!(keeper.keep_crl(b"garbage", now()), Err(KeepError::Malformed(_))));
    let ahead = root.list(1, HOUR, &[]);
    assert!(matches!(keeper.keep_crl(&ahead, now() - DAY), Err(KeepError::Ahead { .. })));
    assert_eq!(keeper.crls().count(), 0);
    assert_eq!(fs::read_dir(dir.path().join("crl")).unwrap().count(), 0);
}

#[test]
fn a_damaged_file_is_named_and_set_aside_and_the_others_are_used() {
    let (dir, root) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"));
    let ca = root.issue(ca_params("EXAMPLE CA", None));
    let trust = trust(&[&root], &[&ca]);
    let (mut keeper, _) = Keeper::open(dir.path(), trust.clone(), now()).unwrap();
    let (held, _) = keeper.keep_crl(&root.list(1, HOUR, &[]), now()).unwrap();
    keeper.keep_crl(&ca.list(1, HOUR, &[]), now()).unwrap();
    let file = dir.path().join(format!("crl/{}.crl", held.crl.line()));
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, &bytes).unwrap();
    fs::write(dir.path().join("crl/half.123.new"), b"half").unwrap();

    let (again, damaged) = Keeper::open(dir.path(), trust, now()).unwrap();
    assert_eq!(damaged.len(), 1, "{damaged:?}");
    assert!(damaged[0].is_set_aside && damaged[0].path.starts_with(dir.path().join("damaged")), "{damaged:?}");
    assert!(!file.exists() && damaged[0].path.exists());
    assert!(!dir.path().join("crl/half.123.new").exists());
    assert_eq!(again.crls().map(|held| held.signer.clone()).collect::<Vec<_>>(), [ca.certificate().subject()]);
}

#[test]
fn what_the_trust_store_does_not_vouch_for_stays_unused() {
    let (dir, root, other) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"), root("EXAMPLE Other"));
    let (mut keeper, _) = Keeper::open(dir.path(), trust(&[&root], &[]), now()).unwrap();
    keeper.keep_crl(&root.list(1, HOUR, &[]), now()).unwrap();
    let (elsewhere, damaged) = Keeper::open(dir.path(), trust(&[&other], &[]), now()).unwrap();
    assert_eq!((elsewhere.crls().count(), damaged.len(), damaged[0].is_set_aside), (0, 1, false));
    assert_eq!(Keeper::open(dir.path(), trust(&[&root], &[]), now()).unwrap().0.crls().count(), 1);
}

#[test]
fn responses_survive_a_restart_until_they_are_over() {
    let (dir, root) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"));
    let (leaf, issuer) = (root.issue(leaf_params(None, None, None)).certificate(), root.certificate());
    let trust = trust(&[&root], &[]);
    let request = ocsp_request(&leaf, &issuer, None);
    let (mut keeper, _) = Keeper::open(dir.path(), trust.clone(), now()).unwrap();
    let answer = root.answer(&request, CertStatus::Good, ResponseNonce::LeftOut);
    assert_eq!(keeper.keep_response(&leaf, &issuer, &answer, now()).unwrap().1, Keeping::Added);
    assert_eq!(judged(&leaf, &trust.store, &keeper.evidence()), None);

    let (again, _) = Keeper::open(dir.path(), trust.clone(), now()).unwrap();
    assert_eq!(judged(&leaf, &trust.store, &again.evidence()), None);
    let (later, damaged) = Keeper::open(dir.path(), trust, now() + DAY).unwrap();
    assert_eq!((later.responses().count(), damaged.len()), (0, 0));
    assert_eq!(fs::read_dir(dir.path().join("ocsp")).unwrap().count(), 0);
}

#[test]
fn responses_of_strangers_about_others_and_without_end_are_refused() {
    let (dir, root, stranger) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"), root("EXAMPLE Root"));
    let leaf = || root.issue(leaf_params(None, None, None)).certificate();
    let (leaf, other, issuer) = (leaf(), leaf(), root.certificate());
    let (mut keeper, _) = Keeper::open(dir.path(), trust(&[&root], &[]), now()).unwrap();
    let request = ocsp_request(&leaf, &issuer, None);
    let (good, none) = (CertStatus::Good, ResponseNonce::LeftOut);
    let mut keep = |der: &[u8]| keeper.keep_response(&leaf, &issuer, der, now()).map(|_| ());
    assert!(matches!(keep(&stranger.answer(&request, good, none)), Err(KeepError::Standing(_))));
    let about_other = root.answer(&ocsp_request(&other, &issuer, None), good, none);
    assert!(matches!(keep(&about_other), Err(KeepError::OtherCertificate { .. })));
    assert!(matches!(keep(&root.answer_until(&request, good, none, None)), Err(KeepError::Endless { .. })));
    let over = root.answer_until(&request, good, none, Some(now() - Duration::from_secs(1)));
    assert!(matches!(keep(&over), Err(KeepError::Over { .. })));
    assert!(matches!(keep(&root.answer(&request, CertStatus::Unknown, none)), Err(KeepError::Standing(_))));
    assert!(keep(&root.answer(&request, good, none)).is_ok());
}

#[test]
fn an_issuer_is_kept_once_it_chains_to_an_anchor() {
    let (dir, root, other) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"), root("EXAMPLE Other"));
    let (ca, foreign) = (root.issue(ca_params("EXAMPLE CA", None)), other.issue(ca_params("EXAMPLE CA", None)));
    let trust = trust(&[&root], &[]);
    let (mut keeper, _) = Keeper::open(dir.path(), trust.clone(), now()).unwrap();
    assert!(matches!(keeper.keep_issuer(&foreign.certificate(), now()), Err(KeepError::Untrusted { .. })));
    let official = root.issue(leaf_params(None, None, None)).certificate();
    assert!(matches!(keeper.keep_issuer(&official, now()), Err(KeepError::Untrusted { .. })));
    assert_eq!(keeper.keep_issuer(&ca.certificate(), now()).unwrap().1, Keeping::Added);
    assert_eq!(keeper.keep_issuer(&ca.certificate(), now()).unwrap().1, Keeping::Unchanged);
    // The lists of a CA that was fetched are taken too, after a restart as well.
    keeper.keep_crl(&ca.list(1, HOUR, &[]), now()).unwrap();
    let (again, damaged) = Keeper::open(dir.path(), trust, now()).unwrap();
    assert!(damaged.is_empty(), "{damaged:?}");
    assert_eq!((again.crls().count(), again.trust().intermediates().len()), (1, 1));
}
