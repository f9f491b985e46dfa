//! A cheating prover's calls, each with the label that stops it.

use alloy_primitives::Address;
use braid_circuits::event::opcode::INVALID;
use braid_circuits::gas::{TOP, gas_limbs, gas_of_limbs};
use braid_circuits::tables::call::{Call, CallColumns, KEPT_TOP};
use braid_circuits::word::address;
use braid_stark::columns::names_of;
use braid_stark::coverage::{Noticed, change_cell};
use braid_stark::{Columns, Felt, Table};
use plonky2::field::types::{Field, PrimeField64};

use crate::frames::{CALLEE, NESTED, deep, far_end, lacking, row_of, sample};
use crate::support::Run;

type Row = CallColumns<Felt>;

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

pub fn found(run: &Run, label: &str) {
    let findings = run.findings();
    assert!(
        findings.contains(label),
        "expected {label}, found {findings:?}"
    );
}

/// Forges the first row of `call` that is as wanted.
fn forged(mut run: Run, label: &str, wanted: impl Fn(&Row) -> bool, forge: impl FnOnce(&mut Row)) {
    let row = row_of(&run, wanted);
    forge(run.row("call", row));
    found(&run, label);
}

fn on_sample(label: &str, wanted: impl Fn(&Row) -> bool, forge: impl FnOnce(&mut Row)) {
    forged(sample(), label, wanted, forge);
}

/// A call of this account.
fn of(row: &Row, target: Address) -> bool {
    row.target[..5] == address(target)
}

fn any(_: &Row) -> bool {
    true
}

/// A number that may be negative, in limbs of which the last takes the sign.
fn signed_limbs(value: i64) -> [Felt; 4] {
    let magnitude = gas_limbs(value.unsigned_abs(), TOP);
    if value < 0 {
        magnitude.map(|limb| -limb)
    } else {
        magnitude
    }
}

fn kept(row: &Row) -> u64 {
    gas_of_limbs(row.gas.kept, KEPT_TOP).to_canonical_u64()
}

fn most(row: &Row) -> u64 {
    63 * kept(row) + row.gas.remainder.to_canonical_u64()
}

#[test]
fn more_gas_than_is_left() {
    let capped = |row: &Row| row.gas.asks_far == Felt::ONE;
    on_sample("call/given", capped, |row| row.gas.given += Felt::ONE);
    // All of it: nothing is kept.
    on_sample("U8", capped, |row| {
        row.gas.remainder += felt(64 * kept(row));
        row.gas.kept = [Felt::ZERO; 4];
        row.gas.given = felt(most(row));
    });
    on_sample("U8", capped, |row| {
        row.gas.kept[0] -= Felt::ONE;
        row.gas.remainder += felt(64);
        row.gas.given = felt(most(row));
    });
    on_sample("call/gas", capped, |row| row.gas.kept[0] += Felt::ONE);
    // The gas wraps: what is left is negative.
    on_sample("U16", capped, |row| {
        let left = felt(64 * kept(row)) + row.gas.remainder;
        let less = felt(64 * (kept(row) + 1)) + row.gas.remainder;
        row.account.was_warm += (less - left) * felt(2500).inverse();
        row.gas.kept = signed_limbs(-1);
        row.gas.remainder = Felt::ZERO;
    });
}

