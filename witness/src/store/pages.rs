//! The state tree in pages: each the part of the tree between two boundaries, [`PAGE_LEVELS`] levels apart.
//!
//! A page begins with a branch at a boundary (at the root with whatever is there) and goes down to the next boundary. Leaves
//! and empty subtrees at a boundary stand in the page above; a branch there has its own page, and the page above has its hash
//! and those of its children. So whoever reads the pages on a key's path knows of every sibling what an update needs, and
//! the pages of a tree are a function of its content, as the tree is.

use std::sync::Arc;

use braid_circuits::state_hash::{Digest, EMPTY, LEVELS, path_bit};

use super::StoreError;
use super::tables::{DIGEST_BYTES, digest_bytes, parse_digest};
use crate::error::{Error, Result};
use crate::tree::{Link, Node, StateTree, both, hash_of, path_order};

/// Levels of a page: up to 15 inner nodes and 16 subtrees below.
pub const PAGE_LEVELS: usize = 4;

const EMPTY_TAG: u8 = 0;
const LEAF_TAG: u8 = 1;
const BRANCH_TAG: u8 = 2;
const STUB_TAG: u8 = 3;

/// The way from the root to a node: the bits in order, the most significant bit of the first byte first, then zeros.
type Way = [u8; LEVELS / 8];

fn way_of(key: &Digest) -> Way {
    let mut way = [0; LEVELS / 8];
    for (part, element) in way.chunks_exact_mut(8).zip(path_order(key)) {
        part.copy_from_slice(&element.to_be_bytes());
    }
    way
}

/// The key of the page on `way` whose first node is at depth `level`, a multiple of [`PAGE_LEVELS`]: the number of the
/// boundary, then the way in as many bytes as it needs.
fn page_key(way: &Way, level: usize) -> Vec<u8> {
    let mut key = vec![(level / PAGE_LEVELS) as u8];
    key.extend(way.iter().take(level.div_ceil(8)));
    if let Some(last) = key.last_mut()
        && !level.is_multiple_of(8)
    {
        *last &= !(0xff >> (level % 8));
    }
    key
}

fn damaged(key: &[u8], what: &str) -> Error {
    let key = alloy_primitives::hex::encode(key);
    StoreError::Damaged(format!("page {key} of the state tree {what}")).into()
}

/// The way with the bit of a level set to one side.
fn turned(mut way: Way, level: usize, right: bool) -> Way {
    let mask = 0x80 >> (level % 8);
    if let Some(byte) = way.get_mut(level / 8) {
        *byte = if right { *byte | mask } else { *byte & !mask };
    }
    way
}

/// Whether a key's way begins with the first `level` bits of `way`.
fn goes(key: &Digest, way: &Way, level: usize) -> bool {
    let own = way_of(key);
    let differs = own.iter().zip(way).position(|(one, other)| one != other);
    differs.is_none_or(|byte| {
        let bits = (own[byte] ^ way[byte]).leading_zeros() as usize;
        byte * 8 + bits >= level
    })
}

/// Reads a page by its key; no bytes if it is not there.
pub trait Read: Fn(&[u8]) -> Result<Vec<u8>> + Sync {}
impl<F: Fn(&[u8]) -> Result<Vec<u8>> + Sync> Read for F {}

/// The partial tree with a root, in which the paths of `keys` are expanded.
pub fn load(root: Digest, mut keys: Vec<Digest>, read: &impl Read) -> Result<StateTree> {
    if root == EMPTY {
        return Ok(StateTree::default());
    }
    keys.sort_unstable_by_key(path_order);
    keys.dedup();
    let whole = page(&[0; LEVELS / 8], 0, root, read)?;
    Ok(StateTree {
        root: expand(whole, 0, &keys, read)?,
    })
}

