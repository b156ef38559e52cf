//! What certificates, revocation lists and responses have in common: signed bytes, an algorithm, a signature.

use std::ops::Range;

use crate::algorithm::{self, AlgorithmId, EcdsaForm, Legacy, PublicKey, SignatureAlgorithm};
use crate::der::{self, DerError, Tlv, single, tag};
use crate::policy::Policy;
use crate::reason::{ChainReason, Reason};

/// Whether a signed structure verifies with a key, by the policy's algorithms; `signed` is where its first part is.
pub(crate) fn is_signed(bytes: &[u8], signed: Range<usize>, key: &PublicKey, policy: &Policy) -> Result<bool, Reason> {
    is_signed_for(bytes, signed, key, policy, Legacy::Refused)
}

/// The same, with SHA-1 where the path is to be held to the rule of its anchor.
pub(crate) fn is_signed_for(
    bytes: &[u8],
    signed: Range<usize>,
    key: &PublicKey,
    policy: &Policy,
    legacy: Legacy,
) -> Result<bool, Reason> {
    let (algorithm, signature) = read(bytes, key)?;
    algorithm::permit_for(policy, algorithm, key, legacy)?;
    let signed = bytes.get(signed).unwrap_or_default();
    Ok(algorithm::verifies(algorithm, EcdsaForm::Asn1, key, signed, signature))
}

/// Whether the policy takes the algorithm of a signed structure with this key.
pub(crate) fn permitted(bytes: &[u8], key: &PublicKey, policy: &Policy) -> Result<(), Reason> {
    permitted_for(bytes, key, policy, Legacy::Refused)
}

/// The same, with SHA-1 where the path is to be held to the rule of its anchor.
pub(crate) fn permitted_for(bytes: &[u8], key: &PublicKey, policy: &Policy, legacy: Legacy) -> Result<(), Reason> {
    Ok(algorithm::permit_for(policy, algorithm_of(bytes, key)?, key, legacy)?)
}

/// The algorithm of a signed structure with this key, whether or not it is taken.
pub(crate) fn algorithm_of(bytes: &[u8], key: &PublicKey) -> Result<SignatureAlgorithm, Reason> {
    read(bytes, key).map(|(algorithm, _)| algorithm)
}

fn read<'a>(bytes: &'a [u8], key: &PublicKey) -> Result<(SignatureAlgorithm, &'a [u8]), Reason> {
    let broken = |_: DerError| ChainReason::Malformed { why: "signature".to_owned() };
    let (id, signature) = parts(bytes).map_err(broken)?;
    let id = AlgorithmId::read(&id).map_err(broken)?;
    Ok((algorithm::resolve(&id, key, None)?, signature))
}

fn parts(bytes: &[u8]) -> Result<(Tlv<'_>, &[u8]), DerError> {
    let mut inside = single(bytes, tag::SEQUENCE)?.inside();
    inside.expect(tag::SEQUENCE)?;
    let algorithm = inside.expect(tag::SEQUENCE)?;
    let signature = der::bits(&inside.expect(tag::BIT_STRING)?)?;
    // A response has its certificates after it.
    Ok((algorithm, signature))
}