#[test]
fn other_gas_than_is_asked_for() {
    let less = |row: &Row| row.gas.asks_less == Felt::ONE && row.runs == Felt::ONE;
    on_sample("call/given", less, |row| row.gas.given += Felt::ONE);
    // All, though less is asked for.
    on_sample("U16", less, |row| {
        (row.gas.asks_less, row.gas.asks_more) = (Felt::ZERO, Felt::ONE);
        let asked = row.asked[0].to_canonical_u64() as i64;
        row.gas.difference = signed_limbs(asked - most(row) as i64);
        row.gas.given = felt(most(row));
    });
    on_sample("call/asks more", less, |row| {
        (row.gas.asks_less, row.gas.asks_more) = (Felt::ZERO, Felt::ONE);
        row.gas.given = felt(most(row));
    });
    on_sample("call/asks far", less, |row| {
        (row.gas.asks_less, row.gas.asks_far) = (Felt::ZERO, Felt::ONE);
        row.gas.given = felt(most(row));
    });
    // A highest bit out of thin air: what is below it is negative then, or it is no bit.
    on_sample("U16", less, |row| {
        (row.gas.asks_less, row.gas.asks_far) = (Felt::ZERO, Felt::ONE);
        row.gas.asked_top = Felt::ONE;
        row.gas.asked_high = -felt(1 << 16);
        row.gas.asked_inverse = Felt::ONE;
        row.gas.given = felt(most(row));
    });
    on_sample("call/asked top", less, |row| {
        (row.gas.asks_less, row.gas.asks_far) = (Felt::ZERO, Felt::ONE);
        row.gas.asked_top = felt(1 << 31).inverse();
        row.asked[1] += Felt::ONE;
        row.gas.asked_inverse = felt(1 << 31);
        row.gas.given = felt(most(row));
    });
    on_sample("call/one way", less, |row| row.gas.asks_less = Felt::ZERO);
    // What is asked for, though it is more.
    let more = |row: &Row| row.gas.asks_more == Felt::ONE;
    on_sample("U16", more, |row| {
        (row.gas.asks_less, row.gas.asks_more) = (Felt::ONE, Felt::ZERO);
        let asked = row.asked[0].to_canonical_u64() + (row.asked[1].to_canonical_u64() << 32);
        row.gas.difference = signed_limbs(most(row) as i64 - asked as i64);
        row.gas.given = felt(asked);
    });
    on_sample("call/asks less", more, |row| {
        (row.gas.asks_less, row.gas.asks_more) = (Felt::ONE, Felt::ZERO);
        row.gas.given = row.asked[0] + row.asked[1] * felt(1 << 32);
    });
    let far = |row: &Row| row.gas.asks_far == Felt::ONE;
    on_sample("call/asks near", far, |row| {
        (row.gas.asks_less, row.gas.asks_far) = (Felt::ONE, Felt::ZERO);
    });
    on_sample("call/asks", far, |row| row.gas.asks_far += Felt::ONE);
}

#[test]
fn value_that_is_none() {
    // A stipend without value.
    let free =
        |row: &Row| row.pays == Felt::ZERO && row.calls == Felt::ONE && row.runs == Felt::ONE;
    on_sample("call/value", free, |row| row.pays = Felt::ONE);
    on_sample(
        "call/pays",
        |row| row.delegates == Felt::ONE,
        |row| row.pays = Felt::ONE,
    );
    on_sample("call/pays", free, |row| row.pays = felt(2));
    // Value that is not paid for.
    let pays = |row: &Row| row.pays == Felt::ONE && row.runs == Felt::ONE;
    on_sample("call/value", pays, |row| row.pays = Felt::ZERO);
    on_sample("call/sends", pays, |row| row.sends = Felt::ONE - row.sends);
    on_sample("Transfer", pays, |row| row.value[0] += Felt::ONE);
    // A new account that is said to exist, and a cold one that is said to be warm, are the account's to refute.
    let new = |row: &Row| row.is_empty == Felt::ONE && row.sends == Felt::ONE;
    on_sample("AccountAccess", new, |row| row.account.exists = Felt::ONE);
    on_sample(
        "AccountAccess",
        |row| row.runs == Felt::ONE && row.account.was_warm == Felt::ZERO,
        |row| {
            row.account.was_warm = Felt::ONE;
        },
    );
}

