//! How certificates and signatures name an algorithm (RFC 5280 clause 4.1.1.2).

use crate::der::{DerError, Tlv, tag};
use crate::oid;
use crate::reason::AlgorithmReason;

/// AlgorithmIdentifier, as read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlgorithmId<'a> {
    pub(crate) oid: &'a [u8],
    pub(crate) parameters: Option<Tlv<'a>>,
}

impl<'a> AlgorithmId<'a> {
    pub(crate) fn read(value: &Tlv<'a>) -> Result<Self, DerError> {
        let mut inside = value.inside();
        let oid = inside.expect(tag::OBJECT_ID)?.content;
        let parameters = if inside.is_empty() { None } else { Some(inside.next()?) };
        inside.end()?;
        Ok(Self { oid, parameters })
    }

    /// Absent, or NULL: both are written for algorithms without parameters.
    pub(super) fn no_parameters(&self) -> Result<(), AlgorithmReason> {
        match self.parameters {
            None => Ok(()),
            Some(value) if value.tag == tag::NULL && value.content.is_empty() => Ok(()),
            Some(_) => {
                Err(AlgorithmReason::Mismatch { one: oid::text(self.oid), other: "parameters given".to_owned() })
            }
        }
    }

    pub(crate) fn unsupported(&self) -> AlgorithmReason {
        let name = match self.oid {
            oid::SHA1 => "SHA-1".to_owned(),
            oid::SHA1_WITH_RSA => "SHA-1 with RSA".to_owned(),
            oid::ECDSA_SHA1 => "ECDSA with SHA-1".to_owned(),
            other => oid::text(other),
        };
        AlgorithmReason::Unsupported { name }
    }
}