fn page(way: &Way, level: usize, hash: Digest, read: &impl Read) -> Result<Link> {
    let key = page_key(way, level);
    let bytes = read(&key)?;
    if bytes.is_empty() {
        return Err(damaged(&key, "is not there"));
    }
    let mut rest = bytes.as_slice();
    let found = decode(&mut rest, level, level, *way).filter(|_| rest.is_empty());
    let found = found.ok_or_else(|| damaged(&key, "cannot be read"))?;
    let in_place = level == 0 || matches!(found.as_deref(), Some(Node::Branch { .. }));
    if hash_of(&found) != hash || !in_place {
        return Err(damaged(&key, "does not go with the page above"));
    }
    Ok(found)
}

/// A subtree with the paths of keys that lie in it, in the order of paths, expanded.
fn expand(link: Link, level: usize, keys: &[Digest], read: &impl Read) -> Result<Link> {
    let Some(first) = keys.first() else {
        return Ok(link);
    };
    match link.as_deref() {
        None | Some(Node::Leaf { .. }) => Ok(link),
        Some(Node::Stub { hash, .. }) => {
            let whole = page(&way_of(first), level, *hash, read)?;
            expand(whole, level, keys, read)
        }
        Some(Node::Branch { hash, children }) => {
            let middle = keys.partition_point(|key| !path_bit(key, level));
            let (left, right) = keys.split_at(middle);
            let [left_child, right_child] = children.clone();
            let expand = |link, keys| move || expand(link, level + 1, keys, read);
            let children = both(
                keys.len(),
                expand(left_child, left),
                expand(right_child, right),
            );
            Ok(Some(Arc::new(Node::Branch {
                hash: *hash,
                children: [children.0?, children.1?],
            })))
        }
    }
}

fn take_digest(bytes: &mut &[u8]) -> Option<Digest> {
    let (digest, rest) = bytes.split_first_chunk::<DIGEST_BYTES>()?;
    *bytes = rest;
    parse_digest(digest)
}

/// The subtree at a level of the page that begins at level `page`.
fn decode(bytes: &mut &[u8], level: usize, page: usize, way: Way) -> Option<Link> {
    let (tag, rest) = bytes.split_first()?;
    *bytes = rest;
    match *tag {
        EMPTY_TAG => Some(None),
        LEAF_TAG => {
            let hash = take_digest(bytes)?;
            let key = take_digest(bytes)?;
            let value = take_digest(bytes)?;
            let leaf = Some(Arc::new(Node::Leaf { hash, key, value }));
            (value != EMPTY && goes(&key, &way, level)).then_some(leaf)
        }
        BRANCH_TAG if level < page + PAGE_LEVELS => {
            let hash = take_digest(bytes)?;
            let left = decode(bytes, level + 1, page, turned(way, level, false))?;
            let right = decode(bytes, level + 1, page, turned(way, level, true))?;
            let children = [left, right];
            // One leaf alone stands higher up.
            let lone = |one: &Link| matches!(one.as_deref(), None | Some(Node::Leaf { .. }));
            if children.iter().any(Option::is_none) && children.iter().all(lone) {
                return None;
            }
            Some(Some(Arc::new(Node::Branch { hash, children })))
        }
        STUB_TAG if level == page + PAGE_LEVELS && level < LEVELS => {
            let hash = take_digest(bytes)?;
            let children = [take_digest(bytes)?, take_digest(bytes)?];
            Some(Some(Arc::new(Node::Stub { hash, children })))
        }
        _ => None,
    }
}

