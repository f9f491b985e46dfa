//! Table `block_value`: what opcodes give that ask for a value of the block, and hashes of blobs.
//!
//! **Claim.** [`Compute`](crate::bus::Message::Compute) for COINBASE, TIMESTAMP, NUMBER, PREVRANDAO, GASLIMIT, CHAINID, BASEFEE and BLOBBASEFEE, and for BLOBHASH in transactions without blobs, which are all that there are: zero for any index.
//!
//! **Row.** One opcode with its index, however often it is claimed.
//!
//! **Padding.** Zero rows: no flag is set, so that `count` is zero.
//!
//! **Messages.** Receives `Compute`, `count` times. Sends `BlockValue`.
//!
//! **Why it suffices.** At most one flag is set. `of_block`: opcode and value are looked up together, and only the opcodes above have values; the operand is zero. `of_blob`: the opcode is BLOBHASH and the value zero. Limbs of
//! values are below 2^32 by the word of `block`. `count` needs no bound: what is claimed is true.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::BlockValueTable;
pub use columns::BlockValueColumns;
pub use generation::generate;
