//! How opcodes are proved.

use braid_stark::{Columns, Expression, Felt};
use plonky2::field::types::Field;

use super::columns::{Needs, Operation};
use crate::event::opcode::*;

/// How the step table has an opcode proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Up to two words are popped; a `Compute` claim says what is pushed.
    Compute,
    /// The code says what is pushed, by a `Compute` claim on where the instruction is.
    Immediate,
    /// The frame says what is pushed, by a `Compute` claim on it.
    Environment,
    /// A word is popped.
    Pop,
    /// The word at this depth (0 for the top) is pushed again.
    Duplicate(u8),
    /// The top and the word at this depth change places.
    Swap(u8),
    /// JUMP.
    Jump,
    /// JUMPI.
    JumpIf,
    /// JUMPDEST.
    Nothing,
    /// Another table does the step; the frame goes on.
    Step,
    /// Another table does the step; the frame ends, or waits for one that it calls.
    Leave,
}

impl Class {
    /// The class of an opcode; `None` for what is none, and for INVALID: both can only halt.
    pub fn of(opcode: u8) -> Option<Self> {
        operation(opcode)?;
        Some(match opcode {
            INVALID => return None,
            STOP | RETURN | REVERT | SELFDESTRUCT => Self::Leave,
            CREATE | CREATE2 | CALL | CALLCODE | DELEGATECALL | STATICCALL => Self::Leave,
            // Their gas depends on the operands, or they take three of them.
            EXP | ADDMOD | MULMOD => Self::Step,
            ADD..=SIGNEXTEND | LT..=SAR | BLOBHASH => Self::Compute,
            // The same for all frames of a chunk, which has transactions of one block.
            BLOCKHASH..=CHAINID | BASEFEE | BLOBBASEFEE => Self::Compute,
            ADDRESS | ORIGIN | CALLER | CALLVALUE | CALLDATASIZE | CODESIZE | GASPRICE => {
                Self::Environment
            }
            POP => Self::Pop,
            JUMP => Self::Jump,
            JUMPI => Self::JumpIf,
            JUMPDEST => Self::Nothing,
            PC | PUSH0..=PUSH32 => Self::Immediate,
            DUP1..=DUP16 => Self::Duplicate(opcode - DUP1),
            SWAP1..=SWAP16 => Self::Swap(opcode - SWAP1 + 1),
            _ => Self::Step,
        })
    }
}

impl Operation<Felt> {
    /// What is done with an opcode; `None` where [`Class::of`] has none.
    pub fn of(opcode: u8) -> Option<Self> {
        let (class, known) = (Class::of(opcode)?, operation(opcode)?);
        let flag = Felt::from_bool;
        let depth = match class {
            Class::Duplicate(depth) | Class::Swap(depth) => depth,
            _ => 1,
        };
        let takes = |count| {
            let pops = matches!(
                class,
                Class::Compute | Class::Pop | Class::Jump | Class::JumpIf
            );
            flag(pops && known.inputs >= count)
        };
        let swaps = flag(matches!(class, Class::Swap(_)));
        let keeps = flag(matches!(class, Class::Swap(_) | Class::Duplicate(_)));
        let delegated = matches!(class, Class::Step | Class::Leave);
        let gas = if delegated { 0 } else { known.gas };
        Some(Self {
            length: Felt::from_canonical_u8(1 + push_length(opcode)),
            pops_a: takes(1) + swaps,
            pops_b: takes(2) + keeps,
            depth: Felt::from_canonical_u8(depth),
            pushes: flag(!delegated && known.outputs > 0),
            keeps,
            computes: flag(class == Class::Compute),
            immediate: flag(class == Class::Immediate),
            environment: flag(class == Class::Environment),
            jumps: flag(class == Class::Jump),
            jumps_if: flag(class == Class::JumpIf),
            steps: flag(class == Class::Step),
            leaves: flag(class == Class::Leave),
            halts: Felt::ZERO,
            cost: Felt::from_canonical_u16(gas),
        })
    }

    /// What is done in a step that halts the frame.
    pub fn halting() -> Self {
        let mut operation = Self::zero();
        operation.halts = Felt::ONE;
        operation
    }
}

impl Needs<Felt> {
    /// What a byte needs.
    pub fn of(opcode: u8) -> Self {
        let (Some(known), Some(done)) = (operation(opcode), Operation::of(opcode)) else {
            return Self {
                defined: Felt::ZERO,
                inputs: Felt::ZERO,
                outputs: Felt::ZERO,
                own: Felt::ZERO,
                cost: Felt::ZERO,
            };
        };
        Self {
            defined: Felt::ONE,
            inputs: Felt::from_canonical_u8(known.inputs),
            outputs: Felt::from_canonical_u8(known.outputs),
            own: Felt::ONE - done.steps - done.leaves,
            cost: done.cost,
        }
    }
}

impl<X: Expression> Operation<X> {
    fn zero() -> Self {
        *Self::from_slice(&[X::zero(); Operation::<u8>::WIDTH])
    }
}
