//! Filling `exponent_bytes`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::columns::{ExponentBytesColumns, LIMB_BYTES};
use crate::word::word;

/// A row for each of `exponents`, in order.
pub fn generate(exponents: impl IntoIterator<Item = U256>) -> Trace {
    let mut trace = Trace::new(ExponentBytesColumns::<Felt>::WIDTH);
    for exponent in exponents {
        let row: &mut ExponentBytesColumns<Felt> = trace.push();
        row.used = Felt::ONE;
        row.exponent = word(exponent);
        let Some(highest_byte) = exponent.byte_len().checked_sub(1) else {
            continue;
        };
        let (limb, byte) = (highest_byte / LIMB_BYTES, highest_byte % LIMB_BYTES);
        row.highest[limb] = Felt::ONE;
        row.limb_bytes[byte] = Felt::ONE;
        let shifted = row.exponent[limb].to_canonical_u64() << (8 * (LIMB_BYTES - 1 - byte));
        row.shifted = [shifted & 0xffff, shifted >> 16].map(Felt::from_canonical_u64);
    }
    trace
}
