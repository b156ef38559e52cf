//! Where a key is, and what opens it.

use std::fmt;
use std::path::PathBuf;

use cryptoki::types::RawAuthPin;

use crate::TokenError;

/// A user PIN. Prints without it; its memory is cleared when it goes away.
pub struct Pin(RawAuthPin);

impl Pin {
    /// A PIN of 1 to 255 bytes.
    ///
    /// # Errors
    /// `invalid_argument` for any other length.
    pub fn new(bytes: Vec<u8>) -> Result<Self, TokenError> {
        match bytes.len() {
            1..=255 => Ok(Self(RawAuthPin::new(Box::new(bytes)))),
            length => Err(TokenError::PinLength { length }),
        }
    }

    pub(crate) const fn raw(&self) -> &RawAuthPin {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// How a key is named in its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// `CKA_LABEL`.
    Label(String),
    /// `CKA_ID`.
    Id(Vec<u8>),
}

impl KeyName {
    /// Reads a name: `id:` and hexadecimal digits, or a label.
    ///
    /// # Errors
    /// `invalid_argument` when it is empty, or `id:` is not followed by pairs of hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let bad = || TokenError::KeyName { name: text.to_owned() };
        match text.strip_prefix("id:") {
            None if text.is_empty() => Err(bad()),
            None => Ok(Self::Label(text.to_owned())),
            Some(hex) => {
                let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
                let byte = |pair: &[u8; 2]| {
                    let digits = std::str::from_utf8(pair).ok().filter(|digits| !digits.starts_with('+'))?;
                    u8::from_str_radix(digits, 16).ok()
                };
                let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
                bytes.filter(|bytes| rest.is_empty() && !bytes.is_empty()).map(Self::Id).ok_or_else(bad)
            }
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => f.write_str(label),
            Self::Id(id) => {
                f.write_str("id:")?;
                id.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAddress {
    /// The module: a shared library that its vendor delivers.
    pub module: PathBuf,
    /// Label of the token.
    pub token: String,
    /// The key in it.
    pub key: KeyName,
}

impl fmt::Display for KeyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {} ({})", self.token, self.key, self.module.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_label_or_its_id() {
        assert_eq!(KeyName::parse("Khóa ký 1").unwrap(), KeyName::Label("Khóa ký 1".to_owned()));
        assert_eq!(KeyName::parse("id:0aFF").unwrap(), KeyName::Id(vec![0x0a, 0xff]));
        assert_eq!(KeyName::parse("id:0aff").unwrap().to_string(), "id:0aff");
        for bad in ["", "id:", "id:0", "id:0g", "id:+1", "id:é1"] {
            assert!(KeyName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pin_prints_as_nothing() {
        assert_eq!(format!("{:?}", Pin::new(b"648219".to_vec()).unwrap()), "Pin(..)");
        assert!(Pin::new(Vec::new()).is_err());
    }
}
