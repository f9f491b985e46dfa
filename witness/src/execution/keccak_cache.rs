//! KECCAK256 of 64 bytes, remembered.
//!
//! Solidity finds the slot of a mapping's value as the hash of key and slot, and does so again for every read and write, so that a token transfer asks for each
//! of its hashes twice. Everything about the instruction but the hash itself is left to revm.

use std::cell::RefCell;

use alloy_primitives::{B256, U256};
use revm::bytecode::opcode::KECCAK256;
use revm::context_interface::Host;
use revm::handler::instructions::EthInstructions;
use revm::interpreter::instructions::system;
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_types::MemoryTr;
use revm::interpreter::{
    Instruction, InstructionContext, InstructionExecResult, InstructionResult, Interpreter,
};

/// Bytes that are hashed: key and slot.
const LENGTH: usize = 64;
/// Hashes that are remembered: what some transactions in a row ask for.
const ENTRIES: usize = 1 << 9;

type Input = [u8; LENGTH];

/// Per place the last input that belongs there, and its hash.
struct Cache(Vec<Option<(Input, B256)>>);

impl Cache {
    /// Where an input belongs: the last bytes of key and slot tell most inputs apart. Whoever chooses inputs that meet gains nothing but slower hashes.
    fn place(input: &Input) -> usize {
        let word = |end: usize| match input.get(end - 8..end).and_then(<[u8]>::first_chunk) {
            Some(bytes) => u64::from_be_bytes(*bytes),
            None => 0,
        };
        let mixed = (word(32) ^ word(LENGTH).rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize % ENTRIES
    }

    fn get(&self, input: &Input) -> Option<B256> {
        let (known, hash) = self.0.get(Self::place(input))?.as_ref()?;
        (known == input).then_some(*hash)
    }

    fn insert(&mut self, input: Input, hash: B256) {
        if let Some(entry) = self.0.get_mut(Self::place(&input)) {
            *entry = Some((input, hash));
        }
    }
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::new(Cache(vec![None; ENTRIES]));
}

/// Puts the instruction into a table.
pub(super) fn install<H: Host>(instructions: &mut EthInstructions<EthInterpreter, H>) {
    let instruction = Instruction::new(keccak256);
    let static_gas = instructions.gas_table()[usize::from(KECCAK256)];
    instructions.insert_instruction(KECCAK256, instruction, static_gas);
}

/// KECCAK256.
fn keccak256<H: Host + ?Sized>(
    context: InstructionContext<'_, H, EthInterpreter>,
) -> InstructionExecResult {
    let InstructionContext { interpreter, host } = context;
    let Some(input) = input(interpreter) else {
        return system::keccak256(InstructionContext { interpreter, host });
    };
    if let Some(hash) = CACHE.with_borrow(|cache| cache.get(&input)) {
        let cost = host.gas_params().keccak256_cost(LENGTH);
        if !interpreter.gas.record_regular_cost(cost) {
            return Err(InstructionResult::OutOfGas);
        }
        let Some(([_offset], top)) = interpreter.stack.popn_top() else {
            return Err(InstructionResult::StackUnderflow);
        };
        *top = U256::from_be_bytes(hash.0);
        return Ok(());
    }
    system::keccak256(InstructionContext {
        interpreter: &mut *interpreter,
        host,
    })?;
    let hash = B256::from(interpreter.stack.peek(0)?);
    CACHE.with_borrow_mut(|cache| cache.insert(input, hash));
    Ok(())
}

/// What is to be hashed, if it is 64 bytes of memory that need not grow for it.
fn input(interpreter: &Interpreter<EthInterpreter>) -> Option<Input> {
    let length = interpreter.stack.peek(1).ok()?;
    if length != U256::from(LENGTH) {
        return None;
    }
    let offset = usize::try_from(interpreter.stack.peek(0).ok()?).ok()?;
    let end = offset.checked_add(LENGTH)?;
    if end > interpreter.memory.size() {
        return None;
    }
    let bytes = interpreter.memory.slice(offset..end);
    bytes.first_chunk::<LENGTH>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_that_meet_are_told_apart() {
        let mut cache = Cache(vec![None; ENTRIES]);
        let (mut one, mut other) = ([1; LENGTH], [1; LENGTH]);
        // Bytes that do not decide the place.
        (one[0], other[0]) = (2, 3);
        assert_eq!(Cache::place(&one), Cache::place(&other));
        cache.insert(one, B256::repeat_byte(1));
        assert_eq!(cache.get(&one), Some(B256::repeat_byte(1)));
        assert_eq!(cache.get(&other), None);
        cache.insert(other, B256::repeat_byte(2));
        assert_eq!(cache.get(&other), Some(B256::repeat_byte(2)));
        assert_eq!(cache.get(&one), None);
    }
}
