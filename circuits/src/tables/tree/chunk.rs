//! What chunks need to know of `tree`.

use braid_stark::{Felt, Tag, Trace};
use plonky2::field::types::PrimeField64;

use super::{Tree, Update, generate};
use crate::bus::tag;
use crate::chunk::{Asked, ChunkTable, Claims, Filling, Part, ShapeSize};
use crate::error::Error;
use crate::event::{ChunkEvents, TreePath};
use crate::state_hash::Digest;

/// Two accounts at 20 levels take 42; as high as `poseidon`, whose height follows from these rows.
const ROWS_PER_TRANSFER: usize = 128;
/// Hashes on a level: a node on both sides.
const HASHES_PER_LEVEL: usize = 2;
/// Other hashes of an update: the leaf on both sides, and a neighbour or the sibling of a deletion.
const HASHES_PER_UPDATE: usize = 3;

impl ChunkTable for Tree {
    fn claim(&self) -> &'static str {
        "replacing leaves one after the other leads from the old state root to the new"
    }

    fn log_height(&self, size: ShapeSize) -> Option<usize> {
        size.per_transfer(ROWS_PER_TRANSFER)
    }

    fn demand(&self, part: Part<'_>, asked: &mut Asked<'_>) {
        match part {
            // Opening a block is an update.
            Part::Chunk | Part::Account | Part::Slot | Part::BlockHash => {
                asked.rows(1);
                asked.claims(tag::Poseidon, HASHES_PER_UPDATE);
            }
            Part::Levels(count) => {
                asked.rows(count);
                asked.claims(tag::Poseidon, count.saturating_mul(HASHES_PER_LEVEL));
            }
            Part::Transaction(_) | Part::Run(_) | Part::Code(_) => {}
        }
    }

    fn filled_from(&self) -> &'static [Tag] {
        &[tag::TreeUpdate]
    }

    fn fill(&self, filling: &mut Filling<'_>) -> Result<Trace, Error> {
        let events = filling.events;
        let updates = updates(&filling.claims, paths(events))?;
        generate(&updates, events.start.state_root).map(|(rows, _)| rows)
    }
}

/// The paths of a chunk's updates in order: opening, accounts, slots, block hashes that are asked for.
fn paths(events: &ChunkEvents) -> impl ExactSizeIterator<Item = &TreePath> {
    let opening = events.parent_hash.iter().map(|parent| &parent.path);
    let asked = events.block_hashes.iter().map(|asked| &asked.path);
    let accounts = events.accounts.iter().map(|account| &account.path);
    let slots = events.slots.iter().map(|slot| &slot.path);
    let paths: Vec<_> = opening.chain(accounts).chain(slots).chain(asked).collect();
    paths.into_iter()
}

/// The updates that are claimed, in order of their steps, each with the path of that number.
///
/// # Errors
/// [`Error::Events`] when the steps do not count the paths.
pub(crate) fn updates<'a>(
    claims: &Claims,
    paths: impl ExactSizeIterator<Item = &'a TreePath>,
) -> Result<Vec<Update<'a>>, Error> {
    let mut updates: Vec<_> = claims
        .of(&[tag::TreeUpdate])
        .filter_map(|message| {
            let (step, rest) = message.payload.split_first()?;
            let (key, rest) = rest.split_first_chunk()?;
            let (_, rest) = rest.split_first()?;
            let (before, rest) = rest.split_first_chunk()?;
            let (_, after) = rest.split_first()?;
            let after = after.first_chunk()?;
            Some((step.to_canonical_u64(), [key, before, after].map(digest)))
        })
        .collect();
    updates.sort_by_key(|(step, _)| *step);
    if !updates
        .iter()
        .map(|(step, _)| *step)
        .eq(0..paths.len() as u64)
    {
        return Err(Error::Events("updates of the tree have gaps".to_owned()));
    }
    let updates = updates.into_iter().zip(paths);
    Ok(updates
        .map(|((_, [key, before, after]), path)| Update {
            key,
            before,
            after,
            path,
        })
        .collect())
}

fn digest(elements: &[Felt; 4]) -> Digest {
    elements.map(|element| element.to_canonical_u64())
}
