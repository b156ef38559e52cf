use super::*;
use crate::certificate::Certificate;
use crate::der::{integer, object_id, sequence, single, tlv};
use crate::pki::{RSA_KEY, params};

fn rsa_key() -> PublicKey {
    let key = rcgen::KeyPair::from_pem(RSA_KEY).unwrap();
    let pem = params("EXAMPLE RSA").self_signed(&key).unwrap().pem();
    Certificate::parse_all(pem.as_bytes()).unwrap()[0].key().clone()
}

fn pss(hash: &[u8], mask: &[u8], mask_hash: &[u8], salt: u8) -> Vec<u8> {
    let id = |oid: &[u8]| sequence(&[&object_id(oid)]);
    sequence(&[
        &object_id(oid::RSA_PSS),
        &sequence(&[
            &tlv(tag::context(0), &id(hash)),
            &tlv(tag::context(1), &sequence(&[&object_id(mask), &id(mask_hash)])),
            &tlv(tag::context(2), &integer(salt)),
        ]),
    ])
}

fn resolved(id: &[u8], key: &PublicKey, digest: Option<Hash>) -> Result<SignatureAlgorithm, AlgorithmReason> {
    resolve(&AlgorithmId::read(&single(id, tag::SEQUENCE).unwrap()).unwrap(), key, digest)
}

#[test]
fn an_rsa_key_knows_its_size() {
    assert_eq!(rsa_key().bits(), 2048);
}

#[test]
fn rsa_encryption_takes_its_hash_from_the_digest() {
    let id = sequence(&[&object_id(oid::RSA), &tlv(tag::NULL, &[])]);
    assert_eq!(resolved(&id, &rsa_key(), Some(Hash::Sha384)), Ok(Algorithm::RsaPkcs1Sha384));
    assert!(resolved(&id, &rsa_key(), None).is_err());
}

#[test]
fn a_hash_in_the_algorithm_has_to_be_the_digests() {
    let id = sequence(&[&object_id(oid::SHA512_WITH_RSA), &tlv(tag::NULL, &[])]);
    assert_eq!(resolved(&id, &rsa_key(), Some(Hash::Sha512)), Ok(Algorithm::RsaPkcs1Sha512));
    assert!(matches!(resolved(&id, &rsa_key(), Some(Hash::Sha256)), Err(AlgorithmReason::Mismatch { .. })));
}

#[test]
fn pss_parameters_have_to_be_whole_and_of_one_hash() {
    let key = rsa_key();
    let good = pss(oid::SHA384, oid::MGF1, oid::SHA384, 48);
    assert_eq!(resolved(&good, &key, Some(Hash::Sha384)), Ok(Algorithm::RsaPssSha384));
    assert!(matches!(resolved(&good, &key, Some(Hash::Sha256)), Err(AlgorithmReason::Mismatch { .. })));
    for bad in [
        pss(oid::SHA256, oid::MGF1, oid::SHA384, 32),
        pss(oid::SHA256, oid::RSA, oid::SHA256, 32),
        pss(oid::SHA256, oid::MGF1, oid::SHA256, 20),
        pss(oid::SHA512, oid::MGF1, oid::SHA512, 32),
        sequence(&[&object_id(oid::RSA_PSS)]),
        sequence(&[&object_id(oid::RSA_PSS), &sequence(&[])]),
    ] {
        assert!(matches!(resolved(&bad, &key, None), Err(AlgorithmReason::PssParameters { .. })));
    }
    let sha1 = pss(oid::SHA1, oid::MGF1, oid::SHA1, 20);
    assert!(matches!(resolved(&sha1, &key, None), Err(AlgorithmReason::Unsupported { .. })));
}

#[test]
fn a_key_for_pss_takes_nothing_else() {
    let PublicKey::Rsa { bytes, bits, .. } = rsa_key() else { panic!() };
    let key = PublicKey::Rsa { bytes, bits, restriction: key::Restriction::PssOnly(Some(Hash::Sha256)) };
    assert!(rsa(&key, Padding::Pkcs1, Hash::Sha256, None).is_err());
    assert!(rsa(&key, Padding::Pss, Hash::Sha384, None).is_err());
    assert_eq!(rsa(&key, Padding::Pss, Hash::Sha256, None), Ok(Algorithm::RsaPssSha256));
}

#[test]
fn sha1_is_named_and_refused() {
    let error = resolved(&sequence(&[&object_id(oid::ECDSA_SHA1)]), &rsa_key(), None).unwrap_err();
    assert!(error.to_string().contains("SHA-1"), "{error}");
    let found = resolved(&sequence(&[&object_id(oid::SHA1_WITH_RSA)]), &rsa_key(), None).unwrap();
    // Refused even where a policy lists it, and where it may be judged later no anchor's rule speaks of it.
    let lax = Policy { algorithms: vec![Algorithm::RsaPkcs1Sha1], ..Policy::envelope() };
    for legacy in [Legacy::Refused, Legacy::ByAnchor] {
        let error = permit_for(&lax, found, &rsa_key(), legacy).unwrap_err();
        assert_eq!(error.to_string(), "the algorithm SHA-1 with RSA is not taken");
    }
}

#[test]
fn the_floor_of_2048_bits_holds_whatever_the_policy_says() {
    let key = PublicKey::Rsa { bytes: Vec::new(), bits: 2047, restriction: key::Restriction::None };
    let lax = Policy { rsa_bits_min: 512, ..Policy::envelope() };
    let refused = permit(&lax, Algorithm::RsaPkcs1Sha256, &key);
    assert_eq!(refused, Err(AlgorithmReason::KeyTooSmall { bits: 2047, min: 2048 }));
}

#[test]
fn names_are_those_of_the_reports() {
    for algorithm in SignatureAlgorithm::ALL {
        assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.as_str());
    }
}