#[test]
fn refusals_that_are_none() {
    let runs = |row: &Row| row.runs == Felt::ONE && row.pays == Felt::ONE;
    on_sample("Funds", runs, |row| {
        (row.runs, row.lacks_funds) = (Felt::ZERO, Felt::ONE);
    });
    let free = |row: &Row| row.runs == Felt::ONE && row.pays == Felt::ZERO;
    on_sample("call/funds", free, |row| {
        (row.runs, row.lacks_funds) = (Felt::ZERO, Felt::ONE);
    });
    on_sample("call/too deep", free, |row| {
        (row.runs, row.too_deep) = (Felt::ZERO, Felt::ONE);
    });
    // A frame that is refused runs no code.
    on_sample(
        "call/code",
        |row| row.lacks_funds == Felt::ONE,
        |row| row.account.code = Felt::ONE,
    );
    // Funds that are not there.
    let poor = |row: &Row| row.lacks_funds == Felt::ONE && row.calls_code == Felt::ONE;
    on_sample("Funds", poor, |row| {
        (row.lacks_funds, row.is_empty) = (Felt::ZERO, Felt::ONE);
    });
    let poor = |row: &Row| row.lacks_funds == Felt::ONE && row.calls == Felt::ONE;
    on_sample("Transfer", poor, |row| {
        (row.lacks_funds, row.is_empty) = (Felt::ZERO, Felt::ONE);
    });
}

#[test]
fn a_call_that_is_too_deep() {
    forged(
        deep(),
        "U16",
        |row| row.too_deep == Felt::ONE,
        |row| {
            (row.too_deep, row.is_empty) = (Felt::ZERO, Felt::ONE);
        },
    );
    forged(
        deep(),
        "FrameContext",
        |row| row.too_deep == Felt::ONE,
        |row| {
            (row.too_deep, row.is_empty) = (Felt::ZERO, Felt::ONE);
            row.caller.depth -= Felt::ONE;
        },
    );
}

#[test]
fn a_static_frame_that_sends_value() {
    let violates = |row: &Row| row.violates == Felt::ONE;
    on_sample("call/static", violates, |row| {
        (row.violates, row.runs) = (Felt::ZERO, Felt::ONE);
    });
    on_sample("FrameContext", violates, |row| {
        row.caller.is_static = Felt::ZERO
    });
    // It is no reason without value, or where the frame may.
    let others = |row: &Row| row.runs == Felt::ONE && row.sends == Felt::ONE;
    on_sample("call/violates", others, |row| {
        (row.violates, row.runs) = (Felt::ONE, Felt::ZERO);
    });
    // A refusal does not come first.
    on_sample("call/static", violates, |row| {
        (row.violates, row.lacks_funds) = (Felt::ZERO, Felt::ONE);
    });
}

#[test]
fn another_contracts_code() {
    let runs = |row: &Row| row.runs == Felt::ONE && of(row, CALLEE);
    on_sample("Code", runs, |row| row.account.code = Felt::ONE);
    // With all that belongs to it, the account has another.
    let mut run = sample();
    let (from, to) = (
        row_of(&run, |row| row.runs == Felt::ONE && of(row, NESTED)),
        row_of(&run, runs),
    );
    let other = run.row::<Row>("call", from).account.to_owned();
    let row: &mut Row = run.row("call", to);
    let was = row.account.was_warm;
    row.account = other;
    row.account.was_warm = was;
    let findings = run.findings();
    assert!(
        findings.contains("AccountAccess") && !findings.contains("Code"),
        "{findings:?}"
    );
    // None, though it has code; or its code, though it is a delegation.
    on_sample("call/no code", runs, |row| {
        (row.runs, row.is_empty) = (Felt::ZERO, Felt::ONE)
    });
    on_sample("call/delegation", runs, |row| {
        row.account.first_byte = felt(0xef)
    });
    on_sample("CodeByte", runs, |row| {
        row.account.first_byte = felt(u64::from(INVALID));
        row.account.byte_inverse = (row.account.first_byte - felt(0xef)).inverse();
    });
}

