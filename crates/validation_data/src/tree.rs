//! Merkle trees as in RFC 6962 2.1, over leaf hashes that are there already.

use ring::digest::{Context, SHA256};
use types::Digest;

/// Root of a tree over these leaf hashes, at least one; `None` for none.
pub(crate) fn root(leaves: &[Digest]) -> Option<Digest> {
    let mut row = leaves.to_vec();
    while row.len() > 1 {
        row = above(&row);
    }
    row.first().copied()
}

/// Hashes from the sibling of the leaf at `index` up to the root; `None` when there is no such leaf.
pub(crate) fn path(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    leaves.get(index)?;
    let (mut row, mut place, mut path) = (leaves.to_vec(), index, Vec::new());
    while row.len() > 1 {
        path.extend(row.get(place ^ 1).copied());
        row = above(&row);
        place /= 2;
    }
    Some(path)
}

/// Root of the tree of `size` leaves in which this leaf has the place `index` (RFC 9162 2.1.3.2); `None` when the path's
/// length does not fit the place.
pub(crate) fn root_over(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    if index >= size {
        return None;
    }
    let (mut place, mut last, mut node, mut path) = (index, size - 1, leaf, path.iter());
    while last > 0 {
        // A last node without a sibling moves up as it is.
        if place % 2 == 1 {
            node = inner(path.next()?, &node);
        } else if place < last {
            node = inner(&node, path.next()?);
        }
        (place, last) = (place / 2, last / 2);
    }
    path.next().is_none().then_some(node)
}

fn above(row: &[Digest]) -> Vec<Digest> {
    let pairs = row.chunks(2).filter_map(|pair| match pair {
        [left, right] => Some(inner(left, right)),
        [alone] => Some(*alone),
        _ => None,
    });
    pairs.collect()
}

fn inner(left: &Digest, right: &Digest) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(&[1]);
    context.update(left.as_bytes());
    context.update(right.as_bytes());
    Digest::try_from(context.finish().as_ref()).expect("SHA-256 gives 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(number: u8) -> Digest {
        Digest::new([number; 32])
    }

    #[test]
    fn every_leaf_of_every_small_tree_has_a_path_to_its_root_and_no_other() {
        for size in 1..=17_u8 {
            let leaves: Vec<Digest> = (0..size).map(leaf).collect();
            let root = root(&leaves).unwrap();
            for index in 0..size {
                let path = path(&leaves, usize::from(index)).unwrap();
                let over = |leaf, index, path: &[Digest]| root_over(leaf, index, u64::from(size), path);
                assert_eq!(over(leaf(index), u64::from(index), &path), Some(root), "{index} of {size}");
                assert_ne!(over(leaf(200), u64::from(index), &path), Some(root));
                for other in (0..size).filter(|other| *other != index) {
                    assert_ne!(over(leaf(index), u64::from(other), &path), Some(root), "{other} of {size}");
                }
                let longer = [path.as_slice(), &[leaf(7)]].concat();
                assert_eq!(over(leaf(index), u64::from(index), &longer), None);
            }
        }
        assert_eq!((root(&[]), path(&[], 0), root_over(leaf(0), 1, 1, &[])), (None, None, None));
    }

    #[test]
    fn the_tree_is_that_of_the_standard() {
        // RFC 6962 2.1.3's shape for seven leaves: ((ab)(cd))((ef)g).
        let [a, b, c, d, e, f, g] = std::array::from_fn(|number| leaf(u8::try_from(number).unwrap()));
        let expected = inner(&inner(&inner(&a, &b), &inner(&c, &d)), &inner(&inner(&e, &f), &g));
        assert_eq!(root(&[a, b, c, d, e, f, g]), Some(expected));
    }
}
