//! Receipts per second: one signature for each, and one for many, with keys in files and with a slow device.

#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use evidence::{BATCH_MAX, Notice, Receipt, ReceiptEvent, ReceiptId, Recipients, UnsignedReceipt, sign_together};
use rcgen::{CertificateParams, KeyPair};
use signature::{Certificate, FileKey, KeyKind, RsaPadding, SignError, Signer, SigningKey};
use types::{ErrorCode, ExchangeId, UnixMillis};

/// What a signature takes in a network HSM or a token.
const DEVICE: Duration = Duration::from_millis(50);
/// How long each row is measured.
const MEASURED: Duration = Duration::from_secs(2);
const RSA_KEY: &str = include_str!("../../signature/fixtures/EXAMPLE-rsa2048.key.pem");

/// A key in a device: as fast as [`DEVICE`] lets it.
struct SlowKey(FileKey);

impl fmt::Debug for SlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlowKey")
    }
}

impl SigningKey for SlowKey {
    fn kind(&self) -> KeyKind {
        self.0.kind()
    }

    fn public_key(&self) -> &[u8] {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, SignError> {
        let (_open, never) = mpsc::channel::<()>();
        assert!(never.recv_timeout(DEVICE).is_err());
        self.0.sign(message, padding)
    }
}

fn signer(key: &KeyPair, wrap: impl FnOnce(FileKey) -> Arc<dyn SigningKey>) -> Signer {
    let certificate = CertificateParams::default().self_signed(key).expect("the key signs");
    let file = FileKey::from_pem(key.serialize_pem().as_bytes()).expect("a key");
    Signer::new(wrap(file), vec![Certificate::parse(certificate.der()).expect("a certificate")]).expect("its own")
}

fn receipt(number: u8) -> UnsignedReceipt {
    let receipt = Receipt {
        event: ReceiptEvent::SubmissionRejection,
        id: ReceiptId::from_bytes([number; 16]),
        exchange: ExchangeId::from_bytes([number; 16]),
        node: "node-h48".parse().expect("a name"),
        at: UnixMillis::new(1_795_258_123_000),
        document: None,
        content: None,
        manifest: None,
        signature: None,
        recipients: Recipients::Listed(Vec::new()),
        peer: None,
        reason: Some(Notice::new(ErrorCode::Internal, "đo")),
        verdict: None,
        report: None,
        warnings: Vec::new(),
        previous: None,
    };
    UnsignedReceipt::of(&receipt).expect("a receipt")
}

fn main() {
    let p256 = KeyPair::generate().expect("random numbers");
    let rsa = KeyPair::from_pem(RSA_KEY).expect("a key");
    let keys = [
        ("P-256, file", signer(&p256, |key| Arc::new(key))),
        ("RSA-2048, file", signer(&rsa, |key| Arc::new(key))),
        ("P-256, 50 ms device", signer(&p256, |key| Arc::new(SlowKey(key)))),
    ];
    for (name, signer) in keys {
        for size in [1, 2, 16, 128, BATCH_MAX] {
            let receipts: Vec<_> = (0..size).map(|number| receipt(u8::try_from(number % 256).unwrap_or(0))).collect();
            let (begun, mut signed) = (Instant::now(), 0_u32);
            while begun.elapsed() < MEASURED {
                signed += u32::try_from(sign_together(receipts.clone(), &signer).expect("signs").len()).unwrap_or(0);
            }
            let rate = f64::from(signed) / begun.elapsed().as_secs_f64();
            println!("{name:<22} {size:>5} together: {rate:>10.0} receipts/s");
        }
    }
}
