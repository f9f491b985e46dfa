//! The transaction table: what a transaction without contract code does.
//!
//! **Claim.** Each used row is one transaction that Ethereum (Cancun) would include at this point of the block, whose
//! recipient (absent or not) has no code and is no precompile; the row's account accesses are all that it does to the
//! state, and block progress moves on by its gas and its hash.
//!
//! **Row.** One transaction: used rows carry `used = 1`; their order is that of the chain of
//! [`BlockProgress`](crate::bus::Message::BlockProgress) messages, whose ordinal grows by one per transaction, so that no
//! set of rows can feed itself. **Padding** rows have `used = 0`, send and receive nothing and are otherwise zero.
//!
//! **Messages.** Receives the fields and the shape that [`rlp`](crate::tables::rlp) read, and the progress before; sends the
//! progress after, claims to `keccak_sponge` (transaction hash, signing hash, `tx_chain`), `ecdsa` (sender), `arith` (gas, fees,
//! balances) and `block` (environment), and takes part in the account memory three times: sender, recipient, coinbase, at
//! timestamps `3 * ordinal + 1, 2, 3`.
//!
//! **Why it suffices.** Fields are bound to the published bytes by `rlp`, and these to `tx_chain` by the hash of the same
//! bytes. Every word that is not such a field is an operand of a claim that `arith` proves, which bounds its limbs, or is
//! handed on from a message. Subtractions are additions with a range-checked difference, so that a balance, a gas
//! limit or a fee cap that does not suffice has no satisfying row. Intrinsic gas is all that a transfer uses (EIP-2028,
//! EIP-2930), there is nothing to refund, and the difference to the gas limit was never taken from the sender; the checks
//! of the up-front cost are separate. A sender and a recipient without code (EIP-3607) are versions whose code digest is
//! that of no code.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::{HIGHEST_PRECOMPILE, TransactionTable};
pub use columns::TransactionColumns;
pub use generation::{TransactionRequests, generate};

#[cfg(test)]
mod tests;
