//! What a cheating prover tries with the bits of keys, and what catches it; and paths that are refused before any proof.

use braid_stark::{Felt, Table, Trace};
use plonky2::field::types::{Field, Field64};

use super::forgeries::{assert_only, columns, forged, rows_of};
use super::generation::Plan;
use super::reference::{path, root};
use super::tests::{BASE, comb, judge, value};
use super::{Tree, Update, bits, generate};
use crate::event::TreePath;
use crate::state_hash::EMPTY;

#[test]
fn key_has_one_way() {
    // The element 5 as 5 + p: other bits, the same field element.
    let key = [5, 1, 2, 3];
    let second = 5u128 + u128::from(Felt::ORDER);
    let second = u64::try_from(second).unwrap();
    for levels in [3, 40, 64, 66] {
        let walker = [second, 1, 2, 3];
        let siblings: Vec<_> = (0..levels as u64).map(value).collect();
        let path = TreePath {
            siblings,
            neighbour: None,
            sibling_children: None,
        };
        let update = Update {
            key: walker,
            before: value(1),
            after: value(2),
            path: &path,
        };
        let plan = forged(update, levels);
        let mut trace = Trace::new(Tree.column_names().len());
        let mut claims = Vec::new();
        plan.push_rows(0, &mut trace, &mut claims);
        // The columns hold field elements, so `key` is the walker's key as well; hashes see no difference.
        assert_eq!(
            columns(&mut trace, 0).key,
            key.map(Felt::from_canonical_u64)
        );
        for (row, (element, count)) in claims.into_iter().enumerate() {
            let bits = &mut columns(&mut trace, row).bits;
            let canonical = if element == second {
                second & 0xffff_ffff
            } else {
                element
            };
            bits::fill(bits, canonical, count);
            if element == second {
                // The forger's limbs: those of the second form.
                bits.limbs = core::array::from_fn(|i| {
                    Felt::from_canonical_u64((second >> (16 * i)) & 0xffff)
                });
                bits.high_inverse = Felt::ZERO;
                let cut = (count - 1) / 16;
                let kept = count - 16 * cut;
                let limb = (second >> (16 * cut)) & 0xffff;
                bits.part = Felt::from_canonical_u64(limb & ((1 << kept) - 1));
                bits.rest = Felt::from_canonical_u64(limb >> kept);
            }
        }
        trace.resize(trace.height().next_power_of_two());
        assert_only(&judge(&trace).0, &["tree/bits_canonical"]);
    }
}

#[test]
fn bits_are_those_of_the_key() {
    let content = comb(&[2, 5, 40, 90]);
    let good = path(&content, BASE, value(1));
    let update = Update {
        key: BASE,
        before: EMPTY,
        after: value(1),
        path: &good,
    };
    let honest = rows_of(&Plan::of(&update).unwrap());
    // Another key with the same rows.
    let mut trace = honest.clone();
    for row in 0..good.siblings.len() {
        columns(&mut trace, row).key[0] += Felt::TWO;
    }
    assert!(judge(&trace).0.contains("tree/key"));
    columns(&mut trace, good.siblings.len()).key[0] += Felt::TWO;
    let wrong = judge(&trace).0;
    assert!(
        wrong.contains("KeyBits") && wrong.contains("Poseidon"),
        "{wrong:?}"
    );
    // A half that never ends, or ends early.
    let mut trace = honest.clone();
    columns(&mut trace, 31).wrap_half = Felt::ZERO;
    let wrong = judge(&trace).0;
    assert!(wrong.contains("tree/power"), "{wrong:?}");
    let mut power = Felt::from_canonical_u64(1 << 31);
    for row in 32..64 {
        power = power.double();
        let row = columns(&mut trace, row);
        row.power = power;
        let distance = power - Felt::from_canonical_u64(1 << 32);
        row.power_inverse = distance.try_inverse().unwrap_or(Felt::ZERO);
    }
    assert!(judge(&trace).0.contains("tree/half_full"));
    let mut trace = honest;
    columns(&mut trace, 10).wrap_half = Felt::ONE;
    assert!(judge(&trace).0.contains("tree/wrap"));
}

#[test]
fn bad_paths_are_errors() {
    let mut content = comb(&[2, 5, 9]);
    content.insert(BASE, value(7));
    let start = root(&content);
    let good = path(&content, BASE, EMPTY);
    let attempt = |path: &TreePath, before, after, root| {
        let update = Update {
            key: BASE,
            before,
            after,
            path,
        };
        generate(&[update], root).is_ok()
    };
    assert!(attempt(&good, value(7), EMPTY, start));
    assert!(!attempt(&good, value(7), EMPTY, value(1)));
    assert!(!attempt(&good, value(6), EMPTY, start));
    assert!(!attempt(&good, value(7), value(8), start));
    assert!(!attempt(
        &TreePath {
            neighbour: None,
            ..good.clone()
        },
        value(7),
        EMPTY,
        start
    ));
    assert!(!attempt(
        &TreePath {
            siblings: vec![],
            ..good.clone()
        },
        value(7),
        EMPTY,
        start
    ));
    assert!(!attempt(
        &TreePath {
            siblings: vec![EMPTY; 300],
            ..good.clone()
        },
        value(7),
        EMPTY,
        start
    ));
    assert!(!attempt(
        &TreePath {
            siblings: vec![[u64::MAX; 4]],
            ..good
        },
        value(7),
        EMPTY,
        start
    ));
}