#[test]
fn precompiles_that_are_none() {
    let precompile = |row: &Row| row.is_precompile == Felt::ONE;
    let empty = |row: &mut Row| {
        (row.is_precompile, row.is_empty) = (Felt::ZERO, Felt::ONE);
        row.account.code = Felt::ZERO;
    };
    on_sample("call/precompile", precompile, empty);
    on_sample("AccountAccess", precompile, |row| {
        empty(row);
        row.account.is_precompile = Felt::ZERO;
    });
    // An account called a precompile; a precompile called another.
    on_sample(
        "call/precompile",
        |row| row.is_empty == Felt::ONE,
        |row| {
            (row.is_precompile, row.is_empty) = (Felt::ONE, Felt::ZERO);
        },
    );
    on_sample("call/number", precompile, |row| {
        row.account.code = Felt::ONE
    });
}

#[test]
fn memory_that_is_not_paid() {
    let grows = |row: &Row| row.input.near == Felt::ONE;
    on_sample("call/input", grows, |row| row.input.near = felt(2));
    on_sample("call/input length", grows, |row| {
        row.input.near = Felt::ZERO
    });
    on_sample("MemoryGrowth", grows, |row| row.input_growth += Felt::ONE);
    on_sample(
        "call/no growth",
        |row| row.input.near == Felt::ZERO,
        |row| {
            row.input_growth -= Felt::ONE;
        },
    );
    on_sample(
        "call/no growth",
        |row| row.output.near == Felt::ZERO,
        |row| {
            row.next_words += Felt::ONE;
        },
    );
    on_sample("call/input start", grows, |row| {
        row.input.start += Felt::ONE
    });
    on_sample(
        "call/output start",
        |row| row.output.near == Felt::ONE,
        |row| {
            row.output.start += Felt::ONE;
        },
    );
    let to = |row: &Row| row.output.near == Felt::ONE;
    on_sample("call/output", to, |row| row.output.near = felt(2));
    on_sample("call/output length", to, |row| row.output.near = Felt::ZERO);
    on_sample("call/output distance", to, |row| {
        (row.output.near, row.output.far) = (Felt::ZERO, Felt::ONE);
    });
    // What is far is not near.
    let far = |row: &Row| row.far == Felt::ONE;
    forged(far_end(), "call/input distance", far, |row| {
        (row.input.near, row.input.far) = (Felt::ONE, Felt::ZERO);
    });
    forged(far_end(), "call/near", far, |row| {
        (row.far, row.lacks) = (Felt::ZERO, Felt::ONE);
    });
}

#[test]
fn halts_without_reason() {
    on_sample("call/lacks", any, |row| {
        (row.runs, row.lacks) = (Felt::ZERO, Felt::ONE);
    });
    on_sample("call/far", any, |row| {
        (row.runs, row.far) = (Felt::ZERO, Felt::ONE);
    });
    // One gas short is not enough to go on.
    forged(lacking(), "call/gas", any, |row| {
        (row.lacks, row.is_empty) = (Felt::ZERO, Felt::ONE);
    });
    forged(lacking(), "U16", any, |row| {
        (row.lacks, row.is_empty) = (Felt::ZERO, Felt::ONE);
        row.gas.kept = [-felt(64).inverse(), Felt::ZERO, Felt::ZERO, Felt::ZERO];
    });
    forged(lacking(), "U8", any, |row| {
        (row.lacks, row.is_empty) = (Felt::ZERO, Felt::ONE);
        row.gas.remainder = -Felt::ONE;
    });
    // What makes it dear is the account's to say.
    forged(lacking(), "AccountView", any, |row| {
        row.account.exists = Felt::ONE
    });
    on_sample("call/case", any, |row| row.lacks = felt(2));
    on_sample("call/one case", any, |row| row.lacks = Felt::ONE);
    on_sample("call/opcode", any, |row| row.calls = felt(2));
    on_sample("call/one opcode", any, |row| row.delegates = Felt::ONE);
}

