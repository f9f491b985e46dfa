//! The state tree: compact and sparse, over Poseidon, held in memory. `docs/statement.md` says what it commits to.
//!
//! A subtree without leaves is empty, one with a single leaf is that leaf, so that the tree is a function of its content
//! alone. Nodes are shared between versions of a tree: a clone costs nothing, an update copies one path.
//!
//! A tree may be partial: some subtrees are stubs, known by their hashes only. [`Store::tree`](crate::store::Store::tree)
//! makes such trees, with the paths of chosen keys expanded. On these keys a partial tree does what the full tree does; on
//! others it does the same or says [`Error::OutsidePartialTree`].

mod batch;

pub(crate) use batch::both;

use std::sync::Arc;

use braid_circuits::event::TreePath;
use braid_circuits::state_hash::{Digest, EMPTY, LEVELS, leaf, node, path_bit};

use crate::error::{Error, Result};

/// A subtree; `None` is the empty one.
pub(crate) type Link = Option<Arc<Node>>;

#[derive(Debug)]
pub(crate) enum Node {
    Leaf {
        hash: Digest,
        key: Digest,
        value: Digest,
    },
    Branch {
        hash: Digest,
        children: [Link; 2],
    },
    /// A branch of which no more is known. With the hashes of its children it can stand beside the path of any update.
    Stub {
        hash: Digest,
        children: [Digest; 2],
    },
}

pub(crate) fn hash_of(link: &Link) -> Digest {
    match link.as_deref() {
        None => EMPTY,
        Some(Node::Leaf { hash, .. } | Node::Branch { hash, .. } | Node::Stub { hash, .. }) => {
            *hash
        }
    }
}

fn new_leaf(key: Digest, value: Digest) -> Link {
    Some(Arc::new(Node::Leaf {
        hash: leaf(key, value),
        key,
        value,
    }))
}

/// The subtree over two others, in its only form.
fn join(children: [Link; 2]) -> Link {
    let is_leaf = |link: &Link| matches!(link.as_deref(), Some(Node::Leaf { .. }));
    match &children {
        [None, None] => None,
        [Some(_), None] if is_leaf(&children[0]) => children.into_iter().next().flatten(),
        [None, Some(_)] if is_leaf(&children[1]) => children.into_iter().nth(1).flatten(),
        [left, right] => Some(Arc::new(Node::Branch {
            hash: node(hash_of(left), hash_of(right)),
            children,
        })),
    }
}

/// A key in the order of paths: keys whose paths begin alike stand together, left before right.
pub(crate) fn path_order(key: &Digest) -> Digest {
    key.map(u64::reverse_bits)
}

/// Where the path of a key leads, as [`TreePath`] describes it: on to where it parts from another leaf in its place.
struct Walk {
    /// From the root down: whether it goes right, and the subtree on the other side.
    steps: Vec<(bool, Link)>,
    /// The key's value hash, [`EMPTY`] if it has no leaf.
    value: Digest,
    /// The other leaf in its place, if the key has no leaf.
    neighbour: Option<(Digest, Digest)>,
}

impl Walk {
    fn siblings(&self) -> Vec<Digest> {
        let siblings = self.steps.iter();
        siblings.map(|(_, sibling)| hash_of(sibling)).collect()
    }
}

/// The tree.
#[derive(Clone, Debug, Default)]
pub struct StateTree {
    pub(crate) root: Link,
}

impl StateTree {
    /// The root; [`EMPTY`] of the empty tree.
    pub fn root(&self) -> Digest {
        hash_of(&self.root)
    }

    fn walk(&self, key: &Digest) -> Result<Walk> {
        let mut steps = Vec::new();
        let mut end = &self.root;
        while let Some(Node::Branch { children, .. }) = end.as_deref() {
            let [left, right] = children;
            if path_bit(key, steps.len()) {
                steps.push((true, left.clone()));
                end = right;
            } else {
                steps.push((false, right.clone()));
                end = left;
            }
        }
        let (other, value) = match end.as_deref() {
            Some(Node::Leaf { key, value, .. }) => (*key, *value),
            Some(Node::Stub { .. }) => return Err(Error::OutsidePartialTree(*key)),
            Some(Node::Branch { .. }) | None => {
                return Ok(Walk {
                    steps,
                    value: EMPTY,
                    neighbour: None,
                });
            }
        };
        if other == *key {
            return Ok(Walk {
                steps,
                value,
                neighbour: None,
            });
        }
        let parting = (steps.len()..LEVELS).find(|l| path_bit(key, *l) != path_bit(&other, *l));
        if let Some(parting) = parting {
            let together = (steps.len()..parting).map(|level| (path_bit(key, level), None));
            steps.extend(together);
            steps.push((path_bit(key, parting), end.clone()));
        }
        Ok(Walk {
            steps,
            value: EMPTY,
            neighbour: Some((other, value)),
        })
    }

    /// The value hash of a key; [`EMPTY`] if it has no leaf.
    ///
    /// # Errors
    /// [`Error::OutsidePartialTree`].
    pub fn get(&self, key: &Digest) -> Result<Digest> {
        Ok(self.walk(key)?.value)
    }

    /// Length of the path of `key`.
    ///
    /// # Errors
    /// [`Error::OutsidePartialTree`].
    pub fn depth(&self, key: &Digest) -> Result<usize> {
        Ok(self.walk(key)?.steps.len())
    }

    /// The path that shows the value hash of a key, or that it has no leaf: see [`root_of_path`].
    ///
    /// # Errors
    /// [`Error::OutsidePartialTree`].
    pub fn path(&self, key: &Digest) -> Result<TreePath> {
        let walk = self.walk(key)?;
        Ok(TreePath {
            siblings: walk.siblings(),
            neighbour: walk.neighbour,
            sibling_children: None,
        })
    }

