//! Keys in SoftHSM2, a PKCS #11 module in software.
//!
//! A module reads its configuration once per process, so each test runs its inner half in a process of its own, with a
//! folder of its own for tokens. Without SoftHSM2 the tests say so and pass; in CI that is a failure.
#![expect(clippy::print_stdout, reason = "whoever runs the tests sees that they were skipped")]
#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair, KeyUsagePurpose, PublicKeyData};
use signature::{
    Certificate, KeyKind, Policy, RsaPadding, SignError, Signer, SigningKey as _, TrustStore, sign_detached,
    sign_pdf_cms, verify_detached,
};
use token::{KeyAddress, KeyName, Pin, PinState, TokenError, TokenKey, list};
use types::{ErrorCode, UnixMillis};

const AT: UnixMillis = UnixMillis::new(1_795_258_123_000);
const PIN: &str = "648219";
const SO_PIN: &str = "87654321";
const LABEL: &str = "node-h48";
const INNER: &str = "LIENTHONG_TEST_INNER";

fn module() -> Option<PathBuf> {
    let known = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ];
    known.into_iter().map(PathBuf::from).find(|path| path.exists())
}

/// Runs `test` in a process of its own, with an empty folder for tokens.
fn apart(name: &str, test: impl FnOnce(&Path)) {
    let Some(module) = module() else {
        assert!(std::env::var_os("CI").is_none(), "SoftHSM2 is not installed");
        println!("SoftHSM2 is not installed (apt-get install softhsm2): nothing was tested");
        return;
    };
    if std::env::var_os(INNER).is_some() {
        return test(&module);
    }
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nobjectstore.backend = file\n", folder.path().display());
    std::fs::write(&configuration, text).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INNER, "1")
        .env("SOFTHSM2_CONF", &configuration)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    assert!(String::from_utf8_lossy(&said).contains("1 passed"), "the inner test did not run");
}

/// A token with a PIN; the session is logged in and may write.
struct Bench {
    session: Session,
    module: PathBuf,
}

impl Bench {
    fn new(module: &Path) -> Self {
        let context = Pkcs11::new(module).unwrap();
        context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
        let slot = *context.get_slots_with_token().unwrap().first().unwrap();
        context.init_token(slot, &AuthPin::from(SO_PIN), LABEL).unwrap();
        let slot = *context.get_slots_with_initialized_token().unwrap().first().unwrap();
        let session = context.open_rw_session(slot).unwrap();
        session.login(UserType::So, Some(&AuthPin::from(SO_PIN))).unwrap();
        session.init_pin(&AuthPin::from(PIN)).unwrap();
        session.logout().unwrap();
        session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
        Self { session, module: module.to_owned() }
    }

    fn generate(&self, name: &str, id: u8, mechanism: &Mechanism<'_>, mut public: Vec<Attribute>) {
        let common = [Attribute::Token(true), Attribute::Label(name.into()), Attribute::Id(vec![id])];
        public.extend(common.iter().cloned());
        let private = [&common[..], &[Attribute::Private(true), Attribute::Sensitive(true), Attribute::Sign(true)]];
        self.session.generate_key_pair(mechanism, &public, &private.concat()).unwrap();
    }

    fn rsa(&self, name: &str, id: u8) {
        let bits = Attribute::ModulusBits(2048.into());
        self.generate(name, id, &Mechanism::RsaPkcsKeyPairGen, vec![bits, Attribute::PublicExponent(vec![1, 0, 1])]);
    }

    fn curve(&self, name: &str, id: u8, oid: &[u8]) {
        self.generate(name, id, &Mechanism::EccKeyPairGen, vec![Attribute::EcParams(oid.to_vec())]);
    }

