//! revm's journal, which also notes what a transaction loads first: revm's own list forgets what a frame loaded that was rolled back.

use alloy_primitives::map::{AddressMap, AddressSet, HashSet};
use alloy_primitives::{Address, B256, Log, U256};
use delegate::delegate;
use revm::context::journaled_state::account::JournaledAccount;
use revm::context::journaled_state::{
    AccountInfoLoad, AccountLoad, JournalCheckpoint, JournalLoadError, StateLoad, TransferError,
};
use revm::context::{Journal, JournalEntry, JournalTr};
use revm::context_interface::context::{SStoreResult, SelfDestructResult};
use revm::primitives::hardfork::SpecId;
use revm::state::{Account, Bytecode, EvmState};

use super::below::Below;
use crate::execution::parallel::view::Interrupted;

/// What a transaction loaded, when it did so for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// An account.
    Account { address: Address },
    /// A slot.
    Slot {
        address: Address,
        slot: U256,
        /// Its account came into being in the same transaction, so that it is zero without a look at the state.
        is_new: bool,
    },
    /// The hash of an earlier block.
    BlockHash { number: u64, value: B256 },
}

/// See the module. The notes are with the database, which adds those of block hashes.
pub(super) struct Noting<'a> {
    pub(super) journal: Journal<Below<'a>>,
    /// Whether each slot that is cold was not loaded by this transaction before, and each other one was: no access list warms any, and nothing was
    /// rolled back.
    cold_is_first: bool,
    /// Whether the transaction created an account.
    creates: bool,
}

impl<'a> Noting<'a> {
    /// Notes an account that is about to be loaded. Does nothing where loading would stop since that costs too much.
    fn note_account(
        &mut self,
        address: Address,
        skip_cold_load: bool,
    ) -> Result<(), JournalLoadError<Interrupted>> {
        let inner = &mut self.journal.inner;
        let mut known = inner.state.get_mut(&address);
        if let Some(account) = &known
            && account.transaction_id == inner.transaction_id
        {
            return Ok(());
        }
        let warm = &inner.warm_addresses;
        warm.check_is_cold::<Interrupted>(&address, skip_cold_load)?;
        if let Some(account) = &mut known {
            // Touched by this transaction is meant.
            account.unmark_touch();
        }
        self.journal.database.notes.push(Note::Account { address });
        Ok(())
    }

    fn note_loaded(&mut self, address: Address) -> Result<(), Interrupted> {
        let noted = self.note_account(address, false);
        noted.map_err(JournalLoadError::unwrap_db_error)
    }

    /// Before a slot is loaded: whether that is the first time, if that will not show from whether it is cold.
    fn is_first(&self, address: Address, slot: U256) -> Option<bool> {
        if self.cold_is_first {
            return None;
        }
        let inner = &self.journal.inner;
        let account = inner.state.get(&address);
        let slot = account.and_then(|account| account.storage.get(&slot));
        Some(slot.is_none_or(|slot| slot.transaction_id != inner.transaction_id))
    }

    fn note_slot(&mut self, address: Address, slot: U256) {
        let state = &self.journal.inner.state;
        let is_new = self.creates && state.get(&address).is_some_and(Account::is_created_locally);
        self.journal.database.notes.push(Note::Slot {
            address,
            slot,
            is_new,
        });
    }
}

type LoadResult<T> = Result<StateLoad<T>, JournalLoadError<Interrupted>>;

impl<'d> JournalTr for Noting<'d> {
    type Database = Below<'d>;
    type State = EvmState;
    type JournaledAccount<'a>
        = JournaledAccount<'a, Below<'d>, JournalEntry>
    where
        Self: 'a;

    fn new(database: Below<'d>) -> Self {
        let mut journal = Journal::new(database);
        // Zero is for what no transaction loaded.
        journal.inner.transaction_id.increment();
        Self {
            journal,
            cold_is_first: true,
            creates: false,
        }
    }

    fn sload_skip_cold_load(
        &mut self,
        address: Address,
        key: U256,
        skip_cold_load: bool,
    ) -> LoadResult<U256> {
        let is_first = self.is_first(address, key);
        let loaded = self
            .journal
            .sload_skip_cold_load(address, key, skip_cold_load)?;
        if is_first.unwrap_or(loaded.is_cold) {
            self.note_slot(address, key);
        }
        Ok(loaded)
    }

    fn sstore_skip_cold_load(
        &mut self,
        address: Address,
        key: U256,
        value: U256,
        skip_cold_load: bool,
    ) -> LoadResult<SStoreResult> {
        let is_first = self.is_first(address, key);
        let stored = self
            .journal
            .sstore_skip_cold_load(address, key, value, skip_cold_load)?;
        if is_first.unwrap_or(stored.is_cold) {
            self.note_slot(address, key);
        }
        Ok(stored)
    }

    fn selfdestruct(
        &mut self,
        address: Address,
        target: Address,
        skip_cold_load: bool,
    ) -> LoadResult<SelfDestructResult> {
        self.note_account(target, skip_cold_load)?;
        self.journal.selfdestruct(address, target, skip_cold_load)
    }

