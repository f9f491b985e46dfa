//! What a cheating prover tries, and what catches it.

use std::collections::BTreeSet;

use braid_stark::{Columns, Felt, Table, Trace};
use plonky2::field::types::Field;

use super::generation::Plan;
use super::reference::{Content, path, root};
use super::tests::{BASE, comb, judge, turned, value};
use super::{Tree, TreeColumns, Update, bits};
use crate::event::TreePath;
use crate::state_hash::{Digest, EMPTY, leaf, node, path_bit};

/// The rows that a cheating prover writes from a plan of its own, with proofs of all claims about bits.
pub(super) fn rows_of(plan: &Plan<'_>) -> Trace {
    let mut trace = Trace::new(Tree.column_names().len());
    let mut claims = Vec::new();
    plan.push_rows(0, &mut trace, &mut claims);
    for (row, (element, count)) in claims.into_iter().enumerate() {
        bits::fill(&mut columns(&mut trace, row).bits, element, count);
    }
    trace.resize(trace.height().next_power_of_two());
    trace
}

pub(super) fn columns(trace: &mut Trace, row: usize) -> &mut TreeColumns<Felt> {
    TreeColumns::from_slice_mut(trace.row_mut(row))
}

/// Hashes from the bottom, as `hashes_at` says level by level.
fn climb(
    key: Digest,
    siblings: &[Digest],
    bottom: Digest,
    hashes_at: impl Fn(usize) -> bool,
) -> Vec<Digest> {
    let mut side = vec![bottom; siblings.len() + 1];
    for level in (0..siblings.len()).rev() {
        let (child, sibling) = (side[level + 1], siblings[level]);
        side[level] = match (hashes_at(level), path_bit(&key, level)) {
            (false, _) => child,
            (true, false) => node(child, sibling),
            (true, true) => node(sibling, child),
        };
    }
    side
}

/// A plan without any checks.
pub(super) fn forged<'a>(update: Update<'a>, shared: usize) -> Plan<'a> {
    let Update {
        key,
        before,
        after,
        path,
    } = update;
    let beside = path.neighbour.map_or(EMPTY, |(k, v)| leaf(k, v));
    let side = |value: Digest| {
        let present = value != EMPTY;
        let bottom = if present { leaf(key, value) } else { beside };
        climb(key, &path.siblings, bottom, |level| {
            level < shared || present
        })
    };
    Plan {
        update,
        siblings: &path.siblings,
        shared,
        old: side(before),
        new: side(after),
    }
}

fn wrong_with(plan: &Plan<'_>) -> BTreeSet<&'static str> {
    judge(&rows_of(plan)).0
}

#[track_caller]
pub(super) fn assert_only(wrong: &BTreeSet<&'static str>, expected: &[&'static str]) {
    assert_eq!(
        wrong,
        &expected.iter().copied().collect(),
        "what catches it"
    );
}

#[test]
fn leaf_cannot_be_put_below_an_empty_sibling() {
    // Into the empty tree, one level down: H_node(leaf, 0).
    let path = TreePath {
        siblings: vec![EMPTY],
        neighbour: None,
        sibling_children: None,
    };
    let key = turned(BASE, &[0]);
    let plan = forged(
        Update {
            key,
            before: EMPTY,
            after: value(1),
            path: &path,
        },
        1,
    );
    // All constraints hold; but the row hashes on the old side too, so the old root is not the empty tree's.
    assert_only(&wrong_with(&plan), &[]);
    assert_ne!(plan.old[0], EMPTY);
    // Passing on the old side is for split rows, which need a neighbour.
    let mut plan = forged(
        Update {
            key,
            before: EMPTY,
            after: value(1),
            path: &path,
        },
        0,
    );
    plan.old = vec![EMPTY; 2];
    assert_only(&wrong_with(&plan), &["tree/neighbour"]);
    let mut trace = rows_of(&plan);
    columns(&mut trace, 1).neighbour = Felt::ONE;
    columns(&mut trace, 1).neighbour_prefix = Felt::ONE;
    assert_only(&judge(&trace).0, &["KeyBits", "Poseidon"]);
    let mut trace = rows_of(&plan);
    let row = columns(&mut trace, 0);
    (row.split, row.shared, row.hash_old) = (Felt::ZERO, Felt::ONE, Felt::ZERO);
    assert_only(&judge(&trace).0, &["tree/hash_flag"]);
}

