//! A cheating prover's frames, each with the label that stops it.

use braid_circuits::bus::tag;
use braid_circuits::event::opcode::RETURN;
use braid_circuits::tables::block_value::{BlockValueColumns, BlockValueTable};
use braid_circuits::tables::call::CallColumns;
use braid_circuits::tables::environment::{EnvironmentColumns, EnvironmentTable};
use braid_circuits::tables::finish::{Finish as FinishTable, FinishColumns};
use braid_circuits::tables::frame::{FrameColumns, FrameTable};
use braid_stark::coverage::{Noticed, change_cell};
use braid_stark::{AnyTable, Columns, Felt};
use plonky2::field::types::Field;

use crate::call_forgeries::found;
use crate::frames::{far_end, sample};
use crate::support::{Run, call_traces, push};

type Frame = FrameColumns<Felt>;
type Finish = FinishColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// The first row of a table that is as wanted.
fn row_of<C: Columns<Felt>>(run: &Run, table: &str, wanted: impl Fn(&C) -> bool) -> usize {
    let trace = run.trace(table);
    let mut rows = 0..trace.height();
    let found = rows.find(|row| wanted(C::from_slice(trace.row(*row))));
    found.expect("such a row")
}

fn forged<C: Columns<Felt>>(
    table: &str,
    label: &str,
    wanted: impl Fn(&C) -> bool,
    forge: impl FnOnce(&mut C),
) {
    let mut run = sample();
    let row = row_of(&run, table, wanted);
    forge(run.row(table, row));
    found(&run, label);
}

fn frame(label: &str, wanted: impl Fn(&Frame) -> bool, forge: impl FnOnce(&mut Frame)) {
    forged("frame", label, wanted, forge);
}

fn one(flag: Felt) -> bool {
    flag == Felt::ONE
}

/// A frame that made changes which are undone on its own account.
fn failed(row: &Frame) -> bool {
    one(row.runs) && one(row.halts) && row.undone != Felt::ZERO
}

/// A frame that succeeded within one that failed.
fn undone_with_parent(row: &Frame) -> bool {
    one(row.succeeds_within) && row.undone_at != Felt::ZERO
}

#[test]
fn failures_called_successes_and_the_reverse() {
    let succeeds = |row: &mut Frame| {
        (row.halts, row.reverts) = (Felt::ZERO, Felt::ZERO);
        row.succeeds_within = Felt::ONE;
        (row.undone, row.undone_at) = (Felt::ZERO, Felt::ZERO);
    };
    frame("FrameEnd", failed, succeeds);
    let reverted = |row: &Frame| one(row.runs) && one(row.reverts);
    frame("FrameEnd", reverted, succeeds);
    let succeeded = |row: &Frame| one(row.runs) && one(row.succeeds_within);
    let fails = |row: &mut Frame| {
        (row.succeeds_within, row.reverts) = (Felt::ZERO, Felt::ONE);
        row.undone = row.end_writes - row.writes;
        row.undone_at = row.ended + row.ended + felt(2) + row.end_writes;
    };
    frame("FrameEnd", succeeded, fails);
    // Where the caller believes it too.
    frame("FrameResult", succeeded, fails);
    frame("frame/empty", |row| one(row.is_empty), fails);
    frame("frame/refused", |row| one(row.is_refused), succeeds);
    // The table that ends it tells the truth about the opcode.
    let reverts = |row: &Finish| one(row.reverts);
    forged("finish", "Leave", reverts, |row: &mut Finish| {
        (row.reverts, row.returns) = (Felt::ZERO, Felt::ONE);
    });
    forged(
        "finish",
        "Leave",
        |row: &Finish| one(row.returns),
        |row: &mut Finish| {
            (row.returns, row.reverts) = (Felt::ZERO, Felt::ONE);
        },
    );
    frame("frame/outcome", succeeded, |row| row.halts = felt(2));
    frame("frame/one outcome", succeeded, |row| {
        row.succeeds_within = Felt::ZERO
    });
    frame("frame/opening", succeeded, |row| row.runs = felt(2));
    frame("frame/used", succeeded, |row| row.is_empty = Felt::ONE);
}

#[test]
fn undone_at_another_time() {
    for change in [-Felt::ONE, Felt::ONE] {
        frame("frame/undone at", failed, |row| row.undone_at += change);
    }
    frame("frame/undone at", failed, |row| row.undone_at = Felt::ZERO);
    // That of another frame, or none, in place of the parent's.
    frame("ParentUndone", undone_with_parent, |row| {
        row.undone_at = Felt::ZERO
    });
    frame("ParentUndone", undone_with_parent, |row| {
        row.parent = Felt::ONE
    });
    // As if no frame had called it.
    frame("frame/first", undone_with_parent, |row| {
        (row.succeeds_within, row.succeeds_first) = (Felt::ZERO, Felt::ONE);
        row.undone_at = Felt::ZERO;
    });
    frame("FrameStart", undone_with_parent, |row| {
        (row.succeeds_within, row.succeeds_first) = (Felt::ZERO, Felt::ONE);
        (row.undone_at, row.parent) = (Felt::ZERO, Felt::ZERO);
    });
    frame(
        "frame/not undone",
        |row| one(row.succeeds_first),
        |row| row.undone_at = Felt::ONE,
    );
    // Of a frame without parent, from itself.
    frame(
        "ParentUndone",
        |row| one(row.succeeds_first),
        |row| {
            (row.succeeds_within, row.succeeds_first) = (Felt::ONE, Felt::ZERO);
            row.undone_at = felt(99);
        },
    );
}

