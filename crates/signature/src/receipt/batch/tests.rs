use super::*;
use crate::pki::{AT, leaf_params, root};
use crate::policy::Policy;
use crate::receipt::{sign_detached_together, verify_detached};
use crate::report::SignatureReport;
use crate::sign::Signer;
use crate::trust::TrustStore;

fn payload(number: usize) -> Vec<u8> {
    format!("{{\"domain\":\"vn.lienthong.receipt.v1\",\"number\":{number}}}").into_bytes()
}

struct Batch {
    trust: TrustStore,
    signer: Signer,
    payloads: Vec<Vec<u8>>,
    signatures: Vec<String>,
}

impl Batch {
    fn of(size: usize) -> Self {
        let root = root();
        let signer = root.issue(leaf_params("EXAMPLE Node")).signer(&[]);
        let payloads: Vec<_> = (0..size).map(payload).collect();
        let signatures = sign(&signer, &payloads);
        Self { trust: TrustStore::new(vec![root.certificate()], vec![]), signer, payloads, signatures }
    }

    fn check(&self, signature: &str, payload: &[u8]) -> SignatureReport {
        verify_detached(signature, payload, &self.trust, &Policy::envelope(), AT)
    }

    fn rule(&self, signature: &str, payload: &[u8]) -> String {
        self.check(signature, payload).rule.unwrap_or_default()
    }

    /// The signature of one receipt, taken apart: index, size, path, JWS.
    fn parts(&self, index: usize) -> [String; 4] {
        let parts = self.signatures[index].strip_prefix(PREFIX).unwrap().splitn(4, ':').map(str::to_owned);
        parts.collect::<Vec<_>>().try_into().unwrap()
    }
}

fn sign(signer: &Signer, payloads: &[Vec<u8>]) -> Vec<String> {
    let payloads: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
    sign_detached_together(signer, &payloads).unwrap()
}

fn text([index, size, path, jws]: [String; 4]) -> String {
    format!("{PREFIX}{index}:{size}:{path}:{jws}")
}

#[test]
fn every_receipt_of_a_batch_passes_whatever_the_size() {
    for size in (1..=9).chain([31, 32, 33, SIZE_MAX]) {
        let batch = Batch::of(size);
        for (payload, signature) in batch.payloads.iter().zip(&batch.signatures) {
            let report = batch.check(signature, payload);
            assert!(report.is_passed(), "{size}: {}", report.explanation_en);
            assert_eq!(report.signer, Some(batch.signer.certificate().signatory()));
        }
    }
}

#[test]
fn one_receipt_alone_keeps_the_plain_form() {
    let batch = Batch::of(1);
    assert!(!batch.signatures[0].contains(':'));
}

#[test]
fn a_tree_of_one_is_taken_too() {
    let batch = Batch::of(1);
    let payload = batch.payloads[0].as_slice();
    let tree = Tree::of(&[payload]);
    let jws = batch.signer.jws(crate::receipt::BATCH_TYPE, &tree.head().unwrap(), None).unwrap();
    assert!(batch.check(&tree.signature(0, &jws), payload).is_passed());
    assert_eq!(batch.rule(&tree.signature(0, &jws), &self::payload(7)), "signature_wrong");
}

