//! Steps that lack the gas for memory at 2^32 or beyond, which tables cannot show of all.

use alloy_primitives::U256;

use super::is_call;
use super::logs::topics_of;
use super::memory::accesses_memory;
use super::step::PerformedStep;
use crate::event::opcode::*;
use crate::event::trace::Halt;
use crate::region::is_unshown;

/// The regions of memory that a step names by its operands, as offset and length.
fn named(step: &PerformedStep) -> Vec<[U256; 2]> {
    let word = |index: usize| step.popped.get(index).map(|popped| popped.value);
    let pair = |(offset, length)| Some([word(offset)?, word(length)?]);
    let places: &[(usize, usize)] = match step.opcode {
        opcode if accesses_memory(opcode) => {
            return Vec::from_iter(word(0).map(|offset| [offset, U256::ONE]));
        }
        MCOPY => &[(0, 2), (1, 2)],
        CALLDATACOPY | CODECOPY | RETURNDATACOPY => &[(0, 2)],
        EXTCODECOPY => &[(1, 3)],
        KECCAK256 | RETURN | REVERT => &[(0, 1)],
        CALL | CALLCODE => &[(3, 4), (5, 6)],
        opcode if is_call(opcode) => &[(2, 3), (4, 5)],
        opcode if topics_of(opcode).is_some() => &[(0, 1)],
        _ => &[],
    };
    places.iter().copied().filter_map(pair).collect()
}

/// Whether a step lacks the gas for memory, and no table shows that: it has [`SMALL_GAS`](crate::gas::SMALL_GAS) or more, and names memory at 2^32 or beyond, but none at 2^64 or beyond.
pub fn lacks_unshown(step: &PerformedStep) -> bool {
    step.halt == Some(Halt::OutOfGas) && is_unshown(step.before.gas, named(step))
}
