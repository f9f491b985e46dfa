//! The search for cells that nothing pins finds what changes of single cells cannot.

mod common;

use braid_stark::check::check_table;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::freedom::{Cell, Freedom, Part, freedoms};
use braid_stark::{ConstraintBuilder, Expression, Felt, Message, Row, Table, Tag, Trace};
use common::BYTE;
use plonky2::field::types::Field;

const TOTAL: Tag = Tag {
    id: 11,
    name: "Total",
    length: 1,
};
const HANDED: Tag = Tag {
    id: 12,
    name: "Handed",
    length: 2,
};

/// What a table of sums lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lacks {
    /// Nothing.
    Nothing,
    /// That the parts are bytes.
    Bytes,
    /// That the carry is handed on unchanged.
    Handing,
}

/// `high + low = total`, which is told; each row hands `high` to the next by the bus.
struct Sums(Lacks);

const HIGH: usize = 0;
const LOW: usize = 1;
const SUM: usize = 2;
const TAKEN: usize = 3;
const WIDTH: usize = 4;

impl Table for Sums {
    fn name(&self) -> &'static str {
        "sums"
    }
    fn column_names(&self) -> Vec<String> {
        ["high", "low", "sum", "taken"].map(String::from).to_vec()
    }
    fn fixed_names(&self) -> Vec<String> {
        vec!["index".into()]
    }
    fn fixed(&self, height: usize) -> Trace {
        let mut trace = Trace::zero(1, height);
        for (index, row) in trace.rows_mut().enumerate() {
            row[0] = Felt::from_canonical_usize(index);
        }
        trace
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local = row.local;
        let one = B::X::one();
        builder.assert_eq("sums/sum", local[SUM], local[HIGH] + local[LOW]);
        builder.send(Message::new(TOTAL, vec![local[SUM]]), one);
        let index = row.fixed[0];
        builder.send(
            Message::new(HANDED, vec![index + one, local[HIGH]]),
            row.transition,
        );
        builder.receive(
            Message::new(HANDED, vec![index, local[TAKEN]]),
            row.first.not(),
        );
        builder.assert_zero("sums/first", row.first * local[TAKEN]);
        if self.0 != Lacks::Handing {
            let sum = local[TAKEN] + one;
            builder.assert_eq_when("sums/steps", row.transition, local[HIGH], sum);
        }
        if self.0 != Lacks::Bytes {
            builder.send(Message::new(BYTE, vec![local[HIGH]]), one);
            builder.send(Message::new(BYTE, vec![local[LOW]]), one);
        }
    }
}

fn rows() -> Trace {
    let mut trace = Trace::zero(WIDTH, 4);
    for (index, row) in trace.rows_mut().enumerate() {
        let felt = Felt::from_canonical_usize;
        row[TAKEN] = felt(index);
        row[HIGH] = felt(index + 1);
        row[LOW] = felt(40 + 3 * index);
        row[SUM] = row[HIGH] + row[LOW];
    }
    trace
}

fn found(table: &Sums, trace: &Trace, loose: &[Tag]) -> Vec<Freedom> {
    let part = Part {
        table,
        trace,
        rows: 0..trace.height(),
    };
    freedoms(&[part], loose).expect("a valid trace")
}

fn cell(row: usize, column: usize) -> Cell {
    Cell {
        part: 0,
        row,
        column,
    }
}

#[test]
fn cells_that_make_up_for_each_other_are_found() {
    let trace = rows();
    assert!(found(&Sums(Lacks::Nothing), &trace, &[]).is_empty());
    let table = Sums(Lacks::Bytes);
    assert!(check_table(&table, &trace).is_empty());
    // Each cell changed alone is noticed.
    let rows: Vec<_> = (0..trace.height()).collect();
    assert_eq!(unnoticed_columns(&table, &trace, &rows, &[]), [""; 0]);
    // Only the last row's are not determined by the rows before.
    let free = Freedom {
        cells: vec![cell(3, HIGH), cell(3, LOW)],
        dimension: 1,
    };
    assert_eq!(found(&table, &trace, &[]), std::slice::from_ref(&free));
    // With the bytes looked up, but ranges not counted, it is the same.
    assert_eq!(found(&Sums(Lacks::Nothing), &trace, &[BYTE]), [free]);
}

#[test]
fn rows_that_speak_with_each_other_may_change_together() {
    let trace = rows();
    let table = Sums(Lacks::Handing);
    let found = found(&table, &trace, &[BYTE]);
    // High, low, and what the next row takes.
    let mut expected: Vec<_> = (0..3)
        .map(|row| Freedom {
            cells: vec![cell(row, HIGH), cell(row, LOW), cell(row + 1, TAKEN)],
            dimension: 1,
        })
        .collect();
    expected.push(Freedom {
        cells: vec![cell(3, HIGH), cell(3, LOW)],
        dimension: 1,
    });
    assert_eq!(found, expected);
    // Rows that are not looked at stay, and hold the others.
    let part = Part {
        table: &table,
        trace: &trace,
        rows: 1..3,
    };
    let found = freedoms(&[part], &[BYTE]).expect("a valid trace");
    assert_eq!(found, [expected[1].clone()]);
}

/// Takes what [`Sums`] tells, and asks nothing of it.
struct Takers;

impl Table for Takers {
    fn name(&self) -> &'static str {
        "takers"
    }
    fn column_names(&self) -> Vec<String> {
        vec!["taken".into()]
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        builder.receive(Message::new(TOTAL, vec![row.local[0]]), B::X::one());
    }
}

#[test]
fn tables_that_speak_with_each_other_may_change_together() {
    let (sums, takers) = (Sums(Lacks::Nothing), Takers);
    let trace = rows();
    let mut taken = Trace::zero(1, 4);
    for row in 0..4 {
        taken.row_mut(row)[0] = trace.row(row)[SUM];
    }
    let sums = Part {
        table: &sums,
        trace: &trace,
        rows: 0..3,
    };
    let takers = Part {
        table: &takers,
        trace: &taken,
        rows: 0..3,
    };
    // Each alone says what the other takes to be as it is.
    for part in [&sums, &takers] {
        assert_eq!(
            freedoms(std::slice::from_ref(part), &[BYTE]).expect("valid"),
            []
        );
    }
    let found = freedoms(&[sums, takers], &[BYTE]).expect("valid traces");
    let expected = (0..3).map(|row| Freedom {
        cells: vec![
            cell(row, LOW),
            cell(row, SUM),
            Cell {
                part: 1,
                row,
                column: 0,
            },
        ],
        dimension: 1,
    });
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn an_invalid_trace_is_refused() {
    let mut trace = rows();
    trace.row_mut(2)[LOW] += Felt::ONE;
    let table = Sums(Lacks::Nothing);
    let part = Part {
        table: &table,
        trace: &trace,
        rows: 0..4,
    };
    let violation = freedoms(&[part], &[]).expect_err("a violation");
    assert_eq!((violation.row, violation.label), (2, "sums/sum"));
}
