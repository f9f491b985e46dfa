//! Rows to vector lanes.

use plonky2::field::packed::PackedField;

use crate::bus::PackedChallenge;
use crate::expression::Expression;
use crate::field::Felt;
use crate::packed::Packed;

/// Fills `out` with `width` columns of [`Packed::WIDTH`] rows: lane `l` of column `c` is `row(l)[c]`.
pub(super) fn gather<'a>(out: &mut Vec<Packed>, width: usize, row: impl Fn(usize) -> &'a [Felt]) {
    out.clear();
    out.resize(width, Packed::zero());
    for lane in 0..Packed::WIDTH {
        for (cell, &value) in out.iter_mut().zip(row(lane)) {
            cell.0.as_slice_mut()[lane] = value;
        }
    }
}

/// One value per lane.
pub(super) fn from_lanes(value: impl Fn(usize) -> Felt) -> Packed {
    let mut packed = Packed::zero();
    for (lane, cell) in packed.0.as_slice_mut().iter_mut().enumerate() {
        *cell = value(lane);
    }
    packed
}

/// Pairs of columns as values of F_p^2.
pub(super) fn join(out: &mut Vec<PackedChallenge>, columns: &[Packed]) {
    out.clear();
    out.extend(columns.chunks_exact(2).map(|pair| PackedChallenge {
        low: pair[0],
        high: pair[1],
    }));
}
