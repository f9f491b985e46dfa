//! The block table: opening, sealing, and the two checkpoints of a chunk.
//!
//! **Claim.** The chunk leads from its start checkpoint to its end checkpoint: it may open a block (number plus one, time not
//! running back, a gas limit above zero), which writes the hash of the block before into the state tree, runs its transactions in the open block, and may seal it, which hashes the
//! header and zeroes everything that belongs to an open block.
//!
//! **Row.** The public values say [`ChunkStart`](crate::bus::Message::ChunkStart) and take
//! [`ChunkEnd`](crate::bus::Message::ChunkEnd) once each, so that exactly one row is used. **Padding** rows are silent and zero.
//!
//! **Messages.** Receives `ChunkStart`, sends `ChunkEnd`; hands `BlockProgress` and `StateRoot` to the transactions and the
//! touched accounts and slots, `LogCount` and `LogChain` to the logs, and takes them back at the end; answers `Environment` as often as there are transactions, and `BlockValue` and `Rules` as often as code asks; claims the header's hash. Where it opens,
//! sends update 0 of the state tree with its hashes: `TreeUpdate`, `Poseidon`, `U8`, `U16`.
//!
//! **Why it suffices.** A block is open exactly when the gas limit is not zero: opening demands a non-zero one, and a closed
//! start must be zero in all fields of the open block. A chunk without an open block runs no transactions, because
//! `BlockProgress` is not handed out. Environments are 32-bit limbs: those of a block that is opened here are
//! operands of claims to `arith` with the difference zero; those of a block that is open already were checked by the
//! chunk that opened it, whose end is this start. The limbs of state root and log chain are canonical, so that one root and
//! one chain have one header. The log chain at the end is the one after as many logs as were counted, from the start's on.
//! The hash of the block before is the start's, whose number is one less than that of the block; its leaf is that of the number modulo 256 ([`crate::hash_leaf`]), whatever it held. `tree` takes update 0 first, since the root
//! of `StateRoot` 0 is said once: so all that code asks for is as opening leaves it. A chunk that does not open a block makes no such update.
//! What code sees of the block is what its header has; counts of lookups are free on the row that is used, since it offers nothing that is not so. The rules are the statement's, and nothing is suspended in the middle of a transaction.

mod air;
mod chunk;
mod columns;
mod generation;

pub(crate) use air::FIRST_CLOCK;
pub use air::{BLOCK_VALUES, BlockTable};
pub use columns::BlockColumns;
pub(crate) use generation::working_block;
pub use generation::{Logged, Progress, generate};

#[cfg(test)]
mod flag_tests;
#[cfg(test)]
mod parent_tests;
#[cfg(test)]
mod tests;