#[test]
fn inner_node_cannot_be_passed() {
    // Both ways of a node are taken; a new leaf replaces the whole subtree, or is put beside it as if it were a leaf.
    let content = comb(&[2, 5, 6]);
    let key = BASE;
    let top = path(&content, key, value(1));
    let honest = Update {
        key,
        before: EMPTY,
        after: value(1),
        path: &top,
    };
    let subtree = Plan::of(&honest).unwrap().old[3];
    let mut siblings = top.siblings[..3].to_vec();
    siblings.push(subtree);
    let neighbour = Some((turned(BASE, &[3]), value(9)));
    let forged_path = TreePath {
        siblings,
        neighbour,
        sibling_children: None,
    };
    let update = Update {
        key,
        before: EMPTY,
        after: value(1),
        path: &forged_path,
    };
    let mut plan = forged(update, 3);
    plan.old = climb(key, &forged_path.siblings, subtree, |level| level < 3);
    plan.new = climb(key, &forged_path.siblings, leaf(key, value(1)), |_| true);
    assert_eq!(plan.old[0], root(&content));
    let mut trace = rows_of(&plan);
    let found = judge(&trace).0;
    assert_only(&found, &["tree/old_absent", "tree/opened"]);
    columns(&mut trace, 4).sibling = subtree.map(Felt::from_canonical_u64);
    assert_only(&judge(&trace).0, &["Poseidon"]);
}

#[test]
fn present_key_is_not_absent() {
    let mut content = comb(&[2, 5]);
    content.insert(BASE, value(7));
    let good = path(&content, BASE, value(7));
    // Absent because "its place is empty" or "another leaf is there", which is the key itself.
    let bare = TreePath {
        neighbour: None,
        ..good.clone()
    };
    let mut plan = forged(
        Update {
            key: BASE,
            before: EMPTY,
            after: EMPTY,
            path: &bare,
        },
        6,
    );
    let truth = climb(BASE, &bare.siblings, leaf(BASE, value(7)), |_| true);
    (plan.old, plan.new) = (truth.clone(), truth.clone());
    assert_eq!(plan.old[0], root(&content));
    assert_only(&wrong_with(&plan), &["tree/new_absent", "tree/old_absent"]);
    let mut siblings = bare.siblings.clone();
    siblings.push(leaf(BASE, value(7)));
    let beside = TreePath {
        siblings,
        neighbour: Some((BASE, value(7))),
        sibling_children: None,
    };
    let mut plan = forged(
        Update {
            key: BASE,
            before: EMPTY,
            after: EMPTY,
            path: &beside,
        },
        6,
    );
    plan.old = climb(BASE, &beside.siblings, leaf(BASE, value(7)), |level| {
        level < 6
    });
    plan.new = plan.old.clone();
    assert_eq!(plan.old[0], root(&content));
    assert_only(&wrong_with(&plan), &["KeyBits"]);
}

#[test]
fn wrong_sibling_is_caught() {
    let content = comb(&[2, 5]);
    let good = path(&content, BASE, value(1));
    let update = Update {
        key: BASE,
        before: EMPTY,
        after: value(1),
        path: &good,
    };
    let plan = Plan::of(&update).unwrap();
    let mut trace = rows_of(&plan);
    columns(&mut trace, 2).sibling = value(5).map(Felt::from_canonical_u64);
    assert_only(&judge(&trace).0, &["Poseidon", "tree/turn_sibling"]);
}

#[test]
fn value_and_key_of_the_leaf_are_those_of_the_claim() {
    let content = Content::from([(BASE, value(1))]);
    let good = path(&content, BASE, value(2));
    let update = Update {
        key: BASE,
        before: value(1),
        after: value(2),
        path: &good,
    };
    let honest = rows_of(&Plan::of(&update).unwrap());
    assert_only(&judge(&honest).0, &[]);
    let forgeries: [fn(&mut TreeColumns<Felt>); 3] = [
        |row| row.before[1] += Felt::ONE,
        |row| row.after[0] += Felt::ONE,
        |row| row.key[3] += Felt::ONE,
    ];
    for forge in forgeries {
        let mut trace = honest.clone();
        forge(columns(&mut trace, 0));
        assert_only(&judge(&trace).0, &["Poseidon"]);
    }
    // "Nothing was there": the root would have to be zero.
    let mut trace = honest.clone();
    columns(&mut trace, 0).hash_old = Felt::ZERO;
    assert_only(&judge(&trace).0, &["tree/old_absent"]);
}

