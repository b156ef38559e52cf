//! Several ordered lists, read page by page, as one list of limited length.

use std::collections::VecDeque;

use axis::Failure;

/// The smallest page: a system with many agencies reads a little of each.
const PAGE_MIN: usize = 8;

/// Entries to read at a time from each of `lists` lists for `max` lines in all.
pub(super) fn page_size(max: usize, lists: usize) -> usize {
    (max / lists.max(1) + 1).max(PAGE_MIN).min(max.max(1))
}

/// Takes from the list whose first entry has the least `key`, until there are `max` lines or no entries.
///
/// `page` reads on from a place in one list and gives the next place, or none at its end; `lines` makes an entry into
/// lines, at most as many as it is told are wanted.
pub(super) fn merged<P, T, K: Ord, L>(
    places: impl IntoIterator<Item = P>,
    max: usize,
    mut page: impl FnMut(P) -> Result<(Vec<T>, Option<P>), Failure>,
    key: impl Fn(&T) -> K,
    mut lines: impl FnMut(T, usize) -> Result<Vec<L>, Failure>,
) -> Result<Vec<L>, Failure> {
    let mut lists: Vec<(VecDeque<T>, Option<P>)> =
        places.into_iter().map(|place| (VecDeque::new(), Some(place))).collect();
    let mut all = Vec::new();
    while all.len() < max {
        for (ready, place) in &mut lists {
            while ready.is_empty()
                && let Some(at) = place.take()
            {
                let (entries, next) = page(at)?;
                ready.extend(entries);
                *place = next;
            }
        }
        let firsts = lists.iter_mut().filter_map(|(ready, _)| ready.front().map(&key).map(|key| (key, ready)));
        let Some((_, ready)) = firsts.min_by(|(one, _), (two, _)| one.cmp(two)) else { break };
        if let Some(entry) = ready.pop_front() {
            all.extend(lines(entry, max - all.len())?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists of numbers, read two at a time.
    fn merge(lists: &[&'static [u32]], max: usize) -> Vec<u32> {
        let places = lists.iter().map(|list| (*list, 0));
        let page = |(list, at): (&'static [u32], usize)| {
            let entries = list.iter().skip(at).take(2).copied().collect();
            Ok((entries, (at + 2 < list.len()).then_some((list, at + 2))))
        };
        merged(places, max, page, |number| *number, |number, _| Ok(vec![number])).unwrap()
    }

    #[test]
    fn entries_of_all_lists_come_in_one_order() {
        assert_eq!(merge(&[&[1, 4, 5, 9], &[], &[2, 3, 10]], 100), [1, 2, 3, 4, 5, 9, 10]);
    }

    #[test]
    fn no_more_lines_come_than_are_wanted() {
        assert_eq!(merge(&[&[1, 4], &[2, 3]], 3), [1, 2, 3]);
    }
}
