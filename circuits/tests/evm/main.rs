//! Contract code in the step table: real traces balance, and what a cheating prover would write is found.

mod accounts;
mod arithmetic;
mod call_forgeries;
mod case_lookups;
mod copies;
mod copy_forgeries;
mod ecrecover;
mod external_code;
mod forgeries;
mod frame_forgeries;
mod frames;
mod gas;
mod gas_edges;
mod gas_forgeries;
mod halts;
mod identity;
mod invocations;
mod log_hashes;
mod logs;
mod lookups;
mod memory;
mod memory_forgeries;
mod move_forgeries;
mod shared_labels;
mod storage;
mod storage_forgeries;
mod store_forgeries;
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use braid_circuits::event::code::CodeEvent;
use braid_circuits::event::opcode::*;
use braid_circuits::event::trace::TransactionTrace;
use braid_circuits::execution::Execution;
use braid_circuits::tables::evm::Evm;
use braid_circuits::tables::opcode::Class;
use braid_stark::symbolic::SymbolicTable;
use braid_witness::Rules;
use braid_witness::ethereum_tests::{cases, folder, json_files};
use braid_witness::workload::{Preset, generate};
use support::{Run, creates, traces};

#[test]
fn degrees_are_supported_and_a_step_is_cheap() {
    let symbolic = SymbolicTable::of(&Evm);
    assert!(symbolic.excessive_degrees().is_empty());
    let plan = braid_stark::bus::BusPlan::of(&symbolic).expect("supported degrees");
    let cells = braid_stark::AnyTable::column_names(&Evm).len() + plan.columns();
    assert!(cells <= 70, "{cells} cells a step");
}

#[test]
fn steps_of_workloads_balance() {
    for preset in Preset::ALL {
        let workload = generate(&preset.config(12, 7)).expect("a workload");
        let traces = traces(&workload.file).expect("a valid block");
        let run = Run::of(&traces);
        assert_eq!(run.findings(), BTreeSet::new(), "{}", preset.name());
    }
}

/// Files of Ethereum's state tests, of which one in so many is taken.
const SAMPLE: usize = 40;

#[test]
fn steps_of_state_tests_balance() {
    let repository = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let Some(folder) = folder(repository) else {
        return;
    };
    let files = json_files(&folder.join("GeneralStateTests"));
    let (mut runs, mut steps, mut opcodes) = (0, 0, BTreeSet::new());
    for file in files.iter().step_by(SAMPLE) {
        for case in cases(file, Rules::Cancun).expect("a state test") {
            // Invalid transactions have no trace.
            let Some(traces) = traces(&case.block_file) else {
                continue;
            };
            // What creations run comes from memory.
            let count: u64 = traces.iter().map(|trace| trace.steps.count()).sum();
            if creates(&traces) || !(1..20_000).contains(&count) {
                continue;
            }
            // Nobody proves gas of 2^63 or more, nor that a step lacks much gas for memory that is far.
            let frames = traces.iter().flat_map(|trace| &trace.frames);
            let dear = frames.into_iter().any(|frame| frame.gas >= 1 << 63);
            if dear || gas::is_unshown(&traces) {
                continue;
            }
            let run = Run::of(&traces);
            let found = run.findings();
            assert_eq!(found, BTreeSet::new(), "{} {}", case.name, case.variant);
            runs += 1;
            steps += run.execution.steps.len();
            opcodes.extend(run.execution.steps.iter().map(|step| step.opcode));
        }
    }
    println!(
        "{runs} transactions, {steps} steps, {} opcodes",
        opcodes.len()
    );
    assert!(runs > 100, "{runs} transactions only");
}

/// All opcodes that the step table does itself occur in the workloads and in a program that has the others.
#[test]
fn every_class_of_opcode_is_run() {
    let run = support::sample();
    let has = |wanted: fn(&Class) -> bool| {
        let classes = run
            .execution
            .steps
            .iter()
            .filter_map(|step| Class::of(step.opcode));
        classes.into_iter().any(|class| wanted(&class))
    };
    assert!(has(|class| *class == Class::Compute));
    assert!(has(|class| *class == Class::Immediate));
    assert!(has(|class| *class == Class::Environment));
    assert!(has(|class| *class == Class::Pop));
    assert!(has(|class| matches!(class, Class::Duplicate(_))));
    assert!(has(|class| matches!(class, Class::Swap(_))));
    assert!(has(|class| *class == Class::Jump));
    assert!(has(|class| *class == Class::JumpIf));
    assert!(has(|class| *class == Class::Nothing));
    assert!(has(|class| *class == Class::Step));
    assert!(has(|class| *class == Class::Leave));
    assert!(run.execution.steps.iter().any(|step| step.halt.is_some()));
    assert!(
        run.execution
            .steps
            .iter()
            .any(|step| step.opcode == INVALID)
    );
}

#[test]
fn every_column_is_bound() {
    let run = support::sample();
    let rows: Vec<_> = (0..run.execution.steps.len()).collect();
    // A prover can ask the fixed tables for something else, but not for another operation of an opcode.
    let ignored = [
        braid_circuits::bus::tag::U16,
        braid_circuits::bus::tag::Clock,
    ];
    let unnoticed =
        braid_stark::coverage::unnoticed_columns(&Evm, run.trace("evm"), &rows, &ignored);
    assert_eq!(unnoticed, Vec::<String>::new());
}

/// A trace that contradicts itself gives an error.
#[test]
fn broken_traces_are_refused() {
    let traces = support::sample_traces();
    let codes = support::codes_of(&traces);
    let of = |traces: &[TransactionTrace], codes: &[CodeEvent]| {
        Execution::of(&support::events_of(traces, codes.to_vec()))
    };
    assert!(of(&traces, &codes).is_ok());
    assert!(of(&traces, &codes[..1]).is_err());
    let mut cut = traces[0].clone();
    cut.frames[0].end_step -= 1;
    assert!(of(&[cut], &codes).is_err());
    let mut cut = traces[0].clone();
    cut.frames[0].gas += 1;
    assert!(of(&[cut], &codes).is_err());
    let mut cut = traces[0].clone();
    cut.frames.truncate(1);
    assert!(of(&[cut], &codes).is_err());
}