    fn transfer(
        &mut self,
        from: Address,
        to: Address,
        balance: U256,
    ) -> Result<Option<TransferError>, Interrupted> {
        self.note_loaded(from)?;
        self.note_loaded(to)?;
        self.journal.transfer(from, to, balance)
    }

    fn balance_incr(&mut self, address: Address, balance: U256) -> Result<(), Interrupted> {
        self.note_loaded(address)?;
        self.journal.balance_incr(address, balance)
    }

    fn load_account(&mut self, address: Address) -> Result<StateLoad<&Account>, Interrupted> {
        self.note_loaded(address)?;
        self.journal.load_account(address)
    }

    fn load_account_with_code(
        &mut self,
        address: Address,
    ) -> Result<StateLoad<&Account>, Interrupted> {
        self.note_loaded(address)?;
        self.journal.load_account_with_code(address)
    }

    fn load_account_delegated(
        &mut self,
        address: Address,
    ) -> Result<StateLoad<AccountLoad>, Interrupted> {
        // Nothing delegates before Prague (EIP-7702).
        self.note_loaded(address)?;
        self.journal.load_account_delegated(address)
    }

    fn load_account_mut_skip_cold_load(
        &mut self,
        address: Address,
        skip_cold_load: bool,
    ) -> LoadResult<Self::JournaledAccount<'_>> {
        self.note_account(address, skip_cold_load)?;
        self.journal
            .load_account_mut_skip_cold_load(address, skip_cold_load)
    }

    fn load_account_mut_optional_code(
        &mut self,
        address: Address,
        load_code: bool,
    ) -> Result<StateLoad<Self::JournaledAccount<'_>>, Interrupted> {
        self.note_loaded(address)?;
        self.journal
            .load_account_mut_optional_code(address, load_code)
    }

    fn load_account_info_skip_cold_load(
        &mut self,
        address: Address,
        load_code: bool,
        skip_cold_load: bool,
    ) -> Result<AccountInfoLoad<'_>, JournalLoadError<Interrupted>> {
        self.note_account(address, skip_cold_load)?;
        self.journal
            .load_account_info_skip_cold_load(address, load_code, skip_cold_load)
    }

    fn warm_access_list(&mut self, access_list: AddressMap<HashSet<U256>>) {
        self.cold_is_first &= access_list.is_empty();
        self.journal.warm_access_list(access_list);
    }

    fn checkpoint_revert(&mut self, checkpoint: JournalCheckpoint) {
        self.cold_is_first = false;
        self.journal.checkpoint_revert(checkpoint);
    }

    fn commit_tx(&mut self) {
        self.cold_is_first = true;
        self.creates = false;
        self.journal.commit_tx();
    }

    fn discard_tx(&mut self) {
        self.cold_is_first = true;
        self.creates = false;
        self.journal.discard_tx();
    }

    fn create_account_checkpoint(
        &mut self,
        caller: Address,
        address: Address,
        balance: U256,
        spec_id: SpecId,
    ) -> Result<JournalCheckpoint, TransferError> {
        // It rolls back by itself what fails.
        let checkpoint = self
            .journal
            .create_account_checkpoint(caller, address, balance, spec_id);
        self.cold_is_first &= checkpoint.is_ok();
        self.creates |= checkpoint.is_ok();
        checkpoint
    }

    delegate! {
        to self.journal {
            fn db_and_state(&self) -> (&Below<'d>, &EvmState);
            fn db_and_state_mut(&mut self) -> (&mut Below<'d>, &mut EvmState);
            fn tload(&mut self, address: Address, key: U256) -> U256;
            fn tstore(&mut self, address: Address, key: U256, value: U256);
            fn log(&mut self, log: Log);
            fn logs(&self) -> &[Log];
            fn take_logs(&mut self) -> Vec<Log>;
            fn warm_coinbase_account(&mut self, address: Address);
            fn warm_precompiles(&mut self, precompiles: &AddressSet);
            fn precompile_addresses(&self) -> &AddressSet;
            fn depth(&self) -> usize;
            fn set_spec_id(&mut self, spec_id: SpecId);
            fn set_eip7708_config(&mut self, disabled: bool, eip8246_delayed_clear_disabled: bool);
            fn transfer_loaded(&mut self, from: Address, to: Address, balance: U256) -> Option<TransferError>;
            fn touch_account(&mut self, address: Address);
            #[expect(deprecated)]
            fn caller_accounting_journal_entry(&mut self, address: Address, old_balance: U256, bump_nonce: bool);
            #[expect(deprecated)]
            fn nonce_bump_journal_entry(&mut self, address: Address);
            fn checkpoint(&mut self) -> JournalCheckpoint;
            fn checkpoint_commit(&mut self);
            fn set_code_with_hash(&mut self, address: Address, code: Bytecode, hash: B256);
            fn finalize(&mut self) -> EvmState;
        }
    }
}
