//! `state`: the state across blocks, in a folder.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use alloy_primitives::{Address, U256};
use braid::progress::counted;
use braid::store::{Genesis, StoredBlock};
use braid::{
    Digest, Error, Store, StoreReader, StoreView, TreePath, account_key, digest_bytes,
    root_of_path, storage_key,
};
use braid_witness::execution::StateReader;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::blocks::read_block;
use super::{Answer, Failure, InFile, Outcome, quantity};

/// `braid state`.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Make a state store from the accounts of a block file: the state before its first block
    Init(InitArgs),
    /// Show the last block, its state root, and how much the store holds
    Root(StateDirArgs),
    /// Show an account or a slot
    Get(GetArgs),
    /// Forget the states after old blocks; the current state stays
    Prune(PruneArgs),
    /// Compute the state root and everything else anew, and compare
    Check(StateDirArgs),
}

/// Where a store is.
#[derive(Debug, Args)]
pub struct StateDirArgs {
    /// Folder of the state store
    #[arg(long, value_name = "FOLDER")]
    pub state_dir: PathBuf,
}

/// `braid state init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where.
    #[command(flatten)]
    pub store: StateDirArgs,
    /// Block file (JSON) whose chain id, parent and accounts the store starts from
    #[arg(long, value_name = "BLOCK")]
    pub genesis: PathBuf,
}

/// `braid state get`.
#[derive(Debug, Args)]
pub struct GetArgs {
    /// Address of the account
    #[arg(value_parser = braid_text::address)]
    pub address: Address,
    /// Slot of its storage, decimal or 0x and hex
    #[arg(value_parser = braid_text::number)]
    pub slot: Option<U256>,
    /// Where.
    #[command(flatten)]
    pub store: StateDirArgs,
    /// Number of the block after which to look [default: the last one]
    #[arg(long, value_name = "NUMBER")]
    pub block: Option<u64>,
    /// Also show the path in the state tree that proves the answer
    #[arg(long)]
    pub proof: bool,
}

/// `braid state prune`.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Where.
    #[command(flatten)]
    pub store: StateDirArgs,
    /// How many blocks before the last one to keep the states after
    #[arg(long, value_name = "NUMBER")]
    pub keep: u64,
}

/// `braid state ...`.
pub fn run(command: &StateCommand) -> Outcome {
    match command {
        StateCommand::Init(args) => init(args),
        StateCommand::Root(args) => root(args),
        StateCommand::Get(args) => get(args),
        StateCommand::Prune(args) => prune(args),
        StateCommand::Check(args) => check(args),
    }
}

fn open(args: &StateDirArgs) -> Result<StoreReader, Failure> {
    StoreReader::open(&args.state_dir, None).in_store(&args.state_dir)
}

fn init(args: &InitArgs) -> Outcome {
    let file = read_block(&args.genesis)?;
    let folder = &args.store.state_dir;
    drop(Store::init(folder, &Genesis::from(&file)).in_store(folder)?);
    root(&args.store)
}

fn root(args: &StateDirArgs) -> Outcome {
    let store = open(args)?;
    answer_root(&store).in_store(&args.state_dir)
}

/// What a state folder holds, for `braid inspect`.
pub fn inspect(folder: &Path) -> Outcome {
    let mut answer = root(&StateDirArgs {
        state_dir: folder.to_owned(),
    })?;
    answer.json["kind"] = "state folder".into();
    answer.text.insert_str(0, "state folder, ");
    Ok(answer)
}

fn block_text(block: &StoredBlock) -> String {
    format!(
        "block {}, timestamp {}, hash {}\nstate root {}\n",
        block.number,
        block.timestamp,
        block.block_hash,
        digest_bytes(&block.state_root)
    )
}

fn block_json(block: &StoredBlock) -> Value {
    json!({
        "number": quantity(block.number),
        "timestamp": quantity(block.timestamp),
        "blockHash": block.block_hash,
        "stateRoot": digest_bytes(&block.state_root),
    })
}

fn answer_root(store: &StoreReader) -> Result<Answer, Error> {
    let view = store.view();
    let counts = view.counts()?;
    let mut text = format!("chain {}, rules {}\n", store.chain_id(), store.rules());
    text += &block_text(store.head());
    let _ = writeln!(
        text,
        "{}, {}, {}; states kept from block {}",
        counted(counts.accounts, "account"),
        counted(counts.slots, "slot"),
        counted(counts.codes, "bytecode"),
        view.oldest()
    );
    Ok(Answer {
        text,
        json: json!({
            "ok": true,
            "chainId": quantity(store.chain_id()),
            "rules": store.rules(),
            "head": block_json(store.head()),
            "oldest": quantity(view.oldest()),
            "accounts": counts.accounts,
            "slots": counts.slots,
            "codes": counts.codes,
        }),
    })
}

