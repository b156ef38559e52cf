use std::fs::Permissions;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::config::ExampleCertificates::{Allowed, Refused};

/// Middle of 2026.
const NOW: UnixMillis = UnixMillis::new(1_782_000_000_000);

/// A folder with identities of years.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A key and its certificate, valid from the first of January of `from` to that of `until`.
    fn issue(&self, name: &str, from: i32, until: i32) -> SigningIdentity {
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(self.path(&format!("{name}.pem")), params.self_signed(&key).unwrap().pem()).unwrap();
        self.key(name, &key.serialize_pem(), 0o600);
        self.identity(name)
    }

    fn key(&self, name: &str, pem: &str, mode: u32) {
        let path = self.path(&format!("{name}.key.pem"));
        std::fs::write(&path, pem).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    }

    fn identity(&self, name: &str) -> SigningIdentity {
        let key = KeySource::File { path: self.path(&format!("{name}.key.pem")), passphrase: None };
        SigningIdentity { certificate: self.path(&format!("{name}.pem")), key }
    }
}

fn alone(current: SigningIdentity) -> SigningKeys {
    SigningKeys { current, next: None }
}

fn subject(loaded: &Loaded) -> String {
    loaded.signer.certificate().subject().to_owned()
}

#[test]
fn a_key_that_others_can_read_is_refused_with_the_command_to_run() {
    let folder = Folder::new();
    let keys = alone(folder.issue("one", 2026, 2027));
    for mode in [0o640, 0o604, 0o660, 0o444] {
        std::fs::set_permissions(folder.path("one.key.pem"), Permissions::from_mode(mode)).unwrap();
        let error = load(&keys, Refused, NOW).unwrap_err().to_string();
        assert!(error.contains("chmod 600") && error.contains(&format!("{mode:04o}")), "{error}");
        assert!(check(&keys, Refused, NOW).is_err(), "check-config says it too");
    }
    std::fs::set_permissions(folder.path("one.key.pem"), Permissions::from_mode(0o400)).unwrap();
    load(&keys, Refused, NOW).unwrap();
}

#[test]
fn the_mode_of_an_example_key_does_not_matter_because_it_is_public() {
    let folder = Folder::new();
    let keys = alone(folder.issue("EXAMPLE one", 2026, 2027));
    std::fs::set_permissions(folder.path("EXAMPLE one.key.pem"), Permissions::from_mode(0o644)).unwrap();
    load(&keys, Allowed, NOW).unwrap();
    assert!(matches!(load(&keys, Refused, NOW), Err(MaterialError::Example { .. })));
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = Folder::new();
    let one = folder.issue("one", 2026, 2027);
    let SigningIdentity { key, .. } = folder.issue("other", 2026, 2027);
    let error = load(&alone(SigningIdentity { key, ..one }), Refused, NOW).unwrap_err();
    assert!(matches!(error, MaterialError::Signer { .. }), "{error}");
}

#[test]
fn an_encrypted_key_wants_its_passphrase() {
    let folder = Folder::new();
    let SigningIdentity { certificate, .. } = folder.issue("one", 2026, 2027);
    // Of another key, on purpose: that it is another one can be told only after it was opened.
    folder.key("one", include_str!("../../../../signature/src/sign/fixtures/encrypted.key.pem"), 0o600);
    std::fs::write(folder.path("passphrase"), "mật khẩu của khóa\n").unwrap();
    let with = |passphrase: Option<&str>| {
        let passphrase = passphrase.map(|name| SecretRef::File(folder.path(name)));
        let key = KeySource::File { path: folder.path("one.key.pem"), passphrase };
        let error = load(&alone(SigningIdentity { certificate: certificate.clone(), key }), Refused, NOW).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        format!("{error}: {}", cause.unwrap_or_default())
    };
    assert!(with(None).contains("no passphrase"), "{}", with(None));
    assert!(with(Some("passphrase")).contains("not the one of the certificate"), "{}", with(Some("passphrase")));
    std::fs::write(folder.path("wrong"), "secret-word").unwrap();
    let wrong = with(Some("wrong"));
    assert!(wrong.contains("does not open") && !wrong.contains("secret-word"), "{wrong}");
    assert!(with(Some("absent")).contains("read the secret"), "{}", with(Some("absent")));
}

#[test]
fn the_next_key_signs_as_soon_as_its_certificate_begins() {
    let folder = Folder::new();
    let keys = SigningKeys { current: folder.issue("old", 2025, 2027), next: Some(folder.issue("new", 2026, 2030)) };
    let loaded = load(&keys, Refused, NOW).unwrap();
    assert_eq!((subject(&loaded).contains("new"), loaded.next_at), (true, None));
    // The files of the old one may be gone by then.
    std::fs::remove_file(folder.path("old.key.pem")).unwrap();
    assert!(load(&keys, Refused, NOW).is_ok());
}

#[test]
fn until_then_the_current_key_signs_and_the_time_is_known() {
    let folder = Folder::new();
    let keys = SigningKeys { current: folder.issue("old", 2025, 2028), next: Some(folder.issue("new", 2027, 2030)) };
    let loaded = load(&keys, Refused, NOW).unwrap();
    assert!(subject(&loaded).contains("old"));
    assert_eq!(loaded.next_at, Some(UnixMillis::new(1_798_761_600_000)));
    let signing = super::super::Signing::start(loaded).unwrap();
    assert!(!signing.is_next_due(NOW));
    assert!(signing.is_next_due(UnixMillis::new(1_798_761_600_000)));
    assert!(!signing.is_next_due(UnixMillis::new(1_798_761_600_001)), "once for each");
}

#[test]
fn a_next_key_that_is_not_usable_leaves_the_current_one_and_check_says_so() {
    let folder = Folder::new();
    let (current, next) = (folder.issue("old", 2025, 2027), folder.issue("new", 2026, 2030));
    std::fs::write(folder.path("new.key.pem"), "no key").unwrap();
    let keys = SigningKeys { current, next: Some(next) };
    assert!(subject(&load(&keys, Refused, NOW).unwrap()).contains("old"));
    assert!(check(&keys, Refused, NOW).is_err());
}

#[test]
fn what_will_not_stay_right_is_said() {
    let folder = Folder::new();
    let warnings = |keys: &SigningKeys| check(keys, Refused, NOW).unwrap().join("\n");
    assert_eq!(warnings(&alone(folder.issue("good", 2025, 2030))), "");
    assert!(warnings(&alone(folder.issue("past", 2024, 2026))).contains("has expired"));
    let gap = SigningKeys { current: folder.issue("a", 2025, 2027), next: Some(folder.issue("b", 2028, 2030)) };
    assert!(warnings(&gap).contains("ends before the next one begins"));
    let soon = UnixMillis::new(1_798_761_600_000 - 86_400_000);
    let ending = check(&alone(folder.issue("ending", 2025, 2027)), Refused, soon).unwrap();
    assert!(ending[0].contains("within 30 days"), "{ending:?}");
}
