//! Filling `evm`.

use alloy_primitives::U256;
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{EvmColumns, Registers};
use crate::error::Error;
use crate::execution::{self, Execution, PerformedStep, Popped};
use crate::tables::opcode::{Class, Operation};
use crate::word::word;

/// A row for each step.
///
/// # Errors
/// [`Error::Events`] when a step does what its opcode cannot do.
pub fn generate(execution: &Execution) -> Result<Trace, Error> {
    let mut trace = Trace::new(EvmColumns::<Felt>::WIDTH);
    for step in &execution.steps {
        fill(trace.push(), step)?;
    }
    Ok(trace)
}

fn felt(value: u64) -> Felt {
    Felt::from_noncanonical_u64(value)
}

fn fill(row: &mut EvmColumns<Felt>, step: &PerformedStep) -> Result<(), Error> {
    let refuse = |why: &str| Error::Events(format!("step {} of the chunk {why}", step.clock));
    row.used = Felt::ONE;
    row.enters = Felt::from_bool(step.enters);
    row.clock = felt(step.clock);
    row.frame = felt(step.frame);
    row.code = felt(step.code);
    row.pc = felt(step.pc);
    row.opcode = Felt::from_canonical_u8(step.opcode);
    row.before = registers(&step.before);
    if step.halt.is_some() {
        row.operation = Operation::halting();
        return Ok(());
    }
    let class = Class::of(step.opcode).ok_or_else(|| refuse("is no opcode"))?;
    row.operation = Operation::of(step.opcode).ok_or_else(|| refuse("is no opcode"))?;
    match class {
        // The tables that do these steps take their words.
        Class::Step | Class::Leave => {}
        Class::Nothing => {}
        Class::Compute | Class::Pop | Class::Jump | Class::JumpIf | Class::Swap(_) => {
            let mut popped = step.popped.iter();
            set(&mut row.a, &mut row.a_pushed, popped.next());
            set(&mut row.b, &mut row.b_pushed, popped.next());
        }
        Class::Duplicate(_) => {
            set(&mut row.b, &mut row.b_pushed, step.popped.first());
            row.a = row.b;
        }
        Class::Immediate => [row.a[0], row.a[1]] = [row.pc, row.code],
        Class::Environment => row.a[0] = row.frame,
    }
    if class == Class::JumpIf {
        let condition: Felt = row.b.into_iter().sum();
        if let Some(inverse) = condition.try_inverse() {
            [row.c[0], row.c[1]] = [Felt::ONE, inverse];
        }
    } else if row.operation.pushes == Felt::ONE {
        let pushed = step.pushed.ok_or_else(|| refuse("pushes nothing"))?;
        row.c = word(pushed);
    }
    Ok(())
}

fn set(value: &mut [Felt; 8], pushed: &mut Felt, popped: Option<&Popped>) {
    *value = word(popped.map_or(U256::ZERO, |popped| popped.value));
    *pushed = felt(popped.map_or(0, |popped| popped.pushed));
}

fn registers(registers: &execution::Registers) -> Registers<Felt> {
    Registers {
        sp: felt(registers.sp),
        gas: felt(registers.gas),
        words: felt(registers.words),
        writes: felt(registers.writes),
    }
}