/// Appends the bytes of a subtree at a level of the page that begins at level `page`.
fn encode(link: &Link, level: usize, page: usize, bytes: &mut Vec<u8>) -> Result<()> {
    let at_boundary = level == page + PAGE_LEVELS;
    match link.as_deref() {
        None => bytes.push(EMPTY_TAG),
        Some(Node::Leaf { hash, key, value }) => {
            bytes.push(LEAF_TAG);
            for digest in [hash, key, value] {
                bytes.extend(digest_bytes(digest));
            }
        }
        Some(Node::Branch { hash, children }) if at_boundary => {
            encode_stub(*hash, children.each_ref().map(hash_of), bytes);
        }
        Some(Node::Stub { hash, children }) if at_boundary => {
            encode_stub(*hash, *children, bytes);
        }
        Some(Node::Branch { hash, children }) => {
            bytes.push(BRANCH_TAG);
            bytes.extend(digest_bytes(hash));
            for child in children {
                encode(child, level + 1, page, bytes)?;
            }
        }
        Some(Node::Stub { .. }) => return Err(misplaced_stub()),
    }
    Ok(())
}

fn encode_stub(hash: Digest, children: [Digest; 2], bytes: &mut Vec<u8>) {
    bytes.push(STUB_TAG);
    for digest in [hash, children[0], children[1]] {
        bytes.extend(digest_bytes(&digest));
    }
}

fn misplaced_stub() -> Error {
    Error::Internal("a stub of the state tree stands where no page begins".to_owned())
}

/// Gives the pages in which two versions of a tree differ to `sink`: the key, and the bytes of the new page if there is one.
pub fn changed(
    old: &StateTree,
    new: &StateTree,
    sink: &mut impl FnMut(Vec<u8>, Option<Vec<u8>>) -> Result<()>,
) -> Result<()> {
    changed_below(&old.root, &new.root, 0, [0; LEVELS / 8], sink)
}

/// The changed pages from a boundary down.
fn changed_below(
    old: &Link,
    new: &Link,
    level: usize,
    way: Way,
    sink: &mut impl FnMut(Vec<u8>, Option<Vec<u8>>) -> Result<()>,
) -> Result<()> {
    if hash_of(old) == hash_of(new) {
        return Ok(());
    }
    let has_page = |link: &Link| match link.as_deref() {
        None => false,
        Some(Node::Leaf { .. }) => level == 0,
        Some(Node::Branch { .. } | Node::Stub { .. }) => true,
    };
    if has_page(new) {
        let mut bytes = Vec::new();
        encode(new, level, level, &mut bytes)?;
        sink(page_key(&way, level), Some(bytes))?;
    } else if has_page(old) {
        sink(page_key(&way, level), None)?;
    }
    changed_within(old, new, level, level + PAGE_LEVELS, way, sink)
}

/// The changed pages below the boundary at level `boundary`.
fn changed_within(
    old: &Link,
    new: &Link,
    level: usize,
    boundary: usize,
    way: Way,
    sink: &mut impl FnMut(Vec<u8>, Option<Vec<u8>>) -> Result<()>,
) -> Result<()> {
    if hash_of(old) == hash_of(new) {
        return Ok(());
    }
    if level == boundary {
        return changed_below(old, new, level, way, sink);
    }
    let old = children(old)?;
    let new = children(new)?;
    for (side, (old, new)) in old.iter().zip(&new).enumerate() {
        let way = turned(way, level, side == 1);
        changed_within(old, new, level + 1, boundary, way, sink)?;
    }
    Ok(())
}