#[test]
fn the_tree_is_that_of_rfc_6962() {
    // Three leaves: the root is H(1, H(1, leaf 0, leaf 1), leaf 2).
    let leaves: [&[u8]; 3] = [b"a", b"b", b"c"];
    let [a, b, c] = leaves.map(leaf);
    assert_eq!(Tree::of(&leaves).root(), inner(&inner(&a, &b), &c));
    // Empty entry: the published leaf hash of RFC 6962's implementations.
    let empty: String = leaf(b"").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(empty, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

#[test]
fn a_receipt_moved_to_another_leaf_is_refused() {
    let batch = Batch::of(5);
    for (index, signature) in batch.signatures.iter().enumerate() {
        for (other, payload) in batch.payloads.iter().enumerate().filter(|(other, _)| *other != index) {
            assert_eq!(batch.rule(signature, payload), "signature_wrong", "{other} at the place of {index}");
        }
    }
}

#[test]
fn a_wrong_place_is_refused() {
    let batch = Batch::of(5);
    for index in ["1", "2", "3", "4"] {
        let mut parts = batch.parts(0);
        parts[0] = index.to_owned();
        let rule = batch.rule(&text(parts), &batch.payloads[0]);
        assert!(rule == "signature_wrong" || rule == "receipt_batch_malformed", "{index}: {rule}");
    }
}

#[test]
fn a_tampered_path_is_refused() {
    let batch = Batch::of(5);
    let [index, size, path, jws] = batch.parts(2);
    let mut hashes = URL_SAFE_NO_PAD.decode(&path).unwrap();
    for at in 0..hashes.len() {
        hashes[at] ^= 1;
        let changed = [index.clone(), size.clone(), URL_SAFE_NO_PAD.encode(&hashes), jws.clone()];
        assert_eq!(batch.rule(&text(changed), &batch.payloads[2]), "signature_wrong", "byte {at}");
        hashes[at] ^= 1;
    }
}

#[test]
fn another_size_is_refused_even_where_the_path_fits() {
    let batch = Batch::of(5);
    for size in ["6", "7", "8", "3", "4"] {
        let mut parts = batch.parts(2);
        parts[1] = size.to_owned();
        let rule = batch.rule(&text(parts), &batch.payloads[2]);
        assert!(rule == "signature_wrong" || rule == "receipt_batch_malformed", "{size}: {rule}");
    }
}

#[test]
fn forms_that_are_not_the_one_are_refused() {
    let batch = Batch::of(3);
    let [index, size, path, jws] = batch.parts(1);
    let long = URL_SAFE_NO_PAD.encode([URL_SAFE_NO_PAD.decode(&path).unwrap(), vec![0; 32]].concat());
    let cut = URL_SAFE_NO_PAD.encode(&URL_SAFE_NO_PAD.decode(&path).unwrap()[..63]);
    let broken = [
        format!("{PREFIX}{index}:{size}:{path}"),
        format!("{PREFIX}0{index}:{size}:{path}:{jws}"),
        format!("{PREFIX}+{index}:{size}:{path}:{jws}"),
        format!("{PREFIX}{size}:{size}:{path}:{jws}"),
        format!("{PREFIX}0:0::{jws}"),
        format!("{PREFIX}{index}:1025:{path}:{jws}"),
        format!("{PREFIX}{index}:{size}:{long}:{jws}"),
        format!("{PREFIX}{index}:{size}:{cut}:{jws}"),
        format!("{PREFIX}{index}:{size}::{jws}"),
        format!("{PREFIX}{index}:{size}:{path}=:{jws}"),
    ];
    for text in broken {
        assert_eq!(batch.rule(&text, &batch.payloads[1]), "receipt_batch_malformed", "{text}");
    }
    assert_eq!(batch.rule(&format!("batch-v2:1:3:{path}:{jws}"), &batch.payloads[1]), "jws_malformed");
}

#[test]
fn an_inner_node_is_no_leaf() {
    // The four leaves' tree, shown as a tree of two whose first "receipt" is an inner node's two children.
    let batch = Batch::of(4);
    let leaves: Vec<&[u8]> = batch.payloads.iter().map(Vec::as_slice).collect();
    let tree = Tree::of(&leaves);
    let children = [leaf(leaves[0]), leaf(leaves[1])].concat();
    let shown = Share { index: 0, size: 2, path: vec![tree.rows[1][1]], jws: "" };
    assert_ne!(shown.head_over(&children).unwrap(), tree.head().unwrap());
}

#[test]
fn a_heads_signature_is_no_receipts_and_the_other_way_round() {
    let batch = Batch::of(2);
    let leaves: Vec<&[u8]> = batch.payloads.iter().map(Vec::as_slice).collect();
    let tree = Tree::of(&leaves);
    let head = tree.head().unwrap();
    let [.., jws] = batch.parts(0);
    assert_eq!(batch.rule(&jws, &head), "jws_domain");
    assert_eq!(batch.rule(&jws, leaves[0]), "jws_type");
    let plain = batch.signer.jws(crate::receipt::RECEIPT_TYPE, &head, None).unwrap();
    assert_eq!(batch.rule(&tree.signature(0, &plain), leaves[0]), "jws_type");
    // A head cannot be had signed as a receipt either.
    assert_eq!(crate::receipt::sign_detached(&batch.signer, &head), Err(SignError::Domain));
    assert_eq!(batch.rule(&plain, &head), "jws_domain");
}

#[test]
fn batches_are_neither_empty_nor_too_large() {
    let signer = Batch::of(1).signer;
    let payload = payload(0);
    for size in [0, SIZE_MAX + 1] {
        let error = sign_detached_together(&signer, &vec![payload.as_slice(); size]).unwrap_err();
        assert_eq!(error, SignError::BatchSize { found: size, max: SIZE_MAX });
    }
}
