//! The one source of chance: a seeded generator. Every part of a run has its own, so that more faults do not change the
//! traffic.

use std::ops::Range;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to choose what happens next.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Another generator, for a part of its own.
    pub(crate) fn part(seed: u64, part: u64) -> Self {
        let mut random = Self(seed ^ part.wrapping_mul(0xd6e8_feb8_6659_fd93));
        random.next();
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number within a range; its start for an empty one.
    pub(crate) fn within(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % range.end.saturating_sub(range.start).max(1)
    }

    /// An index below `count`; 0 for none.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        usize::try_from(self.within(0..count)).unwrap_or(0)
    }

    /// True so many times in ten thousand.
    pub(crate) fn chance(&mut self, in_ten_thousand: u64) -> bool {
        self.within(0..10_000) < in_ten_thousand
    }

    /// A wait with this mean, exponentially spread: what arrives by itself arrives so. In the unit of the mean.
    pub(crate) fn wait(&mut self, mean: u64) -> u64 {
        // 53 bits, as a fraction in (0, 1].
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let fraction = ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a wait of months is far below 2^53 ms"
        )]
        let wait = (-fraction.ln() * mean as f64) as u64;
        wait
    }
}
