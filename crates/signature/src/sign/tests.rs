use super::*;
use crate::pki::{AT, RSA_KEY, leaf_params, manifest, root};

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let root = root();
    let (one, other) = (root.issue(leaf_params("EXAMPLE One")), root.issue(leaf_params("EXAMPLE Other")));
    let error = Signer::from_pem(one.key.serialize_pem().as_bytes(), other.pem.as_bytes()).unwrap_err();
    assert!(matches!(&error, SignError::OtherKey { subject } if subject.contains("EXAMPLE Other")), "{error}");
    let error = Signer::from_pem(RSA_KEY.as_bytes(), other.pem.as_bytes()).unwrap_err();
    assert!(matches!(error, SignError::OtherKey { .. }));
}

#[test]
fn files_that_are_no_keys_or_certificates_are_refused() {
    let leaf = root().issue(leaf_params("EXAMPLE Leaf"));
    let key = leaf.key.serialize_pem();
    for (key, certificates) in [
        ("", leaf.pem.as_str()),
        (leaf.pem.as_str(), leaf.pem.as_str()),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", leaf.pem.as_str()),
        (key.as_str(), ""),
        (key.as_str(), key.as_str()),
    ] {
        let error = Signer::from_pem(key.as_bytes(), certificates.as_bytes()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidArgument, "{error}");
    }
}

#[test]
fn only_canonical_manifests_are_signed() {
    let signer = root().issue(leaf_params("EXAMPLE Leaf")).signer(&[]);
    let mut bytes = manifest().to_bytes().unwrap();
    bytes.push(b'\n');
    assert_eq!(sign_envelope_cms(&signer, &bytes, AT).unwrap_err().code(), ErrorCode::ManifestMalformed);
    assert_eq!(sign_envelope_jws(&signer, &bytes, AT).unwrap_err().code(), ErrorCode::ManifestMalformed);
}

#[test]
fn a_manifest_is_not_signed_as_a_plain_file() {
    let signer = root().issue(leaf_params("EXAMPLE Leaf")).signer(&[]);
    assert_eq!(sign_cms(&signer, &manifest().to_bytes().unwrap(), AT).unwrap_err(), SignError::IsManifest);
    assert!(sign_cms(&signer, b"anything else", AT).is_ok());
}

#[test]
fn a_signer_prints_without_its_key() {
    let signer = root().issue(leaf_params("EXAMPLE Leaf")).signer(&[]);
    let text = format!("{signer:?}");
    assert!(text.starts_with("Signer(") && text.contains("EXAMPLE Leaf") && text.len() < 100, "{text}");
}

/// Writes what OpenSSL then checks (`openssl cms -verify`), where `LIENTHONG_SIGN_OUT` names a folder.
#[test]
fn signatures_are_written_for_a_second_opinion() {
    let Some(folder) = std::env::var_os("LIENTHONG_SIGN_OUT").map(std::path::PathBuf::from) else {
        println!("LIENTHONG_SIGN_OUT is not set: nothing written");
        return;
    };
    let root = root();
    let bytes = manifest().to_bytes().unwrap();
    std::fs::write(folder.join("root.pem"), &root.pem).unwrap();
    std::fs::write(folder.join("manifest.json"), &bytes).unwrap();
    let keys = [
        ("p256", crate::pki::key()),
        ("p384", rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap()),
        ("ed25519", rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap()),
        ("rsa", rcgen::KeyPair::from_pem(RSA_KEY).unwrap()),
        ("pss", rcgen::KeyPair::from_pem(RSA_KEY).unwrap()),
    ];
    for (name, key) in keys {
        let padding = if name == "pss" { RsaPadding::Pss } else { RsaPadding::Pkcs1 };
        let signer = root.issue_to(leaf_params(name), key).signer(&[&root]).with_padding(padding);
        let cms = sign_envelope_cms(&signer, &bytes, AT).unwrap();
        std::fs::write(folder.join(format!("{name}.p7s")), cms).unwrap();
        let jws = sign_envelope_jws(&signer, &bytes, AT).unwrap();
        std::fs::write(folder.join(format!("{name}.jws")), jws).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), signer.certificate().der()).unwrap();
    }
}

/// A P-256 key encrypted by OpenSSL: `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256`.
const ENCRYPTED_KEY: &str = include_str!("fixtures/encrypted.key.pem");
/// The same, the key derived by scrypt: `openssl pkcs8 -topk8 -scrypt`.
const SCRYPT_KEY: &str = include_str!("fixtures/scrypt.key.pem");
const PASSPHRASE: &[u8] = "mật khẩu của khóa".as_bytes();

#[test]
fn an_encrypted_key_opens_with_its_passphrase_and_no_other() {
    for pem in [ENCRYPTED_KEY, SCRYPT_KEY] {
        let key = FileKey::from_encrypted_pem(pem.as_bytes(), PASSPHRASE).unwrap();
        assert_eq!(key.kind(), KeyKind::P256);
        let error = FileKey::from_encrypted_pem(pem.as_bytes(), b"another").unwrap_err();
        assert!(error.to_string().contains("does not open"), "{error}");
    }
    let error = FileKey::from_pem(ENCRYPTED_KEY.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("no passphrase"), "{error}");
}

#[test]
fn a_key_that_is_not_encrypted_needs_no_passphrase() {
    let leaf = root().issue(leaf_params("EXAMPLE Leaf"));
    assert!(FileKey::from_encrypted_pem(leaf.key.serialize_pem().as_bytes(), PASSPHRASE).is_ok());
}

#[test]
fn what_is_cut_off_or_no_pem_is_refused() {
    for pem in [&ENCRYPTED_KEY.as_bytes()[..80], b"-----BEGIN ENCRYPTED PRIVATE KEY-----", b"\xff"] {
        assert_eq!(FileKey::from_encrypted_pem(pem, PASSPHRASE).unwrap_err().code(), ErrorCode::InvalidArgument);
    }
}
