#!/usr/bin/env bash
# Guess:     an instruction that needs more words than the stack has halts with StackUnderflow in revm, whichever it is.
# Instead:   DUP halts with StackOverflow, though the stack is nearly empty; ADD, POP and SWAP halt with StackUnderflow.
# Versions:  revm 43.0.3 (cargo)
# Seen:      2026-11-30
# Hurts:     whoever shows the reason to people, counts halts by reason, or proves the reason: the word alone does not say which it was. The outcome is the
#            same, all gas is used.
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
use revm::context::result::ExecutionResult;
use revm::context::{Context, TxEnv};
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::{Address, TxKind, U256, address};
use revm::state::{AccountInfo, Bytecode};
use revm::{ExecuteEvm, MainBuilder, MainContext};

const SENDER: Address = address!("1000000000000000000000000000000000000001");
const CONTRACT: Address = address!("2000000000000000000000000000000000000002");

/// Why this code halts.
fn reason(code: &[u8]) -> String {
    let mut database = CacheDB::new(EmptyDB::new());
    let code = Bytecode::new_raw(code.to_vec().into());
    database.insert_account_info(SENDER, AccountInfo::from_balance(U256::from(1_000_000)));
    database.insert_account_info(CONTRACT, AccountInfo::default().with_code(code).with_nonce(1));
    let mut evm = Context::mainnet().with_db(database).build_mainnet();
    let call = TxEnv::builder().caller(SENDER).kind(TxKind::Call(CONTRACT));
    let call = call.gas_limit(100_000).gas_price(0).build().unwrap();
    match evm.transact(call).unwrap().result {
        ExecutionResult::Halt { reason, .. } => format!("{reason:?}"),
        other => format!("{other:?}"),
    }
}

fn main() {
    // One word on the stack, then what needs two; and POP of none.
    for (name, code) in [
        ("ADD", vec![0x5f, 0x01]),
        ("POP", vec![0x50]),
        ("DUP2", vec![0x5f, 0x81]),
        ("SWAP1", vec![0x5f, 0x90]),
    ] {
        println!("{name} {}", reason(&code));
    }
}
END
cat >expected <<'END'
ADD StackUnderflow
POP StackUnderflow
DUP2 StackOverflow
SWAP1 StackUnderflow
END
echo 'revm 43.0.3'
cargo run --quiet | tee seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
