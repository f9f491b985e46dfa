//! Maps of storage slots that are used again.
//!
//! Whoever begins with an empty journal again and again, as one batch after the other does, has the storage of a busy contract grow from nothing each time: every
//! doubling moves all slots, and large maps come from fresh pages of memory.

use alloy_primitives::Address;
use revm::state::{EvmState, EvmStorage};

/// Slots from which an account counts as busy.
const BUSY: usize = 64;

/// Empty maps that have room, each with the account that had filled it.
#[derive(Debug, Default)]
pub(super) struct Rooms(Vec<(Address, EvmStorage)>);

impl Rooms {
    /// Takes the maps of busy accounts, whose slots are forgotten. Those that nobody wanted are given up.
    pub(super) fn take(&mut self, state: &mut EvmState) {
        self.0.clear();
        for (address, account) in state {
            if account.storage.len() >= BUSY {
                let mut room = core::mem::take(&mut account.storage);
                room.clear();
                self.0.push((*address, room));
            }
        }
    }

    /// Gives accounts that were loaded meanwhile their maps back. What they have by now moves.
    pub(super) fn give(&mut self, state: &mut EvmState) {
        self.0.retain_mut(|(address, room)| {
            let Some(account) = state.get_mut(address) else {
                return true;
            };
            if account.storage.capacity() < room.capacity() {
                room.extend(account.storage.drain());
                core::mem::swap(room, &mut account.storage);
            }
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::U256;
    use revm::state::{Account, EvmStorageSlot};

    use super::*;

    fn state(accounts: impl IntoIterator<Item = (u8, u64)>) -> EvmState {
        let slot = |key: u64| EvmStorageSlot::new(U256::from(key + 7), Default::default());
        let accounts = accounts.into_iter().map(|(address, slots)| {
            let mut account = Account::default();
            let slots = (0..slots).map(|key| (U256::from(key), slot(key)));
            account.storage.extend(slots);
            (Address::repeat_byte(address), account)
        });
        accounts.collect()
    }

    #[test]
    fn only_room_is_left_of_what_was_forgotten() {
        let mut rooms = Rooms::default();
        let mut first = state([(1, 1_000), (2, 3), (3, 100)]);
        rooms.take(&mut first);
        let busy: Vec<_> = rooms.0.iter().map(|(address, _)| *address).collect();
        assert_eq!(busy.len(), 2);
        assert!(!busy.contains(&Address::repeat_byte(2)));
        // The third one has more already than there is room for.
        let mut second = state([(1, 5), (2, 5), (3, 500)]);
        let expected = second.clone();
        rooms.give(&mut second);
        assert_eq!(second, expected);
        let capacity = |state: &EvmState, address| {
            let account = state.get(&Address::repeat_byte(address));
            account.map_or(0, |account| account.storage.capacity())
        };
        assert!(capacity(&second, 1) >= 1_000);
        assert!(capacity(&second, 2) < 64);
        assert!(rooms.0.is_empty());
    }

    #[test]
    fn rooms_wait_for_their_accounts_until_the_next_are_taken() {
        let mut rooms = Rooms::default();
        rooms.take(&mut state([(1, 1_000)]));
        rooms.give(&mut state([(2, 5)]));
        assert_eq!(rooms.0.len(), 1);
        rooms.take(&mut state([(2, 5)]));
        assert!(rooms.0.is_empty());
    }
}
