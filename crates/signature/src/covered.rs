//! What the signatures of one file cover, digested so that what they have in common is hashed once.

use std::cell::RefCell;
use std::fmt;

use crate::algorithm::Hash;
use crate::budget::Budget;
use crate::provider::{DigestValue, Digesting};
use crate::reason::Reason;

/// A file of which every signature covers the beginning, but for one gap that holds the signature itself.
///
/// Each revision begins with the one before it. The bytes up to the first gap are hashed once for every signature, those
/// up to the second once for all but the first, and so on: many signatures cost little more than the last one.
pub(crate) struct CoveredFile<'a> {
    bytes: &'a [u8],
    /// Where gaps begin, in ascending order.
    gaps: Vec<usize>,
    states: RefCell<Vec<(Hash, Vec<State>)>>,
}

/// A digest under way, and how many bytes it has taken from the start of the file.
#[derive(Clone)]
struct State {
    taken: usize,
    digesting: Digesting,
}

/// What one signature covers.
#[derive(Clone, Copy)]
pub(crate) struct Covered<'a> {
    file: &'a CoveredFile<'a>,
    gap_start: usize,
    gap_end: usize,
    end: usize,
}

impl<'a> CoveredFile<'a> {
    /// A file whose signatures leave gaps that begin here.
    pub(crate) fn new(bytes: &'a [u8], mut gaps: Vec<usize>) -> Self {
        gaps.sort_unstable();
        gaps.dedup();
        Self { bytes, gaps, states: RefCell::default() }
    }

    /// The bytes up to `end` without the gap.
    pub(crate) const fn without(&'a self, gap_start: usize, gap_end: usize, end: usize) -> Covered<'a> {
        Covered { file: self, gap_start, gap_end, end }
    }

    /// The digest of the first `position` bytes, under way.
    fn up_to(&self, position: usize, hash: Hash, budget: &Budget) -> Result<Digesting, Reason> {
        let mut all = self.states.borrow_mut();
        let known = all.iter().position(|(other, _)| *other == hash);
        let index = known.unwrap_or(all.len());
        if known.is_none() {
            all.push((hash, Vec::new()));
        }
        let mut nothing = Vec::new();
        let states = all.get_mut(index).map_or(&mut nothing, |(_, states)| states);
        let mut state = states
            .iter()
            .rfind(|state| state.taken <= position)
            .cloned()
            .unwrap_or_else(|| State { taken: 0, digesting: hash.context() });
        let between = self.gaps.iter().copied().filter(|gap| *gap < position).chain([position]);
        for stop in between {
            let Some(bytes) = self.bytes.get(state.taken..stop).filter(|bytes| !bytes.is_empty()) else { continue };
            budget.take_bytes(bytes.len())?;
            state.digesting.update(bytes);
            state.taken = stop;
            states.push(state.clone());
            states.sort_by_key(|state| state.taken);
        }
        Ok(state.digesting)
    }
}

impl Covered<'_> {
    /// The digest of what is covered; only what was not hashed before is taken from the budget.
    pub(crate) fn digest(&self, hash: Hash, budget: &Budget) -> Result<DigestValue, Reason> {
        let mut digesting = self.file.up_to(self.gap_start, hash, budget)?;
        let behind = self.file.bytes.get(self.gap_end..self.end).unwrap_or_default();
        budget.take_bytes(behind.len())?;
        digesting.update(behind);
        Ok(digesting.finish())
    }
}

impl fmt::Debug for Covered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "..{} and {}..{}", self.gap_start, self.gap_end, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::BudgetLimits;

    const BYTES: &[u8] = b"first<gap>second<gap>third";

    fn file() -> CoveredFile<'static> {
        CoveredFile::new(BYTES, vec![16, 5])
    }

    fn check(covered: Covered<'_>, expected: &[u8]) {
        for hash in [Hash::Sha256, Hash::Sha512, Hash::Sha256] {
            let found = covered.digest(hash, &Budget::unlimited()).unwrap();
            assert_eq!(found.as_ref(), hash.of(expected).as_ref());
        }
    }

    #[test]
    fn each_signature_covers_everything_but_its_own_gap() {
        let file = file();
        check(file.without(16, 21, 26), b"first<gap>secondthird");
        check(file.without(5, 10, 16), b"firstsecond");
    }

    #[test]
    fn the_order_does_not_matter() {
        let file = file();
        check(file.without(5, 10, 16), b"firstsecond");
        check(file.without(16, 21, 26), b"first<gap>secondthird");
    }

    #[test]
    fn a_gap_that_was_not_announced_is_one_too() {
        check(file().without(8, 10, 12), b"first<gase");
    }

    #[test]
    fn what_signatures_have_in_common_is_counted_once() {
        let (file, budget) = (file(), Budget::new(BudgetLimits { checks_max: 0, bytes_max: 27 }));
        file.without(16, 21, 26).digest(Hash::Sha256, &budget).unwrap();
        assert_eq!(budget.spent().bytes, 21);
        file.without(5, 10, 16).digest(Hash::Sha256, &budget).unwrap();
        assert_eq!(budget.spent().bytes, 27);
        let spent = file.without(5, 10, 16).digest(Hash::Sha512, &budget);
        assert_eq!(spent.map(|digest| digest.as_ref().len()).unwrap_err().rule(), "work_budget_spent");
    }
}
