//! Transactions around their frames, in real blocks.

use std::collections::BTreeSet;

use alloy_eips::eip2930::AccessListItem;
use alloy_primitives::{Address, B256, U256};
use braid_circuits::bus::tag;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::FrameResult;
use braid_circuits::gas::gas_of_limbs;
use braid_circuits::tables::invocation::{FIFTH_TOP, Invocation, InvocationColumns};
use braid_circuits::tables::transaction::TransactionColumns;
use braid_stark::Felt;
use braid_stark::coverage::unnoticed_columns;
use braid_stark::symbolic::SymbolicTable;
use braid_witness::sample::Draft;
use plonky2::field::types::Field;

use crate::support::{CALLED, MAIN, Run, SentBlock, block_of, call_of_main, push};

/// Clears slots 1 to 6 if no value came, which is worth more than a fifth of what it costs; with one wei ORIGIN and GASPRICE are stored; with two it reverts, with three it halts.
fn main_code() -> Vec<u8> {
    let mut code = Vec::new();
    let mut cases = Vec::new();
    for value in 1..=3 {
        code.extend([vec![CALLVALUE], push(value), vec![EQ]].concat());
        cases.push(code.len() + 1);
        code.extend([vec![PUSH1, 0, JUMPI]].concat());
    }
    for slot in 1..=6 {
        code.extend([push(0), push(slot), vec![SSTORE]].concat());
    }
    code.push(STOP);
    let bodies = [
        [
            vec![ORIGIN],
            push(7),
            vec![SSTORE, GASPRICE],
            push(8),
            vec![SSTORE, STOP],
        ]
        .concat(),
        [
            push(5),
            push(1),
            vec![SSTORE],
            push(0),
            push(0),
            vec![REVERT],
        ]
        .concat(),
        vec![INVALID],
    ];
    for (place, body) in cases.into_iter().zip(bodies) {
        code[place] = code.len() as u8;
        code.push(JUMPDEST);
        code.extend(body);
    }
    code
}

fn block() -> SentBlock {
    let slots = (1..=6).map(|slot| (slot, 9)).collect();
    let contracts = vec![(MAIN, main_code(), slots), (CALLED, vec![STOP], Vec::new())];
    let item = |address, slots: &[u8]| AccessListItem {
        address,
        storage_keys: slots
            .iter()
            .map(|slot| B256::with_last_byte(*slot))
            .collect(),
    };
    let sends = |value: u64| Draft {
        value: U256::from(value),
        ..call_of_main(300_000)
    };
    let plain = Draft {
        to: Some(Address::repeat_byte(0x77)),
        value: U256::from(1_000),
        ..call_of_main(21_000)
    };
    let listed = Draft {
        // Accounts and slots twice, too.
        access_list: vec![item(MAIN, &[7, 7]), item(CALLED, &[]), item(CALLED, &[1])].into(),
        ..sends(1)
    };
    let to_called = Draft {
        to: Some(CALLED),
        data: vec![0, 1, 2, 3].into(),
        ..call_of_main(50_000)
    };
    let drafts = vec![
        plain.clone(),
        sends(0),
        listed,
        sends(2),
        plain,
        sends(3),
        to_called,
    ];
    block_of(contracts, drafts)
}

pub fn run() -> Run {
    Run::of_block(&block())
}

#[test]
fn transactions_with_and_without_code_share_a_chunk() {
    let mut run = run();
    assert_eq!(run.findings(), BTreeSet::new());
    assert_eq!(SymbolicTable::of(&Invocation).excessive_degrees(), []);
    let results = run
        .execution
        .transactions
        .iter()
        .filter_map(|sent| sent.run);
    let results = results.map(|found| run.execution.frames[found.frame as usize - 1].result);
    let results = Vec::from_iter(results);
    assert_eq!(results.len(), 5);
    assert_eq!(results[2], FrameResult::Revert);
    assert!(matches!(results[3], FrameResult::Halt(_)));
    // Clearing six slots is worth 28,800, which is more than a fifth of what is used.
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 0);
    assert_eq!(row.refund.is_capped, Felt::ONE);
    assert_eq!(row.refund.counter, Felt::from_canonical_u64(28_800));
    let row: &mut InvocationColumns<Felt> = run.row("invocation", 1);
    assert_eq!(row.listed, Felt::from_canonical_u64(6));
    assert_eq!((row.origin_asked, row.price_asked), (Felt::ONE, Felt::ONE));
}

