//! What execution tells the tables: plain data, no field elements but the state tree's hashes.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use serde::{Deserialize, Serialize};

pub use braid_text::Rules;

use crate::event::code::CodeEvent;
use crate::event::trace::TransactionTrace;
use crate::state_hash::{self, Digest, EMPTY, KECCAK_EMPTY};

pub mod code;
mod codec;
pub mod log;
pub mod opcode;
pub mod steps;
pub mod trace;

/// The environment of an open block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockEnvironment {
    /// Block number.
    pub number: u64,
    /// Seconds since the epoch.
    pub timestamp: u64,
    /// Who gets the tips.
    pub coinbase: Address,
    /// Most gas that the block's transactions may use.
    pub gas_limit: u64,
    /// Base fee per gas in wei (EIP-1559).
    pub base_fee: U256,
    /// The randomness of the block (EIP-4399).
    pub prev_randao: B256,
    /// Base fee per unit of blob gas in wei, which code can ask for (EIP-7516). It follows from the excess blob gas when a block is executed; block files do not have it.
    pub blob_base_fee: U256,
}

/// The rollup's position: a checkpoint of `docs/statement.md`. Between blocks everything from `coinbase` on is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Root of the state tree.
    pub state_root: Digest,
    /// Hash of the last sealed block.
    pub block_hash: B256,
    /// The open block's environment; between blocks only `number` and `timestamp`, of the last sealed block, are non-zero.
    pub block: BlockEnvironment,
    /// Whether a block is open. Not part of the checkpoint's public form, where an open block shows by its non-zero gas
    /// limit.
    pub open: bool,
    /// Transactions of the open block so far.
    pub tx_count: u32,
    /// Gas that they used.
    pub gas_used: u64,
    /// `tx_chain' = keccak256(tx_chain || tx_hash)`.
    pub tx_chain: B256,
    /// Chain over the logs that are not undone: [`state_hash::logs::log_chain`].
    pub log_chain: Digest,
}

/// The part of an account that only contract creation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Keccak-256 of the bytecode.
    pub keccak: B256,
    /// Poseidon hash of the bytecode.
    pub poseidon: Digest,
    /// Length in bytes.
    pub size: u32,
}

impl Code {
    /// No code.
    pub const NONE: Self = Self {
        keccak: KECCAK_EMPTY,
        poseidon: EMPTY,
        size: 0,
    };

    /// The code part for `bytecode`; `None` if it is longer than 2^32 - 1 bytes.
    pub fn of(bytecode: &[u8]) -> Option<Self> {
        Some(Self {
            keccak: keccak256(bytecode),
            poseidon: state_hash::bytecode(bytecode),
            size: u32::try_from(bytecode.len()).ok()?,
        })
    }
}

/// An account as the state tree commits to it. Storage lives in the same tree under its own keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Transactions sent (or contracts created).
    pub nonce: u64,
    /// Wei.
    pub balance: U256,
    /// The code.
    pub code: Code,
}

impl Account {
    /// What an absent account counts as.
    pub const EMPTY: Self = Self {
        nonce: 0,
        balance: U256::ZERO,
        code: Code::NONE,
    };

    /// Whether the account is empty (EIP-161), so that it has no leaf.
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }
}

/// The three kinds of transaction that can be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransactionKind {
    /// Before EIP-2718; `protected` by a chain id (EIP-155) or not.
    Legacy {
        /// Whether the signature covers the chain id.
        protected: bool,
    },
    /// EIP-2930.
    AccessList,
    /// EIP-1559.
    DynamicFee,
}

/// An address of an access list (EIP-2930), with the slots that are listed for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedAccess {
    /// The account.
    pub address: Address,
    /// Its slots, in the order of the list, repetitions included.
    pub slots: Vec<U256>,
}

/// One signed transaction, decoded and recovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionEvent {
    /// The published bytes (EIP-2718), which everything below is decoded from.
    pub raw: Bytes,
    /// The kind.
    pub kind: TransactionKind,
    /// The sender's nonce.
    pub nonce: u64,
    /// Gas price, or the fee cap of EIP-1559, in wei.
    pub max_fee: U256,
    /// Priority fee cap of EIP-1559; equal to `max_fee` for the other kinds.
    pub max_priority_fee: U256,
    /// Gas limit.
    pub gas_limit: u64,
    /// Recipient.
    pub to: Address,
    /// Wei sent.
    pub value: U256,
    /// Calldata.
    pub data: Bytes,
    /// The access list, in its order, repetitions included.
    pub access_list: Vec<ListedAccess>,
    /// Whether the recipient has code, which runs: the chunk has its trace then.
    pub runs_code: bool,
    /// Signature: whether R's y is odd.
    pub odd_y: bool,
    /// Signature: x of R.
    pub r: U256,
    /// Signature: s.
    pub s: U256,
    /// What was signed.
    pub signing_payload: Bytes,
    /// Keccak-256 of `signing_payload`.
    pub signing_hash: B256,
    /// Keccak-256 of `raw`.
    pub hash: B256,
    /// The sender's public key, x.
    pub public_key_x: U256,
    /// The sender's public key, y.
    pub public_key_y: U256,
    /// The sender.
    pub sender: Address,
}

impl TransactionEvent {
    /// Addresses in the access list.
    pub fn access_addresses(&self) -> u64 {
        self.access_list.len() as u64
    }

