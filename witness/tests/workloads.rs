//! The workloads that execution is measured with: every transaction succeeds and does what its contract promises, computed here a second time
//! without the EVM.

use std::collections::BTreeMap;

use alloy_primitives::{Address, Bytes, U256, keccak256};
use braid_circuits::event::TransactionKind;
use braid_witness::execution::baseline::{Baseline, run_sequentially};
use braid_witness::execution::machine::{effective_gas_price, tip, transaction_input};
use braid_witness::execution::{BlockHashes, Detail, Options, Status, execute_block};
use braid_witness::sample::{Draft, SAMPLE_CHAIN_ID, SampleKey};
use braid_witness::state::State;
use braid_witness::transaction::SignedTransaction;
use braid_witness::workload::{Contract, PIECE_PRICE, PoolPlace, Preset, Workload, generate, word};
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

/// Balances in wei and tokens, owners and reserves, kept without an EVM.
struct Model {
    wei: BTreeMap<Address, U256>,
    tokens: BTreeMap<(Address, Address), U256>,
    reserves: BTreeMap<Address, [U256; 2]>,
    owners: Vec<Address>,
}

impl Model {
    fn before(workload: &Workload) -> Self {
        let alloc = &workload.file.alloc;
        let wei = alloc
            .iter()
            .map(|(address, account)| (*address, account.balance));
        let mask = (U256::ONE << 112) - U256::ONE;
        let reserves = workload.pools.iter().map(|pool| {
            let slot = Contract::named("Pool").unwrap().slot("reserve0").unwrap();
            let packed = alloc[&pool.address].storage[&slot];
            (pool.address, [packed & mask, packed >> 112 & mask])
        });
        Self {
            wei: wei.collect(),
            tokens: BTreeMap::new(),
            reserves: reserves.collect(),
            owners: Vec::new(),
        }
    }

    fn token(&mut self, workload: &Workload, token: Address, holder: Address) -> &mut U256 {
        let before = || stored(&workload.file.alloc[&token].storage, balance_slot(holder));
        self.tokens.entry((token, holder)).or_insert_with(before)
    }

    fn send_token(
        &mut self,
        workload: &Workload,
        token: Address,
        [from, to]: [Address; 2],
        amount: U256,
    ) {
        *self.token(workload, token, from) -= amount;
        *self.token(workload, token, to) += amount;
    }

    fn swap(&mut self, workload: &Workload, pool: PoolPlace, trader: Address, arguments: &[U256]) {
        let token_in = Address::from_word(arguments[0].into());
        let (amount, minimum) = (arguments[1], arguments[2]);
        let [reserve0, reserve1] = self.reserves[&pool.address];
        let zero_for_one = token_in == pool.token0;
        assert!(zero_for_one || token_in == pool.token1);
        let (reserve_in, reserve_out, token_out) = match zero_for_one {
            true => (reserve0, reserve1, pool.token1),
            false => (reserve1, reserve0, pool.token0),
        };
        // (in + 0.997 amount) (out - bought) = in * out, rounded down.
        let thousand = U256::from(1_000);
        let paid = amount * U256::from(997);
        let bought = paid * reserve_out / (reserve_in * thousand + paid);
        assert!(bought >= minimum && !bought.is_zero());
        assert!((reserve_in + amount) * (reserve_out - bought) > reserve_in * reserve_out);
        self.send_token(workload, token_in, [trader, pool.address], amount);
        self.send_token(workload, token_out, [pool.address, trader], bought);
        let after = match zero_for_one {
            true => [reserve0 + amount, reserve1 - bought],
            false => [reserve0 - bought, reserve1 + amount],
        };
        self.reserves.insert(pool.address, after);
    }

