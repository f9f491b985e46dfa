use braid_stark::check::check;
use braid_stark::columns::names_of;
use braid_stark::lookup::fill_multiplicities;
use braid_stark::symbolic::SymbolicTable;
use braid_stark::system::NoPublicValues;
use braid_stark::{AnyTable, ConstraintBuilder, Error, Felt, Row, System, Table, Trace};
use plonky2::field::types::{Field, PrimeField64};

use super::{ENTRIES, Range16, generate};
use crate::bus::Message;

/// Looks up one number and one triple a row.
struct Asker;

impl Table for Asker {
    fn name(&self) -> &'static str {
        "asker"
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<[(); 4]>()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let [value, a, b, c] = [0, 1, 2, 3].map(|i| row.local[i]);
        let one = <B::X as braid_stark::Expression>::one();
        builder.send(Message::U16 { value }, one);
        builder.send(Message::Xor { a, b, c }, one);
    }
}

fn asked(rows: &[[u64; 4]]) -> Trace {
    let mut trace = Trace::zero(4, rows.len());
    for (cells, row) in trace.rows_mut().zip(rows) {
        for (cell, value) in cells.iter_mut().zip(row) {
            *cell = Felt::from_noncanonical_u64(*value);
        }
    }
    trace
}

fn filled(rows: &[[u64; 4]], height: usize) -> Result<(System, Vec<Trace>), Error> {
    let system = System::new(vec![Box::new(Asker), Box::new(Range16)], NoPublicValues);
    let mut range = generate();
    Table::pad(&Range16, &mut range, height);
    let mut traces = vec![asked(rows), range];
    fill_multiplicities(&system, &mut traces)?;
    Ok((system, traces))
}

const VALID: [[u64; 4]; 4] = [
    [0, 0, 0, 0],
    [65_535, 255, 255, 0],
    [65_535, 0xa5, 0x0f, 0xaa],
    [258, 1, 2, 3],
];

#[test]
fn valid_lookups_balance() {
    for height in [ENTRIES, 2 * ENTRIES] {
        let (system, traces) = filled(&VALID, height).unwrap();
        let report = check(&system, &traces, &[]).unwrap();
        assert!(report.is_ok(), "{report}");
    }
}

#[test]
fn out_of_range_is_refused() {
    for row in [
        [65_536, 0, 0, 0],
        [Felt::NEG_ONE.to_canonical_u64(), 0, 0, 0],
        [0, 1, 2, 2],
        [0, 256, 0, 256],
        [0, 0, 256, 256],
    ] {
        assert!(matches!(
            filled(&[row], ENTRIES),
            Err(Error::LookupMissing { .. })
        ));
        // The same with the counts of valid lookups: the bus does not balance.
        let (system, mut traces) = filled(&[VALID[0]], ENTRIES).unwrap();
        traces[0] = asked(&[row]);
        let report = check(&system, &traces, &[]).unwrap();
        let expected = if row[0] == 0 { "Xor" } else { "U16" };
        assert!(report.mentions(expected), "{row:?}: {report}");
    }
}

#[test]
fn changed_counts_are_caught() {
    let (system, traces) = filled(&VALID, ENTRIES).unwrap();
    for (column, expected) in [(0, "U16"), (1, "Xor")] {
        for row in [0, 17, ENTRIES - 1] {
            let mut forged = traces.clone();
            forged[1].row_mut(row)[column] += Felt::ONE;
            let report = check(&system, &forged, &[]).unwrap();
            assert!(report.mentions(expected), "{report}");
        }
    }
}

/// No row offers anything above the range, at any height.
#[test]
fn offers_stay_in_range() {
    for height in [ENTRIES, 4 * ENTRIES] {
        let fixed = Table::fixed(&Range16, height);
        for row in 0..height {
            let [low, high, xor] = [0, 1, 2].map(|i| fixed.row(row)[i].to_canonical_u64());
            assert!(low < 256 && high < 256 && xor == low ^ high);
        }
    }
}

#[test]
fn degrees_are_low() {
    let table: &dyn AnyTable = &Range16;
    assert_eq!(SymbolicTable::of(table).excessive_degrees(), vec![]);
}
