//! Block files that follow a block of a state folder.

use std::path::Path;

use braid::execution::{Execution, Settings, execute_file, execute_on};
use braid::store::{Ahead, StoredBlock};
use braid::{
    BlockFile, Chain, Error, ExecutedBlocks, Executor, MemoryChain, Prover, Store, StoreReader,
};

use super::{Failure, InFile};

/// What to do about a block file that does not go on where the store is.
const OTHER_CHAIN: &str = "give a block file that goes on from the folder's block, or the state folder of its chain with --state-dir";

/// A block file for a store goes on where the store is; its accounts are the store's.
pub fn check_parent(file: &BlockFile, stored: &StoredBlock) -> braid::Result<()> {
    let parent = &file.parent;
    let is_it = (parent.number, parent.timestamp, parent.block_hash)
        == (stored.number, stored.timestamp, stored.block_hash);
    if !is_it {
        let what = format!(
            "the block file follows block {} ({}), and the state folder is at block {} ({})",
            parent.number, parent.block_hash, stored.number, stored.block_hash
        );
        return Err(Error::mismatch(what, OTHER_CHAIN));
    }
    if file.alloc.is_empty() {
        return Ok(());
    }
    // The state that a first block starts from may be in both.
    let root = MemoryChain::new(file)?.position().state_root;
    if root != stored.state_root {
        let what = "the block file's alloc is not the state of the state folder";
        return Err(Error::mismatch(what, "leave it empty"));
    }
    Ok(())
}

/// Does something on the state in a folder that a block file follows: the last one, or an earlier one that is kept. The folder stays as it is, and is free again
/// for others afterwards.
fn on_parent<T>(
    file: &BlockFile,
    folder: &Path,
    work: impl FnOnce(Ahead) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let store = StoreReader::open(folder, Some(file.chain_id)).in_store(folder)?;
    let is_same = store.view().must_have_rules(file.rules);
    is_same
        .map_err(braid_witness::Error::from)
        .in_store(folder)?;
    let view = store.view_at(file.parent.number).in_store(folder)?;
    check_parent(file, view.block()).in_store(folder)?;
    work(Ahead::new(view).in_store(folder)?)
}

/// How many of a file's first blocks a store has already, as when a process was killed on the way through the file: its last block then is one of the
/// file's, with the same hash. Nothing is written.
pub fn blocks_in_store(
    executor: &Executor,
    file: &BlockFile,
    path: &Path,
    store: &Store,
) -> Result<usize, Failure> {
    let (parent, head) = (file.parent.number, *store.head());
    let ahead = usize::try_from(head.number.saturating_sub(parent)).unwrap_or(usize::MAX);
    let Some(blocks) = file.blocks.get(..ahead).filter(|blocks| !blocks.is_empty()) else {
        check_parent(file, &head).in_file(path)?;
        return Ok(0);
    };
    let folder = store.folder();
    let view = store.view_at(parent).in_store(folder)?;
    check_parent(file, view.block()).in_file(path)?;
    let mut chain = Ahead::new(view).in_store(folder)?;
    let mut hash = file.parent.block_hash;
    for (index, block) in blocks.iter().enumerate() {
        let executed = executor.execute_next(block, &mut chain);
        let executed = executed.or_else(|first| {
            let rest = file.blocks.get(index..).unwrap_or_default();
            let refusals = executor.refusals(rest, &chain, first)?;
            Err(Error::Block(refusals.of_execution().0))
        });
        hash = executed.in_file(path)?.end.block_hash;
    }
    if hash != head.block_hash {
        let what = format!(
            "the state folder has another block {} ({}) than the block file ({hash})",
            head.number, head.block_hash
        );
        return Err(Error::mismatch(what, OTHER_CHAIN)).in_file(path);
    }
    Ok(ahead)
}

/// Executes a block file to prove it: on its own accounts, or on the state in a folder.
pub fn executed(
    prover: &Prover,
    file: &BlockFile,
    path: &Path,
    state_dir: Option<&Path>,
) -> Result<ExecutedBlocks, Failure> {
    match state_dir {
        None => prover.execute(file).in_file(path),
        Some(folder) => on_parent(file, folder, |ahead| {
            prover.execute_ahead(ahead, file).in_file(path)
        }),
    }
}

/// The same without a look at what can be proved.
pub fn execution(
    file: &BlockFile,
    path: &Path,
    state_dir: Option<&Path>,
) -> Result<Execution, Failure> {
    match state_dir {
        None => {
            let executed = execute_file(file, Settings::default()).in_file(path)?;
            Ok(executed.0)
        }
        Some(folder) => on_parent(file, folder, |mut ahead| {
            execute_on(&mut ahead, &file.blocks, Settings::default()).in_file(path)
        }),
    }
}
