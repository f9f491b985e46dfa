//! A small system with tables of different heights that speak with each other and with the public values.

#![allow(dead_code, missing_docs)]

use braid_stark::lookup::fill_multiplicities;
use braid_stark::table::{Lookup, OfferedBy};
use braid_stark::{
    ConstraintBuilder, Expression, Felt, FriParameters, Interaction, Message, PublicBus, Row,
    Shape, System, Table, Tag, Trace, columns,
};
use plonky2::field::types::{Field, PrimeField64};

pub const BYTE: Tag = Tag {
    id: 1,
    name: "Byte",
    length: 1,
};
pub const START: Tag = Tag {
    id: 2,
    name: "Start",
    length: 2,
};
pub const END: Tag = Tag {
    id: 3,
    name: "End",
    length: 1,
};
pub const CELL: Tag = Tag {
    id: 4,
    name: "Cell",
    length: 3,
};

columns! {
    /// A Fibonacci step that also shows three bytes to be bytes and writes to memory.
    pub struct FibonacciRow<T> { pub a: T, pub b: T, pub bytes: [T; 3], pub asks: T, pub before: T, pub time: T }
}

/// `(a, b)` becomes `(b, a + b)`; starts from the public values and gives the last `b` as the result.
pub struct Fibonacci;

impl Table for Fibonacci {
    fn name(&self) -> &'static str {
        "fibonacci"
    }
    fn column_names(&self) -> Vec<String> {
        braid_stark::columns::names_of::<FibonacciRow<()>>()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let (local, next) = (
            row.local::<FibonacciRow<B::X>>(),
            row.next::<FibonacciRow<B::X>>(),
        );
        builder.assert_eq_when("fibonacci/a", row.transition, next.a, local.b);
        builder.assert_eq_when("fibonacci/b", row.transition, next.b, local.a + local.b);
        builder.assert_zero(
            "fibonacci/time first",
            row.first * (local.time - B::X::one()),
        );
        builder.assert_eq_when(
            "fibonacci/time",
            row.transition,
            next.time,
            local.time + B::X::one(),
        );
        builder.assert_bool("fibonacci/asks", local.asks);
        builder.receive(Message::new(START, vec![local.a, local.b]), row.first);
        builder.send(Message::new(END, vec![local.b]), row.last);
        for byte in local.bytes {
            builder.send(Message::new(BYTE, vec![byte]), local.asks);
        }
        // The product makes the fingerprint's degree 2: it shares no helper.
        let key = local.asks * local.bytes[0];
        builder.receive(
            Message::new(CELL, vec![key, local.before, local.time - B::X::one()]),
            local.asks,
        );
        builder.send(
            Message::new(CELL, vec![key, local.b, local.time]),
            local.asks,
        );
    }
}

columns! {
    /// How often the byte of this row is asked for.
    pub struct BytesRow<T> { pub count: T }
}

/// All bytes.
pub struct Bytes;

impl Table for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }
    fn column_names(&self) -> Vec<String> {
        braid_stark::columns::names_of::<BytesRow<()>>()
    }
    fn fixed_names(&self) -> Vec<String> {
        vec!["byte".into()]
    }
    fn fixed(&self, height: usize) -> Trace {
        let mut trace = Trace::zero(1, height);
        for (value, row) in trace.rows_mut().enumerate() {
            row[0] = Felt::from_canonical_usize(value % 256);
        }
        trace
    }
    fn min_height(&self) -> usize {
        256
    }
    fn lookups(&self) -> Vec<Lookup> {
        vec![Lookup {
            tag: BYTE,
            multiplicity: 0,
            rows: OfferedBy::Computed(|payload| {
                usize::try_from(payload[0].to_canonical_u64()).ok()
            }),
        }]
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        builder.receive(Message::new(BYTE, vec![row.fixed[0]]), row.local[0]);
    }
}

columns! {
    /// First and last version of a memory cell.
    pub struct MemoryRow<T> { pub used: T, pub key: T, pub last: T, pub time: T }
}

/// Cells start as 0 at time 0.
pub struct Memory;

impl Table for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }
    fn column_names(&self) -> Vec<String> {
        braid_stark::columns::names_of::<MemoryRow<()>>()
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let local = row.local::<MemoryRow<B::X>>();
        builder.assert_bool("memory/used", local.used);
        builder.send(
            Message::new(CELL, vec![local.key, B::X::zero(), B::X::zero()]),
            local.used,
        );
        builder.receive(
            Message::new(CELL, vec![local.key, local.last, local.time]),
            local.used,
        );
    }
}

