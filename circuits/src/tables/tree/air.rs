//! Constraints and messages. With `path = shared + split`, all constraints have degree 3 at most.

use braid_stark::columns::names_of;
use braid_stark::{ConstraintBuilder, Expression, Row, Table};

use super::bits;
use super::columns::TreeColumns;
use crate::bus::Message;
use crate::state_hash::Domain;

/// The table.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tree;

impl Table for Tree {
    fn name(&self) -> &'static str {
        "tree"
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<TreeColumns<()>>()
    }

    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local: &TreeColumns<B::X> = row.local();
        let next: &TreeColumns<B::X> = row.next();
        kinds(local, next, builder);
        for side in [Side::Old, Side::New] {
            hashes(side, local, next, builder);
        }
        siblings(local, next, builder);
        way(local, next, builder);
        key_bits(local, next, builder);
        bits::prove(&local.bits, builder);
        updates(local, builder);
    }
}

/// The tree before or after.
#[derive(Clone, Copy)]
enum Side {
    Old,
    New,
}

/// A side's hash, whether it hashes, and the value hash on end rows.
fn side_of<X: Copy>(side: Side, row: &TreeColumns<X>) -> ([X; 4], X, [X; 4]) {
    match side {
        Side::Old => (row.old, row.hash_old, row.before),
        Side::New => (row.new, row.hash_new, row.after),
    }
}

/// Which rows follow which.
fn kinds<B: ConstraintBuilder>(
    local: &TreeColumns<B::X>,
    next: &TreeColumns<B::X>,
    builder: &mut B,
) {
    let path = local.shared + local.split;
    let used = path + local.end;
    let next_used = next.shared + next.split + next.end;
    for flag in [local.shared, local.split, local.end, used] {
        builder.assert_bool("tree/kind", flag);
    }
    // A node is followed by a node or the end of the same update; anything else by nothing or a start.
    builder.assert_zero("tree/order", path * next_used.not());
    builder.assert_zero("tree/order", local.split * next.shared);
    builder.assert_eq("tree/start", next.start, path.not() * next_used);
    builder.assert_eq("tree/neighbour", next.neighbour, local.split * next.end);
    builder.assert_eq("tree/turn", local.turn, local.shared * next.split);
    builder.assert_eq_when("tree/step", path, next.step, local.step);
    for (next, local) in next.key.into_iter().zip(local.key) {
        builder.assert_eq_when("tree/key", path, next, local);
    }
    // Which sides hash: both above the place, then those on which the key is present.
    for (flag, next_flag) in [
        (local.hash_old, next.hash_old),
        (local.hash_new, next.hash_new),
    ] {
        builder.assert_bool("tree/hash_flag", flag);
        builder.assert_zero("tree/hash_flag", local.shared * flag.not());
        builder.assert_zero("tree/hash_flag", used.not() * flag);
        builder.assert_eq_when("tree/hash_flag", local.split, next_flag, flag);
    }
    let both = local.hash_old * local.hash_new;
    builder.assert_zero("tree/neighbour_of_present", local.neighbour * both);
    let removed = (local.end - local.neighbour) * local.hash_old * local.hash_new.not();
    builder.assert_eq("tree/removed", local.removed, removed);
}

/// One side's hash on every row.
fn hashes<B: ConstraintBuilder>(
    side: Side,
    local: &TreeColumns<B::X>,
    next: &TreeColumns<B::X>,
    builder: &mut B,
) {
    let path = local.shared + local.split;
    let (hash, hashes, value) = side_of(side, local);
    let (child, _, _) = side_of(side, next);
    let (passed_label, absent_label) = match side {
        Side::Old => ("tree/old_passed", "tree/old_absent"),
        Side::New => ("tree/new_passed", "tree/new_absent"),
    };
    for i in 0..4 {
        let passing = path * hashes.not();
        builder.assert_eq_when(passed_label, passing, hash[i], child[i]);
        let nothing = (local.end - local.neighbour) * hashes.not();
        builder.assert_zero(absent_label, nothing * hash[i]);
        let beside = local.neighbour * hashes.not();
        builder.assert_eq_when(absent_label, beside, hash[i], local.sibling[i]);
    }
    let difference: [B::X; 4] = core::array::from_fn(|i| local.bit * (local.sibling[i] - child[i]));
    let left = core::array::from_fn(|i| child[i] + difference[i]);
    let right = core::array::from_fn(|i| local.sibling[i] - difference[i]);
    let domain = B::X::from_u64(Domain::Node as u64);
    builder.send(claim(left, right, domain, hash), path * hashes);
    let domain = B::X::from_u64(Domain::Leaf as u64);
    builder.send(claim(local.key, value, domain, hash), local.end * hashes);
}

/// What the siblings must be, and what the end row opens.
fn siblings<B: ConstraintBuilder>(
    local: &TreeColumns<B::X>,
    next: &TreeColumns<B::X>,
    builder: &mut B,
) {
    let path = local.shared + local.split;
    let opened_next = path * next.removed + next.neighbour;
    let unopened = local.end - local.neighbour - local.removed;
    for i in 0..4 {
        let sibling = local.sibling[i];
        builder.assert_zero("tree/split_sibling", local.split * next.split * sibling);
        builder.assert_eq_when("tree/opened", opened_next, sibling, next.sibling[i]);
        builder.assert_zero("tree/end_sibling", unopened * sibling);
        builder.assert_zero("tree/end_sibling", local.start * local.removed * sibling);
    }
    let product: B::X = (0..4).map(|i| local.sibling[i] * local.left[i]).sum();
    builder.assert_eq_when("tree/turn_sibling", local.turn, product, B::X::one());

    let domain =
        local.neighbour.scale(Domain::Leaf as u64) + local.removed.scale(Domain::Node as u64);
    let opening = claim(local.left, local.right, domain, local.sibling);
    builder.send(opening, local.neighbour + local.removed * local.start.not());
}

