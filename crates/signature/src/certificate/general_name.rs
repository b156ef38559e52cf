//! GeneralName (RFC 5280 4.2.1.6), as far as names are compared here.

use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::Name;
use crate::der::{DerError, Reader, Tlv, tag};

/// One name of a certificate, a constraint or a distribution point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GeneralName {
    Email(String),
    Dns(String),
    Uri(String),
    Directory(Name),
    /// Four or sixteen bytes in a certificate; twice as many, with the mask, in a constraint.
    Ip(Vec<u8>),
    /// otherName, x400Address, ediPartyName, registeredID: its tag number and bytes, never interpreted.
    Other(u8, Vec<u8>),
}

impl GeneralName {
    pub(crate) fn read(value: &Tlv<'_>) -> Result<Self, DerError> {
        Ok(match value.tag {
            0x81 => Self::Email(ascii(value)?),
            0x82 => Self::Dns(ascii(value)?),
            0x86 => Self::Uri(ascii(value)?),
            0x87 => Self::Ip(value.content.to_vec()),
            0xa4 => {
                let mut inside = value.inside();
                let name = directory(inside.expect(tag::SEQUENCE)?.raw)?;
                inside.end()?;
                Self::Directory(name)
            }
            other if other & 0xc0 == 0x80 => Self::Other(other & 0x1f, value.content.to_vec()),
            _ => return Err(DerError::Tag),
        })
    }

    /// Every name of a GeneralNames, whatever its outer tag; at least one.
    pub(crate) fn read_all(names: Reader<'_>) -> Result<Vec<Self>, DerError> {
        let names = names.all()?;
        if names.is_empty() {
            return Err(DerError::Value);
        }
        names.iter().map(Self::read).collect()
    }

    /// Names of the same thing: directory names as they chain, everything else byte for byte.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(one), Self::Directory(other)) => one.chain_key() == other.chain_key(),
            (one, other) => one == other,
        }
    }
}

/// A Name from its DER.
pub(crate) fn directory(raw: &[u8]) -> Result<Name, DerError> {
    let (rest, name) = X509Name::from_der(raw).map_err(|_| DerError::Value)?;
    if rest.is_empty() { Ok(Name::read(&name)) } else { Err(DerError::Trailing) }
}

fn ascii(value: &Tlv<'_>) -> Result<String, DerError> {
    if !value.content.is_ascii() {
        return Err(DerError::Value);
    }
    String::from_utf8(value.content.to_vec()).map_err(|_| DerError::Value)
}
