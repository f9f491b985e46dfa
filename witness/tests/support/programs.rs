//! Random contracts: snippets of bytecode in a row, each of which leaves the stack as it was.

use alloy_primitives::{Address, Bytes, U256};
use braid_circuits::event::opcode::{CREATE, CREATE2, INVALID, SELFDESTRUCT};
use proptest::prelude::*;

use super::operations::{Operation, operation, push};

/// What random contracts may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Whatever the EVM knows.
    Anything,
    /// What tables show: no creations, no SELFDESTRUCT, few of the precompiles.
    Provable,
}

/// A piece of a contract.
#[derive(Clone, Debug)]
pub enum Snippet {
    /// `storage[slot] += callvalue + 1`.
    Count(u8),
    /// `storage[caller] += 1`.
    CountCaller,
    /// `storage[slot] = balance(account)`.
    KeepBalance(u8, usize),
    /// `storage[slot] = extcodehash(account) + extcodesize(account)`.
    KeepCode(u8, usize),
    /// Logs `storage[slot]`.
    Log(u8),
    /// Calls an account with a quarter of the own balance.
    Call(usize),
    /// Runs another account's code on the own storage.
    DelegateCall(usize),
    /// Reverts if `storage[slot]` is odd.
    RevertIfOdd(u8),
    /// Creates a contract whose code is a counter; its address goes to `storage[slot]`.
    Create(u8),
    /// `storage[slot] = blockhash(number - 1)`.
    KeepBlockHash(u8),
    /// Transient storage (EIP-1153): `t[slot] += 1; storage[slot] = t[slot]`.
    Transient(u8),
    /// Sets a slot to zero.
    Clear(u8),
    /// Gives everything to an account and ends.
    SelfDestruct(usize),
    /// Ends with all gas used.
    Invalid,
    /// Ends.
    Stop,
    /// Ends if it was sent wei.
    StopIfPaid,
    /// An opcode with some operands.
    Operate(Operation),
    /// The same so many times.
    Loop(u8, Operation),
    /// Bytes that are no code of anyone's.
    Raw(Vec<u8>),
}

/// Bytes that are run, in this scope.
fn raw(scope: Scope) -> impl Strategy<Value = Snippet> {
    let byte = any::<u8>().prop_map(move |byte| match byte {
        CREATE | CREATE2 | SELFDESTRUCT if scope == Scope::Provable => INVALID,
        _ => byte,
    });
    prop::collection::vec(byte, 1..12).prop_map(Snippet::Raw)
}

pub fn snippet(accounts: usize, scope: Scope) -> impl Strategy<Value = Snippet> {
    let slot = || 0u8..3;
    let account = move || 0..accounts;
    let inside = prop_oneof![
        6 => slot().prop_map(Snippet::Count),
        3 => Just(Snippet::CountCaller),
        2 => (slot(), account()).prop_map(|(slot, who)| Snippet::KeepBalance(slot, who)),
        1 => (slot(), account()).prop_map(|(slot, who)| Snippet::KeepCode(slot, who)),
        2 => slot().prop_map(Snippet::Log),
        4 => account().prop_map(Snippet::Call),
        1 => account().prop_map(Snippet::DelegateCall),
        2 => slot().prop_map(Snippet::RevertIfOdd),
        1 => slot().prop_map(Snippet::KeepBlockHash),
        1 => slot().prop_map(Snippet::Transient),
        2 => slot().prop_map(Snippet::Clear),
        1 => Just(Snippet::Invalid),
        1 => Just(Snippet::Stop),
        1 => Just(Snippet::StopIfPaid),
    ];
    let operations = prop_oneof![
        12 => operation(accounts, scope).prop_map(Snippet::Operate),
        2 => (1u8..5, operation(accounts, scope)).prop_map(|(times, it)| Snippet::Loop(times, it)),
        1 => raw(scope),
    ];
    let outside = prop_oneof![
        slot().prop_map(Snippet::Create),
        account().prop_map(Snippet::SelfDestruct),
    ];
    prop_oneof![
        26 => inside,
        14 => operations,
        2 * u32::from(scope == Scope::Anything) => outside,
    ]
}

struct Assembler(Vec<u8>);