/// `x` becomes `x^3 + constant`: says nothing, and has a fixed column and a height of its own.
pub struct Cubes;

impl Table for Cubes {
    fn name(&self) -> &'static str {
        "cubes"
    }
    fn column_names(&self) -> Vec<String> {
        vec!["x".into(), "square".into()]
    }
    fn fixed_names(&self) -> Vec<String> {
        vec!["constant".into()]
    }
    fn fixed(&self, height: usize) -> Trace {
        let mut trace = Trace::zero(1, height);
        for (value, row) in trace.rows_mut().enumerate() {
            row[0] = Felt::from_canonical_usize(3 * value + 1);
        }
        trace
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        let (x, square) = (row.local[0], row.local[1]);
        builder.assert_zero("cubes/square", square - x * x);
        builder.assert_eq_when(
            "cubes/next",
            row.transition,
            row.next[0],
            x * square + row.fixed[0],
        );
    }
}

/// Two rows: fewer than a vector has lanes.
pub struct Tiny;

impl Table for Tiny {
    fn name(&self) -> &'static str {
        "tiny"
    }
    fn column_names(&self) -> Vec<String> {
        vec!["byte".into()]
    }
    fn eval<B: ConstraintBuilder>(&self, row: Row<'_, B::X>, builder: &mut B) {
        builder.send(Message::new(BYTE, vec![row.local[0]]), row.first);
        builder.assert_zero("tiny/last", row.last * row.local[0]);
    }
}

/// `(a, b, result)`.
pub struct Ends;

impl PublicBus for Ends {
    fn count(&self) -> usize {
        3
    }
    fn interactions<X: Expression>(&self, public: &[X]) -> Vec<Interaction<X>> {
        vec![
            Interaction {
                message: Message::new(START, vec![public[0], public[1]]),
                multiplicity: X::one(),
            },
            Interaction {
                message: Message::new(END, vec![public[2]]),
                multiplicity: -X::one(),
            },
        ]
    }
}

pub fn system() -> System {
    System::new(
        vec![
            Box::new(Fibonacci),
            Box::new(Bytes),
            Box::new(Memory),
            Box::new(Cubes),
            Box::new(Tiny),
        ],
        Ends,
    )
}

pub fn shape(rate_bits: usize) -> Shape {
    let fri = FriParameters {
        rate_bits,
        cap_height: 1,
        queries: 5,
        proof_of_work_bits: 3,
    };
    Shape::of(&system(), "test", &[5, 8, 2, 7, 1], fri)
}

/// Gives a shape other heights.
pub fn set_heights(shape: &mut Shape, log_heights: &[usize]) {
    for (table, log_height) in shape.tables.iter_mut().zip(log_heights) {
        table.log_height = *log_height;
    }
}

/// Traces before lookups are counted.
pub fn uncounted() -> (Vec<Trace>, Vec<Felt>) {
    let number = Felt::from_canonical_u64;
    let (mut a, mut b) = (number(3), number(5));
    let mut public = vec![a, b];
    let mut fibonacci = Trace::new(8);
    // One cell: at every even time, receiving what was there before.
    for time in 1..=32u64 {
        let row: &mut FibonacciRow<Felt> = fibonacci.push();
        *row = FibonacciRow {
            a,
            b,
            bytes: [number(9), number(time), number(255 - time)],
            asks: Felt::from_bool(time <= 20),
            before: if time == 1 { Felt::ZERO } else { a },
            time: number(time),
        };
        (a, b) = (b, a + b);
    }
    public.push(a);
    let mut memory = Trace::zero(4, 4);
    let last: &FibonacciRow<Felt> = braid_stark::Columns::from_slice(fibonacci.row(19));
    memory
        .row_mut(0)
        .copy_from_slice(&[Felt::ONE, number(9), last.b, number(20)]);
    let mut cubes = Trace::zero(2, 128);
    let mut x = number(2);
    for (index, row) in cubes.rows_mut().enumerate() {
        row[0] = x;
        row[1] = x * x;
        x = x * x * x + Felt::from_canonical_usize(3 * index + 1);
    }
    let mut tiny = Trace::zero(1, 2);
    tiny.row_mut(0)[0] = number(77);
    (
        vec![fibonacci, Trace::zero(1, 256), memory, cubes, tiny],
        public,
    )
}

pub fn traces() -> (Vec<Trace>, Vec<Felt>) {
    let (mut traces, public) = uncounted();
    fill_multiplicities(&system(), &mut traces).unwrap();
    (traces, public)
}