    fn p256(&self, name: &str, id: u8) {
        self.curve(name, id, &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    }

    fn address(&self, key: &str) -> KeyAddress {
        KeyAddress { module: self.module.clone(), token: LABEL.to_owned(), key: KeyName::parse(key).unwrap() }
    }

    fn open(&self, key: &str) -> Result<TokenKey, TokenError> {
        TokenKey::open(self.address(key), Some(pin(PIN)))
    }

    /// What taking the token out and putting it back leaves behind: every session of the process is logged out, and the
    /// handles of private keys are void.
    fn take_out(&self) {
        self.session.logout().unwrap();
    }
}

fn pin(text: &str) -> Pin {
    Pin::new(text.as_bytes().to_vec()).unwrap()
}

/// A key's public half, for its certificate.
struct Public<'a>(&'a TokenKey);

impl PublicKeyData for Public<'_> {
    fn der_bytes(&self) -> &[u8] {
        signature::SigningKey::public_key(self.0)
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.0.kind() {
            KeyKind::Rsa => &rcgen::PKCS_RSA_SHA256,
            KeyKind::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            _ => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

/// A certificate for a key in a token, and its anchor.
fn certify(key: &TokenKey) -> (Certificate, TrustStore) {
    let mut root = CertificateParams::default();
    root.distinguished_name.push(DnType::CommonName, "EXAMPLE Root");
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root_key = KeyPair::generate().unwrap();
    let anchor = Certificate::parse(root.self_signed(&root_key).unwrap().der()).unwrap();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, "EXAMPLE Token");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let leaf = leaf.signed_by(&Public(key), &Issuer::new(root, root_key)).unwrap();
    (Certificate::parse(leaf.der()).unwrap(), TrustStore::new(vec![anchor], vec![]))
}

const RECEIPT: &[u8] = b"{\"domain\":\"vn.lienthong.receipt.v1\"}";

fn passes(key: TokenKey, padding: RsaPadding) {
    let (certificate, trust) = certify(&key);
    let signer = Signer::new(Arc::new(key), vec![certificate]).unwrap().with_padding(padding);
    let report = verify_detached(&sign_detached(&signer, RECEIPT).unwrap(), RECEIPT, &trust, &Policy::envelope(), AT);
    assert!(report.is_passed(), "{}", report.explanation_en);
    // CMS wants the other form of an ECDSA value.
    sign_pdf_cms(&signer, b"%PDF-1.7", AT).unwrap();
}

#[test]
fn keys_of_every_kind_sign_what_verifies() {
    apart("keys_of_every_kind_sign_what_verifies", |module| {
        let bench = Bench::new(module);
        bench.rsa("rsa", 1);
        bench.p256("p256", 2);
        bench.curve("p384", 3, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22]);
        passes(bench.open("rsa").unwrap(), RsaPadding::Pkcs1);
        passes(bench.open("rsa").unwrap(), RsaPadding::Pss);
        passes(bench.open("p256").unwrap(), RsaPadding::Pkcs1);
        passes(bench.open("id:03").unwrap(), RsaPadding::Pkcs1);
    });
}

#[test]
fn a_certificate_of_another_key_is_refused() {
    apart("a_certificate_of_another_key_is_refused", |module| {
        let bench = Bench::new(module);
        bench.p256("one", 1);
        bench.p256("other", 2);
        let (certificate, _) = certify(&bench.open("other").unwrap());
        let error = Signer::new(Arc::new(bench.open("one").unwrap()), vec![certificate]).unwrap_err();
        assert!(matches!(error, SignError::OtherKey { .. }));
    });
}

#[test]
fn a_token_that_was_taken_out_and_put_back_signs_again() {
    apart("a_token_that_was_taken_out_and_put_back_signs_again", |module| {
        let bench = Bench::new(module);
        bench.p256("key", 1);
        let key = bench.open("key").unwrap();
        for _ in 0..4 {
            key.sign(b"message", RsaPadding::Pkcs1).unwrap();
            bench.take_out();
        }
        key.sign(b"message", RsaPadding::Pkcs1).unwrap();
    });
}

#[test]
fn a_key_that_was_replaced_while_the_token_was_out_does_not_sign() {
    apart("a_key_that_was_replaced_while_the_token_was_out_does_not_sign", |module| {
        let bench = Bench::new(module);
        bench.p256("key", 1);
        let key = bench.open("key").unwrap();
        for object in bench.session.find_objects(&[Attribute::Label("key".into())]).unwrap() {
            bench.session.destroy_object(object).unwrap();
        }
        bench.p256("key", 1);
        bench.take_out();
        let error = key.sign(b"message", RsaPadding::Pkcs1).unwrap_err();
        assert!(error.to_string().contains("another than at start"), "{error}");
    });
}

