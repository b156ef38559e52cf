use super::*;
use crate::pki::{AT, Entity, leaf_params, manifest, root};
use crate::receipt::MANIFEST_TYPE;
use crate::sign::{Signer, sign_envelope_jws};
use serde_json::{Value, json};

/// A signer, its header as JSON, and what it signs.
struct Subject {
    trust: TrustStore,
    leaf: Entity,
    signer: Signer,
    payload: Vec<u8>,
    header: Value,
}

fn subject() -> Subject {
    let root = root();
    let leaf = root.issue(leaf_params("EXAMPLE Leaf"));
    let signer = leaf.signer(&[&root]);
    let payload = manifest().to_bytes().unwrap();
    let jws = sign_envelope_jws(&signer, &payload, AT).unwrap();
    let header = serde_json::from_slice(&decode(split(&jws).unwrap().0).unwrap()).unwrap();
    Subject { trust: TrustStore::new(vec![root.certificate()], vec![]), leaf, signer, payload, header }
}

impl Subject {
    /// Signs with this header text, truly, with ES256.
    fn sign(&self, header: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(header);
        let der = self.leaf.key.serialize_der();
        let random = ring::rand::SystemRandom::new();
        let algorithm = &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = ring::signature::EcdsaKeyPair::from_pkcs8(algorithm, &der, &random).unwrap();
        let value = key.sign(&random, &signing_input(&header, &self.payload)).unwrap();
        format!("{header}..{}", URL_SAFE_NO_PAD.encode(value.as_ref()))
    }

    fn rule(&self, jws: &str) -> &'static str {
        let mut findings = Findings::default();
        let policy = Policy::envelope();
        match verify(jws, &self.payload, MANIFEST_TYPE, &self.trust, &policy, &mut findings) {
            Ok(_) => "passed",
            Err(reason) => reason.rule(),
        }
    }
}

/// Changes the header, signs it with the right key, and expects this rule.
fn check(change: fn(&mut Value), rule: &str) {
    let mut subject = subject();
    change(&mut subject.header);
    assert_eq!(subject.rule(&subject.sign(&subject.header.to_string())), rule, "{}", subject.header);
}

#[test]
fn an_unchanged_header_passes() {
    check(|_| {}, "passed");
}

#[test]
fn the_header_written_here_is_this() {
    let subject = subject();
    let certificate = STANDARD.encode(subject.leaf.certificate().der());
    assert_eq!(
        subject.header,
        json!({"alg": "ES256", "b64": false, "crit": ["b64"], "iat": 1_795_230_000,
               "typ": "lienthong-manifest+jws", "x5c": [certificate]})
    );
}

#[test]
fn none_and_hmac_are_refused() {
    for algorithm in ["none", "None", "nOnE", "", "HS256", "HS384", "HS512", "ES256K", "ES512", "RSA1_5", "es256"] {
        let mut subject = subject();
        subject.header["alg"] = json!(algorithm);
        assert_eq!(subject.rule(&subject.sign(&subject.header.to_string())), "jws_algorithm", "{algorithm}");
    }
    check(|header| drop(header.as_object_mut().unwrap().remove("alg")), "jws_algorithm");
    check(|header| header["alg"] = json!(7), "jws_algorithm");
}

#[test]
fn an_hmac_keyed_with_the_public_certificate_is_refused() {
    let mut subject = subject();
    subject.header["alg"] = json!("HS256");
    let header = URL_SAFE_NO_PAD.encode(subject.header.to_string());
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, subject.leaf.certificate().der());
    let value = ring::hmac::sign(&key, &signing_input(&header, &subject.payload));
    let jws = format!("{header}..{}", URL_SAFE_NO_PAD.encode(value.as_ref()));
    assert_eq!(subject.rule(&jws), "jws_algorithm");
}

#[test]
fn an_unsigned_jws_is_refused() {
    let subject = subject();
    let header = URL_SAFE_NO_PAD.encode(subject.header.to_string());
    assert_eq!(subject.rule(&format!("{header}..")), "signature_wrong");
}

#[test]
fn an_algorithm_of_another_kind_of_key_is_refused() {
    for algorithm in ["RS256", "PS256", "RS512", "ES384", "EdDSA"] {
        let mut subject = subject();
        subject.header["alg"] = json!(algorithm);
        assert_eq!(subject.rule(&subject.sign(&subject.header.to_string())), "algorithm_mismatch", "{algorithm}");
    }
}

#[test]
fn a_key_in_the_header_is_refused() {
    check(|header| header["jwk"] = json!({"kty": "EC"}), "jws_key_in_header");
    check(|header| header["jku"] = json!("https://example.vn/keys"), "jws_key_in_header");
    check(|header| header["x5u"] = json!("https://example.vn/cert"), "jws_key_in_header");
    check(|header| header["jwk"] = Value::Null, "jws_key_in_header");
}

#[test]
fn critical_members_have_to_be_known_and_present() {
    check(|header| header["crit"] = json!(["b64", "exp"]), "jws_unknown_critical");
    check(|header| header["crit"] = json!(["sigT"]), "jws_unknown_critical");
    check(|header| header["crit"] = json!([1]), "jws_unknown_critical");
    check(|header| header["crit"] = json!([]), "jws_encoding");
    check(|header| header["crit"] = json!(["b64", "b64"]), "jws_encoding");
    check(|header| header["crit"] = json!("b64"), "jws_encoding");
    check(|header| drop(header.as_object_mut().unwrap().remove("crit")), "jws_encoding");
    check(|header| header["b64"] = json!(true), "jws_encoding");
    check(|header| header["b64"] = json!("false"), "jws_encoding");
    check(|header| drop(header.as_object_mut().unwrap().remove("b64")), "jws_encoding");
}

