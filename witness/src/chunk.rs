//! Cutting executed blocks into chunks, and the events of each.

use std::collections::{BTreeMap, HashMap};

use alloy_primitives::Address;
use braid_circuits::chunk::{ChunkTable, Demand, Misfit, Part};
use braid_circuits::event::{
    Account, AccountEvent, Checkpoint, ChunkEvents, Rules, TransactionEvent,
};
use braid_circuits::registry;
use braid_circuits::state_hash::{Digest, EMPTY, account_key, account_value};

use crate::error::{Error, NotProvable, Place, Result, Unprovable};
use crate::execution::seal::{extend_chain, sealed};
use crate::provable::{ExecutedBlock, ExecutedBlocks, ExecutedTransaction};
use crate::tree::StateTree;

/// Bits of a key in the state tree.
const KEY_BITS: usize = 256;

/// Value hash of an account, [`EMPTY`] for an absent one.
pub(crate) fn value_of(account: &Option<Account>) -> Digest {
    account.as_ref().map_or(EMPTY, account_value)
}

/// A chunk that is being filled.
struct Filling<'a> {
    tree: StateTree,
    depths: HashMap<Digest, usize>,
    /// Touched keys that have no leaf: what others insert may lengthen their paths.
    absent: Vec<Digest>,
    /// Levels are an upper bound, exact if the chunk pushes none of the touched leaves down.
    demand: Demand<'a>,
}

impl<'a> Filling<'a> {
    fn new(tree: StateTree, tables: &'a [Box<dyn ChunkTable>]) -> Self {
        Self {
            tree,
            depths: HashMap::new(),
            absent: Vec::new(),
            demand: Demand::new(tables),
        }
    }

    /// Takes in a transaction if what comes out still fits.
    fn add(
        &mut self,
        transaction: &ExecutedTransaction,
        fits: &impl Fn(&Demand<'_>) -> core::result::Result<(), Misfit>,
    ) -> Result<core::result::Result<(), Misfit>> {
        let mut tree = self.tree.clone();
        let mut demand = self.demand.clone();
        demand.add(Part::Transaction(&transaction.event));
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
            if known.is_none() {
                demand.add(Part::Account);
            }
            demand.add(Part::Levels(*depth - known.copied().unwrap_or(0)));
        }
        if let Err(misfit) = fits(&demand) {
            return Ok(Err(misfit));
        }
        self.absent.clear();
        for key in depths.keys() {
            if tree.get(key)? == EMPTY {
                self.absent.push(*key);
            }
        }
        self.tree = tree;
        self.demand = demand;
        self.depths.extend(depths);
        Ok(Ok(()))
    }
}

/// At most what a chunk with this transaction alone asks for: three accounts, each at the greatest depth of the state tree.
pub(crate) fn demand_of_one<'a>(
    tables: &'a [Box<dyn ChunkTable>],
    event: &TransactionEvent,
) -> Demand<'a> {
    /// Sender, recipient and coinbase.
    const ACCOUNTS: usize = 3;
    let mut demand = Demand::new(tables);
    demand.add(Part::Transaction(event));
    for _ in 0..ACCOUNTS {
        demand.add(Part::Account);
        demand.add(Part::Levels(KEY_BITS));
    }
    demand
}

/// Cuts blocks into chunks. `fits` says whether a chunk of the shape called `shape` that asks for this much is still small enough; chunks are
/// filled in order as far as they go. A chunk never holds parts of two blocks, and a block without transactions is one chunk.
///
/// # Errors
/// [`Error::NotProvable`] with every transaction that is too large alone.
pub fn chunks(
    executed: &ExecutedBlocks,
    shape: &str,
    fits: impl Fn(&Demand<'_>) -> core::result::Result<(), Misfit>,
) -> Result<Vec<ChunkEvents>> {
    let tables = registry::tables();
    if let Err(misfit) = fits(&Demand::new(&tables)) {
        return Err(Error::Internal(format!(
            "shape {shape} does not even hold an empty block: {misfit}"
        )));
    }
    let mut too_large = Vec::new();
    let mut filling = Filling::new(executed.tree.clone(), &tables);
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
            filling = Filling::new(filling.tree, &tables);
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
        filling = Filling::new(filling.tree, &tables);
    }
    if too_large.is_empty() {
        Ok(chunks)
    } else {
        Err(Error::NotProvable(too_large))
    }
}

/// Cuts blocks into chunks of at most `most` transactions.
pub fn chunks_of(executed: &ExecutedBlocks, most: usize) -> Result<Vec<ChunkEvents>> {
    chunks(executed, "any", |demand| {
        let rows = demand.transactions;
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
            rules: Rules::Cancun,
            start,
            opens,
            transactions: transactions.iter().map(|t| t.event.clone()).collect(),
            executions: Vec::new(),
            codes: Vec::new(),
            accounts,
            slots: Vec::new(),
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
