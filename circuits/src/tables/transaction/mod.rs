//! The transaction table: what every transaction does, and all that one without contract code does.
//!
//! **Claim.** Each used row is one transaction that Ethereum, by the statement's rules, would include at this point of the block, whose
//! recipient is no precompile; block progress moves on by its gas and its published bytes. Without `runs_code` the recipient (absent or not) has no code, and the row's accesses to accounts are
//! all that the transaction does to the state. With it, they are what it does before its first frame opens; the rest is a claim to [`invocation`](crate::tables::invocation).
//!
//! **Row.** One transaction: used rows carry `used = 1`; their order is that of the chain of
//! [`BlockProgress`](crate::bus::Message::BlockProgress) messages, whose ordinal grows by one per transaction, so that no
//! set of rows can feed itself. **Padding** rows have `used = 0`, send and receive nothing and are otherwise zero.
//!
//! **Messages.** Receives the fields and the shape that [`rlp`](crate::tables::rlp) read, and the progress before; sends the
//! progress after, claims to `keccak_sponge` (signing hash), `ecdsa` (sender), `arith` (gas, fees,
//! balances), `block` (environment) and `invocation`, and takes part in the chains of account versions three times: sender, recipient, coinbase, at
//! twice the clock at which it begins and the two times that follow.
//!
//! **Why it suffices.** Fields are bound to the published bytes by `rlp`, and these begin where those of the transaction before end, so that the
//! hash of the block's published bytes has them once and in order. Every word that is not such a field is an operand of a claim that `arith` proves, which bounds its limbs, or is
//! handed on from a message.
//! * *What is paid for.* Subtractions are additions with a range-checked difference, so that a balance, a gas
//!   limit or a fee cap that does not suffice has no satisfying row; the checks of the up-front cost are separate from what is taken.
//! * *Gas.* What is given to code, limit minus intrinsic gas, has limbs ([`crate::gas`]), below 2^63 + 2^48; an intrinsic gas is below 2^43. So their sum is below the field's order, and the limit is that sum or that sum and the order. In the second case its high limb is 2^32 - 1 and the sum is below 2^32, so that the high limb exceeds that of what is given by 2^16 or more, which a lookup refuses.
//!   So a limit is below 2^63 + 2^49, and every limit below 2^63 has a row. Limit minus floor has limbs too. Floor and what was used differ by `apart`, one way or the other: where the floor is more, that has no top limb, as floors are below 2^43. What is paid has two limbs of 32 bits, and an inverse shows that the high one is not 2^32 - 1, so that they are not larger by the field's order. The limit covers the intrinsic gas (EIP-2028, EIP-2930), the floor of calldata (EIP-7623) and not more than the cap (EIP-7825); floor and cap are those of the rules
//!   in the block's environment, whose sum of two flags has one reading. What is paid is the greater of the floor and what was used: the intrinsic gas without code, or what `invocation` shows.
//! * *Without code* a sender (EIP-3607) and a recipient are versions whose code digest is that of no code. A transaction cannot leave out code that runs: its recipient has another digest then.
//! * *With code* the sender pays for all gas first, and gets back what is left at the end; recipient and coinbase are only warm from then on (EIP-2929, EIP-3651).
//! * *Time.* A transaction without code is over one clock after it began. One with code ends when `invocation` says, which is later.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::{GAS_LIMIT_BITS, TransactionTable};
pub use columns::{Touch, TransactionColumns};
pub use generation::{REFUND_QUOTIENT, generate, inverse_below, spent_by};

#[cfg(test)]
mod forgeries;
#[cfg(test)]
mod tests;