#[test]
fn the_type_has_to_match() {
    check(|header| header["typ"] = json!("lienthong-receipt+jws"), "jws_type");
    check(|header| header["typ"] = json!("JOSE"), "jws_type");
    check(|header| drop(header.as_object_mut().unwrap().remove("typ")), "jws_type");
    check(|header| header["typ"] = json!(1), "jws_malformed");
}

#[test]
fn members_without_meaning_here_are_let_be() {
    check(|header| header["kid"] = json!("any"), "passed");
    check(|header| header["iat"] = json!("yesterday"), "passed");
}

#[test]
fn a_member_twice_is_refused() {
    let subject = subject();
    for doubled in ["{\"alg\":\"ES256\",", "{\"alg\":\"none\",", "{\"kid\":1,\"kid\":2,"] {
        let header = subject.header.to_string().replacen('{', doubled, 1);
        assert_eq!(subject.rule(&subject.sign(&header)), "jws_malformed", "{doubled}");
    }
}

#[test]
fn an_embedded_payload_is_refused_even_when_it_is_the_same() {
    let subject = subject();
    let jws = subject.sign(&subject.header.to_string());
    let (header, value) = split(&jws).unwrap();
    let payload = URL_SAFE_NO_PAD.encode(&subject.payload);
    assert_eq!(subject.rule(&format!("{header}.{payload}.{value}")), "jws_payload_attached");
}

#[test]
fn other_shapes_and_other_base64_are_refused() {
    let subject = subject();
    let jws = subject.sign(&subject.header.to_string());
    let (header, value) = split(&jws).unwrap();
    for broken in [
        String::new(),
        header.to_owned(),
        format!("{header}.{value}"),
        format!("{jws}."),
        format!("{jws}=="),
        format!("{header} ..{value}"),
        format!("{header}=..{value}"),
        format!("..{value}"),
        format!("{}..{value}", URL_SAFE_NO_PAD.encode("[]")),
        format!("{{\"protected\":\"{header}\",\"signature\":\"{value}\"}}"),
    ] {
        assert_eq!(subject.rule(&broken), "jws_malformed", "{broken}");
    }
}

#[test]
fn a_signature_in_asn1_form_is_refused() {
    let subject = subject();
    let header = URL_SAFE_NO_PAD.encode(subject.header.to_string());
    let value = rcgen::SigningKey::sign(&subject.leaf.key, &signing_input(&header, &subject.payload)).unwrap();
    assert_eq!(subject.rule(&format!("{header}..{}", URL_SAFE_NO_PAD.encode(value))), "signature_wrong");
}

#[test]
fn certificates_that_do_not_read_are_refused() {
    check(|header| header["x5c"] = json!([]), "jws_malformed");
    check(|header| header["x5c"] = json!("AAAA"), "jws_malformed");
    check(|header| header["x5c"] = json!(["AAAA"]), "jws_malformed");
    check(|header| header["x5c"] = json!([header["x5c"][0], 1]), "jws_malformed");
    check(|header| header["x5c"] = json!(vec![header["x5c"][0].clone(); 9]), "jws_malformed");
}

#[test]
fn anothers_certificate_does_not_verify() {
    let mut subject = subject();
    let other = root().issue(leaf_params("EXAMPLE Leaf"));
    subject.header["x5c"] = json!([STANDARD.encode(other.certificate().der())]);
    assert_eq!(subject.rule(&subject.sign(&subject.header.to_string())), "signature_wrong");
}

#[test]
fn a_thumbprint_names_a_certificate_of_the_store() {
    let mut subject = subject();
    let certificate = subject.leaf.certificate();
    let members = subject.header.as_object_mut().unwrap();
    members.remove("x5c");
    let bare = subject.header.to_string();
    assert_eq!(subject.rule(&subject.sign(&bare)), "signer_certificate_missing");
    subject.header["x5t#S256"] = json!(URL_SAFE_NO_PAD.encode(certificate.sha256().as_bytes()));
    let named = subject.header.to_string();
    assert_eq!(subject.rule(&subject.sign(&named)), "signer_certificate_missing");
    subject.trust = subject.trust.with_signers(vec![certificate]);
    assert_eq!(subject.rule(&subject.sign(&named)), "passed");
    assert_eq!(subject.rule(&subject.sign(&bare)), "signer_certificate_missing");
}

#[test]
fn a_thumbprint_and_a_certificate_have_to_agree() {
    let mut subject = subject();
    let right = URL_SAFE_NO_PAD.encode(subject.leaf.certificate().sha256().as_bytes());
    subject.header["x5t#S256"] = json!(right);
    assert_eq!(subject.rule(&subject.sign(&subject.header.to_string())), "passed");
    subject.header["x5t#S256"] = json!(URL_SAFE_NO_PAD.encode([7; 32]));
    assert_eq!(subject.rule(&subject.sign(&subject.header.to_string())), "signing_certificate_mismatch");
}

#[test]
fn a_self_signed_anchor_is_not_sent_along() {
    let subject = subject();
    assert_eq!(subject.signer.certificates().len(), 2);
    assert_eq!(subject.header["x5c"].as_array().unwrap().len(), 1);
}
