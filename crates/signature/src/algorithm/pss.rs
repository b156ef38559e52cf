//! RSASSA-PSS parameters (RFC 4055 3.1).

use super::{AlgorithmId, Hash, explicit};
use crate::der::{DerError, small, tag};
use crate::oid;
use crate::reason::AlgorithmReason;

/// The hash of the parameters, which must be the ones that the primitives check: MGF1 with the same hash, a salt as
/// long as the hash, trailer 1.
pub(super) fn hash(id: &AlgorithmId<'_>) -> Result<Hash, AlgorithmReason> {
    let refuse = |what| AlgorithmReason::PssParameters { what };
    let broken = |_: DerError| AlgorithmReason::PssParameters { what: "not RSASSA-PSS-params" };
    // Absent members mean SHA-1, so every one has to be there.
    let parameters = id.parameters.filter(|value| value.tag == tag::SEQUENCE).ok_or(refuse("absent, so SHA-1"))?;
    let mut inside = parameters.inside();
    let hash = explicit(&mut inside, 0).map_err(broken)?.ok_or(refuse("hash absent, so SHA-1"))?;
    let hash = Hash::read(&AlgorithmId::read(&hash).map_err(broken)?)?;
    let mask = explicit(&mut inside, 1).map_err(broken)?.ok_or(refuse("mask absent, so MGF1 with SHA-1"))?;
    let mask = AlgorithmId::read(&mask).map_err(broken)?;
    let mask_hash = mask.parameters.filter(|_| mask.oid == oid::MGF1).ok_or(refuse("mask is not MGF1"))?;
    if Hash::read(&AlgorithmId::read(&mask_hash).map_err(broken)?)? != hash {
        return Err(refuse("MGF1 has another hash"));
    }
    let salt = explicit(&mut inside, 2).map_err(broken)?.ok_or(refuse("salt length absent, so 20"))?;
    let salt_wanted = match hash {
        Hash::Sha1 => 20,
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    };
    if salt.tag != tag::INTEGER || small(&salt).map_err(broken)? != salt_wanted {
        return Err(refuse("salt is not as long as the hash"));
    }
    if let Some(trailer) = explicit(&mut inside, 3).map_err(broken)?
        && small(&trailer).map_err(broken)? != 1
    {
        return Err(refuse("trailer is not 1"));
    }
    inside.end().map_err(broken)?;
    Ok(hash)
}
