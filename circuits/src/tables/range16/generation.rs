//! Filling `u16`.

use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::ENTRIES;
use super::columns::{Fixed, Range16Columns};

/// An empty trace: rows come from padding, counts from [`braid_stark::lookup::fill_multiplicities`].
pub fn generate() -> Trace {
    Trace::new(Range16Columns::<Felt>::WIDTH)
}

/// What the rows offer.
pub(super) fn fixed(height: usize) -> Trace {
    let mut trace = Trace::new(Fixed::<Felt>::WIDTH);
    for row in 0..height {
        // Taller tables repeat the entries, so that no row offers a number above the range.
        let number = (row % ENTRIES) as u64;
        let (low, high) = (number & 0xff, number >> 8);
        let entry: &mut Fixed<Felt> = trace.push();
        entry.low = Felt::from_canonical_u64(low);
        entry.high = Felt::from_canonical_u64(high);
        entry.xor = Felt::from_canonical_u64(low ^ high);
    }
    trace
}
