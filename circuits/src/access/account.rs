//! One access to an account: how a table reads and writes the world state.
//!
//! Every account has one current version ([`Message::AccountVersion`]). An access receives it and sends the next one. `state`
//! sends each account's first version, at timestamp 0, exactly once, and receives its last. Because the version that an
//! access receives is strictly older than the one it sends, the accesses to an account form one chain from first to last
//! in the order of their timestamps: each sees what the one before it left.

use braid_stark::{ConstraintBuilder, Expression, Felt, columns};
use plonky2::field::types::Field;

use crate::bus::Message;
use crate::event::Account;
use crate::state_hash::code_digest;
use crate::word::{AddressLimbs, U64Limbs, Word, u64_limbs, word};

columns! {
    /// What a table keeps for one access.
    pub struct AccountAccess<X> {
        /// Timestamp of the version that is received.
        pub prev_timestamp: X,
        /// `timestamp - prev_timestamp - 1` in two limbs of 16 bits.
        pub gap: [X; 2],
    }
}

columns! {
    /// What a version of an account says.
    pub struct AccountFields<X> {
        /// Transactions sent.
        pub nonce: U64Limbs<X>,
        /// Wei.
        pub balance: Word<X>,
        /// Digest of the code part ([`crate::state_hash::code_digest`]).
        pub code: [X; 4],
    }
}

impl From<&Account> for AccountFields<Felt> {
    fn from(account: &Account) -> Self {
        Self {
            nonce: u64_limbs(account.nonce),
            balance: word(account.balance),
            code: code_digest(&account.code).map(Felt::from_noncanonical_u64),
        }
    }
}

/// Where `flag` is 1: the account `address` is `before` and becomes `after` at `timestamp`.
///
/// The caller sees to it that `flag` is boolean and of degree 1, that `timestamp` is below 2^32 and above 0, and that no two accesses
/// to one account share a timestamp. Then `prev_timestamp`, which some access or `state` sent, is below 2^32 too, and
/// the gap, below 2^32 by its lookups, makes it strictly less than `timestamp`. Where `flag` is 0 nothing is said and the
/// columns mean nothing. All limbs of `after` must be below 2^32 by the caller's doing; those of `before` then are.
///
/// `label` names the gap's constraint, such as `"transaction/sender_order"`.
#[allow(clippy::too_many_arguments)]
pub fn access_account<B: ConstraintBuilder>(
    builder: &mut B,
    flag: B::X,
    address: AddressLimbs<B::X>,
    before: &AccountFields<B::X>,
    after: &AccountFields<B::X>,
    timestamp: B::X,
    columns: &AccountAccess<B::X>,
    label: &'static str,
) {
    let gap = B::X::from_limbs(&columns.gap, 16);
    let one = B::X::one();
    builder.assert_eq_when(label, flag, timestamp, columns.prev_timestamp + gap + one);
    for value in columns.gap {
        builder.send(Message::U16 { value }, flag);
    }
    let version = |fields: &AccountFields<B::X>, timestamp| Message::AccountVersion {
        address,
        nonce: fields.nonce,
        balance: fields.balance,
        code: fields.code,
        timestamp,
    };
    builder.receive(version(before, columns.prev_timestamp), flag);
    builder.send(version(after, timestamp), flag);
}

impl AccountAccess<Felt> {
    /// An access at `timestamp` to a version of `prev_timestamp`, which is less.
    pub fn new(prev_timestamp: u64, timestamp: u64) -> Self {
        let gap = timestamp.wrapping_sub(prev_timestamp).wrapping_sub(1);
        Self {
            prev_timestamp: Felt::from_noncanonical_u64(prev_timestamp),
            gap: [gap & 0xffff, (gap >> 16) & 0xffff].map(Felt::from_canonical_u64),
        }
    }
}