    /// Replaces the value hash of a key ([`EMPTY`] removes its leaf) and gives the path that shows it.
    ///
    /// # Errors
    /// [`Error::OutsidePartialTree`]; the tree is then as before.
    pub fn update(&mut self, key: Digest, value: Digest) -> Result<TreePath> {
        let walk = self.walk(&key)?;
        let before = walk.value;
        let mut neighbour = walk.neighbour;
        let mut sibling_children = None;
        if before != EMPTY && value == EMPTY {
            match walk
                .steps
                .last()
                .and_then(|(_, sibling)| sibling.as_deref())
            {
                Some(Node::Leaf { key, value, .. }) => neighbour = Some((*key, *value)),
                Some(Node::Branch { children, .. }) => {
                    let [left, right] = children;
                    sibling_children = Some((hash_of(left), hash_of(right)));
                }
                Some(Node::Stub { children, .. }) => {
                    let [left, right] = *children;
                    sibling_children = Some((left, right));
                }
                None => {}
            }
        }
        let siblings = walk.siblings();
        if before != value {
            let bottom = (value != EMPTY).then(|| new_leaf(key, value)).flatten();
            let steps = walk.steps.into_iter().rev();
            self.root = steps.fold(bottom, |link, (right, sibling)| {
                join(if right {
                    [sibling, link]
                } else {
                    [link, sibling]
                })
            });
        }
        Ok(TreePath {
            siblings,
            neighbour,
            sibling_children,
        })
    }
}

/// The root that a path gives for `value` ([`EMPTY`]: no leaf) in the place of `key`, from nothing but the path.
pub fn root_of_path(path: &TreePath, key: &Digest, value: Digest) -> Digest {
    let mut levels = path.siblings.len().min(LEVELS);
    let mut hash = EMPTY;
    if value != EMPTY {
        hash = leaf(*key, value);
    } else if let Some((key, value)) = path.neighbour {
        // Without the key its neighbour stands as high up as it is alone: above the empty siblings, if it is the last sibling.
        hash = leaf(key, value);
        if levels > 0 && path.siblings.get(levels - 1) == Some(&hash) {
            levels -= 1;
            while levels > 0 && path.siblings.get(levels - 1) == Some(&EMPTY) {
                levels -= 1;
            }
        }
    }
    let siblings = path.siblings.iter().take(levels).enumerate().rev();
    siblings.fold(hash, |hash, (level, sibling)| {
        if path_bit(key, level) {
            node(*sibling, hash)
        } else {
            node(hash, *sibling)
        }
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use braid_circuits::tables::tree::{Update, generate};
    use proptest::prelude::*;

    use super::*;

    /// A key out of 256.
    pub(crate) fn key(seed: u8) -> Digest {
        // Few different elements, so that keys run together for long.
        let mut key = [0; 4];
        key[usize::from(seed % 4)] = 1 << (seed / 4);
        key
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn canonical_whatever_the_history(
            updates in prop::collection::vec((any::<u8>(), 0u64..3), 0..60)
        ) {
            let mut tree = StateTree::default();
            let mut content = BTreeMap::new();
            for (seed, value) in updates {
                let (key, value) = (key(seed), [value, 0, 0, 0]);
                let before = tree.get(&key).unwrap();
                let old = tree.root();
                let shown = tree.path(&key).unwrap();
                prop_assert_eq!(root_of_path(&shown, &key, before), old);
                let path = tree.update(key, value).unwrap();
                prop_assert_eq!(tree.get(&key), Ok(value));
                prop_assert_eq!(root_of_path(&path, &key, before), old);
                prop_assert_eq!(root_of_path(&path, &key, value), tree.root());
                // The tables take the path for what it is.
                let update = Update { key, before, after: value, path: &path };
                let (_, new) = generate(&[update], old).unwrap();
                prop_assert_eq!(new, tree.root());
                content.insert(key, value);
                let rebuilt = StateTree::build(content.clone().into_iter().collect());
                prop_assert_eq!(rebuilt.root(), tree.root());
            }
            for key in content.into_keys() {
                tree.update(key, EMPTY).unwrap();
            }
            prop_assert_eq!(tree.root(), EMPTY);
        }
    }

    #[test]
    fn order_of_insertion_does_not_matter() {
        let leaves: Vec<_> = (0..40u64)
            .map(|i| {
                let address = alloy_primitives::Address::with_last_byte(i as u8);
                (
                    braid_circuits::state_hash::account_key(address),
                    [i + 1, 0, 0, 0],
                )
            })
            .collect();
        let built = StateTree::build(leaves.clone());
        let mut forward = StateTree::default();
        let mut backward = StateTree::default();
        for (key, value) in &leaves {
            forward.update(*key, *value).unwrap();
        }
        for (key, value) in leaves.iter().rev() {
            backward.update(*key, *value).unwrap();
        }
        assert_eq!(built.root(), forward.root());
        assert_eq!(built.root(), backward.root());
        assert_ne!(built.root(), EMPTY);
        assert_eq!(built.depth(&leaves[0].0), forward.depth(&leaves[0].0));
    }

    #[test]
    fn of_a_key_given_twice_the_last_counts() {
        let (key, one, two) = ([1; 4], [1; 4], [2; 4]);
        let tree = StateTree::build(vec![(key, one), (key, two)]);
        assert_eq!(tree.get(&key), Ok(two));
        let removed = StateTree::build(vec![(key, one), (key, EMPTY)]);
        assert_eq!(removed.root(), EMPTY);
    }
}
