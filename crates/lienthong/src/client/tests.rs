use std::path::PathBuf;

use super::*;
use crate::exit::Exit;
use crate::pki::{Existing, write_example};

fn example() -> (tempfile::TempDir, Profile) {
    // A second test in the same process finds it installed.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    write_example(dir.path(), 2026, Existing::Keep).unwrap();
    let profile = Profile {
        node: Some("https://127.0.0.1:1".into()),
        ca: Some(dir.path().join("ca/root.pem")),
        cert: Some(dir.path().join("systems/vpcp/transport.pem")),
        key: Some(dir.path().join("systems/vpcp/transport.key.pem")),
        ..Profile::default()
    };
    (dir, profile)
}

async fn refused(profile: &Profile) -> Failure {
    match Client::connect(profile).await {
        Ok(_) => panic!("must not connect"),
        Err(failure) => failure,
    }
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let (_dir, profile) = example();
    assert_eq!(refused(&profile).await.exit(), Exit::Unreachable);
}

#[tokio::test]
async fn plain_http_is_a_usage_error() {
    let (_dir, mut profile) = example();
    profile.node = Some("http://127.0.0.1:1".into());
    assert_eq!(refused(&profile).await.exit(), Exit::Usage);
}

#[tokio::test]
async fn a_certificate_without_its_key_is_a_usage_error() {
    let (_dir, mut profile) = example();
    profile.key = None;
    assert_eq!(refused(&profile).await.exit(), Exit::Usage);
}

#[tokio::test]
async fn a_ca_file_without_a_certificate_is_named() {
    let (dir, mut profile) = example();
    let empty: PathBuf = dir.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    profile.ca = Some(empty.clone());
    let failure = refused(&profile).await;
    assert_eq!(failure.exit(), Exit::LocalFile);
    assert!(failure.lines()[0].contains(empty.to_str().unwrap()));
}
