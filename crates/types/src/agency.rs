//! Agency identifier codes (mã định danh): QCVN 102:2016 and Decision 20/2020/QĐ-TTg.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Which text form a code was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// QCVN 102:2016/BTTTT, right to left: `001.15.20.H48`, 13 characters.
    Qcvn2016,
    /// Decision 20/2020/QĐ-TTg and QCVN 102 amendment 1:2022, left to right: `H48.20.15.001`.
    Decision2020,
    /// Neither: valid only because a registry lists it verbatim (`28.22.H17`, `vxp.saas.02`).
    Opaque,
}

/// Level of government of an agency: an attribute in the registry, never derived from the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Trung ương.
    Central,
    /// Tỉnh, thành phố trực thuộc trung ương.
    Province,
    /// Huyện (until 2025-06-30).
    District,
    /// Xã, phường, đặc khu.
    Commune,
    /// Any other body (enterprise, school, association, system).
    Other,
}

/// Code of an agency, as it came in.
///
/// Shape: generation 1 is 3, 2 and 2 digits, then a capital and 2 digits (13 ASCII bytes);
/// generation 2 is up to 35 of `A–Z 0–9 .` in groups of two or more, the first one capital and
/// two digits; digits only, with an optional `-` and 3 digits, for enterprises; `SCHEME:code`
/// for other bodies. Prints back exactly as it came in; two codes are equal when they name the
/// same agency by the conversion rule (`000.00.20.H48` = `H48.20`).
///
/// Source: QCVN 102:2016/BTTTT clause 2; Decision 20/2020/QĐ-TTg articles 4–7.
#[derive(Clone)]
pub struct AgencyCode {
    text: Box<str>,
    /// Generation-2 form where one exists, else the text itself; what equality looks at.
    canonical: Box<str>,
    generation: Generation,
}

/// Rule that a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeRule {
    /// No text.
    Empty,
    /// Longer than 35 characters (generation 2) or 64 (opaque codes).
    TooLong,
    /// A character outside `A–Z`, `0–9` and `.`.
    Character,
    /// A letter in lower case.
    LowerCase,
    /// A leading, trailing or doubled dot.
    EmptyGroup,
    /// A group shorter than two characters.
    ShortGroup,
    /// The level-1 group is not one capital and two digits.
    LevelOne,
    /// A generation-1 group has another width than 3, 2, 2 digits.
    GroupWidth,
    /// Not a business registration code: 8–14 digits, optionally `-` and three digits.
    BusinessNumber,
    /// Not `SCHEME:code`.
    Scheme,
}

impl CodeRule {
    /// The rule in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "a code may not be empty",
            Self::TooLong => "a code has at most 35 characters",
            Self::Character => "a code has only A-Z, 0-9 and '.'",
            Self::LowerCase => "a code is written in capitals",
            Self::EmptyGroup => "a dot may not be first, last or doubled",
            Self::ShortGroup => "a group has two or more characters",
            Self::LevelOne => "the level-1 group is one capital and two digits",
            Self::GroupWidth => "the groups have 3, 2 and 2 digits before the level-1 group",
            Self::BusinessNumber => "a business registration code has 8 to 14 digits, then optionally '-' and 3 digits",
            Self::Scheme => "a scheme code is SCHEME:code",
        }
    }
}

/// Why a text is not a code of either generation. Code: `malformed_code`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("agency code {text:?}: {} (at character {})", rule.as_str(), position + 1)]
pub struct CodeError {
    /// The text, cut to 64 characters.
    pub text: String,
    /// First offending character, counted from 0.
    pub position: usize,
    /// The rule broken there.
    pub rule: CodeRule,
}

/// Characters of a generation-2 code. Source: QCVN 102 amendment 1:2022.
const LENGTH_MAX: usize = 35;
/// Bytes of an opaque code: longer than any seen on the axis.
const OPAQUE_LENGTH_MAX: usize = 64;

