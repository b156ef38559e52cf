//! The conversion between the generations: four groups, read from either side.

use std::fmt;

/// The four groups of generation 1, level 1 first; an absent group is all zeros.
pub(super) struct Quad<'a>([&'a str; 4]);

const ABSENT: [&str; 4] = ["", "00", "00", "000"];

impl<'a> Quad<'a> {
    /// Reads a text of generation 1, or one that differs from it only in the level-1 group (`001.00.20.TT2`).
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let mut groups = text.split('.');
        let (four, three, two, one) = (groups.next()?, groups.next()?, groups.next()?, groups.next()?);
        let has_widths = (four.len(), three.len(), two.len(), one.len()) == (3, 2, 2, 3);
        let has_digits = [four, three, two].iter().all(|group| group.bytes().all(|b| b.is_ascii_digit()));
        (has_widths && has_digits && groups.next().is_none()).then_some(Self([one, two, three, four]))
    }

    /// Reads a generation-2 text that has a generation-1 form: depth up to 4, set groups of 2, 2 and 3 digits.
    pub(super) fn from_groups(text: &'a str) -> Option<Self> {
        let mut quad = ABSENT;
        for (index, group) in text.split('.').enumerate() {
            let place = quad.get_mut(index)?;
            let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            let fits = if index == 0 {
                group.len() == 3 && group.get(1..).is_some_and(is_digits)
            } else {
                group.len() == place.len() && group != *place && is_digits(group)
            };
            if !fits {
                return None;
            }
            *place = group;
        }
        Some(Self(quad))
    }

    fn is_set(&self) -> [bool; 4] {
        let Self([_, two, three, four]) = self;
        [true, *two != "00", *three != "00", *four != "000"]
    }

    /// Where, counted from 0, the first group starts that is set below an absent one.
    pub(super) fn gap(&self) -> Option<usize> {
        match self.is_set() {
            [_, two, three, true] if !(two && three) => Some(0),
            [_, false, true, _] => Some(4),
            _ => None,
        }
    }

    pub(super) fn as_decision2020(&self) -> String {
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