#[test]
fn callers_that_go_on_too_early() {
    let mut run = sample();
    let at = row_of::<Frame>(&run, "frame", failed);
    let row: &mut Frame = run.row("frame", at);
    row.closed = row.ended + Felt::ONE;
    let child = row.frame;
    // The caller agrees.
    let call = row_of::<CallColumns<Felt>>(&run, "call", |row| row.child == child);
    let early = run.row::<Frame>("frame", at).closed;
    run.row::<CallColumns<Felt>>("call", call).result.closed = early;
    found(&run, "Clock");
    frame("frame/undone", failed, |row| row.undone = Felt::ZERO);
    // Before the frame has ended.
    let ended = |row: &Frame| one(row.succeeds_within) && one(row.runs);
    frame("Clock", ended, |row| row.closed = row.ended);
    frame("FrameEnd", ended, |row| row.ended -= Felt::ONE);
}

#[test]
fn gas_and_data_from_nothing() {
    frame("frame/gas lost", failed, |row| row.gas_left = Felt::ONE);
    frame("frame/no data", failed, |row| row.length = Felt::ONE);
    let at_once = |row: &Frame| one(row.is_empty);
    frame("frame/gas given back", at_once, |row| {
        row.gas_left += Felt::ONE
    });
    frame("frame/no data", at_once, |row| row.offset = Felt::ONE);
    frame("frame/no writes", at_once, |row| {
        row.end_writes += Felt::ONE
    });
    frame("frame/no steps", at_once, |row| row.ended += Felt::ONE);
    // Code that is not run, none that is.
    frame(
        "FrameStart",
        |row| one(row.runs),
        |row| {
            (row.runs, row.is_empty) = (Felt::ZERO, Felt::ONE);
        },
    );
    frame("FrameStart", at_once, |row| {
        (row.runs, row.is_empty) = (Felt::ONE, Felt::ZERO)
    });
}

#[test]
fn numbers_of_frames_are_their_own() {
    let second = |row: &Frame| row.frame == felt(2);
    frame("frame/number", second, |row| row.frame = Felt::ONE);
    frame(
        "frame/first number",
        |row| one(row.frame),
        |row| row.frame = Felt::ZERO,
    );
    // A gap, after which numbers could begin anew.
    frame("frame/gap", second, |row| {
        *row = *Frame::from_slice(&[Felt::ZERO; Frame::WIDTH])
    });
    // Padding that answers.
    let padding = |row: &Frame| row.frame == Felt::ZERO;
    frame("frame/count", padding, |row| row.successes = Felt::ONE);
    frame("frame/count", padding, |row| row.counts[3] = Felt::ONE);
}

/// A cell of a row without flags says nothing, or is forbidden; it may look up what is true.
#[test]
fn padding_says_nothing() {
    let run = sample();
    let tables: [&dyn AnyTable; 4] = [
        &FrameTable,
        &FinishTable,
        &EnvironmentTable,
        &BlockValueTable,
    ];
    let lookups = [
        tag::FrameContext,
        tag::FrameCaller,
        tag::FrameInput,
        tag::FrameCode,
        tag::CodeLength,
        tag::TransactionValue,
        tag::BlockValue,
    ];
    for table in tables {
        let mut trace = run.trace(table.name()).clone();
        let fixed = table.fixed(trace.height());
        let padding = trace.height() - 1;
        assert!(trace.row(padding).iter().all(|cell| *cell == Felt::ZERO));
        for (column, name) in table.column_names().iter().enumerate() {
            let cell = (padding, column);
            let noticed = change_cell(table, &mut trace, &fixed, cell, Felt::ONE, &lookups);
            assert!(
                !matches!(noticed, Noticed::Messages(_)),
                "{name}: {noticed:?}"
            );
        }
    }
}

