//! Agency identifier codes (mã định danh): QCVN 102:2016 and Decision 20/2020/QĐ-TTg.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

mod case_file;
mod level;
mod quad;
mod rule;
mod syntax;

pub use case_file::{CaseFileCode, CaseFileError, CaseFileRule};
pub use level::{Level, LevelError};
use quad::Quad;
pub use rule::{CodeError, CodeRule};

/// Which text form a code was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// QCVN 102:2016/BTTTT, right to left: `001.15.20.H48`, 13 characters.
    Qcvn2016,
    /// Decision 20/2020/QĐ-TTg and QCVN 102 amendment 1:2022, left to right: `H48.20.15.001`;
    /// also its business registration and scheme codes (articles 5 and 6).
    Decision2020,
    /// Neither: valid only because a registry lists it verbatim (`28.22.H17`, `vxp.saas.02`).
    Opaque,
}

/// Code of an agency, as it came in.
///
/// Shape: generation 1 is 3, 2 and 2 digits, then a capital and 2 digits (13 ASCII bytes);
/// generation 2 is up to 35 of `A–Z 0–9 .` in groups of two or more, the first one capital and
/// two digits; 8–14 digits, with an optional `-` and 3 digits, for enterprises; `SCHEME:code`
/// for other bodies. Prints back exactly as it came in; two codes are equal when they name the
/// same agency by the conversion rule (`000.00.20.H48` = `H48.20`).
///
/// Source: QCVN 102:2016/BTTTT clause 2; Decision 20/2020/QĐ-TTg articles 4–7.
#[derive(Clone)]
pub struct AgencyCode {
    text: Box<str>,
    /// Generation-2 form where it differs from the text; what equality looks at.
    converted: Option<Box<str>>,
    generation: Generation,
}

/// Bytes of an opaque code: longer than any seen on the axis.
const OPAQUE_LENGTH_MAX: usize = 64;

impl AgencyCode {
    /// Takes a text that a registry lists verbatim, whether or not a generation explains it.
    ///
    /// A text that parses comes back as what it is; [`Generation::Opaque`] is only for the rest, so
    /// that a registered `000.00.20.H48` still equals `H48.20`.
    ///
    /// # Errors
    /// `malformed_code` when it is empty, over 64 bytes, or has white space or control characters.
    pub fn opaque(text: &str) -> Result<Self, CodeError> {
        if let Ok(code) = text.parse() {
            return Ok(code);
        }
        if text.is_empty() {
            return Err(CodeError::new(text, 0, CodeRule::Empty));
        }
        for (position, (offset, c)) in text.char_indices().enumerate() {
            if offset + c.len_utf8() > OPAQUE_LENGTH_MAX {
                return Err(CodeError::new(text, position, CodeRule::TooLong));
            }
            if c.is_whitespace() || c.is_control() {
                return Err(CodeError::new(text, position, CodeRule::Character));
            }
        }
        Ok(Self { text: text.into(), converted: None, generation: Generation::Opaque })
    }

    /// The text as it came in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form by which codes compare: generation 2 where it exists, the text otherwise.
    #[must_use]
    pub fn canonical(&self) -> &str {
        self.converted.as_deref().unwrap_or(&self.text)
    }

    /// The generation of the text.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// True when a lower group is set under an absent one (`000.12.00.H48`): fine on a registered
    /// code, an error on any other. Source: QCVN 102:2016 clause 2.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        self.gap().is_some()
    }

    /// Where the first group starts that is set under an absent one, in characters from 0.
    #[must_use]
    pub fn gap(&self) -> Option<usize> {
        Quad::read(&self.text).and_then(|quad| quad.gap())
    }

    /// The generation-1 text of the same agency; `None` when the depth or the group widths have none.
    #[must_use]
    pub fn as_qcvn2016(&self) -> Option<String> {
        match self.generation {
            Generation::Qcvn2016 => Some(self.text.to_string()),
            Generation::Decision2020 => Quad::from_groups(&self.text).map(|quad| quad.to_string()),
            Generation::Opaque => None,
        }
    }

    /// The generation-2 text of the same agency; `None` for gapped and opaque codes.
    #[must_use]
    pub fn as_decision2020(&self) -> Option<String> {
        match self.generation {
            Generation::Decision2020 => Some(self.text.to_string()),
            Generation::Qcvn2016 if !self.has_gap() => Some(self.canonical().to_owned()),
            Generation::Qcvn2016 | Generation::Opaque => None,
        }
    }

    /// Canonical forms of the enclosing bodies, the nearest first: `H48.20.15` gives `H48.20`, `H48`.
    ///
    /// Empty for codes without a hierarchy: gapped, opaque, business registration and scheme codes.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        let canonical = self.canonical();
        let is_layered = self.generation != Generation::Opaque
            && canonical.starts_with(|c: char| c.is_ascii_uppercase())
            && !canonical.contains(':');
        let start = if is_layered { canonical } else { "" };
        std::iter::successors(Some(start), |text| text.rfind('.').and_then(|dot| text.get(..dot))).skip(1)
    }
}

impl FromStr for AgencyCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let generation = syntax::check(text).map_err(|(position, rule)| CodeError::new(text, position, rule))?;
        let converted = match generation {
            Generation::Qcvn2016 => {
                Quad::read(text).filter(|quad| quad.gap().is_none()).map(|quad| quad.as_decision2020().into())
            }
            Generation::Decision2020 | Generation::Opaque => None,
        };
        Ok(Self { text: text.into(), converted, generation })
    }
}

impl PartialEq for AgencyCode {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for AgencyCode {}

impl Hash for AgencyCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl PartialOrd for AgencyCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AgencyCode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical().cmp(other.canonical())
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgencyCode({})", self.text)
    }
}

#[cfg(test)]
mod tests;