/// Rows of a call and of the next one that runs the same code.
fn two_calls(run: &Run) -> (usize, usize) {
    let first = row_of(run, |row| row.runs == Felt::ONE);
    let clock = Row::from_slice(run.trace("call").row(first)).at.clock;
    let second = row_of(run, |row| {
        row.runs == Felt::ONE && row.at.clock != clock && of(row, CALLEE)
    });
    (first, second)
}

#[test]
fn return_data_of_another_frame() {
    let mut run = sample();
    let (first, second) = two_calls(&run);
    // The result of the one for that of the other.
    let other = run.row::<Row>("call", second).result.to_owned();
    run.row::<Row>("call", first).result = other;
    found(&run, "FrameResult");
    // The frames change places.
    let mut run = sample();
    let children = [first, second].map(|row| run.row::<Row>("call", row).child);
    run.row::<Row>("call", first).child = children[1];
    run.row::<Row>("call", second).child = children[0];
    found(&run, "FrameStart");
    // Bytes that were not handed back, more of them, or none.
    let copies = |row: &Row| row.result.copies == Felt::ONE && row.result.full == Felt::ONE;
    on_sample("call/copied", copies, |row| row.result.copied += Felt::ONE);
    on_sample("FrameResult", copies, |row| row.result.offset += Felt::ONE);
    on_sample("Copy", copies, |row| row.result.offset += Felt::ONE);
    on_sample("MemoryWord", copies, |row| row.result.offset += Felt::ONE);
    on_sample("U16", copies, |row| {
        row.result.full = Felt::ZERO;
        row.result.copied = row.result.length;
        row.result.difference = row.result.difference.map(|limb| -limb);
    });
    on_sample("call/least", copies, |row| {
        row.result.full = Felt::ZERO;
        row.result.copied = row.result.length;
    });
    on_sample("call/full", copies, |row| row.result.full = felt(2));
    on_sample("call/none copied", copies, |row| {
        row.result.copies = Felt::ZERO
    });
    on_sample(
        "call/any copied",
        |row| row.runs == Felt::ONE && row.result.copies == Felt::ZERO,
        |row| {
            row.result.copies = Felt::ONE;
        },
    );
    on_sample("call/copies", copies, |row| row.result.copies = felt(2));
    // What was noted is from before.
    on_sample("Clock", any, |row| {
        row.result.accessed = row.result.closed + row.result.closed + Felt::ONE
    });
}

#[test]
fn results_that_are_none() {
    let runs = |row: &Row| row.runs == Felt::ONE;
    for label in ["FrameResult", "StackWord"] {
        on_sample(label, runs, |row| row.result.outcome = felt(0));
    }
    for label in ["FrameResult", "Enter"] {
        on_sample(label, runs, |row| row.result.gas += Felt::ONE);
        on_sample(label, runs, |row| row.result.closed -= Felt::ONE);
        on_sample(label, runs, |row| row.result.writes -= Felt::ONE);
    }
}

/// A cell of a row without flags says nothing, or is forbidden.
#[test]
fn padding_says_nothing() {
    let run = sample();
    let padding = run.trace("call").height() - 1;
    let mut trace = run.trace("call").clone();
    let fixed = Call.fixed(trace.height());
    assert!(trace.row(padding).iter().all(|cell| *cell == Felt::ZERO));
    for (column, name) in names_of::<CallColumns<()>>().iter().enumerate() {
        let noticed = change_cell(&Call, &mut trace, &fixed, (padding, column), Felt::ONE, &[]);
        assert!(
            !matches!(noticed, Noticed::Messages(_)),
            "{name}: {noticed:?}"
        );
    }
    // A case without opcode, and an opcode without case.
    for flag in 0..FLAGS {
        let noticed = change_cell(&Call, &mut trace, &fixed, (padding, flag), Felt::ONE, &[]);
        assert!(noticed.mentions("call/one case"), "{noticed:?}");
    }
}

/// Columns that are opcodes and cases: the first ones.
const FLAGS: usize = 12;