/// The bits of the way, gathered by halves of the key's elements.
fn way<B: ConstraintBuilder>(local: &TreeColumns<B::X>, next: &TreeColumns<B::X>, builder: &mut B) {
    let one = B::X::one();
    let path = local.shared + local.split;
    let wrap = local.wrap_half + local.wrap_element;
    builder.assert_bool("tree/bit", local.bit);
    builder.assert_zero("tree/bit", local.end * local.bit);
    for flag in [local.wrap_half, local.wrap_element] {
        builder.assert_bool("tree/wrap", flag);
        builder.assert_zero("tree/wrap", flag * path.not());
    }
    // A half is full at 2^31: not before, and, since no node may have 2^32, not after.
    builder.assert_zero("tree/wrap", local.wrap_half * local.high);
    builder.assert_zero("tree/wrap", local.wrap_element * local.high.not());
    builder.assert_eq_when("tree/wrap", wrap, local.power, B::X::from_u64(1 << 31));
    builder.assert_zero("tree/wrap", wrap * next.end);
    let below = (local.power - B::X::from_u64(1 << 32)) * local.power_inverse;
    builder.assert_eq_when("tree/half_full", path, below, one);

    let start = local.start;
    builder.assert_eq_when("tree/way_start", start, local.power, one);
    builder.assert_eq_when("tree/way_start", start, local.prefix, local.bit);
    builder.assert_zero("tree/way_start", start * local.low);
    builder.assert_zero("tree/way_start", start * local.high);
    builder.assert_eq_when("tree/way_start", start, local.element[0], one);
    for element in &local.element[1..] {
        builder.assert_zero("tree/way_start", start * *element);
    }

    let power = local.power.scale(2) * wrap.not() + wrap;
    builder.assert_eq_when("tree/power", path, next.power, power);
    let prefix = local.prefix * wrap.not() + next.bit * next.power;
    builder.assert_eq_when("tree/prefix", path, next.prefix, prefix);
    let low = local.low * wrap.not() + local.wrap_half * local.prefix;
    builder.assert_eq_when("tree/low", path, next.low, low);
    let high = local.high + local.wrap_half - local.wrap_element;
    builder.assert_eq_when("tree/high", path, next.high, high);
    let mut previous = B::X::zero();
    for (next, element) in next.element.into_iter().zip(local.element) {
        let moved = element + local.wrap_element * (previous - element);
        builder.assert_eq_when("tree/element", path, next, moved);
        previous = element;
    }
    // A key has no more than 256 bits.
    builder.assert_zero("tree/element", local.wrap_element * previous);
}

/// The gathered bits are the key's, and those of the neighbour but for the last.
fn key_bits<B: ConstraintBuilder>(
    local: &TreeColumns<B::X>,
    next: &TreeColumns<B::X>,
    builder: &mut B,
) {
    let flipped = local.prefix + (B::X::one() - local.bit.scale(2)) * local.power;
    builder.assert_eq_when(
        "tree/neighbour_prefix",
        next.neighbour,
        next.neighbour_prefix,
        flipped,
    );
    let current = |key: &[B::X; 4]| -> B::X { (0..4).map(|i| local.element[i] * key[i]).sum() };
    let full_half = B::X::from_u64(1 << 32);
    builder.send(
        Message::KeyBits {
            element: current(&local.key),
            high: local.high,
            low: local.low,
            prefix: local.prefix,
            power: local.end * local.power + local.wrap_element * full_half,
        },
        local.end * local.start.not() + local.wrap_element,
    );
    builder.send(
        Message::KeyBits {
            element: current(&local.left),
            high: local.high,
            low: local.low,
            prefix: local.neighbour_prefix,
            power: local.power,
        },
        local.neighbour,
    );
    // Elements that are used up are equal.
    for i in 0..3 {
        let used_up: B::X = local.element[i + 1..].iter().copied().sum();
        let condition = local.neighbour * used_up;
        builder.assert_eq_when("tree/neighbour_key", condition, local.left[i], local.key[i]);
    }
}

/// Roots and claims.
fn updates<B: ConstraintBuilder>(local: &TreeColumns<B::X>, builder: &mut B) {
    let root = |step, root| Message::StateRoot { step, root };
    builder.receive(root(local.step, local.old), local.start);
    builder.send(root(local.step + B::X::one(), local.new), local.start);
    let update = Message::TreeUpdate {
        step: local.step,
        key: local.key,
        present_before: local.hash_old,
        before: local.before,
        present_after: local.hash_new,
        after: local.after,
    };
    builder.receive(update, local.end);
}

fn claim<X: Expression>(left: [X; 4], right: [X; 4], domain: X, output: [X; 4]) -> Message<X> {
    let [a, b, c, d] = left;
    let [e, f, g, h] = right;
    let zero = X::zero();
    Message::Poseidon {
        input: [a, b, c, d, e, f, g, h, domain, zero, zero, zero],
        output,
    }
}
