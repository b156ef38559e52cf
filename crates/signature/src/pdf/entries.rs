//! Where objects stand, by their number.

/// Where an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Free,
    At { offset: usize, generation: u16 },
    Inside { container: u32, index: usize },
}

/// Entries by ascending number; no number occurs twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries(Vec<(u32, Entry)>);

impl Entries {
    /// What is ascending already.
    pub(super) const fn new(ascending: Vec<(u32, Entry)>) -> Self {
        Self(ascending)
    }

    /// Entries of several sections, of which the first one that has a number decides.
    pub(super) fn merged(mut all: Vec<(u32, Entry)>) -> Self {
        // Stable, and quick where long runs ascend already.
        all.sort_by_key(|(number, _)| *number);
        all.dedup_by_key(|(number, _)| *number);
        Self(all)
    }

    pub(super) fn get(&self, number: u32) -> Option<Entry> {
        self.0.get(self.place(number)?).map(|(_, entry)| *entry)
    }

    /// How many entries stand before a number's own.
    pub(super) fn place(&self, number: u32) -> Option<usize> {
        // Most files number their objects without gaps.
        let guess = usize::try_from(number).ok()?;
        if self.0.get(guess).is_some_and(|(found, _)| *found == number) {
            return Some(guess);
        }
        self.0.binary_search_by_key(&number, |(found, _)| *found).ok()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, Entry)> {
        self.0.iter().copied()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Numbers of which the two lists do not say the same, in ascending order.
    pub(super) fn differences(&self, other: &Self) -> Vec<u32> {
        let (mut one, mut two) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut found = Vec::new();
        loop {
            match (one.peek(), two.peek()) {
                (Some(own), Some(theirs)) if own.0 == theirs.0 => {
                    if own.1 != theirs.1 {
                        found.push(own.0);
                    }
                    one.next();
                    two.next();
                }
                (Some(own), Some(theirs)) if own.0 > theirs.0 => found.extend(two.next().map(|(number, _)| *number)),
                (Some(_), _) => found.extend(one.next().map(|(number, _)| *number)),
                (None, Some(_)) => found.extend(two.next().map(|(number, _)| *number)),
                (None, None) => return found,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(offset: usize) -> Entry {
        Entry::At { offset, generation: 0 }
    }

    #[test]
    fn the_first_of_several_sections_decides() {
        let entries = Entries::merged(vec![(9, at(900)), (2, at(21)), (0, Entry::Free), (2, at(20)), (9, Entry::Free)]);
        assert_eq!(entries.iter().collect::<Vec<_>>(), [(0, Entry::Free), (2, at(21)), (9, at(900))]);
        assert_eq!((entries.get(2), entries.get(9), entries.get(1)), (Some(at(21)), Some(at(900)), None));
        assert_eq!((entries.place(0), entries.place(9), entries.place(10)), (Some(0), Some(2), None));
    }

    #[test]
    fn differences_are_found_on_either_side() {
        let one = Entries::new(vec![(0, Entry::Free), (1, at(10)), (3, at(30)), (4, at(40))]);
        let other = Entries::new(vec![(1, at(10)), (2, at(20)), (3, at(31)), (4, at(40)), (5, at(50))]);
        assert_eq!(one.differences(&other), [0, 2, 3, 5]);
        assert_eq!(other.differences(&one), [0, 2, 3, 5]);
        assert_eq!(one.differences(&one), [0_u32; 0]);
    }
}
