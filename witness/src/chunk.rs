//! Cutting executed blocks into chunks, and the events of each.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::Address;
use braid_circuits::event::{Account, AccountEvent, Checkpoint, ChunkEvents, TransferEvent};
use braid_circuits::shapes::{Demand, Misfit};
use braid_circuits::state_hash::{Digest, EMPTY, account_key, account_value};
use braid_circuits::tables::rlp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, NotProvable, Place, Result, Unprovable};
use crate::execution::seal::{extend_chain, sealed};
use crate::provable::{ExecutedBlock, ExecutedBlocks, ExecutedTransaction};
use crate::tree::StateTree;

/// What a chunk asks of the tables. A shape has a capacity for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Transactions, and so signatures.
    pub transactions: usize,
    /// Published bytes of all transactions.
    pub rlp_bytes: usize,
    /// Rows of the table `rlp`: the published bytes and what only the signing payload has.
    pub rlp_rows: usize,
    /// Bytes that go through Keccak-256.
    pub hashed_bytes: usize,
    /// Permutations of Keccak-f: of transactions, signing payloads, public keys, the transaction chain and the block header, which is counted
    /// in every chunk whether it seals or not.
    pub keccak_permutations: usize,
    /// Signatures to recover.
    pub signatures: usize,
    /// Accounts that are touched.
    pub accounts: usize,
    /// Levels of the state tree on the way to these accounts: an upper bound, exact if the chunk pushes none of them down.
    pub tree_levels: usize,
}

/// Bytes of a public key that are hashed.
const PUBLIC_KEY_BYTES: usize = 64;
/// Bytes of a step of the transaction chain.
const TX_CHAIN_BYTES: usize = 64;
/// Bytes of a block header.
const HEADER_BYTES: usize = 11 * 32;
/// Bytes that one permutation takes in.
const KECCAK_RATE: usize = 136;

/// Sender, recipient and coinbase.
const ACCOUNTS_OF_A_TRANSFER: usize = 3;
/// Bits of a key in the state tree.
const MOST_LEVELS: usize = 256;

/// Permutations for a byte string; padding takes at least one byte.
fn permutations(length: usize) -> usize {
    length / KECCAK_RATE + 1
}

impl Resources {
    /// A chunk without transactions.
    pub fn empty() -> Self {
        Self {
            hashed_bytes: HEADER_BYTES,
            keccak_permutations: permutations(HEADER_BYTES),
            ..Self::default()
        }
    }

    fn add_transaction(&mut self, event: &TransferEvent) {
        self.transactions += 1;
        self.signatures += 1;
        self.rlp_bytes += event.raw.len();
        // What the table cannot read fits nowhere.
        let rows = rlp::rows(&event.raw).unwrap_or(usize::MAX);
        self.rlp_rows = self.rlp_rows.saturating_add(rows);
        let strings = [
            event.raw.len(),
            event.signing_payload.len(),
            PUBLIC_KEY_BYTES,
            TX_CHAIN_BYTES,
        ];
        for length in strings {
            self.hashed_bytes += length;
            self.keccak_permutations += permutations(length);
        }
    }

    /// At most what a chunk with this transaction alone asks for: three accounts, each at the greatest depth of the state tree.
    pub fn of_one(event: &TransferEvent) -> Self {
        let mut resources = Self::empty();
        resources.add_transaction(event);
        resources.accounts = ACCOUNTS_OF_A_TRANSFER;
        resources.tree_levels = ACCOUNTS_OF_A_TRANSFER * MOST_LEVELS;
        resources
    }

    /// The same as the shapes count it.
    pub fn demand(&self) -> Demand {
        Demand {
            transactions: self.transactions,
            rlp_rows: self.rlp_rows,
            keccak_permutations: self.keccak_permutations,
            accounts: self.accounts,
            tree_levels: self.tree_levels,
        }
    }

    /// What a chunk asks for; `tree_levels` is exact.
    pub fn of(events: &ChunkEvents) -> Self {
        let mut resources = Self::empty();
        for event in &events.transactions {
            resources.add_transaction(event);
        }
        resources.accounts = events.accounts.len();
        let levels = events
            .accounts
            .iter()
            .map(|account| account.path.siblings.len());
        resources.tree_levels = levels.sum();
        resources
    }
}

/// Value hash of an account, [`EMPTY`] for an absent one.
pub(crate) fn value_of(account: &Option<Account>) -> Digest {
    account.as_ref().map_or(EMPTY, account_value)
}

/// A chunk that is being filled.
struct Filling {
    tree: StateTree,
    depths: HashMap<Digest, usize>,
    /// Touched keys that have no leaf: what others insert may lengthen their paths.
    absent: Vec<Digest>,
    resources: Resources,
}

impl Filling {
    fn new(tree: StateTree) -> Self {
        Self {
            tree,
            depths: HashMap::new(),
            absent: Vec::new(),
            resources: Resources::empty(),
        }
    }

