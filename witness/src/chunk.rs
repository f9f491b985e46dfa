//! Cutting executed blocks into chunks, and the events of each.

mod build;

use core::ops::Range;
use std::collections::{BTreeMap, HashMap, HashSet};

use alloy_primitives::{B256, U256};
use braid_circuits::chunk::{ChunkTable, Demand, Misfit, Part};
use braid_circuits::event::{Account, ChunkEvents, NumberedHash, TransactionEvent};
use braid_circuits::state_hash::{
    Digest, EMPTY, account_key, account_value, block_hash_key, storage_key, storage_value,
};

use crate::chain::last_hash;
use crate::error::{Error, NotProvable, Place, Result, Unprovable};
use crate::execution::reader::block_hash_leaf;
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

/// The leaf for a number that a block hash is asked of.
fn hash_key(asked: &U256) -> Digest {
    block_hash_key(asked.as_limbs()[0])
}

/// How many numbers have each leaf.
fn times(asked: &BTreeMap<U256, Digest>) -> HashMap<Digest, usize> {
    let mut times = HashMap::new();
    for key in asked.values() {
        *times.entry(*key).or_default() += 1;
    }
    times
}

/// A chunk that is being filled.
struct Filling {
    /// Before the chunk.
    start: StateTree,
    tree: StateTree,
    depths: HashMap<Digest, usize>,
    /// Touched keys that have no leaf: what others insert may lengthen their paths.
    absent: Vec<Digest>,
    /// Numbers that block hashes are asked of, each with the key of its leaf.
    asked: BTreeMap<U256, Digest>,
    codes: HashSet<B256>,
    /// Levels are an upper bound, exact if the chunk pushes none of the touched leaves down and removes none.
    demand: Demand<'static>,
}

impl Filling {
    fn new(tree: StateTree, tables: &'static [Box<dyn ChunkTable>]) -> Self {
        Self {
            start: tree.clone(),
            tree,
            depths: HashMap::new(),
            absent: Vec::new(),
            asked: BTreeMap::new(),
            codes: HashSet::new(),
            demand: Demand::new(tables),
        }
    }

