//! Keccak-256 of 64 bytes, remembered for a moment: Solidity finds the slot of a mapping's element by such a hash, and a contract that reads an element and then
//! writes it asks for the same hash twice.
//!
//! The memory is so small that it stays in the nearest cache: looking there takes a fiftieth of a hash, and is wasted on contracts that never ask twice.

use alloy_primitives::{B256, keccak256};
use revm::interpreter::instructions::system;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::{Host, InstructionContext, InstructionExecResult, InstructionResult};

/// Bytes of the inputs.
const INPUT: usize = 64;
/// A power of two.
const PLACES: usize = 64;

#[derive(Clone, Debug)]
struct Known {
    input: [u8; INPUT],
    hash: B256,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Hashes(Box<[Known]>);

impl Default for Hashes {
    fn default() -> Self {
        let input = [0; INPUT];
        let hash = keccak256(input);
        Self(vec![Known { input, hash }; PLACES].into())
    }
}

/// Where a hash is kept. Whoever chooses inputs for the same place makes everybody hash as if there were no memory.
fn place(input: &[u8; INPUT]) -> usize {
    let (words, _) = input.as_chunks::<8>();
    let mixed = words.iter().fold(0_u64, |mixed, word| {
        (mixed.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    (mixed >> 32) as usize & (PLACES - 1)
}

impl Hashes {
    /// The Keccak-256 of 64 bytes.
    pub fn hash(&mut self, input: &[u8; INPUT]) -> B256 {
        let Some(known) = self.0.get_mut(place(input)) else {
            return keccak256(input);
        };
        if known.input != *input {
            *known = Known {
                input: *input,
                hash: keccak256(input),
            };
        }
        known.hash
    }
}

/// A host that remembers hashes.
pub(super) trait HasHashes: Host {
    fn hashes(&mut self) -> &mut Hashes;
}

/// KECCAK256 (Yellow Paper, 0x20; its constant part is charged by the table), as revm does it, but for 64 bytes of memory that the frame has already: these are looked up first.
pub(super) fn keccak<H: HasHashes>(
    context: InstructionContext<'_, H, EthInterpreter>,
) -> InstructionExecResult {
    let InstructionContext { interpreter, host } = context;
    let operands = interpreter.stack.data().last_chunk();
    let offset = operands.and_then(|[length, offset]| {
        let (length, offset) = (usize::try_from(length).ok()?, usize::try_from(offset).ok()?);
        let is_there = offset.checked_add(INPUT)? <= interpreter.memory.len();
        (length == INPUT && is_there).then_some(offset)
    });
    let Some(offset) = offset else {
        return system::keccak256(InstructionContext { interpreter, host });
    };
    let cost = host.gas_params().keccak256_cost(INPUT);
    if !interpreter.gas.record_regular_cost(cost) {
        return Err(InstructionResult::OutOfGas);
    }
    let hash = {
        let input = interpreter.memory.slice_len(offset, INPUT);
        match input.first_chunk() {
            Some(input) => host.hashes().hash(input),
            None => keccak256(&*input),
        }
    };
    let stack = interpreter.stack.data_mut();
    stack.pop();
    if let Some(top) = stack.last_mut() {
        *top = hash.into();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_inputs_whatever_was_asked_before() {
        let mut hashes = Hashes::default();
        let mut taken = std::collections::BTreeSet::new();
        for round in 0..2_u64 {
            for index in 0..1_000_u64 {
                let mut input = [0; INPUT];
                input[24..32].copy_from_slice(&(index / (1 + round)).to_be_bytes());
                input[63] = (index % 3) as u8;
                taken.insert(place(&input));
                assert_eq!(hashes.hash(&input), keccak256(input));
                assert_eq!(hashes.hash(&input), keccak256(input));
            }
        }
        assert_eq!(taken.len(), PLACES);
    }
}
