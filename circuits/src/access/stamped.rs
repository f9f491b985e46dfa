//! Accesses to accounts: versions say what the account is, and which transaction accessed it last.
//!
//! An access receives the version before and sends the next one, at its own time, which is later. [`state`](crate::tables::state) sends the first version of an account, once, and receives the last; so there is one chain of versions for each account that has
//! a first one, in the order of time, and none for others. An access by a frame that fails is undone as one to a slot is ([`access_storage`](super::access_storage)).

use braid_stark::{ConstraintBuilder, Felt, columns};
use plonky2::field::types::Field;

use super::{AccountFields, Undoing, is_earlier};
use crate::bus::Message;
use crate::execution::AccountVersion;
use crate::word::AddressLimbs;

columns! {
    /// What a version of an account says.
    pub struct StampedFields<X> {
        /// The account.
        pub account: AccountFields<X>,
        /// 1 plus the last transaction that accessed it, or 0.
        pub transaction: X,
    }
}

impl<X: Copy> StampedFields<X> {
    /// The version of `address` that was left at `timestamp`.
    pub fn version(&self, address: AddressLimbs<X>, timestamp: X) -> Message<X> {
        Message::StampedAccount {
            address,
            nonce: self.account.nonce,
            balance: self.account.balance,
            code: self.account.code,
            transaction: self.transaction,
            timestamp,
        }
    }
}

/// An access to an account.
#[derive(Clone, Copy, Debug)]
pub struct StampedAccess<X> {
    /// The account.
    pub address: AddressLimbs<X>,
    /// As it was.
    pub before: StampedFields<X>,
    /// When it was accessed before.
    pub accessed: X,
    /// As it is then. The caller vouches for limbs below 2^32.
    pub after: StampedFields<X>,
    /// When it is accessed; no two accesses to an account share a time.
    pub timestamp: X,
}

/// Where `flag` is 1: the access is made.
pub fn access_stamped<B: ConstraintBuilder>(
    builder: &mut B,
    flag: B::X,
    access: &StampedAccess<B::X>,
) {
    let address = access.address;
    is_earlier(builder, flag, access.accessed, access.timestamp);
    let before = access.before.version(address, access.accessed);
    builder.receive(before, flag);
    let after = access.after.version(address, access.timestamp);
    builder.send(after, flag);
}

/// Where `undoing` says so: the access is undone at `timestamp`. See [`Undoing::constrain`] for when it must be.
pub fn undo_stamped<B: ConstraintBuilder>(
    builder: &mut B,
    undoing: &Undoing<B::X>,
    access: &StampedAccess<B::X>,
    timestamp: B::X,
) {
    let (address, flag) = (access.address, undoing.undone);
    is_earlier(builder, flag, undoing.accessed, timestamp);
    let left = access.after.version(address, undoing.accessed);
    builder.receive(left, flag);
    let restored = access.before.version(address, timestamp);
    builder.send(restored, flag);
}

impl From<&AccountVersion> for StampedFields<Felt> {
    fn from(version: &AccountVersion) -> Self {
        Self {
            account: AccountFields::from(&version.account),
            transaction: Felt::from_noncanonical_u64(version.transaction),
        }
    }
}