#[test]
fn neighbour_goes_where_it_belongs() {
    // The neighbour's way parts from the key's at bit 8; the forger parts them at bit 4 or at bit 11.
    let other = turned(BASE, &[8]);
    let content = Content::from([(other, value(8))]);
    let honest = path(&content, BASE, value(1));
    assert_eq!(honest.siblings.len(), 9);
    for levels in [5, 12] {
        let mut siblings = vec![EMPTY; levels];
        siblings[levels - 1] = leaf(other, value(8));
        let path = TreePath {
            siblings,
            ..honest.clone()
        };
        for (before, after) in [(EMPTY, value(1)), (value(1), EMPTY), (EMPTY, EMPTY)] {
            let plan = forged(
                Update {
                    key: BASE,
                    before,
                    after,
                    path: &path,
                },
                0,
            );
            assert_only(&wrong_with(&plan), &["KeyBits"]);
        }
    }
    // A zero sibling on the way replaced by another leaf.
    let mut siblings = honest.siblings.clone();
    siblings[3] = leaf(other, value(8));
    let path = TreePath { siblings, ..honest };
    let plan = forged(
        Update {
            key: BASE,
            before: EMPTY,
            after: value(1),
            path: &path,
        },
        0,
    );
    assert_only(&wrong_with(&plan), &["tree/split_sibling"]);
}

#[test]
fn deletion_pulls_the_neighbour_up_all_the_way() {
    let mut content = comb(&[2, 9]);
    content.insert(BASE, value(7));
    let good = path(&content, BASE, EMPTY);
    assert_eq!(good.siblings.len(), 10);
    let update = Update {
        key: BASE,
        before: value(7),
        after: EMPTY,
        path: &good,
    };
    assert_only(&wrong_with(&forged(update, 3)), &[]);
    // Pulled up only to level 6: the sibling there is zero, and no factors make it one.
    assert_only(&wrong_with(&forged(update, 6)), &["tree/turn_sibling"]);
    // Not pulled up at all: the sibling is opened as if it were a node.
    let children = (good.neighbour.unwrap().0, good.neighbour.unwrap().1);
    let stays = TreePath {
        neighbour: None,
        sibling_children: Some(children),
        ..good.clone()
    };
    let update = Update {
        path: &stays,
        ..update
    };
    assert_only(&wrong_with(&forged(update, 10)), &["Poseidon"]);
    // Or not opened.
    let mut trace = rows_of(&forged(update, 10));
    columns(&mut trace, 10).removed = Felt::ZERO;
    columns(&mut trace, 10).sibling = [Felt::ZERO; 4];
    assert_only(&judge(&trace).0, &["tree/removed"]);
    // Pulled past the leaf at bit 2: that sibling is not zero.
    let update = Update {
        path: &good,
        ..update
    };
    assert_only(
        &wrong_with(&forged(update, 1)),
        &["tree/split_sibling", "tree/turn_sibling"],
    );
}

#[test]
fn deletion_opens_the_sibling_that_is_there() {
    let mut content = comb(&[2, 5]);
    content.insert(turned(BASE, &[2, 30]), value(30));
    content.remove(&turned(BASE, &[5]));
    content.insert(BASE, value(7));
    let good = path(&content, BASE, EMPTY);
    assert_eq!(good.siblings.len(), 3);
    let update = Update {
        key: BASE,
        before: value(7),
        after: EMPTY,
        path: &good,
    };
    let honest = rows_of(&Plan::of(&update).unwrap());
    assert_only(&judge(&honest).0, &[]);
    let mut trace = honest.clone();
    let other = node(value(1), value(2)).map(Felt::from_canonical_u64);
    let row = columns(&mut trace, 3);
    (row.left, row.right) = (
        value(1).map(Felt::from_canonical_u64),
        value(2).map(Felt::from_canonical_u64),
    );
    row.sibling = other;
    assert_only(&judge(&trace).0, &["tree/opened"]);
}
