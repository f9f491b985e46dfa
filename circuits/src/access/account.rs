//! What an account is, in field elements. How tables access accounts says [`stamped`](super::access_stamped).

use braid_stark::{Felt, columns};
use plonky2::field::types::Field;

use crate::event::Account;
use crate::state_hash::code_digest;
use crate::word::{U64Limbs, Word, u64_limbs, word};

columns! {
    /// What a version of an account says of the account.
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
