//! Access lists of a few transactions: the rows for them, what others say, and what is found of forgeries.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, U256};
use braid_stark::{Columns, Felt, Message as BusMessage, Trace};
use plonky2::field::types::Field;

use super::{AccessListColumns, AccessListTable, generate};
use crate::access::{SlotFields, SlotPlace, StampedFields};
use crate::bus::{Message, field};
use crate::event::{Account, Code, ListedAccess, TransactionEvent};
use crate::execution::{
    AccountTouch, AccountUse, AccountVersion, ListedTouch, PerformedTransaction, SlotAccess,
    SlotKey, SlotVersion,
};
use crate::tables::rlp::{self, Rlp};
use crate::tables::test_support::{findings_of_all, padded, running, takers_of_rlp};
use crate::word::{address as address_limbs, word};

pub(super) type Row = AccessListColumns<Felt>;

/// What the table takes from `rlp`.
const KINDS: [u64; 2] = [field::LISTED_ADDRESS, field::LISTED_KEY];

pub(super) fn felt(value: u64) -> Felt {
    Felt::from_canonical_u64(value)
}

const FIRST: Address = Address::repeat_byte(0xa1);
pub(super) const SECOND: Address = Address::repeat_byte(0xb2);

fn listed(address: Address, slots: &[u64]) -> ListedAccess {
    ListedAccess {
        address,
        slots: slots
            .iter()
            .map(|slot| U256::MAX - U256::from(*slot))
            .collect(),
    }
}

/// Two transactions that run code, with one between them that does not, although it has an access list.
pub(super) fn transactions() -> Vec<TransactionEvent> {
    let lists = [
        vec![
            listed(FIRST, &[7, 8]),
            listed(SECOND, &[]),
            // Again.
            listed(FIRST, &[7]),
        ],
        vec![listed(SECOND, &[8])],
        vec![listed(FIRST, &[7]), listed(SECOND, &[7])],
    ];
    let data = [vec![], vec![1; 9], vec![2; 70]];
    let events = data.into_iter().zip(lists);
    let mut transactions: Vec<_> = events.map(|(data, list)| running(&data, &list)).collect();
    transactions[1].runs_code = false;
    transactions
}

/// The sample's rows: of the first transaction an address, two keys, an address, and an address with a key again; of the other one two addresses with a key each.
pub(super) const KEY: usize = 1;
pub(super) const NEXT_KEY: usize = 2;
pub(super) const OTHER: usize = 3;
pub(super) const AGAIN: usize = 4;
pub(super) const KEY_AGAIN: usize = 5;
pub(super) const NEXT_LIST: usize = 6;
pub(super) const ROWS: usize = 10;

/// Clocks at which the transactions begin.
pub(super) const BEGINS: [u64; 3] = [1, 100, 102];

/// Accounts and slots, as accesses leave them.
#[derive(Default)]
struct World {
    accounts: BTreeMap<Address, AccountVersion>,
    slots: BTreeMap<SlotKey, SlotVersion>,
}

impl World {
    fn account(&mut self, address: Address, transaction: u64, timestamp: u64) -> AccountTouch {
        let first = AccountVersion {
            account: Account {
                nonce: (1 << 40) + 5,
                balance: U256::MAX / U256::from(3),
                code: Code::of(address.as_slice()).unwrap(),
            },
            transaction: 0,
            timestamp: 0,
        };
        let before = self.accounts.get(&address).copied().unwrap_or(first);
        let after = AccountVersion {
            transaction,
            timestamp,
            ..before
        };
        self.accounts.insert(address, after);
        AccountTouch {
            by: AccountUse::Transaction,
            clock: timestamp / 2,
            frame: 0,
            transaction,
            number: 0,
            address,
            is_precompile: false,
            before,
            after,
            undone: None,
        }
    }

    fn slot(&mut self, key: SlotKey, transaction: u64, timestamp: u64) -> SlotAccess {
        let first = SlotVersion {
            value: key.slot / U256::from(7),
            original: U256::ZERO,
            transaction: 0,
            timestamp: 0,
        };
        let before = self.slots.get(&key).copied().unwrap_or(first);
        let after = SlotVersion {
            value: before.value,
            original: before.value,
            transaction,
            timestamp,
        };
        self.slots.insert(key, after);
        SlotAccess {
            clock: timestamp / 2,
            key,
            before,
            after,
            undone: None,
        }
    }

