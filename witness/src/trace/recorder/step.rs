//! Steps that leave something behind: looked at before and noted after.

use alloy_primitives::{Address, B256, U256};
use braid_circuits::event::log::{Action, Hashed};
use braid_circuits::event::opcode::{self, Stored, stored};
use revm::interpreter::Interpreter;
use revm::interpreter::interpreter::EthInterpreter;

use super::{Context, Recorder};

impl Recorder<'_> {
    /// Notes what a watched step finds on the stack.
    #[inline]
    pub(super) fn look(
        &mut self,
        interpreter: &Interpreter<EthInterpreter>,
        context: &Context<'_>,
    ) {
        let peek = |index| interpreter.stack.peek(index).unwrap_or_default();
        self.operands = match self.opcode {
            opcode::SSTORE | opcode::TSTORE => [peek(0), peek(1)],
            opcode::KECCAK256
            | opcode::CALL
            | opcode::CALLCODE
            | opcode::DELEGATECALL
            | opcode::STATICCALL => [peek(1), U256::ZERO],
            opcode::SELFDESTRUCT => {
                let address = interpreter.input.target_address;
                let account = context.journaled_state.inner.state.get(&address);
                [
                    peek(0),
                    account.map_or(U256::ZERO, |account| account.info.balance),
                ]
            }
            _ => [peek(0), U256::ZERO],
        };
        if self.opcode == opcode::SSTORE {
            self.refund = interpreter.gas.refunded();
        }
        self.replaced = None;
    }

    /// Writes down a watched step that succeeded.
    pub(super) fn note(
        &mut self,
        interpreter: &Interpreter<EthInterpreter>,
        context: &mut Context<'_>,
    ) {
        let frame = self.frame();
        let top = || interpreter.stack.peek(0).unwrap_or_default();
        let own = interpreter.input.target_address;
        let [first, second] = self.operands;
        let kind = stored(self.opcode);
        if !matches!(kind, Stored::Nothing | Stored::Word) {
            self.steps.gas(self.cost);
        }
        if let Stored::Word | Stored::GasAndWord = kind {
            self.steps.word(top());
        }
        if self.opcode != opcode::KECCAK256 {
            self.absorb(context, frame, None);
        }
        match self.opcode {
            opcode::SLOAD => self.push(Action::StorageRead {
                address: own,
                slot: first,
                value: top(),
            }),
            opcode::TLOAD => self.push(Action::TransientRead {
                address: own,
                slot: first,
                value: top(),
            }),
            opcode::SSTORE => {
                let change = interpreter.gas.refunded() - self.refund;
                self.steps.refund(change);
                self.push(Action::StorageWrite {
                    address: own,
                    slot: first,
                    before: self.replaced.unwrap_or(second),
                    after: second,
                });
                if change != 0 {
                    self.push(Action::Refund { change });
                }
            }
            opcode::TSTORE => self.push(Action::TransientWrite {
                address: own,
                slot: first,
                before: self.replaced.unwrap_or(second),
                after: second,
            }),
            opcode::KECCAK256 => self.push(Action::Hash {
                of: Hashed::Memory,
                length: first.saturating_to(),
                digest: top().into(),
            }),
            opcode::BLOCKHASH if !top().is_zero() => self.push(Action::BlockHashRead {
                number: first.saturating_to(),
                value: top().into(),
            }),
            opcode::SELFBALANCE => self.push(Action::AccountRead { address: own }),
            opcode::BALANCE
            | opcode::EXTCODESIZE
            | opcode::EXTCODEHASH
            | opcode::CALL
            | opcode::CALLCODE
            | opcode::DELEGATECALL
            | opcode::STATICCALL => self.push(Action::AccountRead {
                address: Address::from_word(first.into()),
            }),
            opcode::EXTCODECOPY => {
                let address = Address::from_word(first.into());
                let account = context.journaled_state.inner.state.get(&address);
                let code = account.and_then(|account| account.info.code.as_ref());
                let index = code.filter(|code| !code.is_empty()).map(|code| {
                    let hash = account.map_or(B256::ZERO, |account| account.info.code_hash);
                    self.codes.insert(hash, || code.original_bytes())
                });
                self.steps.code(index);
                self.push(Action::AccountRead { address });
            }
            opcode::SELFDESTRUCT => {
                let account = context.journaled_state.inner.state.get(&own);
                let removed = account.is_some_and(|account| account.is_created_locally());
                self.push(Action::SelfDestruct {
                    address: own,
                    beneficiary: Address::from_word(first.into()),
                    balance: second,
                    removed,
                });
            }
            _ => {}
        }
    }
}