impl Assembler {
    fn op(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn push(&mut self, value: u8) -> &mut Self {
        self.op(&[0x60, value])
    }

    fn address(&mut self, address: Address) -> &mut Self {
        self.op(&[0x73]).op(address.as_slice())
    }
}

/// The bytecode of a contract that knows these accounts.
pub fn assemble(snippets: &[Snippet], accounts: &[Address]) -> Bytes {
    let mut code = Assembler(Vec::new());
    let who = |index: &usize| accounts[*index % accounts.len()];
    for snippet in snippets {
        match snippet {
            // SLOAD ADD SSTORE
            Snippet::Count(slot) => {
                code.op(&[0x34]).push(1).op(&[0x01]).push(*slot);
                code.op(&[0x54, 0x01]).push(*slot).op(&[0x55]);
            }
            Snippet::CountCaller => {
                code.op(&[0x33, 0x54]).push(1).op(&[0x01, 0x33, 0x55]);
            }
            Snippet::KeepBalance(slot, account) => {
                code.address(who(account))
                    .op(&[0x31])
                    .push(*slot)
                    .op(&[0x55]);
            }
            Snippet::KeepCode(slot, account) => {
                code.address(who(account)).op(&[0x3f]).address(who(account));
                code.op(&[0x3b, 0x01]).push(*slot).op(&[0x55]);
            }
            Snippet::Log(slot) => {
                code.push(*slot).op(&[0x54]).push(0).op(&[0x52]);
                code.push(7).push(32).push(0).op(&[0xa1]);
            }
            Snippet::Call(account) => {
                code.push(0).push(0).push(0).push(0);
                code.push(4).op(&[0x47, 0x04]);
                code.address(who(account))
                    .op(&[0x62, 0x00, 0xc3, 0x50, 0xf1, 0x50]);
            }
            Snippet::DelegateCall(account) => {
                code.push(0).push(0).push(0).push(0);
                code.address(who(account))
                    .op(&[0x62, 0x00, 0xc3, 0x50, 0xf4, 0x50]);
            }
            Snippet::RevertIfOdd(slot) => {
                code.push(1).push(*slot).op(&[0x54, 0x16, 0x15]);
                let target = code.0.len() + 3 + 5;
                code.op(&[0x61, (target >> 8) as u8, target as u8, 0x57]);
                code.push(0).op(&[0x80, 0xfd]).op(&[0x5b]);
                assert_eq!(code.0[target], 0x5b);
            }
            Snippet::Create(slot) => {
                // Init code that returns `storage[0] += 1`: 600160005401600055.
                let child = [0x60, 0x01, 0x60, 0x00, 0x54, 0x01, 0x60, 0x00, 0x55];
                code.op(&[0x68]).op(&child).push(0).op(&[0x52]);
                // Init code in memory from 64 on: copies nothing, returns 9 bytes that it pushes.
                let mut init = vec![0x68];
                init.extend(child);
                init.extend([0x60, 0x00, 0x52, 0x60, 0x09, 0x60, 0x17, 0xf3]);
                code.op(&[0x60 + init.len() as u8 - 1])
                    .op(&init)
                    .push(0)
                    .op(&[0x52]);
                code.push(init.len() as u8)
                    .push(32 - init.len() as u8)
                    .push(0)
                    .op(&[0xf0]);
                code.push(*slot).op(&[0x55]);
            }
            Snippet::KeepBlockHash(slot) => {
                code.push(1).op(&[0x43, 0x03, 0x40]).push(*slot).op(&[0x55]);
            }
            Snippet::Transient(slot) => {
                code.push(*slot)
                    .op(&[0x5c])
                    .push(1)
                    .op(&[0x01, 0x80])
                    .push(*slot)
                    .op(&[0x5d]);
                code.push(*slot).op(&[0x55]);
            }
            Snippet::Clear(slot) => {
                code.push(0).push(*slot).op(&[0x55]);
            }
            Snippet::SelfDestruct(account) => {
                code.address(who(account)).op(&[0xff]);
            }
            Snippet::Invalid => {
                code.op(&[0xfe]);
            }
            Snippet::Stop => {
                code.op(&[0x00]);
            }
            Snippet::StopIfPaid => {
                code.op(&[0x34, 0x15]);
                let target = code.0.len() + 5;
                code.op(&[0x61, (target >> 8) as u8, target as u8, 0x57, 0x00, 0x5b]);
                assert_eq!(code.0[target], 0x5b);
            }
            Snippet::Operate(operation) => {
                code.op(&operation.bytes(accounts));
            }
            Snippet::Loop(times, operation) => {
                code.push(*times);
                let target = U256::from(code.0.len());
                // JUMPDEST; 1 SWAP1 SUB DUP1; JUMPI; POP.
                code.op(&[0x5b]).op(&operation.bytes(accounts)).push(1);
                code.op(&[0x90, 0x03, 0x80]).op(&push(target));
                code.op(&[0x57, 0x50]);
            }
            Snippet::Raw(bytes) => {
                code.op(bytes);
            }
        }
    }
    code.0.into()
}

/// Init code that first runs `before` and then returns `code`.
pub fn init_code(before: &[u8], code: &[u8]) -> Bytes {
    let length = code.len();
    let offset = before.len() + 15;
    let bytes = |value: usize| [(value >> 8) as u8, value as u8];
    let mut init = before.to_vec();
    init.push(0x61);
    init.extend(bytes(length));
    init.push(0x61);
    init.extend(bytes(offset));
    init.extend([0x60, 0x00, 0x39, 0x61]);
    init.extend(bytes(length));
    init.extend([0x60, 0x00, 0xf3]);
    assert_eq!(init.len(), offset);
    init.extend_from_slice(code);
    init.into()
}

/// A number that is small, middling or huge.
pub fn wei() -> impl Strategy<Value = U256> {
    prop_oneof![
        2 => Just(U256::ZERO),
        4 => (1u64..1000).prop_map(U256::from),
        2 => any::<u64>().prop_map(U256::from),
        1 => any::<[u64; 4]>().prop_map(U256::from_limbs),
    ]
}
