//! Whose turn it is among the senders that wait in one lane for one next hop.
//!
//! A round over the senders that have something ready (surplus round robin): each has as many units in a round as its
//! weight, one that took more pays with its next turns. Nothing is kept of senders that have nothing ready, and choosing
//! looks at one sender, not at all.
//!
//! Invariants, held by the simulation in the tests:
//! - Work-conserving: while anybody has something ready, somebody is served.
//! - A sender with something ready waits for one round at most before its first document: the weights of the other senders,
//!   and what one document each of them took beyond, however much they have waiting.
//! - Of two senders that both always have something ready, what each gets over its weight differs by no more than two units
//!   and the cost of the largest document of each.

use std::collections::BTreeMap;
use std::ops::Bound;

use types::ErrorCode;

/// Bytes that cost one unit more. Below it a document costs one, whatever its size: a round is counted in documents as
/// long as they are letters, and in bytes when they are not.
const UNIT_BYTES: u64 = 1024 * 1024;
/// Senders whose debts are remembered per lane and next hop: a few hundred KiB. Beyond, the debt of one is forgotten.
const DEBTS_MAX: usize = 4096;

/// Units that a document of this many bytes takes from its sender's share: 1, and one more for each MiB.
#[must_use]
pub const fn cost_of(bytes: u64) -> u64 {
    1 + bytes / UNIT_BYTES
}

/// How much of a round a sender has against one of weight 1. 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u64);

/// A weight outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the weight is {given}, it must be 1 to {most}", most = Weight::MOST)]
pub struct WeightError {
    /// The weight given.
    pub given: u64,
}

impl WeightError {
    /// Always `invalid_argument`.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        ErrorCode::InvalidArgument
    }
}

impl Weight {
    /// The largest: a sender's share of a round comes in one piece, and the others wait for it.
    pub const MOST: u64 = 100;
    /// What a sender has that nothing is configured for.
    pub const ONE: Self = Self(1);

    /// A checked weight.
    ///
    /// # Errors
    /// `invalid_argument` outside 1 to 100.
    pub const fn try_new(given: u64) -> Result<Self, WeightError> {
        if given == 0 || given > Self::MOST { Err(WeightError { given }) } else { Ok(Self(given)) }
    }

    /// The number.
    #[must_use]
    pub const fn as_number(self) -> u64 {
        self.0
    }
}

/// The weights of senders, by canonical code; 1 for those not named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights(BTreeMap<Box<str>, Weight>);

impl Weights {
    /// The weight of a sender.
    #[must_use]
    pub fn of(&self, sender: &str) -> Weight {
        self.0.get(sender).copied().unwrap_or(Weight::ONE)
    }
}

impl<S: Into<Box<str>>> FromIterator<(S, Weight)> for Weights {
    fn from_iter<I: IntoIterator<Item = (S, Weight)>>(weights: I) -> Self {
        Self(weights.into_iter().map(|(sender, weight)| (sender.into(), weight)).collect())
    }
}

/// Where the next look begins; senders are looked at in the order of their codes, and round again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From<'a> {
    /// With the first of all.
    First,
    /// With this one, which has something of its turn left.
    At(&'a str),
    /// With the one after this.
    After(&'a str),
}

/// What to do at a sender that has something ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a sender that is passed over must not be served"]
pub enum Visit {
    /// Its next document goes.
    Serve,
    /// It took more than its share before and pays with this turn.
    Pass,
}

/// The round of one lane towards one next hop. In memory only: a restart begins a new round, which changes nothing that
/// was promised.
#[derive(Clone, Debug, Default)]
pub struct Round {
    turn: Option<Turn>,
    /// Senders that took more than they had; all of them had something ready when the round last came by.
    debts: BTreeMap<Box<str>, Debt>,
}

#[derive(Clone, Debug)]
struct Turn {
    sender: Box<str>,
    weight: u64,
    left: u64,
}

#[derive(Clone, Copy, Debug)]
struct Debt {
    owed: u64,
    weight: u64,
}

impl Round {
    /// Where to look for the next sender with something ready.
    #[must_use]
    pub fn from(&self) -> From<'_> {
        match &self.turn {
            None => From::First,
            Some(turn) if turn.left > 0 => From::At(&turn.sender),
            Some(turn) => From::After(&turn.sender),
        }
    }

    /// The look, begun at [`Round::from`], came to this sender: those in between have nothing ready.
    ///
    /// Asking again for the sender whose turn it is changes nothing.
    pub fn visit(&mut self, sender: &str, weight: Weight) -> Visit {
        if self.turn.as_ref().is_some_and(|turn| turn.left > 0 && *turn.sender == *sender) {
            return Visit::Serve;
        }
        self.forget_up_to(sender);
        let weight = weight.0;
        let owed = self.debts.remove(sender).map_or(0, |debt| debt.owed);
        self.turn = Some(Turn { sender: sender.into(), weight, left: weight.saturating_sub(owed) });
        if owed < weight {
            return Visit::Serve;
        }
        self.owe(Debt { owed: owed - weight, weight });
        Visit::Pass
    }

    /// The sender visited last was served a document of this cost.
    pub fn served(&mut self, cost: u64) {
        let Some(turn) = &mut self.turn else { return };
        let (beyond, weight) = (cost.saturating_sub(turn.left), turn.weight);
        turn.left = turn.left.saturating_sub(cost);
        if beyond > 0 {
            self.owe(Debt { owed: beyond, weight });
        }
    }

    /// Everybody with something ready was passed over: lets as many rounds go by at once as nobody would be served in.
    pub fn skip_rounds(&mut self) {
        let rounds = self.debts.values().map(|debt| debt.owed / debt.weight).min().unwrap_or(0);
        for debt in self.debts.values_mut() {
            debt.owed = debt.owed.saturating_sub(rounds.saturating_mul(debt.weight));
        }
    }

    fn owe(&mut self, debt: Debt) {
        let Some(turn) = &self.turn else { return };
        if self.debts.len() >= DEBTS_MAX {
            self.debts.pop_first();
        }
        self.debts.insert(turn.sender.clone(), debt);
    }

    /// Whoever lies between the last sender and this one had nothing ready: its debt is not held against it.
    fn forget_up_to(&mut self, sender: &str) {
        let Some(turn) = &self.turn else { return };
        let last = turn.sender.clone();
        if *last < *sender {
            self.forget((Bound::Excluded(&*last), Bound::Excluded(sender)));
        } else {
            // Round the end. A sender that comes after itself is the only one.
            self.forget((Bound::Excluded(&*last), Bound::Unbounded));
            self.forget((Bound::Unbounded, Bound::Excluded(sender)));
        }
    }

    fn forget(&mut self, between: (Bound<&str>, Bound<&str>)) {
        while let Some(idle) = self.debts.range::<str, _>(between).next().map(|(sender, _)| sender.clone()) {
            self.debts.remove(&idle);
        }
    }
}

#[cfg(test)]
mod tests;
