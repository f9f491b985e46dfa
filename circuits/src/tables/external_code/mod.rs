//! Table `external_code`: EXTCODECOPY.
//!
//! **Claim.** Every [`Step`](crate::bus::Message::Step) of this opcode that is received copies from the code of the account that it names, which is warm afterwards, to the memory of its frame, and pays for the access, for the words that are copied and for memory. Every
//! [`Leave`](crate::bus::Message::Leave) of it that is received is of a step that lacks the gas; its frame ends.
//!
//! **Row.** One step, of which exactly one holds: it is `done`; it `lacks` gas; or `region.far`: it names memory at 2^32 or beyond, which no gas pays for. Of a step that is done and copies any bytes, exactly one holds:
//! * `reads`: they are of the account's code, and zeros where that has ended;
//! * `no_code`: the account has none, so that they are zeros;
//! * `distant`: they begin at 2^32 or beyond, where no code reaches, so that they are zeros.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Step` or `Leave`, `StackWord` (4 operands). Sends `AccountAccess` or `AccountView`, `Code`, `Copy`, `MemoryGrowth`, `FrameEnd`, `Clock`, `U16`, `U8`.
//!
//! **Why it suffices.**
//! * *Which step.* `used` is 0 or 1, and the sum of three cases that are. `done` receives `Step`, the others `Leave`, once.
//! * *Operands* are popped at the top of the stack: account, target, source, length. [`crate::region`] shows of target and length whether there are bytes and whether they are near.
//! * *Which code.* The account is the five lowest limbs of the word. `account` proves the access, the step's only write, and the digest of the account's code part. `reads` looks up the bytecode with this digest and its size, from which the copy is made; `no_code` shows the digest to be that of no code;
//!   `distant` shows, by a factor, that a limb of the source above the lowest is not zero: limbs of words on the stack are below 2^32, so that their sum is zero only if all are. `reads` shows the contrary. So a prover has no choice but where two of these are true, and then all bytes are zeros either way.
//! * *Words* that are paid for: `length - 1 = 32 last + rest`, `rest` an integer of which eight times is a byte, `last` two limbs of 16 bits; there are `last + 1`.
//! * *Gas.* 100, and 2,500 more where the account was cold (EIP-2929), 3 for each word, and what memory costs, by `growth`. `lacks`: cost minus gas minus 1 is three limbs of 16 bits, and the gas is shown ([`crate::gas`]). A step that halts shows the account's warmth by a view. `far` shows that it is beyond 2^64, or that its gas is small, which does not pay for it ([`crate::region`]).
//! * *Bytes* are moved by `copy`, at this step.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::ExternalCode;
pub use columns::{CopiedAccount, ExternalCodeColumns};
pub use generation::generate;

/// Gas for each word that is copied.
pub const WORD_GAS: u64 = 3;
