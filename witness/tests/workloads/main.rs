//! The workloads that execution is measured with: every transaction succeeds and does what its contract promises, computed here a second time
//! without the EVM.

mod model;

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256, keccak256};
use braid_witness::execution::baseline::{Baseline, run_sequentially};
use braid_witness::execution::machine::{effective_gas_price, tip, transaction_input};
use braid_witness::execution::{BlockHashes, Detail, Options, Status, execute_block};
use braid_witness::sample::{Draft, SAMPLE_CHAIN_ID, SampleKey};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use braid_witness::transaction::TransactionKind;
use braid_witness::workload::{Contract, PIECE_PRICE, PoolPlace, Preset, Workload, generate, word};
use model::{After, Model, balance_slot};
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
        for (transaction, result) in workload.transactions.iter().zip(&baseline.results) {
            assert!(result.is_success(), "{}: {result:?}", preset.name());
            model.apply(&workload, transaction, result.tx_gas_used());
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
        let supply = Contract::named("Token")
            .unwrap()
            .slot("totalSupply")
            .unwrap();
        for token in &workload.tokens {
            let before = &workload.file.alloc[token].storage;
            assert_eq!(after.slot(*token, supply), before[&supply]);
        }
    }
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
            for (outcome, result) in execution.transactions.iter().zip(&baseline.results) {
                assert_eq!(outcome.receipt.status, Status::Success);
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

/// The compiler's own initialisation leaves the code and the variables that the workloads put into the state.
#[test]
fn deploying_gives_the_accounts_that_workloads_start_with() {
    let deployer = Address::repeat_byte(0xd0);
    let (one, two) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let supply = U256::from(77);
    let deploy = |contract: &Contract, arguments: &[U256]| {
        let mut code = contract.creation.to_vec();
        for argument in arguments {
            code.extend(argument.to_be_bytes::<32>());
        }
        created(deployer, code.into())
    };

    let token = Contract::named("Token").unwrap();
    let (code, storage) = deploy(token, &[supply]);
    assert_eq!(code, token.runtime);
    assert_eq!(storage[&token.slot("totalSupply").unwrap()], supply);
    assert_eq!(storage[&balance_slot(deployer)], supply);

    let pool = Contract::named("Pool").unwrap();
    let (code, storage) = deploy(pool, &[word(one), word(two)]);
    assert_eq!(code, pool.runtime);
    assert_eq!(storage[&pool.slot("token0").unwrap()], word(one));
    assert_eq!(storage[&pool.slot("token1").unwrap()], word(two));
    assert_eq!(storage[&pool.slot("locked").unwrap()], U256::ONE);

    let collectible = Contract::named("Collectible").unwrap();
    let (code, storage) = deploy(collectible, &[PIECE_PRICE, U256::from(9)]);
    assert_eq!(code, collectible.runtime);
    assert_eq!(
        storage[&collectible.slot("seller").unwrap()],
        word(deployer)
    );
    assert_eq!(storage[&collectible.slot("price").unwrap()], PIECE_PRICE);
    assert_eq!(storage[&collectible.slot("limit").unwrap()], U256::from(9));
}

/// Creates a contract and returns its code and storage.
fn created(deployer: Address, init_code: Bytes) -> (Bytes, BTreeMap<U256, U256>) {
    let workload = generate(&Preset::Transfers.config(1, 1)).unwrap();
    let mut block = workload.context().unwrap();
    block.environment.base_fee = U256::ZERO;
    let input = TxEnv {
        caller: deployer,
        gas_limit: 5_000_000,
        gas_price: 0,
        kind: TxKind::Create,
        data: init_code,
        chain_id: Some(SAMPLE_CHAIN_ID),
        ..TxEnv::default()
    };
    let state = State::default();
    let hashes = BlockHashes::default();
    let Baseline { results, state } =
        run_sequentially(block, &hashes, &state, vec![input]).unwrap();
    let ExecutionResult::Success {
        output: Output::Create(code, Some(address)),
        ..
    } = &results[0]
    else {
        panic!("{:?}", results[0]);
    };
    let storage = state[address].storage.iter();
    let storage = storage.map(|(slot, value)| (*slot, value.present_value));
    (code.clone(), storage.collect())
}
