//! Files that an operator brings.

use std::fs;
use std::path::PathBuf;

use signature::{CertStatus, ResponseNonce, ocsp_request};
use tokio_util::sync::CancellationToken;
use validation_data::{ImportKind, Keeper, Options, Outcome, Service, import};

use crate::pki::{HOUR, ca_params, judged, leaf_params, now, root, trust};
use crate::server::until;

#[test]
fn a_folder_is_taken_certificates_first_and_each_thing_is_told() {
    let (dir, given, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), root("EXAMPLE Root"));
    let ca = root.issue(ca_params("EXAMPLE CA", None));
    let leaf = ca.issue(leaf_params(None, None, None)).certificate();
    let response = ca.answer(&ocsp_request(&leaf, &ca.certificate(), None), CertStatus::Good, ResponseNonce::LeftOut);
    let write = |name: &str, bytes: &[u8]| fs::write(given.path().join(name), bytes).unwrap();
    write("a.crl", &ca.list(3, HOUR, &[]));
    write("b.ors", &response);
    write("c.txt", b"none of these");
    write("d.pem", ca.pem.as_bytes());
    let (mut keeper, _) = Keeper::open(dir.path(), trust(&[&root], &[]), now()).unwrap();
    let paths = [given.path().to_owned()];
    let told = import(&mut keeper, &paths, now()).unwrap();
    let told: Vec<_> = told.iter().map(|one| (one.kind, one.outcome)).collect();
    let expected = [
        (ImportKind::Issuer, Outcome::Added),
        (ImportKind::Crl, Outcome::Added),
        (ImportKind::Ocsp, Outcome::Added),
        (ImportKind::Unknown, Outcome::Refused),
    ];
    assert_eq!(told, expected);

    write("a.crl", &ca.list(4, HOUR, &[]));
    let told = import(&mut keeper, &[given.path().join("a.crl")], now()).unwrap();
    assert_eq!(told[0].outcome, Outcome::Replaced);
    assert!(told[0].detail.as_ref().unwrap().contains("number 03"), "{told:?}");
    write("a.crl", &ca.list(3, HOUR, &[]));
    let told = import(&mut keeper, &[given.path().join("a.crl")], now()).unwrap();
    assert_eq!(told[0].outcome, Outcome::Refused);
    assert!(import(&mut keeper, &[PathBuf::from("/nowhere/at/all")], now()).is_err());
}

#[tokio::test]
async fn a_running_service_takes_an_import_of_another_process_up() {
    let (dir, root) = (tempfile::tempdir().unwrap(), root("EXAMPLE Root"));
    let leaf = root.issue(leaf_params(None, None, None)).certificate();
    let trust = trust(&[&root], &[]);
    let service = Service::open(dir.path(), trust.clone(), Options::default()).unwrap();
    let (stop, mut epoch) = (CancellationToken::new(), service.epoch());
    let running = tokio::spawn(service.clone().run(stop.clone()));
    assert_eq!(judged(&leaf, &trust.store, &service.evidence()), Some("revocation_unknown"));

    let file = dir.path().join("given.crl");
    fs::write(&file, root.list(1, HOUR, &[])).unwrap();
    let (mut other, _) = Keeper::open(dir.path(), trust.clone(), now()).unwrap();
    import(&mut other, &[file], now()).unwrap();
    tokio::time::timeout(HOUR / 60, epoch.changed()).await.unwrap().unwrap();
    until("the imported list in use", || judged(&leaf, &trust.store, &service.evidence()).is_none().then_some(()))
        .await;
    stop.cancel();
    running.await.unwrap();
}
