//! What each opcode does to stack, memory and program counter.

use alloy_primitives::{Address, U256, keccak256};

use super::super::arithmetic;
use super::super::memory::Region;
use super::{NO_STACK, Pending, Source, Steps, inputs_of};
use crate::event::codec::Fault;
use crate::event::opcode::*;

impl Steps<'_> {
    /// Does what a step does.
    pub(super) fn apply(&mut self, pending: Pending) -> Result<(), Fault> {
        let opcode = pending.opcode;
        let open = self.inner_mut()?;
        open.gas -= pending.gas_cost;
        let pc = open.pc;
        open.pc += 1;
        if pending.failed {
            return self.leave(Vec::new(), opcode);
        }
        if let Stored::Word | Stored::GasAndWord = stored(opcode) {
            self.drop_words(inputs_of(opcode))?;
            self.stack.push(pending.word);
            return Ok(());
        }
        match opcode {
            STOP | SELFDESTRUCT => return self.leave(Vec::new(), opcode),
            RETURN | REVERT => {
                let region = self.region(0, 1)?;
                self.memory.grow(region)?;
                let output = self.memory.read(region)?.to_vec();
                return self.leave(output, opcode);
            }
            PUSH0..=PUSH32 => {
                let length = usize::from(push_length(opcode));
                let open = self.inner()?;
                let code = open.code.get(&self.memory)?;
                let mut word = [0; 32];
                let given = code.get(pc + 1..).unwrap_or_default();
                let target = word.get_mut(32 - length..).unwrap_or_default();
                target
                    .iter_mut()
                    .zip(given)
                    .for_each(|(to, from)| *to = *from);
                self.stack.push(U256::from_be_bytes(word));
                self.inner_mut()?.pc += length;
            }
            DUP1..=DUP16 => {
                let word = self.peek(usize::from(opcode - DUP1))?;
                self.stack.push(word);
            }
            SWAP1..=SWAP16 => {
                let top = self.stack.len() - 1;
                let other = top - usize::from(opcode - SWAP1) - 1;
                self.stack.swap(top, other);
            }
            POP | TSTORE => self.drop_words(inputs_of(opcode))?,
            SSTORE => {
                self.drop_words(2)?;
                self.refund = self
                    .refund
                    .checked_add(pending.refund)
                    .ok_or("the refund counter overflows")?;
            }
            JUMP => {
                let target = self.pop()?;
                self.jump(target)?;
            }
            JUMPI => {
                let (target, condition) = (self.pop()?, self.pop()?);
                if !condition.is_zero() {
                    self.jump(target)?;
                }
            }
            JUMPDEST => {}
            LOG0..=LOG4 => {
                let region = self.region(0, 1)?;
                self.memory.grow(region)?;
                self.drop_words(inputs_of(opcode))?;
            }
            CREATE | CREATE2 => return self.create(opcode),
            CALL | CALLCODE | DELEGATECALL | STATICCALL => return self.call(opcode),
            MLOAD | MSTORE | MSTORE8 | MCOPY | KECCAK256 => self.use_memory(opcode)?,
            CALLDATACOPY | CODECOPY | RETURNDATACOPY | EXTCODECOPY => {
                self.copy(opcode, pending.code)?;
            }
            CALLDATALOAD => {
                let offset = usize::try_from(self.pop()?).unwrap_or(usize::MAX);
                let input = self.inner()?.input.get(&self.memory)?;
                let given = input.get(offset..).unwrap_or_default();
                let mut word = [0; 32];
                word.iter_mut()
                    .zip(given)
                    .for_each(|(to, from)| *to = *from);
                self.stack.push(U256::from_be_bytes(word));
            }
            _ => self.compute(opcode, pc)?,
        }
        Ok(())
    }

    /// Arithmetic, and what the frame and the decoder know.
    pub(super) fn compute(&mut self, opcode: u8, pc: usize) -> Result<(), Fault> {
        let word = |address: Address| U256::from_be_bytes(address.into_word().0);
        let inputs = inputs_of(opcode);
        let operand = |index| match index < inputs {
            true => self.peek(index),
            false => Ok(U256::ZERO),
        };
        let (a, b, c) = (operand(0)?, operand(1)?, operand(2)?);
        let open = self.inner()?;
        let origin = || self.trace.frames.first().map(|frame| frame.caller);
        let value = match opcode {
            ADDRESS => word(open.frame.address),
            CALLER => word(open.frame.caller),
            ORIGIN => word(origin().unwrap_or_default()),
            CALLVALUE => open.frame.value,
            CALLDATASIZE => U256::from(open.input.get(&self.memory)?.len()),
            CODESIZE => U256::from(open.code.get(&self.memory)?.len()),
            RETURNDATASIZE => U256::from(open.return_data.len()),
            PC => U256::from(pc),
            MSIZE => U256::from(self.memory.inner().len()),
            GAS => U256::from(open.gas),
            _ => arithmetic::result(opcode, a, b, c).ok_or("the opcode cannot succeed")?,
        };
        self.drop_words(inputs)?;
        self.stack.push(value);
        Ok(())
    }

    pub(super) fn use_memory(&mut self, opcode: u8) -> Result<(), Fault> {
        match opcode {
            MLOAD => {
                let region = Region::new(self.pop()?, U256::from(32))?;
                self.memory.grow(region)?;
                let word = U256::from_be_slice(self.memory.read(region)?);
                self.stack.push(word);
            }
            KECCAK256 => {
                let region = self.region(0, 1)?;
                self.memory.grow(region)?;
                let digest = keccak256(self.memory.read(region)?);
                self.drop_words(2)?;
                self.stack.push(digest.into());
            }
            MCOPY => {
                let (to, from) = (self.region(0, 2)?, self.region(1, 2)?);
                self.memory.grow(to)?;
                self.memory.grow(from)?;
                self.memory.copy(to, from)?;
                self.drop_words(3)?;
            }
            _ => {
                let (offset, value) = (self.pop()?, self.pop()?);
                let bytes = value.to_be_bytes::<32>();
                let bytes = match opcode {
                    MSTORE8 => bytes.get(31..),
                    _ => bytes.get(..),
                };
                let bytes = bytes.unwrap_or_default();
                let region = Region::new(offset, U256::from(bytes.len()))?;
                self.memory.grow(region)?;
                self.memory.fill(region, bytes, U256::ZERO)?;
            }
        }
        Ok(())
    }

    pub(super) fn copy(&mut self, opcode: u8, code: u64) -> Result<(), Fault> {
        if opcode == EXTCODECOPY {
            self.pop()?;
        }
        let (region, offset) = (self.region(0, 2)?, self.peek(1)?);
        self.memory.grow(region)?;
        let trace = self.trace;
        // Not `Self::inner`: memory is borrowed beside it.
        let open = self.open.last().ok_or("no frame is open")?;
        let source = match opcode {
            CALLDATACOPY => open.input.clone(),
            CODECOPY => open.code.clone(),
            RETURNDATACOPY => {
                self.memory.fill(region, &open.return_data, offset)?;
                return self.drop_words(3);
            }
            _ => match code.checked_sub(1) {
                None => Source::Memory(0..0),
                Some(index) => {
                    let index = usize::try_from(index).ok();
                    let code = index.and_then(|index| trace.codes.at(index));
                    Source::Bytes(&code.ok_or("there is no such code")?.1)
                }
            },
        };
        match source {
            Source::Bytes(bytes) => self.memory.fill(region, bytes, offset)?,
            Source::Memory(range) => self.memory.fill_shared(region, range, offset)?,
        }
        self.drop_words(3)
    }

    pub(super) fn pop(&mut self) -> Result<U256, Fault> {
        self.stack.pop().ok_or(NO_STACK)
    }

    pub(super) fn drop_words(&mut self, count: usize) -> Result<(), Fault> {
        let length = self.stack.len().checked_sub(count).ok_or(NO_STACK)?;
        self.stack.truncate(length);
        Ok(())
    }

    pub(super) fn jump(&mut self, target: U256) -> Result<(), Fault> {
        let memory = &self.memory;
        let open = self.open.last_mut().ok_or("no frame is open")?;
        let code = open.code.get(memory)?;
        let target = usize::try_from(target).unwrap_or(usize::MAX);
        if code.get(target) != Some(&JUMPDEST) {
            return Err("a jump to what is no JUMPDEST did not fail");
        }
        open.pc = target;
        Ok(())
    }
}