    /// Storage keys in the access list.
    pub fn access_keys(&self) -> u64 {
        let slots = self.access_list.iter().map(|entry| entry.slots.len());
        slots.sum::<usize>() as u64
    }
}

/// The path of a key in the state tree, for both sides of an update: see [`crate::tables::tree`].
///
/// The *place* of a key on one side is the highest node on its way ([`path_bit`](crate::state_hash::path_bit)) whose subtree
/// has at most one leaf. Two cases:
/// * present before and after, or nothing else in its place on the side where it is absent: `siblings` leads to the place;
///   `neighbour` is `None`. The place is at the same depth on both sides.
/// * absent on one side or both, with another leaf `m` in its place there: `neighbour` is `m`, and `siblings` leads on to
///   just below the node where the ways of both keys part (the length is the index of the first bit that differs, plus 1).
///   Between the place and that node siblings are zero; the last sibling is the hash of leaf `m`. This holds for inserting
///   beside `m`, for deleting beside `m` (which is pulled up), and for an absent key that is only read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreePath {
    /// Sibling hashes from the root's children (first) down.
    pub siblings: Vec<Digest>,
    /// The other leaf `(key, value hash)`, as above.
    pub neighbour: Option<(Digest, Digest)>,
    /// For a deletion without neighbour below the root: the two children of the last sibling. They show that it is not a
    /// leaf, which would have to be pulled up.
    pub sibling_children: Option<(Digest, Digest)>,
}

/// What a chunk does to one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEvent {
    /// The account.
    pub address: Address,
    /// Before the chunk; `None` if it has no leaf.
    pub before: Option<Account>,
    /// After the chunk; `None` if it has no leaf.
    pub after: Option<Account>,
    /// Its path, in the tree in which the accounts before this one in the list are updated already.
    pub path: TreePath,
}

/// What a chunk does to one slot of storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotEvent {
    /// Whose.
    pub address: Address,
    /// Which.
    pub slot: U256,
    /// Its value before the chunk; zero has no leaf.
    pub before: U256,
    /// Its value after the chunk.
    pub after: U256,
    /// Its path, in the tree in which all accounts, and the slots before this one in the list, are updated already.
    pub path: TreePath,
}

/// The hash of a block, as the state tree has it under the block's number modulo 256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedHash {
    /// The block.
    pub number: u64,
    /// Its hash.
    pub hash: B256,
}

/// What opening a block does to the state tree: the hash of the block before it takes the place of that of the block 256 before that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentHashEvent {
    /// Value hash of the leaf before; [`EMPTY`] if there is none.
    pub before: Digest,
    /// Its path in the tree at the chunk's start.
    pub path: TreePath,
}

/// A number that code asks the hash of (BLOCKHASH).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockHashEvent {
    /// What is asked for, whatever it is.
    pub asked: U256,
    /// What the leaf for this number modulo 256 has, which may be the hash of another block; `None` if there is no leaf.
    pub leaf: Option<NumberedHash>,
    /// The leaf's path, in the tree in which everything else of the chunk is updated already.
    pub path: TreePath,
}

impl BlockHashEvent {
    /// What code gets.
    pub fn answer(&self) -> B256 {
        let own = self
            .leaf
            .filter(|leaf| U256::from(leaf.number) == self.asked);
        own.map_or(B256::ZERO, |leaf| leaf.hash)
    }
}

/// Everything that the tables of one chunk are filled from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkEvents {
    /// The chain.
    pub chain_id: u64,
    /// Its rules.
    pub rules: Rules,
    /// Where the chunk starts.
    pub start: Checkpoint,
    /// The block that it opens first, if any.
    pub opens: Option<BlockEnvironment>,
    /// What opening it does to the state tree: there if `opens` is.
    pub parent_hash: Option<ParentHashEvent>,
    /// The transactions in order.
    pub transactions: Vec<TransactionEvent>,
    /// Execution traces of those that run code ([`TransactionEvent::runs_code`]), in order.
    pub executions: Vec<TransactionTrace>,
    /// The bytecodes that they run or read, each once. Tables know a bytecode by its place here, from 1.
    pub codes: Vec<CodeEvent>,
    /// Every account that they touch, strictly ascending by address.
    pub accounts: Vec<AccountEvent>,
    /// Every slot that they access, strictly ascending by address and slot. A step that lacks the gas for a slot accesses it if it has the gas to look whether the slot is warm.
    pub slots: Vec<SlotEvent>,
    /// Every number that they ask a block hash of, strictly ascending.
    pub block_hashes: Vec<BlockHashEvent>,
    /// Whether it seals the block last.
    pub seals: bool,
    /// Where the chunk ends.
    pub end: Checkpoint,
}

impl ChunkEvents {
    /// The number of the state tree's update that is the first of an account: opening a block is one before.
    pub fn first_account_update(&self) -> u64 {
        self.opens.is_some().into()
    }

    /// The number of the first update of a slot.
    pub fn first_slot_update(&self) -> u64 {
        self.first_account_update() + self.accounts.len() as u64
    }

    /// The number of the first update of a block hash that is asked for.
    pub fn first_block_hash_update(&self) -> u64 {
        self.first_slot_update() + self.slots.len() as u64
    }

    /// How many updates of the state tree there are.
    pub fn updates(&self) -> u64 {
        self.first_block_hash_update() + self.block_hashes.len() as u64
    }
}
