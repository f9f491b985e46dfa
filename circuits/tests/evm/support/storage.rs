//! What the state tree and the transaction say of slots and refunds.

use braid_circuits::bus::Message;
use braid_circuits::event::trace::Halt;
use braid_circuits::event::{SlotEvent, TreePath};
use braid_circuits::execution::{
    Execution, ListedTouch, PerformedStep, SlotKey, SlotVersion, TouchedSlot, accesses_storage,
};
use braid_circuits::state_hash::{Digest, EMPTY, storage_key, storage_value};
use braid_circuits::word::{address, word};
use braid_stark::Felt;
use plonky2::field::types::Field;

use super::{Balance, add};

fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

/// The slots of storage that are touched, as events, without paths.
pub fn slots_of(execution: &Execution) -> Vec<SlotEvent> {
    let touched = execution.storage.touched.iter();
    let slots = touched.filter(|slot| slot.key.space == 0);
    let event = |slot: &TouchedSlot| SlotEvent {
        address: slot.key.address,
        slot: slot.key.slot,
        before: slot.first,
        after: slot.last.value,
        path: TreePath {
            siblings: Vec::new(),
            neighbour: None,
            sibling_children: None,
        },
    };
    slots.map(event).collect()
}

/// Whether the step is done, or shown to halt, by the table of these opcodes.
pub fn steps_on_storage(step: &PerformedStep) -> bool {
    let halt = matches!(step.halt, Some(Halt::StackUnderflow | Halt::StackOverflow));
    accesses_storage(step.opcode) && !halt
}

fn version(key: &SlotKey, version: &SlotVersion) -> Message<Felt> {
    Message::StorageVersion {
        space: felt(key.space),
        address: address(key.address),
        slot: word(key.slot),
        value: word(version.value),
        original: word(version.original),
        transaction: felt(version.transaction),
        timestamp: felt(version.timestamp),
    }
}

/// What others say: the tree takes the slots' updates, the transaction accesses the slots of its access list and has the refund counter.
pub fn others_on_storage(
    execution: &Execution,
    accounts: usize,
    around: bool,
    balance: &mut Balance,
) {
    let (send, receive) = (Felt::ONE, Felt::NEG_ONE);
    let storage = &execution.storage;
    for (step, slot) in (accounts as u64..).zip(slots_of(execution)) {
        let hashes = [slot.before, slot.after].map(storage_value);
        let [present_before, present_after] = hashes.map(|hash| Felt::from_bool(hash != EMPTY));
        let felts = |digest: Digest| digest.map(felt);
        let update = Message::TreeUpdate {
            step: felt(step),
            key: felts(storage_key(slot.address, slot.slot)),
            present_before,
            before: felts(hashes[0]),
            present_after,
            after: felts(hashes[1]),
        };
        add(balance, receive, update.into());
    }
    for access in execution
        .transactions
        .iter()
        .flat_map(|sent| &sent.listed)
        .filter_map(|listed| match listed {
            ListedTouch::Slot(access) => Some(access),
            ListedTouch::Account(_) => None,
        })
    {
        add(
            balance,
            receive,
            version(&access.key, &access.before).into(),
        );
        add(balance, send, version(&access.key, &access.after).into());
    }
    for counter in storage.counters.iter().filter(|_| !around) {
        let version = |refund: i64, timestamp| Message::RefundVersion {
            transaction: felt(counter.transaction),
            refund: felt(refund.try_into().expect("not negative at the end")),
            timestamp: felt(timestamp),
        };
        add(balance, send, version(0, counter.opened).into());
        add(
            balance,
            receive,
            version(counter.last, counter.accessed).into(),
        );
    }
}
