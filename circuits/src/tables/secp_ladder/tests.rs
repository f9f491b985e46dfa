//! Tests of `secp_ladder` on its own; whole signatures and their forgeries are in [`crate::tables::ecdsa`].

use alloy_primitives::U256;
use braid_stark::check::check_table;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::generation::finish;
use super::{SecpLadder, SecpLadderColumns};
use crate::limbs::{LIMBS, signed_felt};
use crate::secp256k1::{Affine, GENERATOR, P, signed_limbs};

/// Adds a point to itself with a slope of the prover's choice; `run` is a form of zero modulo p.
fn free_slope(run: [i64; LIMBS]) -> Trace {
    let mut trace = Trace::zero(SecpLadderColumns::<Felt>::WIDTH, 256);
    let small = |limbs: [i64; LIMBS]| limbs.map(|limb| signed_felt(i128::from(limb)));
    let point = GENERATOR;
    let slope = U256::from(5);
    let after: Affine = point.reflect(point.x, slope);
    let (x, y) = (signed_limbs(point.x), signed_limbs(point.y));
    let y32 = core::array::from_fn(|k| y[2 * k] + (y[2 * k + 1] << 16));
    let operand_x: [i64; LIMBS] = core::array::from_fn(|i| x[i] + run[i]);
    let x_sum = core::array::from_fn(|i| x[i] + operand_x[i]);
    // Row 16 is the first window's addition.
    let row = SecpLadderColumns::from_slice_mut(trace.row_mut(16));
    row.active = Felt::ONE;
    (row.x, row.y) = (small(x), small(y));
    row.operand_y = y32.map(|limb| signed_felt(i128::from(limb)));
    let product = crate::limbs::product(&signed_limbs(slope), &run);
    row.slope_carries = crate::secp256k1::folded::carries(&product, &[0; 8]).unwrap();
    finish(row, (x, y32), x_sum, signed_limbs(slope), run, after).unwrap();
    let next = SecpLadderColumns::from_slice_mut(trace.row_mut(17));
    (next.x, next.y) = (small(signed_limbs(after.x)), small(signed_limbs(after.y)));
    trace
}

#[test]
fn no_slope_is_free() {
    let order = crate::secp256k1::unsigned_limbs(P);
    for run in [[0; LIMBS], order, order.map(|limb| -limb)] {
        let violations = check_table(&SecpLadder, &free_slope(run));
        let at_addition: Vec<_> = violations
            .iter()
            .filter(|v| v.row == 16)
            .map(|v| v.label)
            .collect();
        assert_eq!(
            at_addition,
            ["secp_ladder/active throughout", "secp_ladder/distinct"]
        );
    }
}

#[test]
fn padding_is_inert() {
    let trace = Trace::zero(SecpLadderColumns::<Felt>::WIDTH, 512);
    assert!(check_table(&SecpLadder, &trace).is_empty());
    let spoken = braid_stark::check::interactions_of(&SecpLadder, &trace);
    assert!(
        spoken
            .iter()
            .all(|(_, i)| i.message.tag == crate::bus::tag::U16)
    );
}

#[test]
fn widths() {
    let interactions = braid_stark::symbolic::SymbolicTable::of(&SecpLadder)
        .collected
        .interactions
        .len();
    assert_eq!((SecpLadderColumns::<Felt>::WIDTH, interactions), (130, 101));
}