impl AgencyCode {
    /// Takes a text that a registry lists verbatim and neither generation explains.
    ///
    /// # Errors
    /// `malformed_code` when it is empty, over 64 bytes, or has white space or control characters.
    pub fn opaque(text: &str) -> Result<Self, CodeError> {
        let error = |position, rule| Err(CodeError { text: text.chars().take(64).collect(), position, rule });
        if text.is_empty() {
            return error(0, CodeRule::Empty);
        }
        if text.len() > OPAQUE_LENGTH_MAX {
            return error(OPAQUE_LENGTH_MAX, CodeRule::TooLong);
        }
        match text.chars().position(|c| c.is_whitespace() || c.is_control()) {
            Some(position) => error(position, CodeRule::Character),
            None => Ok(Self { text: text.into(), canonical: text.into(), generation: Generation::Opaque }),
        }
    }

    /// The text as it came in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form by which codes compare: generation 2 where it exists, the text otherwise.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
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
        matches!(Quad::read(&self.text), Some(quad) if quad.has_gap())
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
            Generation::Qcvn2016 if !self.has_gap() => Some(self.canonical.to_string()),
            Generation::Qcvn2016 | Generation::Opaque => None,
        }
    }

    /// Canonical forms of the enclosing bodies, the nearest first: `H48.20.15` gives `H48.20`, `H48`.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        let canonical: &str = match self.generation {
            Generation::Decision2020 => &self.canonical,
            Generation::Qcvn2016 if !self.has_gap() => &self.canonical,
            Generation::Qcvn2016 | Generation::Opaque => "",
        };
        std::iter::successors(Some(canonical), |text| text.rfind('.').and_then(|dot| text.get(..dot))).skip(1)
    }
}

impl FromStr for AgencyCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let generation = check(text).map_err(|(position, rule)| CodeError {
            text: text.chars().take(64).collect(),
            position,
            rule,
        })?;
        let canonical = match Quad::read(text) {
            Some(quad) if generation == Generation::Qcvn2016 && !quad.has_gap() => quad.as_decision2020(),
            _ => text.to_owned(),
        };
        Ok(Self { text: text.into(), canonical: canonical.into(), generation })
    }
}

/// Which generation the text belongs to, or the first offence against the one it looks like.
fn check(text: &str) -> Result<Generation, (usize, CodeRule)> {
    if text.is_empty() {
        return Err((0, CodeRule::Empty));
    }
    if let Some((scheme, rest)) = text.split_once(':') {
        return check_scheme(scheme, rest).map(|()| Generation::Decision2020);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return check_business(text).map(|()| Generation::Decision2020);
    }
    for (position, c) in text.chars().enumerate() {
        if c.is_ascii_lowercase() {
            return Err((position, CodeRule::LowerCase));
        }
        if !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.') {
            return Err((position, CodeRule::Character));
        }
        if position >= LENGTH_MAX {
            return Err((position, CodeRule::TooLong));
        }
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) { check_2016(text) } else { check_2020(text) }
}

fn check_2016(text: &str) -> Result<Generation, (usize, CodeRule)> {
    let mut position = 0;
    let groups: Vec<&str> = text.split('.').collect();
    for (index, group) in groups.iter().enumerate() {
        let width = [3, 2, 2].get(index);
        match width {
            _ if group.is_empty() => return Err((position.min(text.len().saturating_sub(1)), CodeRule::EmptyGroup)),
            Some(width) => {
                if let Some(odd) = group.bytes().take(*width).position(|b| !b.is_ascii_digit()) {
                    return Err((position + odd, CodeRule::GroupWidth));
                }
                if group.len() != *width {
                    return Err((position + group.len().min(*width), CodeRule::GroupWidth));
                }
            }
            None if index == 3 => check_level_one(group, position)?,
            None => return Err((position - 1, CodeRule::GroupWidth)),
        }
        position += group.len() + 1;
    }
    if groups.len() == 4 { Ok(Generation::Qcvn2016) } else { Err((text.len(), CodeRule::LevelOne)) }
}

fn check_2020(text: &str) -> Result<Generation, (usize, CodeRule)> {
    let mut position = 0;
    for (index, group) in text.split('.').enumerate() {
        if group.is_empty() {
            return Err((position.min(text.len() - 1), CodeRule::EmptyGroup));
        }
        if index == 0 {
            check_level_one(group, position)?;
        } else if group.len() < 2 {
            return Err((position, CodeRule::ShortGroup));
        }
        position += group.len() + 1;
    }
    Ok(Generation::Decision2020)
}

