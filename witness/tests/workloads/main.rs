//! The workloads that execution is measured with: every transaction does what its contract promises, computed here a second time without the EVM, or
//! fails as the workload says.

mod contracts;
mod deployed;
mod model;

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, Bytes, U256, keccak256};
use braid_witness::execution::baseline::{Baseline, run_sequentially};
use braid_witness::execution::machine::{effective_gas_price, tip, transaction_input};
use braid_witness::execution::{BlockHashes, Detail, Options, Status, execute_block};
use braid_witness::sample::{Draft, SAMPLE_CHAIN_ID, SampleKey};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use braid_witness::transaction::TransactionKind;
use braid_witness::workload::{Contract, PIECE_PRICE, PoolPlace, Preset, Workload, generate, word};
use model::{After, Model, balance_slot, selector};
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::primitives::TxKind;

const COUNT: usize = 120;
/// More transactions than are executed as one batch, however well it goes.
const SEVERAL_BATCHES: usize = 800;

fn run(workload: &Workload) -> Baseline {
    let state = workload.state().unwrap();
    let inputs = workload.transactions.iter();
    let inputs = inputs.map(|transaction| transaction_input(transaction, SAMPLE_CHAIN_ID));
    let block = workload.context().unwrap();
    run_sequentially(block, &BlockHashes::default(), &state, inputs.collect()).unwrap()
}

#[test]
fn every_workload_does_what_its_contracts_promise() {
    for preset in Preset::ALL {
        let workload = generate(&preset.config(COUNT, 5)).unwrap();
        let baseline = run(&workload);
        assert_eq!(baseline.results.len(), COUNT);
        let mut model = Model::before(&workload);
        let results = workload.transactions.iter().zip(&baseline.results);
        for (index, (transaction, result)) in results.enumerate() {
            model.pay_fee(&workload, transaction, result.tx_gas_used());
            match workload.failures.get(&index) {
                None => {
                    let name = preset.name();
                    assert!(result.is_success(), "{name} {index}: {result:?}");
                    model.apply(&workload, transaction);
                }
                Some(error) => {
                    let ExecutionResult::Revert { output, .. } = result else {
                        panic!("{error}: {result:?}");
                    };
                    assert_eq!(output[..4], selector(error), "{error}: {output}");
                }
            }
        }
        let after = After {
            workload: &workload,
            baseline: &baseline,
        };
        assert!(
            model.compare(&workload, &after) > COUNT,
            "{}",
            preset.name()
        );
        // Nothing of a token is lost or made.
        let tokens = workload.contracts.iter().filter(|it| *it.1 == "Token");
        let supply = Contract::named("Token")
            .unwrap()
            .slot("totalSupply")
            .unwrap();
        for (token, _) in tokens {
            let before = &workload.file.alloc[token].storage;
            assert_eq!(after.slot(*token, supply), before[&supply]);
        }
    }
}

/// The methods that a workload's contracts are called with, and the errors of the calls that fail on purpose.
fn methods(preset: Preset, transactions: usize) -> BTreeSet<&'static str> {
    let workload = generate(&preset.config(transactions, 5)).unwrap();
    let mut model = Model::before(&workload);
    let transactions = workload.transactions.iter().enumerate();
    transactions
        .map(|(index, transaction)| match workload.failures.get(&index) {
            None => model.apply(&workload, transaction),
            Some(error) => error,
        })
        .collect()
}