#[test]
fn gas_is_what_revm_counts() {
    let block = block();
    let mut run = Run::of_block(&block);
    for (index, trace) in block.traces.iter().enumerate() {
        let row: &mut TransactionColumns<Felt> = run.row("transaction", index);
        let used = Felt::from_canonical_u64(trace.receipt.gas_used);
        assert_eq!(row.gas.used, [used, Felt::ZERO], "transaction {index}");
        let tip = row.fees.reward[0] + row.fees.reward[1] * Felt::from_canonical_u64(1 << 32);
        assert_eq!(
            tip,
            Felt::from_canonical_u64(trace.tip.to()),
            "transaction {index}"
        );
    }
}

#[test]
fn every_column_is_bound() {
    let run = run();
    let trace = run.trace("invocation");
    let ignored = [tag::U16, tag::U8];
    let loose = unnoticed_columns(&Invocation, trace, &[0, 1, 2, 3, 4], &ignored);
    assert_eq!(loose, Vec::<String>::new());
}

/// Changes a row of `invocation`; something that is called `label` is found.
fn assert_forged(label: &str, row: usize, forge: impl Fn(&mut InvocationColumns<Felt>)) {
    let mut run = run();
    forge(run.row("invocation", row));
    let found = run.findings();
    assert!(found.contains(label), "{label} is not among {found:?}");
}

#[test]
fn forged_gas_and_refunds_fail() {
    // The whole counter is taken off, or more of it, or a refund that is none.
    assert_forged("U16", 0, |row| {
        let counter = row.refund.counter;
        let fifth = gas_of_limbs(row.refund.fifth, FIFTH_TOP);
        row.refund.is_capped = Felt::ZERO;
        row.spent -= counter - fifth;
        row.refund.beyond = [fifth - counter, Felt::ZERO, Felt::ZERO, Felt::ZERO];
    });
    assert_forged("RefundVersion", 2, |row| row.refund.counter += Felt::ONE);
    assert_forged("invocation/fifth", 0, |row| {
        row.refund.fifth[0] += Felt::ONE
    });
    assert_forged("U16", 0, |row| {
        row.refund.fifth[0] -= Felt::ONE;
        row.refund.rest += Felt::from_canonical_u64(5);
    });
    assert_forged("invocation/refund", 0, |row| row.spent -= Felt::ONE);
    assert_forged("FrameResult", 0, |row| row.gas_left += Felt::ONE);
    assert_forged("Mul", 0, |row| row.unused[0] += Felt::ONE);
    assert_forged("Mul", 0, |row| row.back[0] += Felt::ONE);
    assert_forged("Add", 0, |row| {
        row.sender_paid.balance_after[0] += Felt::ONE
    });
    assert_forged("Add", 0, |row| {
        row.coinbase_paid.balance_after[0] += Felt::ONE
    });
}

#[test]
fn forged_frames_fail() {
    // Another contract's code, value that does not move, or moves from nowhere, and another frame's result.
    assert_forged("Code", 0, |row| row.opening.code += Felt::ONE);
    assert_forged("invocation/no value", 1, |row| {
        row.opening.moves = Felt::ZERO
    });
    assert_forged("invocation/value", 0, |row| row.opening.moves = Felt::ONE);
    assert_forged("Transfer", 1, |row| row.opening.sender[0] += Felt::ONE);
    assert_forged("FrameResult", 0, |row| row.frame += Felt::ONE);
    assert_forged("FrameStart", 0, |row| row.opening.gas += Felt::ONE);
    assert_forged("FrameStart", 4, |row| row.opening.input_length -= Felt::ONE);
    assert_forged("Invocation", 0, |row| row.opening.gas += Felt::ONE);
    assert_forged("CodeByte", 0, |row| {
        row.opening.first_byte = Felt::from_canonical_u8(0xef)
    });
    assert_forged("invocation/delegation", 0, |row| {
        row.opening.first_byte = Felt::from_canonical_u8(0xef)
    });
}