    fn apply(&mut self, workload: &Workload, transaction: &SignedTransaction, gas_used: u64) {
        let environment = workload.file.blocks[0].environment;
        let (sender, to) = (transaction.sender, transaction.to.unwrap());
        let price = effective_gas_price(transaction, environment.base_fee);
        *self.wei.entry(sender).or_default() -= transaction.value + price * U256::from(gas_used);
        *self.wei.entry(to).or_default() += transaction.value;
        *self.wei.entry(environment.coinbase).or_default() +=
            tip(transaction, environment.base_fee, gas_used);
        let words = transaction.data.get(4..).unwrap_or_default();
        let arguments: Vec<U256> = words.chunks(32).map(U256::from_be_slice).collect();
        if workload.tokens.contains(&to) {
            assert_eq!(transaction.data[..4], selector("transfer(address,uint256)"));
            let recipient = Address::from_word(arguments[0].into());
            self.send_token(workload, to, [sender, recipient], arguments[1]);
        } else if let Some(pool) = workload.pools.iter().find(|pool| pool.address == to) {
            assert_eq!(
                transaction.data[..4],
                selector("swap(address,uint256,uint256,address)")
            );
            self.swap(workload, *pool, sender, &arguments);
        } else if workload.collectible == Some(to) {
            assert_eq!(transaction.data[..4], selector("mint()"));
            assert_eq!(transaction.value, PIECE_PRICE);
            self.owners.push(sender);
        } else {
            assert!(transaction.data.is_empty());
        }
    }

    /// Compares with what revm left, and returns how many values there were.
    fn compare(&self, workload: &Workload, after: &After<'_>) -> usize {
        for (address, wei) in &self.wei {
            assert_eq!(after.wei(*address), *wei, "{address}");
        }
        for ((token, holder), amount) in &self.tokens {
            assert_eq!(after.slot(*token, balance_slot(*holder)), *amount);
        }
        let code = Contract::named("Pool").unwrap();
        for (pool, [reserve0, reserve1]) in &self.reserves {
            let packed = after.slot(*pool, code.slot("reserve0").unwrap());
            let reserves = code.packed("reserve0", *reserve0).unwrap()
                | code.packed("reserve1", *reserve1).unwrap();
            let mask = (U256::ONE << 224) - U256::ONE;
            assert_eq!(packed & mask, reserves);
            // Free to be entered again.
            assert_eq!(after.slot(*pool, code.slot("locked").unwrap()), U256::ONE);
        }
        if let Some(address) = workload.collectible {
            let code = Contract::named("Collectible").unwrap();
            let sold = after.slot(address, code.slot("totalSupply").unwrap());
            assert_eq!(sold, U256::from(self.owners.len()));
            for (index, owner) in self.owners.iter().enumerate() {
                let slot = code.entry("ownerOf", &[U256::from(index + 1)]).unwrap();
                assert_eq!(after.slot(address, slot), word(*owner));
            }
        }
        self.wei.len() + self.tokens.len() + self.reserves.len() + self.owners.len()
    }
}

/// The state after the block.
struct After<'a> {
    workload: &'a Workload,
    baseline: &'a Baseline,
}

impl After<'_> {
    fn wei(&self, address: Address) -> U256 {
        let before = self.workload.file.alloc.get(&address);
        match self.baseline.state.get(&address) {
            Some(account) => account.info.balance,
            None => before.map(|account| account.balance).unwrap_or_default(),
        }
    }

    fn slot(&self, address: Address, slot: U256) -> U256 {
        let account = self.baseline.state.get(&address);
        match account.and_then(|account| account.storage.get(&slot)) {
            Some(value) => value.present_value,
            None => stored(&self.workload.file.alloc[&address].storage, slot),
        }
    }
}

fn stored(storage: &BTreeMap<U256, U256>, slot: U256) -> U256 {
    storage.get(&slot).copied().unwrap_or_default()
}

fn balance_slot(holder: Address) -> U256 {
    let token = Contract::named("Token").unwrap();
    token.entry("balanceOf", &[word(holder)]).unwrap()
}

fn selector(signature: &str) -> [u8; 4] {
    keccak256(signature)[..4].try_into().unwrap()
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