    /// A chunk that opens a block, behind the block `parent`, whose hash it writes into the tree.
    fn opening(
        mut tree: StateTree,
        tables: &'static [Box<dyn ChunkTable>],
        parent: &NumberedHash,
    ) -> Result<Self> {
        let (key, value) = block_hash_leaf(parent);
        let path = tree.update(key, value)?;
        let mut filling = Self::new(tree, tables);
        filling.demand.add(Part::Levels(path.siblings.len()));
        Ok(filling)
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
        // Each number that is asked for goes down to its leaf on its own.
        let mut asked = self.asked.clone();
        for number in &transaction.block_hashes {
            asked.entry(*number).or_insert_with(|| hash_key(number));
        }
        for _ in self.asked.len()..asked.len() {
            demand.add(Part::BlockHash);
        }
        for key in asked.values() {
            depths.entry(*key).or_insert(self.start.depth(key)?);
        }
        let (asked_before, asked_now) = (times(&self.asked), times(&asked));
        for (key, depth) in &mut depths {
            let known = self.depths.get(key).copied().unwrap_or(0);
            *depth = (*depth).max(tree.depth(key)?).max(known);
            let more = match asked_now.get(key) {
                None => *depth - known,
                Some(now) => {
                    now * *depth - asked_before.get(key).map_or(0, |before| before * known)
                }
            };
            demand.add(Part::Levels(more));
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
        self.asked = asked;
        self.depths.extend(depths);
        self.codes.extend(codes);
        Ok(Ok(()))
    }

    /// What a transaction changes, without what it asks for.
    fn pass(&mut self, transaction: &ExecutedTransaction) -> Result<()> {
        for Leaf { key, change, .. } in leaves(transaction) {
            if let Some(value) = change {
                self.tree.update(key, value)?;
            }
        }
        Ok(())
    }

    /// These transactions, which are all that were taken in.
    fn section(&self, range: Range<usize>) -> Section {
        Section {
            range,
            tree: self.tree.clone(),
            demand: self.demand.clone(),
        }
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
    // It may open its block.
    demand.add(Part::Levels(KEY_BITS));
    for _ in 0..ACCOUNTS {
        demand.add(Part::Account);
        demand.add(Part::Levels(KEY_BITS));
    }
    demand
}

/// Adjacent transactions of a block that one chunk can hold.
#[derive(Clone)]
pub struct Section {
    range: Range<usize>,
    /// After them.
    tree: StateTree,
    demand: Demand<'static>,
}

impl Section {
    /// Where they stand in their block.
    pub fn transactions(&self) -> Range<usize> {
        self.range.clone()
    }

    /// What a chunk of them asks of tables.
    pub fn demand(&self) -> &Demand<'static> {
        &self.demand
    }
}

/// The sections of one block, or every transaction of it that is too large alone.
pub type Cut = core::result::Result<Vec<Section>, Vec<Unprovable>>;

/// Cuts each block into sections. `fits` says whether a chunk of the shape called `shape` that asks for this much is still small enough; sections are filled in
/// order as far as they go. A block without transactions is one section.
///
/// # Errors
/// When not even an empty block fits, or the state tree contradicts itself.
pub fn sections(
    executed: &ExecutedBlocks,
    shape: &str,
    fits: impl Fn(&Demand<'_>) -> core::result::Result<(), Misfit>,
) -> Result<Vec<Cut>> {
    let tables = &**TABLES;
    if let Err(misfit) = fits(&Demand::new(tables)) {
        return Err(Error::Internal(format!(
            "shape {shape} does not even hold an empty block: {misfit}"
        )));
    }
    let mut tree = executed.tree.clone();
    let mut parent = last_hash(&executed.start);
    let blocks = executed.blocks.iter().map(|block| {
        let mut filling = Filling::opening(tree.clone(), tables, &parent)?;
        parent = last_hash(&block.end);
        let mut too_large = Vec::new();
        let mut sections = Vec::new();
        let mut first = 0;
        for (index, transaction) in block.transactions.iter().enumerate() {
            if filling.add(transaction, &fits)?.is_ok() {
                continue;
            }
            if index > first {
                sections.push(filling.section(first..index));
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
                // Those that follow are tried all the same, on the state that they find.
                filling.pass(transaction)?;
                first = index + 1;
            }
        }
        sections.push(filling.section(first..block.transactions.len()));
        tree = filling.tree;
        Ok(match too_large.is_empty() {
            true => Ok(sections),
            false => Err(too_large),
        })
    });
    blocks.collect()
}

/// The chunks of sections: those of each block, in order, which together are all of its transactions.
///
/// # Errors
/// When the sections are not those of these blocks.
pub fn build(executed: &ExecutedBlocks, sections: &[Vec<Section>]) -> Result<Vec<ChunkEvents>> {
    let mut builder = Builder::new(executed);
    let blocks = executed.blocks.iter().zip(sections);
    let chunks = blocks.flat_map(|(block, sections)| {
        let sections = sections.iter().map(move |section| (block, section));
        sections.collect::<Vec<_>>()
    });
    let chunks =
        chunks.map(|(block, section)| builder.chunk(block, section.range.clone(), &section.tree));
    chunks.collect()
}

/// Cuts blocks into chunks of one shape. `fits` is that of [`sections`].
///
/// # Errors
/// [`Error::NotProvable`] with every transaction that is too large alone.
pub fn chunks(
    executed: &ExecutedBlocks,
    shape: &str,
    fits: impl Fn(&Demand<'_>) -> core::result::Result<(), Misfit>,
) -> Result<Vec<ChunkEvents>> {
    let mut too_large = Vec::new();
    let mut cut = Vec::new();
    for block in sections(executed, shape, fits)? {
        match block {
            Ok(sections) => cut.push(sections),
            Err(refused) => too_large.extend(refused),
        }
    }
    match too_large.is_empty() {
        true => build(executed, &cut),
        false => Err(Error::NotProvable(too_large)),
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