#[test]
fn forged_lists_and_values_fail() {
    assert_forged("AccessListStart", 1, |row| row.listed -= Felt::ONE);
    assert_forged("Invocation", 1, |row| row.listed -= Felt::ONE);
    assert_forged("TransactionValue", 1, |row| row.origin_asked = Felt::ZERO);
    assert_forged("TransactionValue", 1, |row| row.price[0] += Felt::ONE);
    assert_forged("StampedAccount", 0, |row| row.closed += Felt::ONE);
    assert_forged("Invocation", 0, |row| row.closed += Felt::ONE);
}

/// The first row of padding: five transactions run code.
const PADDING: usize = 5;

#[test]
fn flags_are_flags() {
    let two = Felt::TWO;
    assert_forged("invocation/used", 0, |row| row.used = two);
    assert_forged("invocation/moves", 1, |row| row.opening.moves = two);
    assert_forged("invocation/capped", 0, |row| row.refund.is_capped = two);
    // A part of the fifth, and what is left over of the counter.
    assert_forged("invocation/capped", 0, |row| {
        row.refund.is_capped = two.inverse();
        let fifth = gas_of_limbs(row.refund.fifth, FIFTH_TOP);
        let less = (row.refund.counter - fifth) * two.inverse();
        row.spent -= less;
        row.refund.beyond = [Felt::ZERO; 4];
    });
    // The lesser of both is taken off, and by how much it is less is not free.
    assert_forged("invocation/least", 0, |row| {
        row.refund.is_capped = Felt::ZERO;
        row.spent -= row.refund.counter - gas_of_limbs(row.refund.fifth, FIFTH_TOP);
        row.refund.beyond = [Felt::ZERO; 4];
    });
    // Rows that are no transaction: access lists that begin, value that moves, and answers.
    assert_forged("invocation/listed", PADDING, |row| row.listed = Felt::ONE);
    assert_forged("invocation/moves", PADDING, |row| {
        row.opening.moves = Felt::ONE;
        row.opening.value[0] = Felt::ONE;
        row.opening.value_inverse = Felt::ONE;
    });
    assert_forged("invocation/capped", PADDING, |row| {
        row.refund.is_capped = Felt::ONE
    });
    assert_forged("invocation/asked", PADDING, |row| {
        row.origin_asked = Felt::ONE
    });
    assert_forged("invocation/asked", PADDING, |row| {
        row.price_asked = Felt::ONE
    });
}

#[test]
fn code_is_not_left_out() {
    let forged = |label: &str, forge: &dyn Fn(&mut TransactionColumns<Felt>)| {
        let mut run = run();
        forge(run.row("transaction", 1));
        let found = run.findings();
        assert!(found.contains(label), "{label} is not among {found:?}");
    };
    let label = "transaction/recipient has no code";
    forged(label, &|row| row.runs_code = Felt::ZERO);
    forged("Invocation", &|row| row.runs_code = Felt::ZERO);
    forged("transaction/only warm", &|row| {
        row.recipient.balance_after[0] += Felt::ONE
    });
    forged("transaction/cost", &|row| row.fees.cost[0] -= Felt::ONE);
    forged("Invocation", &|row| row.gas.spent -= Felt::ONE);
}

/// Rows of each table for twelve transactions of some workloads: what shapes are made from. Run by hand with `--ignored --nocapture`.
#[test]
#[ignore = "prints a measurement"]
fn rows_of_workloads() {
    use braid_witness::workload::{Preset, generate};
    for preset in [
        Preset::Erc20,
        Preset::Swaps,
        Preset::MintRush,
        Preset::Mixed,
    ] {
        let workload = generate(&preset.config(12, 7)).expect("a workload");
        let block = crate::support::sent(&workload.file).expect("a valid block");
        let run = Run::of_block(&block);
        println!("{}: {} steps", preset.name(), run.execution.steps.len());
        for (table, rows) in run.rows() {
            println!("  {table} {rows}");
        }
    }
}
