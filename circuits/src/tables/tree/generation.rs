//! Filling.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::bits;
use super::columns::TreeColumns;
use crate::error::Error;
use crate::event::TreePath;
use crate::state_hash::{Digest, EMPTY, HashInput, LEVELS, is_canonical, path_bit};

/// One update of the tree.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The key.
    pub key: Digest,
    /// Value hash before; [`EMPTY`] if there is no leaf.
    pub before: Digest,
    /// Value hash after; [`EMPTY`] if there is no leaf.
    pub after: Digest,
    /// The key's path in the tree as the updates before this one left it.
    pub path: &'a TreePath,
}

/// The rows of `updates`, which start from `root`, and the root that they lead to.
///
/// # Errors
/// [`Error::Events`] when an update is not one that the constraints can show: its path does not lead to the root, or is not of the
/// form that [`TreePath`] describes.
pub fn generate(updates: &[Update<'_>], root: Digest) -> Result<(Trace, Digest), Error> {
    let mut trace = Trace::new(TreeColumns::<Felt>::WIDTH);
    let mut claims = Vec::new();
    let mut root = root;
    for (step, update) in updates.iter().enumerate() {
        let plan = Plan::of(update)
            .and_then(|plan| {
                if plan.old_root() == root {
                    Ok(plan)
                } else {
                    Err("its path does not lead to the root")
                }
            })
            .map_err(|why| Error::Events(format!("update {step} of the state tree: {why}")))?;
        plan.push_rows(step as u64, &mut trace, &mut claims);
        root = plan.new_root();
    }
    // Each update has at least as many rows as it has claims about key bits.
    for (row, (element, count)) in claims.into_iter().enumerate() {
        let row: &mut TreeColumns<Felt> = TreeColumns::from_slice_mut(trace.row_mut(row));
        bits::fill(&mut row.bits, element, count);
    }
    Ok((trace, root))
}

/// An update with all its hashes.
pub(super) struct Plan<'a> {
    pub(super) update: Update<'a>,
    pub(super) siblings: &'a [Digest],
    /// How many of the levels are shared; the others are split.
    pub(super) shared: usize,
    /// Hashes before, root first; one more than levels.
    pub(super) old: Vec<Digest>,
    /// Hashes after.
    pub(super) new: Vec<Digest>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(update: &Update<'a>) -> Result<Self, &'static str> {
        let Update {
            key,
            before,
            after,
            path,
        } = *update;
        let siblings = path.siblings.as_slice();
        let levels = siblings.len();
        let digests = [key, before, after];
        let more = path.neighbour.iter().chain(&path.sibling_children);
        let all = digests
            .iter()
            .chain(siblings)
            .chain(more.flat_map(|(a, b)| [a, b]));
        if levels > LEVELS || !all.into_iter().all(is_canonical) {
            return Err("malformed path");
        }
        let (present_before, present_after) = (before != EMPTY, after != EMPTY);
        let mut shared = levels;
        let mut beside = EMPTY;
        if let Some((other_key, other_value)) = path.neighbour {
            let Some((last, above)) = siblings.split_last() else {
                return Err("a neighbour at the root");
            };
            beside = HashInput::leaf(other_key, other_value).digest();
            let parts_at = (0..LEVELS).find(|i| path_bit(&key, *i) != path_bit(&other_key, *i));
            if *last != beside || parts_at != Some(levels - 1) {
                return Err("the neighbour is not where the ways part");
            }
            if present_before && present_after {
                return Err("a neighbour of a key that stays");
            }
            let non_zero = above.iter().rposition(|sibling| *sibling != EMPTY);
            shared = non_zero.map_or(0, |level| level + 1);
        } else if present_before
            && !present_after
            && let Some(last) = siblings.last()
        {
            let children = path
                .sibling_children
                .ok_or("the sibling's children are missing")?;
            if HashInput::node(children.0, children.1).digest() != *last {
                return Err("the sibling is not the node of its children");
            }
        }
        let climb = |value: Digest| {
            let present = value != EMPTY;
            let mut side = vec![EMPTY; levels + 1];
            side[levels] = beside;
            if present {
                side[levels] = HashInput::leaf(key, value).digest();
            }
            for level in (0..levels).rev() {
                let child = side[level + 1];
                side[level] = child;
                if level < shared || present {
                    let node = if path_bit(&key, level) {
                        HashInput::node(siblings[level], child)
                    } else {
                        HashInput::node(child, siblings[level])
                    };
                    side[level] = node.digest();
                }
            }
            side
        };
        let (old, new) = (climb(before), climb(after));
        Ok(Self {
            update: *update,
            siblings,
            shared,
            old,
            new,
        })
    }

    fn old_root(&self) -> Digest {
        self.old.first().copied().unwrap_or(EMPTY)
    }

    fn new_root(&self) -> Digest {
        self.new.first().copied().unwrap_or(EMPTY)
    }

    pub(super) fn push_rows(&self, step: u64, trace: &mut Trace, claims: &mut Vec<(u64, usize)>) {
        let Update {
            key,
            before,
            after,
            path,
        } = self.update;
        let levels = self.siblings.len();
        let mut low = 0;
        let mut prefix = 0;
        for level in 0..=levels {
            let row: &mut TreeColumns<Felt> = trace.push();
            let is_node = level < levels;
            let shared = level < self.shared;
            row.shared = Felt::from_bool(shared);
            row.split = Felt::from_bool(is_node && !shared);
            row.end = Felt::from_bool(!is_node);
            row.start = Felt::from_bool(level == 0);
            row.step = Felt::from_noncanonical_u64(step);
            row.key = felts(key);
            row.hash_old = Felt::from_bool(shared || before != EMPTY);
            row.hash_new = Felt::from_bool(shared || after != EMPTY);
            row.old = felts(self.old[level]);
            row.new = felts(self.new[level]);

            // The end row keeps the state of the last level, but for the weight, which doubles.
            let bit_level = if is_node {
                level
            } else {
                level.saturating_sub(1)
            };
            let in_half = bit_level % 32;
            let bit = is_node && path_bit(&key, level);
            if is_node && in_half == 0 {
                low = if level % 64 == 32 { prefix } else { 0 };
                prefix = 0;
            }
            prefix += u64::from(bit) << in_half;
            let weight = if is_node || levels == 0 {
                in_half
            } else {
                in_half + 1
            };
            row.bit = Felt::from_bool(bit);
            row.element =
                core::array::from_fn(|element| Felt::from_bool(element == bit_level / 64));
            row.high = Felt::from_bool(bit_level % 64 >= 32);
            row.low = Felt::from_canonical_u64(low);
            row.prefix = Felt::from_canonical_u64(prefix);
            row.power = Felt::from_canonical_u64(1 << weight);
            if is_node {
                row.sibling = felts(self.siblings[level]);
                let distance = row.power - Felt::from_canonical_u64(1 << 32);
                row.power_inverse = distance.try_inverse().unwrap_or(Felt::ZERO);
                let wraps = in_half == 31 && level + 1 < levels;
                let wraps_element = wraps && level % 64 == 63;
                row.wrap_half = Felt::from_bool(wraps && !wraps_element);
                row.wrap_element = Felt::from_bool(wraps_element);
                if wraps_element {
                    claims.push((key[level / 64], 64));
                }
                if level + 1 == self.shared && self.shared < levels {
                    row.turn = Felt::ONE;
                    row.left = non_zero_factors(row.sibling);
                }
                continue;
            }
            row.before = felts(before);
            row.after = felts(after);
            if levels > 0 {
                claims.push((key[bit_level / 64], bit_level % 64 + 1));
            }
            if let Some((other_key, other_value)) = path.neighbour {
                row.neighbour = Felt::ONE;
                row.left = felts(other_key);
                row.right = felts(other_value);
                row.sibling = felts(HashInput::leaf(other_key, other_value).digest());
                row.neighbour_prefix = Felt::from_canonical_u64(prefix ^ (1 << in_half));
                claims.push((other_key[bit_level / 64], bit_level % 64 + 1));
            } else if before != EMPTY && after == EMPTY {
                row.removed = Felt::ONE;
                if let (Some(last), Some((left, right))) =
                    (self.siblings.last(), path.sibling_children)
                {
                    row.left = felts(left);
                    row.right = felts(right);
                    row.sibling = felts(*last);
                }
            }
        }
    }
}

/// Factors whose products with the elements of a non-zero digest add up to 1.
fn non_zero_factors(digest: [Felt; 4]) -> [Felt; 4] {
    let mut factors = [Felt::ZERO; 4];
    let inverses = digest.iter().map(|element| element.try_inverse());
    let found = factors
        .iter_mut()
        .zip(inverses)
        .find(|(_, inverse)| inverse.is_some());
    if let Some((factor, Some(inverse))) = found {
        *factor = inverse;
    }
    factors
}

fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(Felt::from_noncanonical_u64)
}
