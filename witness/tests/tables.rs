//! The tables take the chunks for what they are: they can be filled, come to the same end, and no constraint fails.

use std::collections::BTreeMap;
use std::path::Path;

use alloy_primitives::{Address, B256};
use braid_circuits::chunk::Demand;
use braid_circuits::event::{Account, Checkpoint, ChunkEvents};
use braid_circuits::registry;
use braid_circuits::state_hash::{EMPTY, account_key, account_value};
use braid_circuits::tables::{block, rlp, state, transaction, tree};
use braid_stark::{AnyTable, Trace};
use braid_witness::ethereum_tests::{folder, provable_cases};
use braid_witness::execution::seal::block_hash;
use braid_witness::sample::{SampleConfig, sample};
use braid_witness::{chunks_of, execute};

fn holds(name: &str, table: &dyn AnyTable, mut trace: Trace) {
    let height = trace.height().next_power_of_two().max(table.min_height());
    table.pad(&mut trace, height);
    let violations = braid_stark::check::check_table(table, &trace);
    assert!(violations.is_empty(), "{name}: {:?}", violations.first());
}

fn check(name: &str, chunk: &ChunkEvents) {
    let environment = chunk.opens.unwrap_or(chunk.start.block);
    let (gas_used, tx_chain) = if chunk.opens.is_some() {
        (0, B256::ZERO)
    } else {
        (chunk.start.gas_used, chunk.start.tx_chain)
    };
    let rlp = rlp::generate(&chunk.transactions).unwrap();
    let tables = registry::tables();
    let mut demanded = Demand::of(&tables, chunk)
        .unwrap()
        .rows()
        .collect::<BTreeMap<_, _>>();
    assert_eq!(demanded.remove("rlp"), Some(rlp.height()), "{name}");
    let requests = transaction::generate(chunk, &environment, gas_used, tx_chain).unwrap();
    for account in &chunk.accounts {
        let after = account.after.unwrap_or(Account::EMPTY);
        assert_eq!(requests.accounts[&account.address], after, "{name}");
    }
    let open = Checkpoint {
        state_root: chunk.end.state_root,
        block: environment,
        open: true,
        gas_used: requests.gas_used,
        tx_chain: requests.tx_chain,
        ..chunk.start
    };
    if chunk.seals {
        assert_eq!(chunk.end.block_hash, block_hash(&open), "{name}");
    } else {
        assert_eq!(chunk.end.gas_used, requests.gas_used, "{name}");
        assert_eq!(chunk.end.tx_chain, requests.tx_chain, "{name}");
    }
    let accessed: &BTreeMap<Address, u64> = &requests.last_timestamps;
    assert_eq!(accessed.len(), chunk.accounts.len(), "{name}");
    let state = state::generate(&chunk.accounts, accessed).unwrap();
    let value = |account: &Option<Account>| account.as_ref().map_or(EMPTY, account_value);
    let updates = chunk.accounts.iter().map(|account| tree::Update {
        key: account_key(account.address),
        before: value(&account.before),
        after: value(&account.after),
        path: &account.path,
    });
    let (tree, end_root) =
        tree::generate(&updates.collect::<Vec<_>>(), chunk.start.state_root).unwrap();
    assert_eq!(end_root, chunk.end.state_root, "{name}");
    let block = block::generate(chunk, requests.gas_used, requests.tx_chain);

    holds(name, &rlp::Rlp, rlp);
    holds(name, &transaction::TransactionTable, requests.trace);
    holds(name, &state::State, state);
    holds(name, &tree::Tree, tree);
    holds(name, &block::BlockTable, block);
}

#[test]
fn samples_fill_the_tables() {
    for seed in 0..6 {
        let config = SampleConfig {
            blocks: 1 + seed as usize % 3,
            calldata: 150,
            ..SampleConfig::new(seed, 40)
        };
        let executed = execute(&sample(&config).unwrap()).unwrap();
        for most in [1, 5, 100] {
            for (index, chunk) in chunks_of(&executed, most).unwrap().iter().enumerate() {
                check(&format!("seed {seed}, chunk {index} of {most}"), chunk);
            }
        }
    }
}

#[test]
fn provable_state_tests_fill_the_tables() {
    let Some(folder) = folder(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))) else {
        return;
    };
    let mut count = 0;
    for (name, chunks) in provable_cases(&folder.join("GeneralStateTests")) {
        for chunk in &chunks {
            check(&name, chunk);
        }
        println!("{name}");
        count += 1;
    }
    println!("{count} provable state tests fill the tables");
    assert!(count > 0);
}
