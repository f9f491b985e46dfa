//! Table `environment`: what a frame is told of itself and of its transaction.
//!
//! **Claim.** [`Compute`](crate::bus::Message::Compute) for ADDRESS, CALLER, CALLVALUE, CALLDATASIZE, CODESIZE, ORIGIN and GASPRICE, whose first operand is the frame and whose second is zero.
//!
//! **Row.** One opcode of one frame, however often it is claimed.
//!
//! **Padding.** Zero rows: no flag is set, so that `count` is zero.
//!
//! **Messages.** Receives `Compute`, `count` times. Sends `FrameContext`, `FrameCaller`, `FrameInput`, `FrameCode`, `CodeLength`, `TransactionValue`, as the opcode needs.
//!
//! **Why it suffices.** At most one flag is set, and the opcode follows from it. What is claimed is a cell that a lookup has in its payload which this flag makes: of the frame itself by `frame`, of its transaction, whose number the frame says,
//! by `transaction`, of its code by `code_hash`. All other cells of the payloads are free, and each is fixed by the frame: a payload with others is not offered. Their limbs are below 2^32 by the word of whoever opened
//! the frame or signed the transaction. `count` needs no bound: what is claimed is true.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::EnvironmentTable;
pub use columns::EnvironmentColumns;
pub use generation::generate;