#[test]
fn ends_that_are_not_so() {
    let finish = |label: &str, wanted: fn(&Finish) -> bool, forge: fn(&mut Finish)| {
        forged("finish", label, wanted, forge);
    };
    let returns = |row: &Finish| one(row.returns) && one(row.region.near);
    finish("finish/gas", returns, |row| row.rest[0] += Felt::ONE);
    finish("MemoryGrowth", returns, |row| row.growth = Felt::ZERO);
    finish(
        "finish/growth",
        |row| one(row.stops),
        |row| row.growth = -Felt::ONE,
    );
    finish(
        "finish/nothing",
        |row| one(row.stops),
        |row| row.region.length[0] = Felt::ONE,
    );
    finish("finish/start", returns, |row| row.region.start += Felt::ONE);
    finish("finish/region", returns, |row| row.region.near = felt(2));
    finish("finish/length", returns, |row| row.region.near = Felt::ZERO);
    finish("finish/lacks", returns, |row| {
        (row.done, row.lacks) = (Felt::ZERO, Felt::ONE)
    });
    finish(
        "finish/lacks near",
        |row| one(row.stops),
        |row| {
            (row.done, row.lacks) = (Felt::ZERO, Felt::ONE);
        },
    );
    finish("finish/distance", returns, |row| {
        (row.done, row.region.near, row.region.far) = (Felt::ZERO, Felt::ZERO, Felt::ONE);
    });
    finish("finish/opcode", returns, |row| row.returns = felt(2));
    finish("finish/one opcode", returns, |row| row.stops = Felt::ONE);
    finish("finish/case", returns, |row| row.done = felt(2));
    finish("finish/one case", returns, |row| row.done = Felt::ZERO);
    // One gas short, and done all the same: the gas wraps.
    let ends = [push(10), push(60), vec![RETURN]].concat();
    let mut run = Run::of(&call_traces(ends, 21_000 + 6 + 8));
    let row: &mut Finish = run.row("finish", 0);
    (row.lacks, row.done) = (Felt::ZERO, Felt::ONE);
    row.rest = [-Felt::ONE, Felt::ZERO, Felt::ZERO, Felt::ZERO];
    found(&run, "U16");
    // What is far is not near.
    let mut run = far_end();
    let at = row_of::<Finish>(&run, "finish", |row| one(row.region.far));
    let row: &mut Finish = run.row("finish", at);
    (row.region.near, row.region.far, row.lacks) = (Felt::ONE, Felt::ZERO, Felt::ONE);
    found(&run, "finish/distance");
}

#[test]
fn another_environment() {
    type Row = EnvironmentColumns<Felt>;
    let environment = |label: &str, wanted: fn(&Row) -> bool, forge: fn(&mut Row)| {
        forged("environment", label, wanted, forge);
    };
    environment(
        "FrameContext",
        |row| one(row.is_address),
        |row| row.account[0] += Felt::ONE,
    );
    environment(
        "FrameCaller",
        |row| one(row.is_caller),
        |row| row.account[0] += Felt::ONE,
    );
    environment(
        "FrameCaller",
        |row| one(row.is_value),
        |row| row.amount[0] += Felt::ONE,
    );
    environment(
        "FrameInput",
        |row| one(row.is_input_size),
        |row| row.size += Felt::ONE,
    );
    environment(
        "CodeLength",
        |row| one(row.is_code_size),
        |row| row.size += Felt::ONE,
    );
    environment(
        "FrameCode",
        |row| one(row.is_code_size),
        |row| row.code += Felt::ONE,
    );
    environment(
        "TransactionValue",
        |row| one(row.is_origin),
        |row| row.amount[0] += Felt::ONE,
    );
    environment(
        "TransactionValue",
        |row| one(row.is_gas_price),
        |row| row.amount[0] += Felt::ONE,
    );
    environment(
        "FrameInput",
        |row| one(row.is_gas_price),
        |row| row.transaction += Felt::ONE,
    );
    // One thing for another.
    environment(
        "Compute",
        |row| one(row.is_address),
        |row| {
            (row.is_address, row.is_caller) = (Felt::ZERO, Felt::ONE);
        },
    );
    environment(
        "environment/one opcode",
        |row| one(row.is_address),
        |row| row.is_caller = Felt::ONE,
    );
    environment(
        "environment/opcode",
        |row| one(row.is_address),
        |row| row.is_address = felt(2),
    );
    let padding = |row: &Row| row.count == Felt::ZERO;
    environment("environment/count", padding, |row| row.count = Felt::ONE);
}

#[test]
fn another_block() {
    type Row = BlockValueColumns<Felt>;
    let block = |label: &str, wanted: fn(&Row) -> bool, forge: fn(&mut Row)| {
        forged("block_value", label, wanted, forge);
    };
    block(
        "BlockValue",
        |row| one(row.of_block),
        |row| row.value[0] += Felt::ONE,
    );
    block(
        "block_value/index",
        |row| one(row.of_block),
        |row| row.index[0] = Felt::ONE,
    );
    block(
        "block_value/blob",
        |row| one(row.of_blob),
        |row| row.value[0] = Felt::ONE,
    );
    // A value of the block that is called the hash of a blob: any, and zero.
    block(
        "block_value/opcode",
        |row| one(row.of_block),
        |row| {
            (row.of_block, row.of_blob) = (Felt::ZERO, Felt::ONE);
            row.value = [Felt::ZERO; 8];
        },
    );
    block(
        "BlockValue",
        |row| one(row.of_blob),
        |row| {
            (row.of_block, row.of_blob) = (Felt::ONE, Felt::ZERO);
            row.value[0] = Felt::ONE;
        },
    );
    block(
        "block_value/kind",
        |row| one(row.of_block),
        |row| row.of_blob = Felt::ONE,
    );
    block(
        "block_value/count",
        |row| row.count == Felt::ZERO,
        |row| row.count = Felt::ONE,
    );
}
