//! What became of documents.

use std::fmt;
use std::ops::AddAssign;

/// The numbers of a class of faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Faults made: cuts, failed calls, kills.
    pub(crate) faults: u64,
    /// Acknowledgements looked for, over all faults.
    pub(crate) acknowledged: u64,
    /// Acknowledged and not there.
    pub(crate) lost: u64,
    /// There more than once.
    pub(crate) duplicated: u64,
    /// There with other bytes, or damaged.
    pub(crate) corrupted: u64,
    /// Packets of one document in another order than accepted.
    pub(crate) reordered: u64,
    /// Anything else that was not as promised: no answer, a panic, a store that does not open or is refused unclearly.
    pub(crate) other: u64,
    /// The first words about each problem.
    pub(crate) words: Vec<String>,
}

/// Words kept of one class: enough to see what is wrong.
const WORDS_MAX: usize = 20;

impl Tally {
    pub(crate) const fn problems(&self) -> u64 {
        self.lost + self.duplicated + self.corrupted + self.reordered + self.other
    }

    pub(crate) fn note(&mut self, words: impl Into<String>) {
        if self.words.len() < WORDS_MAX {
            self.words.push(words.into());
        }
    }

    pub(crate) fn lose(&mut self, words: impl Into<String>) {
        self.lost += 1;
        self.note(words);
    }

    pub(crate) fn duplicate(&mut self, words: impl Into<String>) {
        self.duplicated += 1;
        self.note(words);
    }

    pub(crate) fn corrupt(&mut self, words: impl Into<String>) {
        self.corrupted += 1;
        self.note(words);
    }

    pub(crate) fn reorder(&mut self, words: impl Into<String>) {
        self.reordered += 1;
        self.note(words);
    }

    pub(crate) fn fail(&mut self, words: impl Into<String>) {
        self.other += 1;
        self.note(words);
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.faults += other.faults;
        self.acknowledged += other.acknowledged;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.corrupted += other.corrupted;
        self.reordered += other.reordered;
        self.other += other.other;
        other.words.into_iter().for_each(|words| self.note(words));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} faults; acknowledged {}, lost {}, duplicated {}, corrupted {}, reordered {}, otherwise wrong {}",
            self.faults, self.acknowledged, self.lost, self.duplicated, self.corrupted, self.reordered, self.other
        )
    }
}
