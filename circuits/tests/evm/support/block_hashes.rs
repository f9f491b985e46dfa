//! What the state tree says of block hashes that are asked for.

use alloy_primitives::{B256, U256};
use braid_circuits::bus::Message;
use braid_circuits::event::{BlockHashEvent, ChunkEvents, NumberedHash, TreePath};
use braid_circuits::execution::Execution;
use braid_circuits::state_hash::{Digest, EMPTY, block_hash_key, block_hash_value};
use braid_circuits::tables::block_hash;
use braid_stark::Felt;
use plonky2::field::types::Field;

use super::{Balance, add};

/// The numbers that are asked for, as events, without paths. Whose hash is zero has no leaf.
pub fn hashes_of(execution: &Execution) -> Vec<BlockHashEvent> {
    let asked = block_hash::asked(execution).into_iter();
    let event = |(asked, answer): (U256, U256)| BlockHashEvent {
        asked,
        leaf: (!answer.is_zero()).then(|| NumberedHash {
            number: asked.to(),
            hash: B256::from(answer),
        }),
        path: TreePath {
            siblings: Vec::new(),
            neighbour: None,
            sibling_children: None,
        },
    };
    asked.map(event).collect()
}

/// The tree takes the updates that leave the leaves as they are.
pub fn others_on_block_hashes(events: &ChunkEvents, balance: &mut Balance) {
    let felts = |digest: Digest| digest.map(Felt::from_noncanonical_u64);
    let steps = events.first_block_hash_update()..;
    for (step, event) in steps.zip(&events.block_hashes) {
        let value = event.leaf.as_ref().map_or(EMPTY, block_hash_value);
        let present = Felt::from_bool(event.leaf.is_some());
        let update = Message::TreeUpdate {
            step: Felt::from_canonical_u64(step),
            key: felts(block_hash_key(event.asked.as_limbs()[0])),
            present_before: present,
            before: felts(value),
            present_after: present,
            after: felts(value),
        };
        add(balance, Felt::NEG_ONE, update.into());
    }
}
