//! Which accounts of an executed block had a delegation (EIP-7702) when a transaction met them.

use alloy_primitives::map::AddressSet;
use alloy_primitives::{Address, B256};
use braid_circuits::state_hash::KECCAK_EMPTY;
use revm::state::Bytecode;

use crate::error::Result;
use crate::execution::blocks::ExecutedBlock;
use crate::execution::{Read, StateReader, TransactionOutcome};
use crate::trace::{BlockCodes, CodeSource};
use crate::transaction::SignedTransaction;

/// Whether code with this hash is a delegation, in a state that has it.
pub(super) fn is_delegation(state: &dyn StateReader, code_hash: Option<B256>) -> Result<bool> {
    match code_hash.filter(|hash| *hash != KECCAK_EMPTY) {
        Some(hash) => Ok(state.code(&hash)?.is_eip7702()),
        None => Ok(false),
    }
}

/// See the module.
pub(super) struct Delegations<'a> {
    /// After the block.
    state: &'a dyn StateReader,
    created: Vec<(B256, Bytecode)>,
    /// Accounts that authorizations of the block are by.
    authorities: AddressSet,
}

impl<'a> Delegations<'a> {
    /// Of a block; `state` is the one after it.
    pub(super) fn new(state: &'a dyn StateReader, block: &'a ExecutedBlock) -> Self {
        let authorizations = block.transactions.iter().flat_map(|it| &it.authorizations);
        Self {
            state,
            created: block.codes(),
            authorities: authorizations.filter_map(|it| it.authority()).collect(),
        }
    }

    fn is_one(&self, code_hash: B256) -> Result<bool> {
        if code_hash == KECCAK_EMPTY {
            return Ok(false);
        }
        let codes = BlockCodes {
            state: self.state,
            created: &self.created,
        };
        Ok(codes.code(&code_hash)?.is_eip7702())
    }

    /// The sender or recipient of a transaction if it has a delegation. Without its reads the state after the block decides, and nothing is said of those whose delegation may have changed in
    /// the block.
    pub(super) fn of_party(
        &self,
        transaction: &SignedTransaction,
        outcome: &TransactionOutcome,
    ) -> Result<Option<Address>> {
        let parties = [Some(transaction.sender), transaction.to];
        for party in parties.into_iter().flatten() {
            let found = match &outcome.access {
                Some(access) => read_of(&access.reads, party),
                None if self.authorities.contains(&party) => None,
                None => self.state.account(&party)?.map(|account| account.code_hash),
            };
            if let Some(code_hash) = found
                && self.is_one(code_hash)?
            {
                return Ok(Some(party));
            }
        }
        Ok(None)
    }

    /// All accounts with a delegation that a transaction read.
    pub(super) fn among(&self, reads: &[Read]) -> Result<AddressSet> {
        let mut found = AddressSet::default();
        for read in reads {
            if let Read::Account {
                address,
                value: Some(account),
            } = read
                && self.is_one(account.code_hash)?
            {
                found.insert(*address);
            }
        }
        Ok(found)
    }
}

/// The code hash of an account that was read.
fn read_of(reads: &[Read], account: Address) -> Option<B256> {
    reads.iter().find_map(|read| match read {
        Read::Account { address, value } if *address == account => {
            Some(value.map_or(KECCAK_EMPTY, |state| state.code_hash))
        }
        Read::CodeHash { address, value } if *address == account => Some(*value),
        _ => None,
    })
}
