//! What the forgery tests share: layouts to bend, their traces, and what must be found.

use alloy_primitives::U256;
use braid_stark::{AnyTable, Columns, Felt, Trace};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::support::{Fields, Kind, findings};
use crate::tables::rlp::Rlp;
use crate::tables::rlp::columns::RlpColumns;
use crate::tables::rlp::decode::{Layout, decode};
use crate::tables::rlp::generation::fill;

pub(super) fn fields(kind: Kind) -> Fields {
    let mut fields = Fields::random(&mut StdRng::seed_from_u64(30), kind);
    fields.nonce = 0x1234;
    fields.chain_id = 0x1234_5678;
    fields.gas_limit = 21_000;
    fields.value = U256::MAX >> 8;
    fields.data = vec![0, 1, 2, 0, 3];
    fields.access = vec![2, 0, 1];
    fields
}

pub(super) fn layout(kind: Kind) -> Layout {
    decode(&fields(kind).sample().raw).unwrap()
}

pub(super) fn columns(trace: &mut Trace, row: usize) -> &mut RlpColumns<Felt> {
    RlpColumns::from_slice_mut(trace.row_mut(row))
}

/// The trace of one transaction with these items, which runs code, padded.
pub(super) fn trace_of(layout: &Layout) -> Trace {
    let mut trace = Trace::new(RlpColumns::<Felt>::WIDTH);
    fill(&mut trace, (0, 5), layout, true);
    let height = (trace.height() + 1).next_power_of_two();
    AnyTable::pad(&Rlp, &mut trace, height);
    trace
}

/// Asserts that the forged trace fails with `label`.
pub(super) fn fails(trace: &Trace, label: &str) {
    let found = findings(trace);
    assert!(found.contains(&label), "expected {label}, found {found:?}");
}

/// The first row where `is` holds.
pub(super) fn row_where(trace: &Trace, is: impl Fn(&RlpColumns<Felt>) -> bool) -> usize {
    (0..trace.height())
        .find(|&row| is(RlpColumns::from_slice(trace.row(row))))
        .unwrap()
}
