//! Cutting executed blocks into chunks, and the events of each.

mod build;

use std::collections::{HashMap, HashSet};

use alloy_primitives::B256;
use braid_circuits::chunk::{ChunkTable, Demand, Misfit, Part};
use braid_circuits::event::{Account, ChunkEvents, TransactionEvent};
use braid_circuits::state_hash::{
    Digest, EMPTY, account_key, account_value, storage_key, storage_value,
};

use crate::error::{Error, NotProvable, Place, Result, Unprovable};
use crate::provable::{ExecutedBlocks, ExecutedTransaction, TABLES};
use crate::tree::StateTree;

use build::Builder;

/// Bits of a key in the state tree.
const KEY_BITS: usize = 256;

/// Value hash of an account, [`EMPTY`] for an absent one.
pub(crate) fn value_of(account: &Option<Account>) -> Digest {
    account.as_ref().map_or(EMPTY, account_value)
}

/// A leaf of the state tree that a transaction touches.
struct Leaf {
    key: Digest,
    /// Its value hash afterwards, if that is another one.
    change: Option<Digest>,
    /// What it is to the tables.
    part: Part<'static>,
}

fn leaves(transaction: &ExecutedTransaction) -> impl Iterator<Item = Leaf> {
    let accounts = transaction.accounts.iter().map(|change| Leaf {
        key: account_key(change.address),
        change: (change.before != change.after).then(|| value_of(&change.after)),
        part: Part::Account,
    });
    let slots = transaction.slots.iter().map(|change| Leaf {
        key: storage_key(change.address, change.slot),
        change: (change.before != change.after).then(|| storage_value(change.after)),
        part: Part::Slot,
    });
    accounts.chain(slots)
}

/// A chunk that is being filled.
struct Filling<'a> {
    /// Before the chunk.
    start: StateTree,
    tree: StateTree,
    depths: HashMap<Digest, usize>,
    /// Touched keys that have no leaf: what others insert may lengthen their paths.
    absent: Vec<Digest>,
    codes: HashSet<B256>,
    /// Levels are an upper bound, exact if the chunk pushes none of the touched leaves down and removes none.
    demand: Demand<'a>,
}

impl<'a> Filling<'a> {
    fn new(tree: StateTree, tables: &'a [Box<dyn ChunkTable>]) -> Self {
        Self {
            start: tree.clone(),
            tree,
            depths: HashMap::new(),
            absent: Vec::new(),
            codes: HashSet::new(),
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
        let mut codes = Vec::new();
        if let Some(run) = &transaction.run {
            demand.add_share(&run.share);
            for code in run.codes() {
                if !self.codes.contains(&code.keccak) {
                    demand.add(Part::Code(&code));
                    codes.push(code.keccak);
                }
            }
        }
        let mut depths: HashMap<Digest, usize> = self.absent.iter().map(|key| (*key, 0)).collect();
        for Leaf { key, change, part } in leaves(transaction) {
            if !self.depths.contains_key(&key) {
                demand.add(part);
            }
            // The chunk's paths are taken in another order than this one: a leaf that is gone by now may still be there.
            depths.insert(key, tree.depth(&key)?.max(self.start.depth(&key)?));
            if let Some(value) = change {
                let path = tree.update(key, value)?;
                if let Some((neighbour, _)) = path.neighbour
                    && self.depths.contains_key(&neighbour)
                {
                    depths.entry(neighbour).or_insert(0);
                }
            }
        }
        for (key, depth) in &mut depths {
            let known = self.depths.get(key).copied().unwrap_or(0);
            *depth = (*depth).max(tree.depth(key)?).max(known);
            demand.add(Part::Levels(*depth - known));
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
        self.codes.extend(codes);
        Ok(Ok(()))
    }
}

/// At most what a chunk with this transaction alone asks for, if it runs no code: three accounts, each at the greatest depth of the state tree.
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
    let tables = &**TABLES;
    if let Err(misfit) = fits(&Demand::new(tables)) {
        return Err(Error::Internal(format!(
            "shape {shape} does not even hold an empty block: {misfit}"
        )));
    }
    let mut too_large = Vec::new();
    let mut filling = Filling::new(executed.tree.clone(), tables);
    let mut builder = Builder::new(executed);
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
            filling = Filling::new(filling.tree, tables);
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
        filling = Filling::new(filling.tree, tables);
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