#[test]
fn a_wrong_pin_is_told_and_disturbs_no_other_session() {
    apart("a_wrong_pin_is_told_and_disturbs_no_other_session", |module| {
        let bench = Bench::new(module);
        bench.p256("key", 1);
        let key = bench.open("key").unwrap();
        bench.take_out();
        let wrong = TokenKey::open(bench.address("key"), Some(pin("000000"))).unwrap_err();
        assert!(matches!(wrong, TokenError::PinWrong { .. }), "{wrong}");
        assert_eq!(wrong.code(), ErrorCode::InvalidArgument);
        assert!(!wrong.to_string().contains("000000"));
        key.sign(b"message", RsaPadding::Pkcs1).unwrap();
    });
}

#[test]
fn what_is_not_there_is_named() {
    apart("what_is_not_there_is_named", |module| {
        let bench = Bench::new(module);
        bench.p256("twice", 1);
        bench.p256("twice", 2);
        assert!(matches!(bench.open("none").unwrap_err(), TokenError::NoKey { .. }));
        assert!(matches!(bench.open("twice").unwrap_err(), TokenError::KeyAmbiguous { count: 2, .. }));
        bench.open("id:02").unwrap();
        let elsewhere = KeyAddress { token: "other".to_owned(), ..bench.address("twice") };
        let error = TokenKey::open(elsewhere, Some(pin(PIN))).unwrap_err();
        assert!(matches!(&error, TokenError::NoToken { present, .. } if present.contains(LABEL)), "{error}");
        assert_eq!(error.code(), ErrorCode::KeyUnavailable);
        bench.take_out();
        let error = TokenKey::open(bench.address("id:01"), None).unwrap_err();
        assert!(matches!(error, TokenError::PinMissing { .. }), "{error}");
    });
}

#[test]
fn the_inventory_shows_keys_and_certificates() {
    apart("the_inventory_shows_keys_and_certificates", |module| {
        let bench = Bench::new(module);
        bench.p256("key", 7);
        let (certificate, _) = certify(&bench.open("key").unwrap());
        let object = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(cryptoki::object::CertificateType::X_509),
            Attribute::Token(true),
            Attribute::Label("key".into()),
            Attribute::Id(vec![7]),
            Attribute::Subject(vec![0x30, 0]),
            Attribute::Value(certificate.der().to_vec()),
        ];
        bench.session.create_object(&object).unwrap();
        assert_eq!(bench.open("key").unwrap().certificates().unwrap(), std::slice::from_ref(&certificate));
        let pin = pin(PIN);
        let tokens = list(module, Some((LABEL, &pin))).unwrap();
        let token = &tokens[0];
        assert_eq!((tokens.len(), token.label.as_str(), token.pin), (1, LABEL, PinState::Good));
        assert_eq!((token.keys.len(), token.keys[0].label.as_str(), token.keys[0].is_private), (1, "key", true));
        assert_eq!(
            (token.certificates[0].id.as_slice(), token.certificates[0].der.as_slice()),
            (&[7][..], certificate.der())
        );
        bench.take_out();
        assert!(!list(module, None).unwrap()[0].keys[0].is_private, "without a PIN only public keys are seen");
    });
}

#[test]
fn many_threads_sign_with_one_key() {
    apart("many_threads_sign_with_one_key", |module| {
        let bench = Bench::new(module);
        bench.p256("key", 1);
        let key = Arc::new(bench.open("key").unwrap());
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let key = key.clone();
                std::thread::spawn(move || (0..20).for_each(|_| drop(key.sign(b"m", RsaPadding::Pkcs1).unwrap())))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn what_is_no_module_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-module.so");
    std::fs::write(&file, "text").unwrap();
    for module in [file, folder.path().join("absent.so")] {
        assert!(matches!(list(&module, None), Err(TokenError::Module { .. })));
    }
}
