//! Small blocks whose transactions get into each other's way, each in another manner.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256};
use braid_witness::block_file::AllocAccount;
use braid_witness::execution::BlockContext;
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;

use super::programs::{Snippet, assemble};
use super::{context, transaction};

/// A block with its name.
pub type Scene = (&'static str, BlockContext, Vec<SignedTransaction>, State);

const COINBASE: Address = Address::repeat_byte(0xcb);

fn sender(index: usize) -> Address {
    Address::repeat_byte(0x10 + index as u8)
}

fn contract(index: usize) -> Address {
    Address::repeat_byte(0xc0 + index as u8)
}

fn state(contracts: &[Vec<Snippet>]) -> State {
    // Snippets call accounts by their place in this list.
    let known: Vec<_> = (0..contracts.len())
        .map(contract)
        .chain([COINBASE])
        .collect();
    let mut alloc: BTreeMap<_, _> = (0..8).map(|index| (sender(index), rich())).collect();
    for (index, snippets) in contracts.iter().enumerate() {
        let account = AllocAccount {
            code: assemble(snippets, &known),
            nonce: 1,
            ..rich()
        };
        alloc.insert(contract(index), account);
    }
    State::new(&alloc).unwrap()
}

fn rich() -> AllocAccount {
    AllocAccount {
        balance: U256::from(1u64 << 60),
        ..AllocAccount::default()
    }
}

fn send(index: usize, from: usize, nonce: u64, to: Address, value: u64) -> SignedTransaction {
    let value = U256::from(value);
    let sent = transaction(index, sender(from), Some(to), value, Bytes::new());
    SignedTransaction { nonce, ..sent }
}

/// All of them.
pub fn all() -> Vec<Scene> {
    let to = |count: usize, to: fn(usize) -> Address, value: fn(usize) -> u64| {
        let each = |index| send(index, index, 0, to(index), value(index));
        (0..count).map(each).collect::<Vec<_>>()
    };
    let counter = vec![Snippet::Count(0)];
    // Two wei for the first contract make later calls of it revert. Without them a call of it pays the third, whose balance is what the second reads.
    let paid_once = [
        vec![
            Snippet::RevertIfOdd(0),
            Snippet::Count(0),
            Snippet::StopIfPaid,
            Snippet::Call(2),
        ],
        vec![Snippet::KeepBalance(0, 2)],
        vec![],
    ];
    let scene = |name, transactions, contracts: &[Vec<Snippet>]| {
        (name, context(COINBASE), transactions, state(contracts))
    };
    vec![
        scene(
            "all count in one slot",
            to(6, |_| contract(0), |_| 0),
            core::slice::from_ref(&counter),
        ),
        // An even value makes the slot odd, which makes the next one revert and so write nothing.
        scene(
            "writes come and go",
            to(6, |_| contract(0), |index| index as u64 / 2),
            &[vec![
                Snippet::Count(0),
                Snippet::RevertIfOdd(0),
                Snippet::Count(1),
            ]],
        ),
        scene(
            "one after the other by the same sender",
            (0..6)
                .map(|index| send(index, index / 3, index as u64 % 3, sender(7), 5))
                .collect(),
            &[],
        ),
        scene(
            "transfers to one whose balance is read",
            to(6, |index| contract(index % 2), |_| 9),
            &[vec![Snippet::KeepBalance(0, 1)], vec![]],
        ),
        scene(
            "transfers to those who send",
            (0..6)
                .map(|index| send(index, index, 0, sender((index + 1) % 6), 1 << 50))
                .collect(),
            &[],
        ),
        // What is a plain transfer as long as the contract is not made runs the contract afterwards.
        scene(
            "transfers to where contracts are made",
            to(
                6,
                |index| match index % 3 {
                    0 => contract(0),
                    _ => contract(0).create(1 + index as u64 / 3),
                },
                |index| index as u64 % 3,
            ),
            &[vec![Snippet::Create(0)]],
        ),
        scene(
            "the coinbase is read and paid",
            to(
                6,
                |index| {
                    if index % 3 == 2 {
                        COINBASE
                    } else {
                        contract(index % 3)
                    }
                },
                |_| 3,
            ),
            &[vec![Snippet::KeepBalance(0, 2)], vec![Snippet::Call(2)]],
        ),
        // The first makes the second revert, whose payment is all that the third has read, and nobody else writes there.
        scene(
            "a write that was read vanishes",
            vec![
                send(0, 0, 0, contract(0), 2),
                send(1, 1, 0, contract(0), 0),
                send(2, 2, 0, contract(1), 0),
            ],
            &paid_once,
        ),
        // The same where two transactions are executed as one: the second of each pair is nobody's business.
        scene(
            "a write of a batch that was read vanishes",
            vec![
                send(0, 0, 0, contract(0), 2),
                send(1, 1, 0, sender(6), 1),
                send(2, 2, 0, contract(0), 0),
                send(3, 3, 0, sender(6), 1),
                send(4, 4, 0, contract(1), 0),
                send(5, 5, 0, sender(6), 1),
            ],
            &paid_once,
        ),
        scene(
            "a value that comes back",
            to(6, |index| contract(index % 2), |_| 0),
            &[
                vec![Snippet::Count(0), Snippet::Call(1)],
                vec![Snippet::DelegateCall(0), Snippet::Clear(0)],
            ],
        ),
    ]
}
