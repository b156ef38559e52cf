//! Pairs by key in one piece of memory: what is read once and asked often, in an order that a file chooses.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Pairs that are moved to make room for one among them: more would let a file choose an order that costs the square of
/// its length.
const MOVED_MAX: usize = 64;

/// Takes pairs in any order; they come out by ascending key.
#[derive(Debug)]
pub(super) struct Ascending<K, V> {
    list: Vec<(K, V)>,
    /// What came behind a larger key when there were many.
    late: BTreeMap<K, V>,
}

/// Whether a key was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    New,
    /// The earlier value stays.
    Twice,
}

impl<K, V> Default for Ascending<K, V> {
    fn default() -> Self {
        Self { list: Vec::new(), late: BTreeMap::new() }
    }
}

impl<K: Ord, V> Ascending<K, V> {
    pub(super) fn take(&mut self, key: K, value: V) -> Taken {
        if self.list.last().is_none_or(|(last, _)| *last < key) {
            self.list.push((key, value));
            return Taken::New;
        }
        let Err(place) = self.list.binary_search_by(|(other, _)| other.cmp(&key)) else { return Taken::Twice };
        if self.list.len() < MOVED_MAX {
            self.list.insert(place, (key, value));
            return Taken::New;
        }
        match self.late.entry(key) {
            Entry::Occupied(_) => Taken::Twice,
            Entry::Vacant(vacant) => {
                vacant.insert(value);
                Taken::New
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<(K, V)> {
        if !self.late.is_empty() {
            self.list.extend(self.late);
            // Two ascending runs: the sort finds them, and merges them.
            self.list.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(keys: impl IntoIterator<Item = u32>) -> Vec<(u32, u32)> {
        let mut all = Ascending::default();
        for (value, key) in (0..).zip(keys) {
            assert_eq!(all.take(key, value), Taken::New);
        }
        all.finish()
    }

    #[test]
    fn any_order_comes_out_ascending() {
        for count in [0, 1, 10, 64, 65, 1000] {
            let expected: Vec<u32> = (0..count).collect();
            for found in [collect(0..count), collect((0..count).rev()), collect((0..count).map(|n| (n * 7919) % 7927))]
            {
                let mut keys: Vec<u32> = found.into_iter().map(|(key, _)| key).collect();
                assert!(keys.is_sorted_by(|one, other| one < other));
                keys.sort_unstable();
                assert_eq!(keys.len(), expected.len());
            }
        }
        assert_eq!(collect([3, 1, 2]), [(1, 1), (2, 2), (3, 0)]);
    }

    #[test]
    fn a_key_counts_once_wherever_it_is_kept() {
        let mut all = Ascending::default();
        for key in (0..200).step_by(2).chain([101, 7]) {
            assert_eq!(all.take(key, ()), Taken::New);
        }
        for key in [0, 100, 198, 101, 7] {
            assert_eq!(all.take(key, ()), Taken::Twice, "{key}");
        }
        assert_eq!(all.finish().len(), 102);
    }
}