fn get(args: &GetArgs) -> Outcome {
    let store = open(&args.store)?;
    let answer = || {
        let number = args.block.unwrap_or(store.head().number);
        answer_get(&store.view_at(number)?, args)
    };
    answer().in_store(&args.store.state_dir)
}

fn answer_get(view: &StoreView, args: &GetArgs) -> Result<Answer, Error> {
    let address = args.address;
    let mut text = block_text(view.block());
    let mut json = json!({ "ok": true, "block": block_json(view.block()), "address": address });
    let key = match args.slot {
        Some(slot) => {
            let value = view.storage(&address, &slot)?;
            let _ = writeln!(text, "slot {slot:#x} of {address}: {value:#x}");
            json["slot"] = json!(slot);
            json["value"] = json!(value);
            storage_key(address, slot)
        }
        None => {
            account(view, &address, &mut text, &mut json)?;
            account_key(address)
        }
    };
    if args.proof {
        proof(view, &key, &mut text, &mut json)?;
    }
    Ok(Answer { text, json })
}

fn account(
    view: &StoreView,
    address: &Address,
    text: &mut String,
    json: &mut Value,
) -> Result<(), Error> {
    let Some(account) = view.account(address)? else {
        let _ = writeln!(text, "account {address}: none");
        json["account"] = Value::Null;
        return Ok(());
    };
    let code = view.code_commitment(&account.code_hash)?;
    let slots = view.slots(address)?.len();
    let _ = writeln!(text, "account {address}");
    let _ = writeln!(text, "  nonce     {}", account.nonce);
    let _ = writeln!(text, "  balance   {} wei", account.balance);
    let _ = writeln!(
        text,
        "  code      {}, hash {}",
        counted(code.size, "byte"),
        account.code_hash
    );
    let _ = writeln!(text, "  slots     {slots}");
    json["account"] = json!({
        "nonce": quantity(account.nonce),
        "balance": account.balance,
        "codeHash": account.code_hash,
        "codePoseidon": digest_bytes(&code.poseidon),
        "codeSize": code.size,
        "slots": slots,
    });
    Ok(())
}

/// Adds the path of a key, after comparing the root that it leads to.
fn proof(view: &StoreView, key: &Digest, text: &mut String, json: &mut Value) -> Result<(), Error> {
    let (value, path) = view.path(key)?;
    if root_of_path(&path, key, value) != view.block().state_root {
        let damaged = braid::store::StoreError::Damaged("a path leads to another root".to_owned());
        return Err(Error::Block(damaged.into()));
    }
    let TreePath {
        siblings,
        neighbour,
        ..
    } = path;
    let _ = writeln!(text, "key         {}", digest_bytes(key));
    let _ = writeln!(text, "value hash  {}", digest_bytes(&value));
    for (level, sibling) in siblings.iter().enumerate() {
        let _ = writeln!(text, "sibling {level:>3} {}", digest_bytes(sibling));
    }
    let leaf = |(key, value): &(Digest, Digest)| (digest_bytes(key), digest_bytes(value));
    let neighbour = neighbour.as_ref().map(leaf);
    if let Some((key, value)) = &neighbour {
        let _ = writeln!(
            text,
            "in its place: the leaf with key {key}, value hash {value}"
        );
    }
    json["proof"] = json!({
        "key": digest_bytes(key),
        "valueHash": digest_bytes(&value),
        "siblings": siblings.iter().map(digest_bytes).collect::<Vec<_>>(),
        "neighbour": neighbour.map(|(key, value)| json!({ "key": key, "valueHash": value })),
    });
    Ok(())
}

fn prune(args: &PruneArgs) -> Outcome {
    let folder = &args.store.state_dir;
    let mut store = Store::open(folder, None).in_store(folder)?;
    let rows = store.prune(args.keep).in_store(folder)?;
    let (oldest, head) = (store.view().oldest(), store.head().number);
    Ok(Answer {
        text: format!(
            "{} of history gone; states kept: block {oldest} to {head}\n",
            counted(rows, "row")
        ),
        json: json!({ "ok": true, "removed": rows, "oldest": quantity(oldest), "head": quantity(head) }),
    })
}

fn check(args: &StateDirArgs) -> Outcome {
    let store = open(args)?;
    let checked = store.check().in_store(&args.state_dir)?;
    let counts = checked.counts;
    let root = digest_bytes(&checked.state_root);
    Ok(Answer {
        text: format!(
            "all is well: {}, {}, {} and {} of the tree give the state root {root} of block {}\n",
            counted(counts.accounts, "account"),
            counted(counts.slots, "slot"),
            counted(counts.codes, "bytecode"),
            counted(checked.pages, "page"),
            store.head().number
        ),
        json: json!({
            "ok": true,
            "accounts": counts.accounts,
            "slots": counts.slots,
            "codes": counts.codes,
            "pages": checked.pages,
            "head": block_json(store.head()),
        }),
    })
}
