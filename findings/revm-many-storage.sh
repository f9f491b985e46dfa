#!/usr/bin/env bash
# Guess:     transact_many_commit of revm leaves what transact_commit leaves, transaction by transaction.
# Instead:   all its transactions share one journal, in which a slot's original value begins anew with each transaction that loads it. What the
#            journal gives up at its end is then "changed" only since the last of them. revm's State keeps changed slots alone, so that a slot
#            that one transaction writes and a later one only reads keeps its old value; CacheDB keeps every slot and has the new one.
# Versions:  revm 43.0.3 (cargo)
# Seen:      2026-11-29
# Hurts:     whoever executes a block in one journal for speed, or reads differences out of the EvmState that `finalize` gives after several
#            transactions: take all present values, and compare them with the database.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir src
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
revm = { version = "=43.0.3", default-features = false, features = ["std"] }
END
cat >src/main.rs <<'END'
use revm::context::{Context, TxEnv};
use revm::database::{CacheDB, EmptyDB, State};
use revm::primitives::{Address, TxKind, U256, address};
use revm::state::{AccountInfo, Bytecode};
use revm::{Database, DatabaseCommit, ExecuteCommitEvm, MainBuilder, MainContext};

const SENDER: Address = address!("1000000000000000000000000000000000000001");
const CONTRACT: Address = address!("2000000000000000000000000000000000000002");

/// With calldata, slot 0 becomes its first word; without, slot 0 is read:
/// CALLDATASIZE PUSH1 7 JUMPI, PUSH0 SLOAD STOP, JUMPDEST PUSH0 CALLDATALOAD PUSH0 SSTORE STOP.
const CODE: &[u8] = &[0x36, 0x60, 0x07, 0x57, 0x5f, 0x54, 0x00, 0x5b, 0x5f, 0x35, 0x5f, 0x55, 0x00];

fn accounts() -> CacheDB<EmptyDB> {
    let mut database = CacheDB::new(EmptyDB::new());
    let code = Bytecode::new_raw(CODE.into());
    database.insert_account_info(SENDER, AccountInfo::from_balance(U256::from(1_000_000)));
    database.insert_account_info(CONTRACT, AccountInfo::default().with_code(code).with_nonce(1));
    database
}

fn call(nonce: u64, data: Vec<u8>) -> TxEnv {
    let to = TxKind::Call(CONTRACT);
    let transaction = TxEnv::builder().caller(SENDER).kind(to).nonce(nonce);
    transaction.gas_limit(100_000).gas_price(0).data(data.into()).build().unwrap()
}

/// Slot 0 after one transaction that sets it to 7 and one that reads it.
fn slot_after<D: Database + DatabaseCommit>(mut database: D, together: bool) -> U256
where
    D::Error: core::fmt::Debug,
{
    let transactions = [call(0, U256::from(7).to_be_bytes_vec()), call(1, Vec::new())];
    let mut evm = Context::mainnet().with_db(&mut database).build_mainnet();
    let results = match together {
        true => evm.transact_many_commit(transactions.into_iter()).unwrap(),
        false => transactions.map(|transaction| evm.transact_commit(transaction).unwrap()).to_vec(),
    };
    assert!(results.iter().all(|result| result.is_success()));
    drop(evm);
    database.storage(CONTRACT, U256::ZERO).unwrap()
}

fn main() {
    let state = || State::builder().with_database(accounts()).with_bundle_update().build();
    println!("State, one by one: {}", slot_after(state(), false));
    println!("State, together: {}", slot_after(state(), true));
    println!("CacheDB, one by one: {}", slot_after(accounts(), false));
    println!("CacheDB, together: {}", slot_after(accounts(), true));
}
END
cat >expected <<'END'
State, one by one: 7
State, together: 0
CacheDB, one by one: 7
CacheDB, together: 7
END
echo 'revm 43.0.3'
cargo run --quiet | tee seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