/// One capital, two digits. Which letters exist is the registry's business.
fn check_level_one(group: &str, start: usize) -> Result<(), (usize, CodeRule)> {
    let wanted: [fn(&u8) -> bool; 3] = [u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_digit];
    let odd = group.bytes().zip(wanted).position(|(byte, is_wanted)| !is_wanted(&byte));
    match odd {
        Some(odd) => Err((start + odd, CodeRule::LevelOne)),
        None if group.len() != 3 => Err((start + group.len().min(3), CodeRule::LevelOne)),
        None => Ok(()),
    }
}

fn check_business(text: &str) -> Result<(), (usize, CodeRule)> {
    let (number, branch) = text.split_once('-').map_or((text, None), |(number, branch)| (number, Some(branch)));
    if !(8..=14).contains(&number.len()) {
        return Err((number.len().min(14), CodeRule::BusinessNumber));
    }
    match branch {
        Some(branch) if branch.len() != 3 || branch.contains('-') => {
            let odd = branch.find('-').unwrap_or_else(|| branch.len().min(3));
            Err((number.len() + 1 + odd, CodeRule::BusinessNumber))
        }
        _ => Ok(()),
    }
}

fn check_scheme(scheme: &str, code: &str) -> Result<(), (usize, CodeRule)> {
    if scheme.is_empty() {
        return Err((0, CodeRule::Scheme));
    }
    if let Some(odd) = scheme.chars().position(|c| !(c.is_ascii_uppercase() || c.is_ascii_digit())) {
        return Err((odd, CodeRule::Scheme));
    }
    let start = scheme.len() + 1;
    if code.is_empty() {
        return Err((start, CodeRule::Scheme));
    }
    if let Some(odd) = code.chars().position(|c| !(c.is_ascii_alphanumeric() || ".-_/".contains(c))) {
        return Err((start + odd, CodeRule::Scheme));
    }
    if start + code.len() > LENGTH_MAX { Err((LENGTH_MAX, CodeRule::TooLong)) } else { Ok(()) }
}

/// The four groups of generation 1, level 1 first; an absent group is all zeros.
struct Quad<'a>([&'a str; 4]);

const ABSENT: [&str; 4] = ["", "00", "00", "000"];

impl<'a> Quad<'a> {
    /// Reads a generation-1 text; `None` for any other shape.
    fn read(text: &'a str) -> Option<Self> {
        let mut groups = text.split('.');
        let (four, three, two, one) = (groups.next()?, groups.next()?, groups.next()?, groups.next()?);
        let has_widths = (four.len(), three.len(), two.len(), one.len()) == (3, 2, 2, 3);
        (has_widths && groups.next().is_none()).then_some(Self([one, two, three, four]))
    }

    /// Reads a generation-2 text that has a generation-1 form: depth up to 4, set groups of 2, 2 and 3 digits.
    fn from_groups(text: &'a str) -> Option<Self> {
        let mut quad = ABSENT;
        for (index, group) in text.split('.').enumerate() {
            let absent = quad.get_mut(index)?;
            let fits = index == 0
                || (group.len() == absent.len() && group != *absent && group.bytes().all(|b| b.is_ascii_digit()));
            if !fits || (index == 0 && group.len() != 3) {
                return None;
            }
            *absent = group;
        }
        Some(Self(quad))
    }

    fn is_set(&self) -> [bool; 4] {
        let Self([_, two, three, four]) = self;
        [true, *two != "00", *three != "00", *four != "000"]
    }

    fn has_gap(&self) -> bool {
        let [one, two, three, four] = self.is_set();
        [(one, two), (two, three), (three, four)].iter().any(|(upper, lower)| *lower && !*upper)
    }

    fn as_decision2020(&self) -> String {
        let set: Vec<&str> =
            self.0.iter().zip(self.is_set()).filter(|(_, is_set)| *is_set).map(|(group, _)| *group).collect();
        set.join(".")
    }
}

impl fmt::Display for Quad<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([one, two, three, four]) = self;
        write!(f, "{four}.{three}.{two}.{one}")
    }
}

impl PartialEq for AgencyCode {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for AgencyCode {}

impl Hash for AgencyCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl PartialOrd for AgencyCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AgencyCode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical.cmp(&other.canonical)
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
