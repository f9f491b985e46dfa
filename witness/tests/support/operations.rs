//! Single opcodes with random operands.

use alloy_primitives::{Address, U256};
use braid_circuits::event::opcode::*;
use proptest::prelude::*;

use super::programs::Scope;

/// What is pushed before an opcode.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A small number.
    Small(u8),
    /// `2^bits`, or one more or less; or minus that.
    Power { bits: u8, more: i8, negative: bool },
    /// Any.
    Word(U256),
    /// An address.
    Account(usize),
}

impl Operand {
    fn word(&self, accounts: &[Address]) -> U256 {
        match self {
            Self::Small(number) => U256::from(*number),
            Self::Power {
                bits,
                more,
                negative,
            } => {
                let power = U256::ONE << usize::from(*bits);
                let near = match more {
                    0 => power,
                    1.. => power.wrapping_add(U256::ONE),
                    _ => power.wrapping_sub(U256::ONE),
                };
                match negative {
                    true => near.wrapping_neg(),
                    false => near,
                }
            }
            Self::Word(word) => *word,
            Self::Account(index) => {
                U256::from_be_bytes(accounts[*index % accounts.len()].into_word().0)
            }
        }
    }
}

fn power() -> impl Strategy<Value = Operand> {
    (any::<u8>(), -1i8..=1, any::<bool>()).prop_map(|(bits, more, negative)| Operand::Power {
        bits,
        more,
        negative,
    })
}

/// Any operand; a small one if its weight is large.
fn operand(accounts: usize, small: u32) -> BoxedStrategy<Operand> {
    let word = any::<[u64; 4]>().prop_map(|limbs| Operand::Word(U256::from_limbs(limbs)));
    prop_oneof![
        small => (0u8..100).prop_map(Operand::Small),
        1 => power(),
        1 => word,
        1 => (0..accounts).prop_map(Operand::Account),
    ]
    .boxed()
}

/// An opcode behind its operands; what it leaves is kept in a slot, or dropped.
#[derive(Clone, Debug)]
pub struct Operation {
    opcode: u8,
    /// The topmost first.
    operands: Vec<Operand>,
    keep: Option<u8>,
}

/// What no table shows, as opcodes.
const OUTSIDE: [u8; 3] = [CREATE, CREATE2, SELFDESTRUCT];

/// Opcodes whose operands are places and lengths, which are out of gas if they are large.
fn takes_places(opcode: u8) -> bool {
    matches!(
        opcode,
        KECCAK256
            | CALLDATACOPY
            | CODECOPY
            | EXTCODECOPY
            | RETURNDATACOPY
            | MLOAD
            | MSTORE
            | MSTORE8
            | MCOPY
            | LOG0
            ..=LOG4
                | CREATE
                | CREATE2
                | CALL
                | CALLCODE
                | DELEGATECALL
                | STATICCALL
                | RETURN
                | REVERT
    )
}

/// The operand at a place from the top.
fn operand_of(opcode: u8, place: usize, accounts: usize) -> BoxedStrategy<Operand> {
    let account = (0..accounts).prop_map(Operand::Account);
    match (opcode, place) {
        (CALL | CALLCODE | DELEGATECALL | STATICCALL, 0) => {
            // Most callees have gas for some steps.
            let some = Operand::Power {
                bits: 16,
                more: 0,
                negative: false,
            };
            prop_oneof![4 => Just(some), 1 => operand(accounts, 1)].boxed()
        }
        (CALL | CALLCODE | DELEGATECALL | STATICCALL, 1) => account.boxed(),
        (BALANCE | EXTCODESIZE | EXTCODECOPY | EXTCODEHASH, 0) => account.boxed(),
        (MSTORE | MSTORE8, 1) => operand(accounts, 1),
        _ if takes_places(opcode) => operand(accounts, 40),
        _ => operand(accounts, 2),
    }
}

/// Any opcode but those that push what follows them.
pub fn operation(accounts: usize, scope: Scope) -> impl Strategy<Value = Operation> {
    let opcodes = (0..=u8::MAX).filter(move |opcode| {
        operation_of(*opcode).is_some()
            && !(PUSH1..=PUSH32).contains(opcode)
            && (scope == Scope::Anything || !OUTSIDE.contains(opcode))
    });
    let opcodes: Vec<_> = opcodes.collect();
    let keep = prop_oneof![1 => (0u8..3).prop_map(Some), 1 => Just(None)];
    (prop::sample::select(opcodes), keep).prop_flat_map(move |(opcode, keep)| {
        let inputs = operation_of(opcode).map_or(0, |known| usize::from(known.inputs));
        let operands: Vec<_> = (0..inputs)
            .map(|place| operand_of(opcode, place, accounts))
            .collect();
        operands.prop_map(move |operands| Operation {
            opcode,
            operands,
            keep,
        })
    })
}

fn operation_of(opcode: u8) -> Option<braid_circuits::event::opcode::Operation> {
    braid_circuits::event::opcode::operation(opcode).copied()
}

/// The shortest push of a word.
pub fn push(word: U256) -> Vec<u8> {
    let bytes = word.to_be_bytes_trimmed_vec();
    [vec![PUSH0 + bytes.len() as u8], bytes].concat()
}

impl Operation {
    /// Its bytes; they leave the stack as it was.
    pub fn bytes(&self, accounts: &[Address]) -> Vec<u8> {
        let operands = self.operands.iter().rev();
        let mut code: Vec<u8> = operands
            .flat_map(|operand| push(operand.word(accounts)))
            .collect();
        code.push(self.opcode);
        let outputs = operation_of(self.opcode).map_or(0, |known| known.outputs);
        for output in 0..outputs {
            match self.keep {
                Some(slot) if output == 0 => code.extend([PUSH1, slot, SSTORE]),
                _ => code.push(POP),
            }
        }
        code
    }
}
