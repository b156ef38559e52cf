//! Copying what the engine can still read.

use super::Work;
use crate::check::STRIDE;
use crate::engine::Walk;
use crate::engine::guard::Guard;
use crate::key::{self, Kind};
use crate::record::Pair;
use crate::{StoreError, Watch, record};

pub(super) fn copy(from: &Guard, work: &mut Work<'_>, watch: &mut Watch<'_>) -> Result<(), StoreError> {
    for first in 0..=u8::MAX {
        let range = vec![first]..key::after(&[first]);
        let Err(error) = one_way(from, work, &range, Walk::Forward, watch) else { continue };
        // What lies behind the place that cannot be read is reached from the other end. Some comes twice, which is fine.
        let rest = one_way(from, work, &range, Walk::Backward, watch);
        let kind = Kind::of(&[first]).map_or_else(|| format!("{first:#04x}"), |kind| format!("{kind:?}"));
        let reason = match &rest {
            Ok(()) => error.to_string(),
            Err(other) => format!("{error}; from the other end: {other}"),
        };
        work.lost(format!("records of kind {kind}"), format!("some cannot be read: {reason}"));
    }
    work.apply()
}

/// Copies a range until its end, or until the engine fails.
fn one_way(
    from: &Guard,
    work: &mut Work<'_>,
    range: &std::ops::Range<Vec<u8>>,
    way: Walk,
    watch: &mut Watch<'_>,
) -> Result<(), StoreError> {
    let (mut range, mut stride) = (range.clone(), STRIDE);
    loop {
        let found: Vec<Pair> = match record::collect(from, &range, way, stride) {
            Ok(found) => found,
            // The last readable ones before it, one by one.
            Err(StoreError::Engine { .. } | StoreError::Damaged { .. }) if stride > 1 => {
                stride = 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some((last, _)) = found.last() else { return Ok(()) };
        match way {
            Walk::Forward => {
                range.start.clone_from(last);
                range.start.push(0);
            }
            Walk::Backward => range.end.clone_from(last),
        }
        for (key, value) in found {
            keep_or_set_aside(work, key, value)?;
        }
        watch(work.progress);
    }
}

fn keep_or_set_aside(work: &mut Work<'_>, key: Vec<u8>, value: Vec<u8>) -> Result<(), StoreError> {
    work.progress.records += 1;
    match record::unwrap(&key, &value) {
        Err(error) => work.set_aside(&key, &value, &error.to_string()),
        Ok(_) if Kind::of(&key).is_none() => work.set_aside(&key, &value, "its kind is not known"),
        Ok(_) => work.put(vec![(key, value)]),
    }
}
