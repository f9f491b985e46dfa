//! Columns of the transaction table.

use braid_stark::columns;

use crate::access::StampedFields;
use crate::precompile::{AddressKind, RuleFlags};
use crate::word::{AddressLimbs, U64Limbs, Word};

columns! {
    /// What the published bytes say, as [`rlp`](crate::tables::rlp) read them.
    pub struct SignedFields<T> {
        /// Bytes of the published transaction.
        pub length: T,
        /// Bytes of the signing payload.
        pub signing_length: T,
        /// Zero bytes of calldata.
        pub zero_bytes: T,
        /// Non-zero bytes of calldata.
        pub nonzero_bytes: T,
        /// Addresses in the access list.
        pub access_addresses: T,
        /// Storage keys in the access list.
        pub access_keys: T,
        /// The sender's nonce.
        pub nonce: U64Limbs<T>,
        /// Gas price, or fee cap (EIP-1559).
        pub max_fee: Word<T>,
        /// Priority fee cap (EIP-1559); the gas price for the other kinds.
        pub max_priority_fee: Word<T>,
        /// Gas limit.
        pub gas_limit: U64Limbs<T>,
        /// Recipient.
        pub to: AddressLimbs<T>,
        /// Wei sent.
        pub value: Word<T>,
        /// `v` or `y_parity`: below 2^96 for every chain id of 64 bits.
        pub v: [T; 3],
        /// Signature: x of R.
        pub r: Word<T>,
        /// Signature: s.
        pub s: Word<T>,
    }
}

columns! {
    /// One-hot: the kind of transaction.
    pub struct Kind<T> {
        /// Legacy without a chain id.
        pub legacy_plain: T,
        /// Legacy with a chain id (EIP-155).
        pub legacy_protected: T,
        /// EIP-2930.
        pub access_list: T,
        /// EIP-1559.
        pub dynamic_fee: T,
    }
}

columns! {
    /// The environment of the open block, as `block` answers it.
    pub struct Environment<T> {
        /// Chain id.
        pub chain_id: U64Limbs<T>,
        /// Who gets the tip.
        pub coinbase: AddressLimbs<T>,
        /// The block's gas limit.
        pub gas_limit: U64Limbs<T>,
        /// The block's base fee.
        pub base_fee: Word<T>,
        /// The rules.
        pub rules: RuleFlags<T>,
    }
}

columns! {
    /// Gas: what is used, and its limits.
    pub struct Gas<T> {
        /// What execution used, after refunds; without code the intrinsic gas.
        pub spent: T,
        /// What is paid at least (EIP-7623), or 0.
        pub floor: T,
        /// Whether that is more than what was used.
        pub floor_binds: T,
        /// By how much the greater of both exceeds the other, in limbs ([`crate::gas`]).
        pub apart: [T; 4],
        /// The greater of both, which is paid.
        pub used: U64Limbs<T>,
        /// The inverse of what the high limb of that is below 2^32 - 1: other numbers below the field's order have one pair of limbs.
        pub used_inverse: T,
        /// Gas limit minus intrinsic gas, in limbs ([`crate::gas`]).
        pub given: [T; 4],
        /// Gas limit minus `floor`, in limbs ([`crate::gas`]).
        pub above_floor: [T; 4],
        /// Where the rules have a cap (EIP-7825), the cap minus the gas limit, in limbs of 16 bits; else zero.
        pub below_cap: [T; 2],
        /// Gas used in the block before plus this transaction's gas limit.
        pub claimed: Word<T>,
        /// The block's gas limit minus `claimed`.
        pub left_in_block: Word<T>,
        /// Gas used in the block before.
        pub used_before: U64Limbs<T>,
        /// Gas used in the block after.
        pub used_after: U64Limbs<T>,
    }
}

columns! {
    /// Fees per gas and in all (EIP-1559).
    pub struct Fees<T> {
        /// `max_fee - base_fee`.
        pub headroom: Word<T>,
        /// `max_fee - max_priority_fee`.
        pub priority_slack: Word<T>,
        /// Whether the headroom (1) or the priority fee (0) bounds the tip.
        pub tip_is_headroom: T,
        /// Tip per gas: the lesser of `max_priority_fee` and `headroom`.
        pub tip: Word<T>,
        /// `max_priority_fee - tip`.
        pub tip_below_priority: Word<T>,
        /// `headroom - tip`.
        pub tip_below_headroom: Word<T>,
        /// Price per gas: `base_fee + tip`.
        pub price: Word<T>,
        /// `gas_limit * max_fee`.
        pub max_gas_cost: Word<T>,
        /// `max_gas_cost + value`.
        pub max_cost: Word<T>,
        /// The sender's balance minus `max_cost`.
        pub balance_slack: Word<T>,
        /// What is paid for gas first: `used * price`, or `gas_limit * price` if code runs.
        pub gas_cost: Word<T>,
        /// `gas_cost + value`, or `gas_cost` if code runs: then the value moves when the first frame opens.
        pub cost: Word<T>,
        /// `used * tip`.
        pub reward: Word<T>,
    }
}

columns! {
    /// One account touched by the transaction.
    pub struct Touch<T> {
        /// Before the access.
        pub before: StampedFields<T>,
        /// When it was accessed before.
        pub accessed: T,
        /// Balance after the access.
        pub balance_after: Word<T>,
    }
}

columns! {
    /// A row: one transaction.
    pub struct TransactionColumns<T> {
        /// Whether the row holds a transaction.
        pub used: T,
        /// Its position in the chunk, from 0.
        pub ordinal: T,
        /// Whether the recipient's code runs.
        pub runs_code: T,
        /// The clock at which it begins.
        pub clock: T,
        /// The clock at which the next one begins.
        pub next_clock: T,
        /// Its kind.
        pub kind: Kind<T>,
        /// What its bytes say.
        pub signed: SignedFields<T>,
        /// Whether R's y is odd.
        pub odd_y: T,
        /// Carries of `v = 35 + 2 * chain_id + odd_y`; zero but for protected legacy transactions.
        pub v_carry: [T; 2],
        /// Where it runs.
        pub environment: Environment<T>,
        /// Gas.
        pub gas: Gas<T>,
        /// Fees.
        pub fees: Fees<T>,
        /// Keccak-256 of the signing payload.
        pub signing_hash: Word<T>,
        /// Position of its first byte among the chunk's published bytes.
        pub published: T,
        /// Who signed.
        pub sender_address: AddressLimbs<T>,
        /// The sender's account.
        pub sender: Touch<T>,
        /// The sender's nonce after.
        pub nonce_after: U64Limbs<T>,
        /// The recipient's account.
        pub recipient: Touch<T>,
        /// The coinbase's account.
        pub coinbase: Touch<T>,
        /// Why the recipient is no precompile.
        pub recipient_kind: AddressKind<T>,
    }
}