    /// A step of the transaction writes the slot.
    fn write(&mut self, key: SlotKey, timestamp: u64) {
        let slot = self.slots.get_mut(&key).expect("a slot that was accessed");
        slot.value += U256::ONE;
        slot.timestamp = timestamp;
    }
}

fn slot_of(address: Address, slot: U256) -> SlotKey {
    SlotKey {
        space: 0,
        address,
        slot,
    }
}

pub(super) fn performed() -> Vec<PerformedTransaction> {
    let mut world = World::default();
    let mut performed = Vec::new();
    for ((ordinal, event), begins) in (0..).zip(&transactions()).zip(BEGINS) {
        let stamp = ordinal + 1;
        let [sender, recipient, coinbase] = [1, 2, 3].map(|number| {
            let address = Address::with_last_byte(number);
            world.account(address, stamp, 2 * begins + u64::from(number) - 1)
        });
        let mut listed = Vec::new();
        let mut time = 2 * begins + 3;
        for entry in event.access_list.iter().filter(|_| event.runs_code) {
            let touch = world.account(entry.address, stamp, time);
            listed.push(ListedTouch::Account(touch));
            for slot in &entry.slots {
                time += 1;
                let access = world.slot(slot_of(entry.address, *slot), stamp, time);
                listed.push(ListedTouch::Slot(access));
            }
            time += 1;
        }
        if ordinal == 0 {
            world.write(slot_of(FIRST, U256::MAX - U256::from(7)), time + 5);
        }
        performed.push(PerformedTransaction {
            ordinal,
            begins,
            ends: begins + 20,
            sender,
            recipient,
            coinbase,
            listed,
            run: None,
        });
    }
    performed
}

pub(super) fn rows() -> Trace {
    generate(&performed(), &transactions()).unwrap()
}

pub(super) fn rlp_rows() -> Trace {
    padded(&Rlp, &rlp::generate(0, &transactions()).unwrap())
}

fn version_of(touch: &ListedTouch) -> [BusMessage<Felt>; 2] {
    match touch {
        ListedTouch::Account(touch) => [touch.before, touch.after].map(|version| {
            let fields = StampedFields::from(&version);
            let address = address_limbs(touch.address);
            fields.version(address, felt(version.timestamp)).into()
        }),
        ListedTouch::Slot(access) => [access.before, access.after].map(|version| {
            let place = SlotPlace {
                space: Felt::ZERO,
                address: address_limbs(access.key.address),
                slot: word(access.key.slot),
            };
            let fields = SlotFields::from(&version);
            place.version(&fields, felt(version.timestamp)).into()
        }),
    }
}

/// What others say: who takes the rest of what `rlp` says, who has the accounts and slots and takes them back, and who opens the transactions' frames.
fn others() -> Vec<(Felt, BusMessage<Felt>)> {
    let mut said = takers_of_rlp(&rlp_rows(), &KINDS);
    for performed in performed() {
        for touch in &performed.listed {
            let [before, after] = version_of(touch);
            said.extend([(Felt::ONE, before), (Felt::NEG_ONE, after)]);
        }
        let start = Message::AccessListStart {
            transaction: felt(performed.ordinal),
            timestamp: felt(2 * performed.begins + 3),
        };
        said.push((felt(performed.listed.len() as u64), start.into()));
    }
    said
}

pub(super) fn findings(rlp: &Trace, rows: &Trace) -> BTreeSet<&'static str> {
    let rows = padded(&AccessListTable, rows);
    findings_of_all(&[(&Rlp, rlp), (&AccessListTable, &rows)], others())
}

pub(super) fn row(trace: &mut Trace, index: usize) -> &mut Row {
    Row::from_slice_mut(trace.row_mut(index))
}

pub(super) fn nothing() -> Row {
    *Row::from_slice(&[Felt::ZERO; Row::WIDTH])
}

/// What is found of a forgery of the rows and of those of `rlp`.
#[track_caller]
pub(super) fn both_caught(label: &str, forge: impl FnOnce(&mut Trace, &mut Trace)) {
    let (mut rlp, mut trace) = (rlp_rows(), rows());
    trace.resize(ROWS + 2);
    forge(&mut rlp, &mut trace);
    let found = findings(&rlp, &trace);
    assert!(found.contains(label), "expected {label}, found {found:?}");
}

#[track_caller]
pub(super) fn caught(label: &str, forge: impl FnOnce(&mut Trace)) {
    both_caught(label, |_, trace| forge(trace));
}