    /// Takes in a transaction if what comes out still fits.
    fn add(
        &mut self,
        transaction: &ExecutedTransaction,
        fits: &impl Fn(&Resources) -> core::result::Result<(), Misfit>,
    ) -> Result<core::result::Result<(), Misfit>> {
        let mut tree = self.tree.clone();
        let mut resources = self.resources;
        resources.add_transaction(&transaction.event);
        let mut depths: HashMap<Digest, usize> = self.absent.iter().map(|key| (*key, 0)).collect();
        for change in &transaction.accounts {
            let key = account_key(change.address);
            depths.insert(key, tree.depth(&key)?);
            if change.before != change.after {
                let path = tree.update(key, value_of(&change.after))?;
                if let Some((neighbour, _)) = path.neighbour
                    && self.depths.contains_key(&neighbour)
                {
                    depths.insert(neighbour, 0);
                }
            }
        }
        for (key, depth) in &mut depths {
            let known = self.depths.get(key);
            *depth = (*depth)
                .max(tree.depth(key)?)
                .max(known.copied().unwrap_or(0));
            resources.accounts += usize::from(known.is_none());
            resources.tree_levels += *depth - known.copied().unwrap_or(0);
        }
        if let Err(misfit) = fits(&resources) {
            return Ok(Err(misfit));
        }
        self.absent.clear();
        for key in depths.keys() {
            if tree.get(key)? == EMPTY {
                self.absent.push(*key);
            }
        }
        self.tree = tree;
        self.resources = resources;
        self.depths.extend(depths);
        Ok(Ok(()))
    }
}

/// Cuts blocks into chunks. `fits` says whether a chunk of the shape called `shape` that asks for this much is still small enough; chunks are
/// filled in order as far as they go. A chunk never holds parts of two blocks, and a block without transactions is one chunk.
///
/// # Errors
/// [`Error::NotProvable`] with every transaction that is too large alone.
pub fn chunks(
    executed: &ExecutedBlocks,
    shape: &str,
    fits: impl Fn(&Resources) -> core::result::Result<(), Misfit>,
) -> Result<Vec<ChunkEvents>> {
    if let Err(misfit) = fits(&Resources::empty()) {
        return Err(Error::Internal(format!(
            "shape {shape} does not even hold an empty block: {misfit}"
        )));
    }
    let mut too_large = Vec::new();
    let mut filling = Filling::new(executed.tree.clone());
    let mut builder = Builder {
        chain_id: executed.chain_id,
        tree: executed.tree.clone(),
        position: executed.start,
    };
    let mut chunks = Vec::new();
    for block in &executed.blocks {
        let mut first = 0;
        for (index, transaction) in block.transactions.iter().enumerate() {
            if filling.add(transaction, &fits)?.is_ok() {
                continue;
            }
            // No chunk is made any more once there will be none of all, but each transaction is tried.
            if index > first && too_large.is_empty() {
                chunks.push(builder.chunk(block, first..index, &filling.tree)?);
            }
            first = index;
            filling = Filling::new(filling.tree);
            if let Err(misfit) = filling.add(transaction, &fits)? {
                let place = Place {
                    block: block.environment.number,
                    index,
                    hash: transaction.event.hash,
                };
                let shape = shape.to_owned();
                let reason = NotProvable::DoesNotFit { shape, misfit };
                too_large.push(Unprovable::transaction(place, reason));
            }
        }
        if !too_large.is_empty() {
            continue;
        }
        chunks.push(builder.chunk(block, first..block.transactions.len(), &filling.tree)?);
        filling = Filling::new(filling.tree);
    }
    if too_large.is_empty() {
        Ok(chunks)
    } else {
        Err(Error::NotProvable(too_large))
    }
}

/// Cuts blocks into chunks of at most `most` transactions.
pub fn chunks_of(executed: &ExecutedBlocks, most: usize) -> Result<Vec<ChunkEvents>> {
    chunks(executed, "any", |resources| {
        let rows = resources.transactions;
        let misfit = Misfit {
            table: "transaction",
            rows,
            height: most,
        };
        (rows <= most).then_some(()).ok_or(misfit)
    })
}

/// Builds chunks in order.
struct Builder {
    chain_id: u64,
    tree: StateTree,
    position: Checkpoint,
}

impl Builder {
    /// The chunk of some transactions of a block: opens with the first, seals with the last.
    fn chunk(
        &mut self,
        block: &ExecutedBlock,
        range: core::ops::Range<usize>,
        tree_after: &StateTree,
    ) -> Result<ChunkEvents> {
        let start = self.position;
        let opens = (range.start == 0).then_some(block.environment);
        let seals = range.end == block.transactions.len();
        let transactions = block.transactions.get(range).unwrap_or_default();
        let accounts = self.accounts(transactions)?;
        if self.tree.root() != tree_after.root() {
            return Err(Error::Internal(
                "two ways to the same state tree differ".to_owned(),
            ));
        }
        let mut end = start;
        if let Some(environment) = opens {
            end.block = environment;
            end.open = true;
        }
        for transaction in transactions {
            end.tx_count += 1;
            end.gas_used += transaction.gas_used;
            end.tx_chain = extend_chain(end.tx_chain, transaction.event.hash);
        }
        end.state_root = self.tree.root();
        if seals {
            end = sealed(&end);
        }
        self.position = end;
        Ok(ChunkEvents {
            chain_id: self.chain_id,
            start,
            opens,
            transactions: transactions.iter().map(|t| t.event.clone()).collect(),
            accounts,
            seals,
            end,
        })
    }

    /// The touched accounts in order of their addresses, each with its path; brings the tree up to date.
    fn accounts(&mut self, transactions: &[ExecutedTransaction]) -> Result<Vec<AccountEvent>> {
        let mut touched: BTreeMap<Address, (Option<Account>, Option<Account>)> = BTreeMap::new();
        for change in transactions
            .iter()
            .flat_map(|transaction| &transaction.accounts)
        {
            touched
                .entry(change.address)
                .and_modify(|(_, after)| *after = change.after)
                .or_insert((change.before, change.after));
        }
        touched
            .into_iter()
            .map(|(address, (before, after))| {
                let key = account_key(address);
                Ok(AccountEvent {
                    address,
                    before,
                    after,
                    path: self.tree.update(key, value_of(&after))?,
                })
            })
            .collect()
    }
}
