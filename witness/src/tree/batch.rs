//! Many leaves at once: every node is hashed once, and subtrees on all of rayon's workers.

use std::sync::Arc;

use braid_circuits::state_hash::{Digest, EMPTY, LEVELS, path_bit};
use rayon::prelude::*;

use super::{Link, Node, StateTree, join, new_leaf, path_order};
use crate::error::{Error, Result};

/// Leaves below which a subtree is not worth a second worker: about 20 us of hashing.
const PARALLEL: usize = 16;

impl StateTree {
    /// The tree with these leaves, given as key and value hash; of a key given twice the last counts, the value [`EMPTY`] is no leaf.
    pub fn build(leaves: Vec<(Digest, Digest)>) -> Self {
        let leaves = in_path_order(leaves);
        Self {
            root: build(&new_leaves(&leaves), 0),
        }
    }

    /// Replaces the value hashes of many keys ([`EMPTY`] removes a leaf): the tree that [`StateTree::update`] gives for one after
    /// the other, in less time. Of a key given twice the last counts.
    ///
    /// # Errors
    /// [`Error::OutsidePartialTree`]; the tree is then as before.
    pub fn update_all(&mut self, changes: Vec<(Digest, Digest)>) -> Result<()> {
        self.root = update(&self.root, 0, &in_path_order(changes))?;
        Ok(())
    }
}

/// The last value of each key, in the order of paths.
fn in_path_order(mut leaves: Vec<(Digest, Digest)>) -> Vec<(Digest, Digest)> {
    let order = |(key, _): &(Digest, Digest)| path_order(key);
    // The sort is stable: the last of several comes first after the reversal.
    leaves.reverse();
    leaves.par_sort_by_key(order);
    leaves.dedup_by_key(|(key, _)| *key);
    leaves
}

fn new_leaves(leaves: &[(Digest, Digest)]) -> Vec<(Digest, Link)> {
    let is_leaf = |(_, value): &&(Digest, Digest)| *value != EMPTY;
    let hashed = |(key, value): &(Digest, Digest)| (*key, new_leaf(*key, *value));
    if leaves.len() < PARALLEL {
        return leaves.iter().filter(is_leaf).map(hashed).collect();
    }
    let leaves = leaves.par_iter().with_min_len(PARALLEL);
    leaves.filter(is_leaf).map(hashed).collect()
}

/// Two results for subtrees that hold `count` leaves together, on two workers if that pays.
pub(crate) fn both<R: Send>(
    count: usize,
    left: impl FnOnce() -> R + Send,
    right: impl FnOnce() -> R + Send,
) -> (R, R) {
    if count < PARALLEL {
        (left(), right())
    } else {
        rayon::join(left, right)
    }
}

/// The subtree of leaves in the order of paths, all different, that agree in the first `level` bits.
fn build(leaves: &[(Digest, Link)], level: usize) -> Link {
    match leaves {
        [] => None,
        [(_, leaf)] => leaf.clone(),
        _ if level == LEVELS => None,
        _ => {
            let middle = leaves.partition_point(|(key, _)| !path_bit(key, level));
            let (left, right) = leaves.split_at(middle);
            let build = |leaves| move || build(leaves, level + 1);
            let (left, right) = both(leaves.len(), build(left), build(right));
            join([left, right])
        }
    }
}

/// A subtree after changes in the order of paths, all of different keys that lie in it.
fn update(link: &Link, level: usize, changes: &[(Digest, Digest)]) -> Result<Link> {
    let Some((first, _)) = changes.first() else {
        return Ok(link.clone());
    };
    match link.as_deref() {
        Some(Node::Stub { .. }) => Err(Error::OutsidePartialTree(*first)),
        Some(Node::Branch { children, .. }) => {
            let [old_left, old_right] = children;
            let middle = changes.partition_point(|(key, _)| !path_bit(key, level));
            let (left, right) = changes.split_at(middle);
            let update = |link, changes| move || update(link, level + 1, changes);
            let (left, right) = both(
                changes.len(),
                update(old_left, left),
                update(old_right, right),
            );
            let (left, right) = (left?, right?);
            if same(&left, old_left) && same(&right, old_right) {
                return Ok(link.clone());
            }
            Ok(join([left, right]))
        }
        Some(Node::Leaf { key, value, .. }) => {
            if changes == [(*key, *value)] {
                return Ok(link.clone());
            }
            let mut leaves = new_leaves(changes);
            let order = path_order(key);
            let place = |key: &Digest| path_order(key).cmp(&order);
            if changes.binary_search_by(|(key, _)| place(key)).is_err() {
                let before = leaves.partition_point(|(key, _)| place(key).is_lt());
                leaves.insert(before, (*key, link.clone()));
            }
            Ok(build(&leaves, level))
        }
        None => Ok(build(&new_leaves(changes), level)),
    }
}

/// Whether two links lead to the same node in memory.
fn same(one: &Link, other: &Link) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use braid_circuits::state_hash::account_key;
    use proptest::prelude::*;

    use super::super::tests::key;
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn many_at_once_is_one_after_the_other(
            batches in prop::collection::vec(
                prop::collection::vec((any::<u8>(), 0u64..3), 0..100),
                1..5,
            )
        ) {
            let mut one = StateTree::default();
            let mut many = StateTree::default();
            for batch in batches {
                let changes = batch.into_iter().map(|(seed, value)| (key(seed), [value, 0, 0, 0]));
                let changes: Vec<_> = changes.collect();
                for (key, value) in &changes {
                    one.update(*key, *value).unwrap();
                }
                many.update_all(changes.clone()).unwrap();
                prop_assert_eq!(one.root(), many.root());
                for (key, _) in changes {
                    prop_assert_eq!(one.path(&key), many.path(&key));
                }
            }
        }
    }

    /// The speed of a block's update. Run it with `--ignored --nocapture`.
    #[test]
    #[ignore = "measures"]
    fn speed() {
        let key = |i: u64| {
            account_key(alloy_primitives::Address::from_word(
                alloy_primitives::U256::from(i).into(),
            ))
        };
        let leaves: Vec<_> = (0..200_000).map(|i| (key(i), [i + 1, 0, 0, 0])).collect();
        let begun = Instant::now();
        let tree = StateTree::build(leaves.clone());
        println!("built 200,000 leaves in {:?}", begun.elapsed());
        let changes: Vec<_> = leaves
            .iter()
            .step_by(10)
            .map(|(key, _)| (*key, [7; 4]))
            .collect();
        let mut one = tree.clone();
        let begun = Instant::now();
        for (key, value) in &changes {
            one.update(*key, *value).unwrap();
        }
        println!("{} keys one by one in {:?}", changes.len(), begun.elapsed());
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let mut many = tree.clone();
            let begun = Instant::now();
            pool.install(|| many.update_all(changes.clone())).unwrap();
            println!("all at once on {threads} workers in {:?}", begun.elapsed());
            assert_eq!(one.root(), many.root());
        }
    }
}
