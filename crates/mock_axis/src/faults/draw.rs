//! Chance that repeats: a number from the seed, what is decided, about what, and the how-manieth time.
//!
//! Each decision has its own source, so that requests which overtake each other do not change what happens to others.

use ring::digest::{Context, SHA256};

/// A number of 64 bits, the same for the same words.
pub(super) fn number(seed: u64, fault: &str, about: &str, count: u64) -> u64 {
    let mut context = Context::new(&SHA256);
    for part in [fault.as_bytes(), &[0], about.as_bytes(), &[0]] {
        context.update(part);
    }
    context.update(&seed.to_be_bytes());
    context.update(&count.to_be_bytes());
    let digest = context.finish();
    digest.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Whether something with this rate happens.
pub(super) fn happens(rate: f64, number: u64) -> bool {
    // 53 bits are what a double holds exactly.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let drawn = (number >> 11) as f64 / (1u64 << 53) as f64;
    drawn < rate
}