#[test]
fn scenes_do_all_that_they_are_for() {
    let market = [
        "approve(address,uint256)",
        "buy(uint256)",
        "cancel(uint256)",
        "list(uint256,uint96)",
        "NotListed(uint256)",
    ];
    let lending = [
        "borrow(uint256)",
        "deposit(uint256)",
        "liquidate(address,uint256)",
        "repay(uint256)",
        "setPrice(uint256)",
        "withdraw(uint256)",
        "Healthy(address)",
        "TooLittleCollateral(uint256,uint256)",
    ];
    let staking = [
        "claim()",
        "stake(uint256)",
        "unstake(uint256)",
        "TooMuch(uint256,uint256)",
    ];
    let game = ["cashIn()", "join()", "move(uint8)"];
    let failed_moves = [
        "AlreadyPlaying(address)",
        "OffTheMeadow(uint256,uint256,uint8)",
    ];
    let options = [
        "buy(uint256)",
        "close(uint256)",
        "setPrice(uint256)",
        "settle(uint256)",
        "write(uint128,uint128,uint256,uint64)",
        "OutOfTheMoney(uint256,uint256)",
    ];
    let all = |lists: &[&[&'static str]]| lists.concat().into_iter().collect::<BTreeSet<_>>();
    assert_eq!(methods(Preset::Market, 6), all(&[&market]));
    assert_eq!(methods(Preset::Lending, 9), all(&[&lending]));
    assert_eq!(methods(Preset::Staking, 5), all(&[&staking]));
    assert_eq!(methods(Preset::Game, 60), all(&[&game, &failed_moves]));
    assert_eq!(methods(Preset::Options, 8), all(&[&options]));
    // A small block of everything has what each kind of contract is for.
    let found = methods(Preset::Defi, 24);
    let tokens = [
        "transfer(address,uint256)",
        "swap(address,uint256,uint256,address)",
        "mint()",
    ];
    let found: Vec<_> = found.difference(&all(&[&tokens, &game])).copied().collect();
    assert_eq!(
        found,
        [
            "NotListed(uint256)",
            "borrow(uint256)",
            "buy(uint256)",
            "cancel(uint256)",
            "claim()",
            "close(uint256)",
            "deposit(uint256)",
            "liquidate(address,uint256)",
            "list(uint256,uint96)",
            "repay(uint256)",
            "setPrice(uint256)",
            "settle(uint256)",
            "stake(uint256)",
            "unstake(uint256)",
            "write(uint128,uint128,uint256,uint64)",
        ]
    );
}

#[test]
fn in_parallel_workloads_leave_what_revm_leaves() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build();
    let pool = pool.unwrap();
    for preset in Preset::ALL {
        let workload = generate(&preset.config(SEVERAL_BATCHES, 8)).unwrap();
        let baseline = run(&workload);
        let mut expected = workload.state().unwrap();
        expected.commit(baseline.state.clone()).unwrap();
        let details = [Detail::Accesses, Detail::Receipts];
        for (workers, detail) in [1, 2, 4]
            .into_iter()
            .flat_map(|workers| details.map(|detail| (workers, detail)))
        {
            let options = Options {
                workers,
                detail,
                ..Options::default()
            };
            let mut state = workload.state().unwrap();
            let (block, hashes) = (workload.context().unwrap(), BlockHashes::default());
            let transactions = &workload.transactions;
            let execution =
                pool.install(|| execute_block(block, &hashes, transactions, &state, options));
            let execution = execution.unwrap();
            // Of what one account sends everything waits for the one before.
            let is_chain = matches!(preset, Preset::Payout | Preset::Erc20Payout);
            let expected_workers = if is_chain { 1 } else { workers };
            assert_eq!(execution.statistics.workers, expected_workers);
            let results = execution.transactions.iter().zip(&baseline.results);
            for (index, (outcome, result)) in results.enumerate() {
                let status = match workload.failures.contains_key(&index) {
                    true => Status::Revert,
                    false => Status::Success,
                };
                assert_eq!(outcome.receipt.status, status, "{} {index}", preset.name());
                assert_eq!(outcome.receipt.gas_used, result.tx_gas_used());
                assert_eq!(outcome.receipt.logs, result.logs());
            }
            state.apply(&execution.changes).unwrap();
            // Printing both would not help anybody.
            let same = state == expected;
            assert!(same, "{} with {workers} workers, {detail:?}", preset.name());
        }
    }
}

#[test]
fn workloads_conflict_as_much_as_they_say() {
    let touched = |preset: Preset| {
        let workload = generate(&preset.config(COUNT, 6)).unwrap();
        let distinct = |addresses: Vec<Address>| {
            addresses
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>()
                .len()
        };
        let senders = workload.transactions.iter().map(|t| t.sender).collect();
        let recipients =
            workload
                .transactions
                .iter()
                .map(|transaction| match transaction.data.len() {
                    // The recipient of a token.
                    68 => Address::from_slice(&transaction.data[16..36]),
                    _ => transaction.to.unwrap(),
                });
        (distinct(senders), distinct(recipients.collect()))
    };
    for preset in [Preset::Transfers, Preset::Erc20, Preset::Swaps] {
        assert_eq!(touched(preset), (COUNT, COUNT));
    }
    for preset in [
        Preset::TransfersToOne,
        Preset::Erc20ToOne,
        Preset::SwapsOnePool,
        Preset::MintRush,
    ] {
        assert_eq!(touched(preset), (COUNT, 1));
    }
    for preset in [Preset::Payout, Preset::Erc20Payout] {
        assert_eq!(touched(preset), (1, COUNT));
    }
    let (senders, _) = touched(Preset::Mixed);
    assert!(senders < COUNT / 2 + 1);
}

#[test]
fn a_seed_decides_everything() {
    let make = |seed| generate(&Preset::Mixed.config(40, seed)).unwrap().file;
    assert_eq!(make(1), make(1));
    assert_ne!(make(1).blocks, make(2).blocks);
}

#[test]
fn signed_without_recovery_is_what_decoding_gives() {
    for preset in [Preset::Mixed, Preset::Erc20] {
        let workload = generate(&preset.config(30, 7)).unwrap();
        for (raw, signed) in workload.file.blocks[0]
            .transactions
            .iter()
            .zip(&workload.transactions)
        {
            let decoded = SignedTransaction::decode(raw.clone(), SAMPLE_CHAIN_ID).unwrap();
            assert_eq!(decoded, *signed);
        }
    }
    let key = SampleKey::new(3, 4).unwrap();
    let kinds = [
        TransactionKind::Legacy { protected: true },
        TransactionKind::Legacy { protected: false },
        TransactionKind::AccessList,
        TransactionKind::DynamicFee,
    ];
    for (nonce, kind) in kinds.into_iter().enumerate() {
        let draft = Draft {
            kind,
            nonce: nonce as u64,
            ..Draft::default()
        };
        let signed = draft.signed(&key).unwrap();
        assert_eq!(
            SignedTransaction::decode(signed.raw.clone(), 1).unwrap(),
            signed
        );
    }
}

#[test]
fn the_documentation_lists_all_workloads() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/execution.md");
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|it| it.starts_with("Workloads"));
    let rows = section.unwrap().lines();
    let listed: Vec<_> = rows
        .filter_map(|row| row.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(listed, Preset::ALL.map(Preset::name));
}
