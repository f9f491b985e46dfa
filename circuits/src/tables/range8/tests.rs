use braid_stark::check::check;
use braid_stark::columns::names_of;
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{AnyTable, ConstraintBuilder, Error, Felt, Row, System, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::{ENTRIES, Range8, generate};
use crate::bus::Message;

/// Looks up one number a row.
struct Asker;

impl Table for Asker {
    fn name(&self) -> &'static str {
        "asker"
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<[(); 1]>()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let value = row.local[0];
        builder.send(
            Message::U8 { value },
            <B::X as braid_stark::Expression>::one(),
        );
    }
}

fn asked(values: &[u64]) -> Trace {
    let mut trace = Trace::zero(1, values.len());
    for (cells, value) in trace.rows_mut().zip(values) {
        cells[0] = Felt::from_noncanonical_u64(*value);
    }
    trace
}

fn filled(values: &[u64], height: usize) -> Result<(System, Vec<Trace>), Error> {
    let system = System::new(vec![Box::new(Asker), Box::new(Range8)], NoPublicValues);
    let mut range = generate();
    Table::pad(&Range8, &mut range, height);
    let mut traces = vec![asked(values), range];
    fill_multiplicities(&system, &mut traces)?;
    Ok((system, traces))
}

#[test]
fn valid_lookups_balance() {
    let all: Vec<u64> = (0..512).map(|i| i % 256).collect();
    for height in [ENTRIES, 4 * ENTRIES] {
        let (system, traces) = filled(&all, height).unwrap();
        let report = check(&system, &traces, &[]).unwrap();
        assert!(report.is_ok(), "{report}");
    }
}

#[test]
fn out_of_range_is_refused() {
    for value in [256, 65_536, Felt::NEG_ONE.to_canonical_u64()] {
        for height in [ENTRIES, 4 * ENTRIES] {
            assert!(matches!(
                filled(&[value], height),
                Err(Error::LookupMissing { .. })
            ));
            let (system, mut traces) = filled(&[0], height).unwrap();
            traces[0] = asked(&[value]);
            let report = check(&system, &traces, &[]).unwrap();
            assert!(report.mentions("U8"), "{report}");
        }
    }
}

#[test]
fn changed_counts_are_caught() {
    let (system, traces) = filled(&[3, 3, 255, 0], ENTRIES).unwrap();
    for row in [0, 3, 4, 255] {
        let mut forged = traces.clone();
        forged[1].row_mut(row)[0] += Felt::ONE;
        let report = check(&system, &forged, &[]).unwrap();
        assert!(report.mentions("U8"), "{report}");
    }
}

/// No row offers anything above the range, at any height.
#[test]
fn offers_stay_in_range() {
    let fixed = Table::fixed(&Range8, 8 * ENTRIES);
    assert!(
        fixed
            .cells()
            .iter()
            .all(|value| value.to_canonical_u64() < 256)
    );
}

#[test]
fn degrees_are_low() {
    let table: &dyn AnyTable = &Range8;
    assert_eq!(SymbolicTable::of(table).excessive_degrees(), vec![]);
}
