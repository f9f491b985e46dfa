//! Filling.

use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use braid_stark::{Columns, Felt, Trace};
use plonky2::field::types::Field;

use super::columns::{SideColumns, StateColumns};
use crate::error::Error;
use crate::event::{Account, AccountEvent};
use crate::state_hash::{self, Digest, EMPTY_CODE_DIGEST, HashInput, is_canonical};

/// The last access to an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastAccess {
    /// When.
    pub timestamp: u64,
    /// 1 plus the transaction that made it.
    pub transaction: u64,
}

/// A row for each of `accounts`, strictly ascending by address. `last` has the last access to each
/// account that is accessed at all. The first row is the `first_step`-th update of the tree.
///
/// # Errors
/// [`Error::Events`] when the accounts are out of order or change without access.
pub fn generate(
    accounts: &[AccountEvent],
    last: &BTreeMap<Address, LastAccess>,
    first_step: u64,
) -> Result<Trace, Error> {
    let mut state = Trace::new(StateColumns::<Felt>::WIDTH);
    for (index, account) in accounts.iter().enumerate() {
        let refuse = |why: &str| {
            let address = account.address;
            Err(Error::Events(format!("account {address}: {why}")))
        };
        let next = accounts.get(index + 1).map(|next| next.address);
        if next.is_some_and(|next| next <= account.address) {
            return refuse("not below the one that follows");
        }
        let last = last.get(&account.address).copied();
        let before = account.before.unwrap_or(Account::EMPTY);
        let after = account.after.unwrap_or(Account::EMPTY);
        if last.is_none() && before != after {
            return refuse("changes without an access");
        }
        if !is_canonical(&before.code.poseidon) || !is_canonical(&after.code.poseidon) {
            return refuse("malformed code hash");
        }
        let row: &mut StateColumns<Felt> = state.push();
        row.used = Felt::ONE;
        row.step = Felt::from_noncanonical_u64(first_step + index as u64);
        row.address = limbs(number_of(account.address));
        let last = last.unwrap_or_default();
        row.last_transaction = Felt::from_noncanonical_u64(last.transaction);
        row.last_timestamp = Felt::from_noncanonical_u64(last.timestamp);
        row.key = felts(state_hash::account_key(account.address));
        if let Some(next) = next {
            fill_order(row, number_of(account.address), number_of(next));
        }
        fill_side(&mut row.before, &before);
        fill_side(&mut row.after, &after);
    }
    Ok(state)
}

/// Fills one side.
fn fill_side(side: &mut SideColumns<Felt>, account: &Account) {
    side.nonce = limbs(U256::from(account.nonce));
    side.balance = limbs(account.balance);
    let code = state_hash::code_digest(&account.code);
    side.code = felts(code);
    if account.is_empty() {
        side.empty = Felt::ONE;
        return;
    }
    let sum: Felt = side.balance.into_iter().chain(side.nonce).sum();
    let mut differences = [sum; 5];
    for (i, difference) in differences.iter_mut().skip(1).enumerate() {
        *difference = side.code[i] - Felt::from_canonical_u64(EMPTY_CODE_DIGEST[i]);
    }
    let inverses = differences.iter().map(Felt::try_inverse);
    let found = side.factors.iter_mut().zip(inverses);
    if let Some((factor, Some(inverse))) = found.into_iter().find(|(_, inverse)| inverse.is_some())
    {
        *factor = inverse;
    }
    let numbers = HashInput::account_numbers(account.nonce, account.balance).digest();
    side.numbers = felts(numbers);
    side.value = felts(HashInput::account_value(numbers, code).digest());
}

/// Fills how `next` is above `address`.
fn fill_order(row: &mut StateColumns<Felt>, address: U256, next: U256) {
    let limb = |number: U256, i: usize| (number.as_limbs()[i / 2] >> (32 * (i % 2))) & 0xffff_ffff;
    let differs = (0..5).rev().find(|i| limb(address, *i) != limb(next, *i));
    if let Some(i) = differs {
        let gap = limb(next, i).wrapping_sub(limb(address, i)).wrapping_sub(1);
        row.differs[i] = Felt::ONE;
        row.gap = limbs(U256::from(gap));
    }
}

fn number_of(address: Address) -> U256 {
    U256::from_be_bytes(address.into_word().0)
}

/// The least significant limbs of 16 bits.
fn limbs<const N: usize>(number: U256) -> [Felt; N] {
    core::array::from_fn(|i| {
        Felt::from_canonical_u64((number.as_limbs()[i / 4] >> (16 * (i % 4))) & 0xffff)
    })
}

fn felts(digest: Digest) -> [Felt; 4] {
    digest.map(Felt::from_noncanonical_u64)
}