/// What hangs below a node; a leaf hangs where it is, and has no page below.
fn children(link: &Link) -> Result<[Link; 2]> {
    match link.as_deref() {
        None | Some(Node::Leaf { .. }) => Ok([None, None]),
        Some(Node::Branch { children, .. }) => Ok(children.clone()),
        Some(Node::Stub { .. }) => Err(misplaced_stub()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::tree::tests::key;

    type Pages = BTreeMap<Vec<u8>, Vec<u8>>;

    fn write(pages: &mut Pages, old: &StateTree, new: &StateTree) {
        changed(old, new, &mut |key, bytes| {
            match bytes {
                Some(bytes) => pages.insert(key, bytes),
                None => pages.remove(&key),
            };
            Ok(())
        })
        .unwrap();
    }

    fn read(pages: &Pages) -> impl Read {
        |key: &[u8]| Ok(pages.get(key).cloned().unwrap_or_default())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        /// What a partial tree says of its keys is what the full tree says, whatever is done to them, one by one or at once,
        /// and the pages written from it are those of the full tree.
        #[test]
        fn a_partial_tree_is_the_full_one_on_its_keys(
            batches in prop::collection::vec(
                prop::collection::vec((any::<u8>(), 0u64..3), 1..40),
                1..8,
            ),
            others in prop::collection::vec(any::<u8>(), 4),
        ) {
            let mut full = StateTree::default();
            let mut pages = Pages::new();
            for batch in batches {
                let changes = batch.into_iter().map(|(seed, value)| (key(seed), [value, 0, 0, 0]));
                let changes: Vec<_> = changes.collect();
                let keys = changes.iter().map(|(key, _)| *key).collect();
                let before = load(full.root(), keys, &read(&pages)).unwrap();
                let mut partial = before.clone();
                let mut at_once = before.clone();
                for (key, value) in &changes {
                    prop_assert_eq!(partial.get(key), full.get(key));
                    prop_assert_eq!(partial.depth(key), full.depth(key));
                    prop_assert_eq!(partial.update(*key, *value), full.update(*key, *value));
                    prop_assert_eq!(partial.root(), full.root());
                }
                at_once.update_all(changes).unwrap();
                prop_assert_eq!(at_once.root(), full.root());
                // Of other keys it knows the truth or nothing.
                for other in others.iter().map(|seed| key(*seed)) {
                    let answer = partial.path(&other);
                    prop_assert!(
                        answer == full.path(&other) || answer == Err(Error::OutsidePartialTree(other))
                    );
                }
                write(&mut pages, &before, &at_once);
                let mut whole = Pages::new();
                write(&mut whole, &StateTree::default(), &full);
                prop_assert_eq!(&pages, &whole);
            }
        }

        /// Spoiled pages end in an error, or in a tree with the root that it must have; `Store::check` looks at every hash.
        #[test]
        fn spoiled_pages_are_no_other_tree(
            seeds in prop::collection::btree_set(any::<u8>(), 2..60),
            page in any::<prop::sample::Index>(),
            at in any::<prop::sample::Index>(),
            bit in 0..8,
        ) {
            let leaves: Vec<_> = seeds.iter().map(|seed| (key(*seed), [1; 4])).collect();
            let keys: Vec<_> = leaves.iter().map(|(key, _)| *key).collect();
            let full = StateTree::build(leaves);
            let mut pages = Pages::new();
            write(&mut pages, &StateTree::default(), &full);
            let place = page.index(pages.len());
            let bytes = pages.values_mut().nth(place).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1u8 << bit;
            if let Ok(tree) = load(full.root(), keys, &read(&pages)) {
                prop_assert_eq!(tree.root(), full.root());
            }
        }
    }

    #[test]
    fn a_stub_is_never_walked_into() {
        let leaves: Vec<_> = (0..=255).map(|seed| (key(seed), [1; 4])).collect();
        let full = StateTree::build(leaves.clone());
        let mut pages = Pages::new();
        write(&mut pages, &StateTree::default(), &full);
        let mut partial = load(full.root(), vec![key(0)], &read(&pages)).unwrap();
        let outside = leaves
            .iter()
            .filter(|(key, _)| partial.get(key).is_err())
            .count();
        assert!(outside > 200, "{outside}");
        for (key, _) in &leaves[1..] {
            if partial.get(key).is_ok() {
                continue;
            }
            let error = Error::OutsidePartialTree(*key);
            assert_eq!(partial.depth(key), Err(error.clone()));
            assert_eq!(partial.update(*key, EMPTY), Err(error.clone()));
            assert_eq!(partial.update_all(vec![(*key, EMPTY)]), Err(error));
        }
        assert_eq!(partial.root(), full.root());
    }
}
