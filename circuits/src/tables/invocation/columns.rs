//! Columns of `invocation`.

use crate::tables::transaction::Touch;
use crate::word::{AddressLimbs, U64Limbs, Word};

braid_stark::columns! {
    /// What opens the transaction's first frame.
    pub struct Opening<T> {
        /// The sender.
        pub sender: AddressLimbs<T>,
        /// The recipient.
        pub to: AddressLimbs<T>,
        /// What moves to it.
        pub value: Word<T>,
        /// Whether anything does.
        pub moves: T,
        /// The inverse of the sum of the value's limbs, or zero.
        pub value_inverse: T,
        /// Digest of the recipient's code part.
        pub digest: [T; 4],
        /// Keccak-256 of its bytecode.
        pub keccak: Word<T>,
        /// Bytes of its bytecode.
        pub size: T,
        /// Its bytecode.
        pub code: T,
        /// The first byte of it.
        pub first_byte: T,
        /// The inverse of that minus 0xef.
        pub byte_inverse: T,
        /// Bytes of calldata.
        pub input_length: T,
        /// Gas of the frame.
        pub gas: T,
    }
}

braid_stark::columns! {
    /// What is taken off what was used.
    pub struct Refund<T> {
        /// The counter at the end.
        pub counter: T,
        /// When it was changed last.
        pub changed: T,
        /// A fifth of the gas that was used, in limbs ([`crate::gas`]), the top one of which counts 2^45.
        pub fifth: [T; 4],
        /// The gas that was used, minus five times that.
        pub rest: T,
        /// Whether the fifth is taken off, and not the counter.
        pub is_capped: T,
        /// By how much the other one is greater, in limbs ([`crate::gas`]).
        pub beyond: [T; 4],
    }
}

braid_stark::columns! {
    /// A transaction that runs code.
    pub struct InvocationColumns<T> {
        /// Whether the row is one.
        pub used: T,
        /// Its place in the chunk.
        pub ordinal: T,
        /// The clock at which it begins.
        pub clock: T,
        /// Entries of its access list.
        pub listed: T,
        /// Its gas limit.
        pub gas_limit: T,
        /// What opens its first frame.
        pub opening: Opening<T>,
        /// The number of that frame.
        pub frame: T,
        /// How it ended.
        pub outcome: T,
        /// Gas that it gave back.
        pub gas_left: T,
        /// Writes that were made when it ended.
        pub writes: T,
        /// The first byte of what it handed back.
        pub offset: T,
        /// Bytes that it handed back.
        pub length: T,
        /// When it was closed, as a clock.
        pub closed: T,
        /// What is taken off.
        pub refund: Refund<T>,
        /// Gas that is used, refunds taken off.
        pub spent: T,
        /// Gas that is not paid for.
        pub unused: U64Limbs<T>,
        /// The inverse of what the high limb of that is below 2^32 - 1: other numbers below the field's order have one pair of limbs.
        pub unused_inverse: T,
        /// What gas costs.
        pub price: Word<T>,
        /// What is paid back.
        pub back: Word<T>,
        /// The tip.
        pub reward: Word<T>,
        /// Who gets it.
        pub coinbase: AddressLimbs<T>,
        /// The sender gets `back`.
        pub sender_paid: Touch<T>,
        /// The coinbase gets `reward`.
        pub coinbase_paid: Touch<T>,
        /// How often ORIGIN is asked for.
        pub origin_asked: T,
        /// How often GASPRICE is asked for.
        pub price_asked: T,
    }
}
