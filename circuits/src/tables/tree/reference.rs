//! The tree by its definition, rebuilt from its content each time.

use std::collections::BTreeMap;

use crate::event::TreePath;
use crate::state_hash::{Digest, EMPTY, leaf, node, path_bit};

pub type Content = BTreeMap<Digest, Digest>;

/// Root of the subtree that holds `leaves`, at depth `level`.
fn subtree(leaves: &[(Digest, Digest)], level: usize) -> Digest {
    match leaves {
        [] => EMPTY,
        [(key, value)] => leaf(*key, *value),
        _ => {
            let (right, left): (Vec<_>, Vec<_>) =
                leaves.iter().partition(|(key, _)| path_bit(key, level));
            node(subtree(&left, level + 1), subtree(&right, level + 1))
        }
    }
}

pub fn root(content: &Content) -> Digest {
    let leaves: Vec<_> = content.iter().map(|(k, v)| (*k, *v)).collect();
    subtree(&leaves, 0)
}

/// Leaves that go the way of `key` on the first `level` bits.
fn along(others: &[(Digest, Digest)], key: &Digest, level: usize) -> Vec<(Digest, Digest)> {
    let same = |other: &Digest| (0..level).all(|i| path_bit(other, i) == path_bit(key, i));
    others.iter().filter(|(k, _)| same(k)).copied().collect()
}

/// The path of `key`, which goes from what `content` says to `after`.
pub fn path(content: &Content, key: Digest, after: Digest) -> TreePath {
    let others: Vec<_> = content
        .iter()
        .map(|(k, v)| (*k, *v))
        .filter(|(k, _)| *k != key)
        .collect();
    let (present_before, present_after) = (content.contains_key(&key), after != EMPTY);
    let levels = (0..)
        .find(|level| along(&others, &key, *level).is_empty())
        .unwrap();
    let sibling_leaves = |level: usize| -> Vec<_> {
        let here = along(&others, &key, level);
        let other_way = |(k, _): &(Digest, Digest)| path_bit(k, level) != path_bit(&key, level);
        here.into_iter().filter(other_way).collect()
    };
    let siblings = (0..levels)
        .map(|level| subtree(&sibling_leaves(level), level + 1))
        .collect();
    let last = levels
        .checked_sub(1)
        .map(sibling_leaves)
        .unwrap_or_default();
    let absent = !(present_before && present_after);
    let neighbour = if absent && last.len() == 1 {
        Some(last[0])
    } else {
        None
    };
    let sibling_children = (present_before && !present_after && last.len() > 1).then(|| {
        let (right, left): (Vec<_>, Vec<_>) = last.iter().partition(|(k, _)| path_bit(k, levels));
        (subtree(&left, levels + 1), subtree(&right, levels + 1))
    });
    TreePath {
        siblings,
        neighbour,
        sibling_children,
    }
}
