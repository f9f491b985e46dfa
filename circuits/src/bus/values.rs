//! Numbers that stand for something in messages.

/// Kinds of byte string that are hashed with Keccak-256; see [`Message::HashByte`](crate::bus::Message::HashByte).
pub mod string {
    /// The published bytes of the chunk's transactions, one after the other; `index` is 0.
    pub const PUBLISHED: u64 = 1;
    /// The signing payload of transaction `index`.
    pub const SIGNING_PAYLOAD: u64 = 2;
    /// The public key of signature `index`.
    pub const PUBLIC_KEY: u64 = 3;
    /// The sealed block's header; `index` is 0.
    pub const BLOCK_HEADER: u64 = 5;
    /// Memory that KECCAK256 hashes; `index` is the step's clock.
    pub const HASHED_MEMORY: u64 = 6;
}

/// What is added to a byte of [`Message::Instruction`](crate::bus::Message::Instruction) where no instruction starts: more than any index of an operation.
pub const DATA: u64 = 1 << 10;

/// Where bytes come from and go to; see [`Message::Copy`](crate::bus::Message::Copy).
pub mod space {
    /// The memory of a frame.
    pub const MEMORY: u64 = 1;
    /// The calldata of a transaction.
    pub const CALLDATA: u64 = 2;
    /// A bytecode.
    pub const CODE: u64 = 3;
    /// A string, made of words ([`Message::StringWord`](crate::bus::Message::StringWord)), with the number of a step: only a target. It is hashed as a string of the kind [`string::HASHED_MEMORY`](crate::bus::string::HASHED_MEMORY) or as the data of a log, or its words are taken as they are.
    pub const STRING: u64 = 4;
    /// The end of a source that is long enough.
    pub const NO_END: u64 = 1 << 32;
}

/// Words that are kept with a frame's memory, beyond all that has an offset below 2^32: their indices.
pub mod register {
    /// What the frame's last call returned: limbs are the frame in whose memory it is, the first byte, and the length.
    pub const RETURN_DATA: u64 = 1 << 28;
}

/// What a frame is when it opens; see [`Message::FrameStart`](crate::bus::Message::FrameStart).
pub mod opening {
    /// There is no code: it ends at once, and well.
    pub const EMPTY: u64 = 0;
    /// It runs code.
    pub const CODE: u64 = 1;
    /// It is not called in truth, for want of funds or for its depth: it ends at once, without success, and gives all its gas back.
    pub const REFUSED: u64 = 2;
    /// Another table than `evm` does all of it.
    pub const PRECOMPILE: u64 = 3;
}

/// How a frame ends; see [`Message::FrameEnd`](crate::bus::Message::FrameEnd).
pub mod outcome {
    /// By an exceptional halt: its gas is lost, and what it did is undone.
    pub const HALT: u64 = 0;
    /// Well.
    pub const SUCCESS: u64 = 1;
    /// By REVERT: what it did is undone.
    pub const REVERT: u64 = 2;
}

/// What a [`Message::LadderPoint`](crate::bus::Message::LadderPoint) is.
pub mod operand {
    /// Table point `(a, b)`.
    pub const TABLE: u64 = 0;
    /// The public key, its sign that of `v`.
    pub const KEY: u64 = 1;
    /// The inverse of [`KEY`].
    pub const KEY_NEGATED: u64 = 2;
    /// The inverse of the signature's R.
    pub const NONCE_POINT_NEGATED: u64 = 3;
}

/// Where a [`Message::Accumulator`](crate::bus::Message::Accumulator) is seen.
pub mod place {
    /// Before the first table point is made.
    pub const TABLE: u64 = 1;
    /// Before the first window.
    pub const START: u64 = 2;
    /// After the last window.
    pub const END: u64 = 3;
}

/// Fields of a transaction; see [`Message::TransactionField`](crate::bus::Message::TransactionField).
pub mod field {
    /// Chain id in the published bytes (kinds 1 and 2).
    pub const CHAIN_ID: u64 = 1;
    /// Nonce.
    pub const NONCE: u64 = 2;
    /// Gas price, or `max_fee_per_gas` for kind 2.
    pub const MAX_FEE: u64 = 3;
    /// `max_priority_fee_per_gas` (kind 2).
    pub const MAX_PRIORITY_FEE: u64 = 4;
    /// Gas limit.
    pub const GAS_LIMIT: u64 = 5;
    /// Recipient: exactly 20 bytes.
    pub const TO: u64 = 6;
    /// Value.
    pub const VALUE: u64 = 7;
    /// `v` (kind 0) or `y_parity` (kinds 1 and 2).
    pub const V: u64 = 8;
    /// `r` of the signature.
    pub const R: u64 = 9;
    /// `s` of the signature.
    pub const S: u64 = 10;
    /// Chain id at the end of a protected legacy signing payload.
    pub const SIGNING_CHAIN_ID: u64 = 11;
    /// The last 32 bytes of the calldata, or all of it if it is shorter: sent where it ends.
    pub const CALLDATA_END: u64 = 12;
    /// The last 32 bytes that were read of the calldata before its end. If fewer were read, there is something else before them.
    pub const CALLDATA_WORD: u64 = 13;
    /// An address of the access list.
    pub const LISTED_ADDRESS: u64 = 14;
    /// A storage key of the access list.
    pub const LISTED_KEY: u64 = 15;
}
