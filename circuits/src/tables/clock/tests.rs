use braid_stark::check::check;
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{Columns, Error, Felt, System, Trace};
use plonky2::field::types::{Field, Field64};

use super::{Clock, ClockColumns};
use crate::bus::Message;
use crate::tables::test_support::Claims;

const HEIGHT: usize = 1 << 10;

fn filled(values: &[u64]) -> (System, Vec<Trace>, Result<(), Error>) {
    let system = System::new(vec![Box::new(Claims), Box::new(Clock)], NoPublicValues);
    let asked = values.iter().map(|value| Message::Clock {
        value: Felt::from_noncanonical_u64(*value),
    });
    let rows = Trace::zero(ClockColumns::<Felt>::WIDTH, HEIGHT);
    let mut traces = vec![Claims::trace(asked), rows];
    let counted = fill_multiplicities(&system, &mut traces);
    (system, traces, counted)
}

#[test]
fn gaps_below_the_height_balance() {
    let (system, traces, counted) = filled(&[0, 0, 1, 500, HEIGHT as u64 - 1]);
    counted.unwrap();
    let report = check(&system, &traces, &[]).unwrap();
    assert!(report.is_ok(), "{report}");
}

#[test]
fn other_gaps_are_refused_whatever_the_counts_are() {
    for value in [HEIGHT as u64, Felt::ORDER - 1, Felt::ORDER - 500] {
        let (system, mut traces, counted) = filled(&[3, value]);
        assert!(matches!(counted, Err(Error::LookupMissing { .. })));
        for row in 0..HEIGHT {
            traces[1].row_mut(row)[0] = Felt::from_bool(row == 3);
            let report = check(&system, &traces, &[]).unwrap();
            assert!(report.mentions("Clock"));
        }
    }
}

#[test]
fn degrees() {
    assert!(SymbolicTable::of(&Clock).excessive_degrees().is_empty());
}
