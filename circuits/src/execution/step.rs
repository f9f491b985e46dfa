//! Steps.

use alloy_primitives::U256;

use super::Execution;
use super::accounts::reads_account;
use super::copies::moves_bytes;
use super::logs::topics_of;
use super::memory::{MemoryAccess, TouchedWord, accesses_memory};
use super::stack::Popped;
use super::storage_gas::{accesses_storage, least_gas};
use crate::error::Error;
use crate::event::opcode::*;
use crate::event::trace::Halt;

/// Accesses to the state by a step of this opcode that can be undone, without those of a frame that it opens: one to a slot or to an account (which becomes warm), and one to the refund counter
/// if it changes.
pub fn writes_of(opcode: u8, changes_refund: bool) -> u64 {
    match opcode {
        SSTORE => 1 + u64::from(changes_refund),
        SLOAD | TSTORE => 1,
        BALANCE | EXTCODESIZE | EXTCODECOPY | EXTCODEHASH | SELFBALANCE => 1,
        CALL | CALLCODE | DELEGATECALL | STATICCALL => 1,
        _ => 0,
    }
}

/// Whether a step of this opcode that lacks gas is shown to by what it would cost, which depends on its operands: it takes them all the same.
/// `gas` is what it has.
pub fn takes_words_without_gas(opcode: u8, gas: u64) -> bool {
    let arithmetic = matches!(opcode, EXP | ADDMOD | MULMOD);
    let finishes = matches!(opcode, RETURN | REVERT);
    let accounts = reads_account(opcode) && opcode != SELFBALANCE;
    let storage = accesses_storage(opcode) && gas >= least_gas(opcode);
    let logs = topics_of(opcode).is_some();
    let copies = moves_bytes(opcode) || opcode == EXTCODECOPY;
    accesses_memory(opcode)
        || arithmetic
        || is_call(opcode)
        || finishes
        || logs
        || storage
        || accounts
        || copies
}

/// Whether the opcode calls an account.
pub fn is_call(opcode: u8) -> bool {
    matches!(opcode, CALL | CALLCODE | DELEGATECALL | STATICCALL)
}

/// What a frame has between two of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// Words on the stack, at most 1024.
    pub sp: u64,
    /// Gas left.
    pub gas: u64,
    /// Words of memory.
    pub words: u64,
    /// Writes so far, in the whole chunk, that can be undone.
    pub writes: u64,
}

/// A step in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerformedStep {
    /// Its number among all of the chunk.
    pub clock: u64,
    /// Its frame's number.
    pub frame: u64,
    /// Its bytecode's number, from 1.
    pub code: u64,
    /// Offset of the instruction.
    pub pc: u64,
    /// The opcode; STOP beyond the end of the code.
    pub opcode: u8,
    /// Why it halts the frame, if it does; then it does nothing else. Where gas and words on the stack are both too few for a step that the step table leaves to others, it is the words,
    /// which can be shown without what is not there.
    pub halt: Option<Halt>,
    /// Whether it is the first of its frame, or the first after another frame.
    pub enters: bool,
    /// The word that a call which ended put on the stack before it.
    pub returned: Option<Popped>,
    /// Before it.
    pub before: Registers,
    /// After it, if the frame goes on with the next step.
    pub after: Option<Registers>,
    /// Words taken from the stack, from the top down. DUP takes the one that it repeats; SWAP takes two. Of the steps that halt only those take
    /// any that jump to where there is no JUMPDEST, those that lack the gas for what their operands say, calls with value in a static frame, and those that read beyond the return data.
    pub popped: Vec<Popped>,
    /// The word that is on top of the stack after it, if the frame goes on with the next step and it pushes any.
    pub pushed: Option<U256>,
    /// The access to memory of MLOAD, MSTORE and MSTORE8.
    pub memory: Option<MemoryAccess>,
    /// The register of the return data, of RETURNDATASIZE and RETURNDATACOPY unless they lack gas.
    pub return_data: Option<TouchedWord>,
    /// The number of the bytecode that EXTCODECOPY copies from; 0 where it copies nothing but zeros, and for all other steps.
    pub copied: u64,
}

impl PerformedStep {
    /// That a table which does steps of this opcode finds that this one does something else.
    pub fn refused(&self) -> Error {
        let Self { clock, opcode, .. } = self;
        Error::Events(format!(
            "step {clock} of the chunk does what opcode {opcode:#x} cannot do"
        ))
    }
}

/// The exponents of the powers that steps compute (EXP), in the order of time.
pub fn powers(execution: &Execution) -> impl Iterator<Item = U256> {
    let steps = execution.steps.iter();
    let steps = steps.filter(|step| step.opcode == EXP && step.halt.is_none());
    steps.filter_map(|step| step.popped.get(1).map(|exponent| exponent.value))
}
