//! Names, as values and as keys.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

/// Bytes of a name that needs no memory of its own: nearly all are shorter.
const SHORT_MAX: usize = 22;

/// A name, decoded.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Name(Spelling);

/// One name has one spelling, so that comparing spellings compares names.
#[derive(Clone, PartialEq, Eq)]
enum Spelling {
    /// Zeros behind the name.
    Short {
        length: u8,
        bytes: [u8; SHORT_MAX],
    },
    Long(Rc<[u8]>),
}

impl From<&[u8]> for Name {
    fn from(name: &[u8]) -> Self {
        let mut bytes = [0; SHORT_MAX];
        match (bytes.get_mut(..name.len()), u8::try_from(name.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(name);
                Self(Spelling::Short { length, bytes })
            }
            _ => Self(Spelling::Long(name.into())),
        }
    }
}

impl AsRef<[u8]> for Name {
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Spelling::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Spelling::Long(bytes) => bytes,
        }
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_ref().cmp(other.as_ref())
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.as_ref().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_length_stay_what_they_are() {
        let texts: Vec<Vec<u8>> = (0..40).map(|length| vec![b'n'; length]).chain([vec![0], vec![b'a', 0]]).collect();
        for one in &texts {
            assert_eq!(Name::from(one.as_slice()).as_ref(), one.as_slice());
            for other in &texts {
                let (name, second) = (Name::from(one.as_slice()), Name::from(other.as_slice()));
                assert_eq!(name == second, one == other);
                assert_eq!(name.cmp(&second), one.cmp(other));
            }
        }
    }
}
