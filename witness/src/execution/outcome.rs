//! What a transaction read, wrote and returned: plain data, the same whether it ran in parallel or not.

use alloy_primitives::map::HashMap;
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use braid_circuits::event::Account;
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::context::result::HaltReason;
use revm::state::{Account as RevmAccount, AccountInfo, Bytecode};

use crate::error::{Error, Result};

/// An account as execution sees it. An absent account is `None` of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Wei.
    pub balance: U256,
    /// Keccak-256 of the bytecode.
    pub code_hash: B256,
}

impl AccountState {
    /// What an absent account counts as.
    pub const EMPTY: Self = Self {
        nonce: 0,
        balance: U256::ZERO,
        code_hash: KECCAK_EMPTY,
    };

    /// Whether the account is empty (EIP-161).
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// Whether the account has code.
    pub fn has_code(&self) -> bool {
        self.code_hash != KECCAK_EMPTY
    }

    /// Whether the account has code or a nonce, as contracts have from their first instruction on (EIP-161).
    pub fn is_contract(&self) -> bool {
        self.nonce > 0 || self.has_code()
    }
}

impl From<Account> for AccountState {
    fn from(account: Account) -> Self {
        Self {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code.keccak,
        }
    }
}

impl From<&AccountInfo> for AccountState {
    fn from(info: &AccountInfo) -> Self {
        Self {
            nonce: info.nonce,
            balance: info.balance,
            code_hash: info.code_hash,
        }
    }
}

/// An account as revm wants it, which asks for the code when it needs it.
impl From<AccountState> for AccountInfo {
    fn from(account: AccountState) -> Self {
        Self {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: None,
            account_id: None,
        }
    }
}

/// An account before what revm did with it.
pub fn state_before(account: &RevmAccount) -> Option<AccountState> {
    (!account.is_loaded_as_not_existing()).then(|| AccountState::from(&account.original_info()))
}

/// An account after what revm did with it: those that a transaction destroys, or touches and leaves empty, disappear (EIP-6780, EIP-161).
pub fn state_after(account: &RevmAccount) -> Option<AccountState> {
    let state = AccountState::from(&account.info);
    (!account.is_selfdestructed() && !state.is_empty()).then_some(state)
}

/// One value of the state before a transaction, as that transaction asked for it. Bytecode is found by its hash and so is no read of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// A whole account.
    Account {
        /// Which.
        address: Address,
        /// `None` if it does not exist.
        value: Option<AccountState>,
    },
    /// Nothing of an account but its code hash: all that a plain transfer needs to know of its recipient.
    CodeHash {
        /// Which account.
        address: Address,
        /// Its code hash, that of no bytes if it does not exist.
        value: B256,
    },
    /// A storage slot.
    Storage {
        /// Whose.
        address: Address,
        /// Which.
        slot: U256,
        /// The value, zero if it was never written.
        value: U256,
    },
    /// The hash of an earlier block (BLOCKHASH).
    BlockHash {
        /// Its number.
        number: u64,
        /// The hash.
        value: B256,
    },
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It succeeded.
    Success,
    /// It reverted: state is as before but for nonce and fee.
    Revert,
    /// It stopped on an error and used all its gas.
    Halt(HaltReason),
}

/// What a transaction leaves behind beside the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// How it ended.
    pub status: Status,
    /// Gas that it used, after refunds.
    pub gas_used: u64,
    /// Logs that survive, in order.
    pub logs: Vec<Log>,
    /// Return data, or the reason of a revert.
    pub output: Bytes,
    /// The contract that it created, if it is a creation that succeeded.
    pub created: Option<Address>,
}

/// An account before and after something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountStateChange {
    /// Which.
    pub address: Address,
    /// Before; `None` if it did not exist.
    pub before: Option<AccountState>,
    /// After; `None` if it does not exist.
    pub after: Option<AccountState>,
}

/// A storage slot before and after something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotChange {
    /// Whose.
    pub address: Address,
    /// Which.
    pub slot: U256,
    /// Before.
    pub before: U256,
    /// After.
    pub after: U256,
}

/// What a transaction had to do with the state, with every value final.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// What it read of the state before it, in the order of asking, each location once.
    pub reads: Vec<Read>,
    /// Accounts that it changed, its sender, and of a plain transfer the recipient, even if unchanged; in order of address. The coinbase's tip is
    /// not in them.
    pub accounts: Vec<AccountStateChange>,
    /// Slots that it changed, in order of address and slot.
    pub storage: Vec<SlotChange>,
    /// Wei that the coinbase gets for it.
    pub tip: U256,
}

/// A transaction that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionOutcome {
    /// What it returned.
    pub receipt: Receipt,
    /// Whether it was a plain transfer: its recipient, which has no code, got some wei, and nothing else happened. Whatever runs in the EVM reads its
    /// recipient as a whole.
    pub is_transfer: bool,
    /// What it had to do with the state: there if it was asked for ([`Detail::Accesses`]), and where the executor needed it itself.
    pub access: Option<Box<Access>>,
}

impl TransactionOutcome {
    /// What it had to do with the state.
    ///
    /// # Errors
    /// [`Error::Internal`] if the block was executed for its receipts alone.
    pub fn access(&self) -> Result<&Access> {
        let missing = || Error::Internal("a block was executed for its receipts alone".to_owned());
        self.access.as_deref().ok_or_else(missing)
    }
}

/// What is kept of each transaction of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Its receipt. More is noted where transactions are executed in parallel and checked by it, and not where they are executed one after the other, which then
    /// costs hardly more than in revm.
    Receipts,
    /// Also what it read and changed, which traces are made of.
    #[default]
    Accesses,
}

/// What a block, or several, did to the state: every location whose value is another one, once, before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateChanges {
    /// Accounts, in no order.
    pub accounts: Vec<AccountStateChange>,
    /// Slots, in no order.
    pub storage: Vec<SlotChange>,
    /// Bytecode that came into being, in order of its Keccak-256, which comes first.
    pub codes: Vec<(B256, Bytecode)>,
}

impl StateChanges {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty() && self.storage.is_empty()
    }

    /// These changes and then others, as changes of what was before both. What comes back to what it was is no change.
    #[must_use]
    pub fn followed_by(self, later: Self) -> Self {
        if self.is_empty() {
            return later;
        }
        let mut accounts: HashMap<Address, AccountStateChange> = HashMap::default();
        for change in self.accounts.into_iter().chain(later.accounts) {
            let both = accounts.entry(change.address).or_insert(change);
            both.after = change.after;
        }
        let mut storage: HashMap<(Address, U256), SlotChange> = HashMap::default();
        for change in self.storage.into_iter().chain(later.storage) {
            let both = storage
                .entry((change.address, change.slot))
                .or_insert(change);
            both.after = change.after;
        }
        let mut codes = self.codes;
        codes.extend(later.codes);
        codes.sort_unstable_by_key(|(hash, _)| *hash);
        codes.dedup_by_key(|(hash, _)| *hash);
        let accounts = accounts.into_values();
        let storage = storage.into_values();
        Self {
            accounts: accounts
                .filter(|change| change.before != change.after)
                .collect(),
            storage: storage
                .filter(|change| change.before != change.after)
                .collect(),
            codes,
        }
    }
}
