//! Signed transaction bytes to fields, one row a byte.
//!
//! # Claim
//! For every ordinal that it sends [`Message::TransactionShape`] for, once each and counting from 0, the `length` bytes that it
//! sends of the string `(PUBLISHED, 0)` from position `start` on are the EIP-2718 encoding, by strict canonical RLP, of one transaction with a
//! 20-byte recipient (where they start is the prover's choice: whoever receives the shape must check it):
//!
//! * kind 0: `rlp([nonce, gas price, gas limit, to, value, data, v, r, s])`, its first byte at least 0xc0;
//! * kind 1 (EIP-2930): `0x01 || rlp([chain id, nonce, gas price, gas limit, to, value, data, access list, y parity, r, s])`;
//! * kind 2 (EIP-1559): `0x02 || rlp([chain id, nonce, max priority fee, max fee, gas limit, to, value, data, access list,
//!   y parity, r, s])`;
//!
//! the bytes that it sends as string `(SIGNING_PAYLOAD, ordinal)` are what Ethereum signs: the same encoding without the
//! last three items and, for a legacy transaction that says that it is `protected` (EIP-155), with `chain id, 0, 0` instead;
//! each byte of either string is sent once; and each field is sent once with its value. No other transaction type and
//! no creation (an empty `to`) has a valid trace.
//!
//! Of calldata and access list it sends, as further fields, what is wanted of them, at most once for each place: where the calldata ends
//! or at any other of its bytes, the last 32 bytes up to there (all of it, if it ends and is shorter), and each address and key with its place in the list. Who wants
//! it are tables of contract execution; transactions without code, and shapes without these tables, have nothing of it.
//!
//! `protected` is the prover's choice for a legacy transaction. The table that receives the fields **must** check that `v` is 27 or
//! 28 when it is 0, and 35 or 36 more than twice `SIGNING_CHAIN_ID` when it is 1; that each chain id is the right one; and that
//! `y parity` is boolean.
//!
//! # Rows
//! The rows of a transaction are its published bytes in order, with the bytes that only the signing payload has put in
//! between: its list header, which differs in length, right after the published one, and the closing `chain id, 0, 0` at the
//! end. A byte may belong to the published string, to the signing payload, or to both; each string has its position
//! counter. Transactions follow each other without gaps; padding rows, all zero, come last and say nothing.
//!
//! Every row belongs to one item (a field, a list header, ...) and has one form (a whole item, a short or a long prefix, a
//! byte of the length, a byte of the content). Lists are their headers followed by items of their own.
//!
//! # Why the constraints suffice
//! * *Order.* The item of a row follows from the row before; the only choices are which kind the transaction is (its first row),
//!   whether a legacy one is protected, and where the access list and its entries end, which is settled by positions.
//! * *Form.* The forms accept disjoint ranges of the prefix byte: below 0x80, up to 55 above 0x80 (0xc0), 1 to 3 above 0xb7
//!   (0xf7), by lookups of `bounded`. Where a lookup leaves values below the range open, the length told is zero or negative:
//!   a countdown from there does not meet zero within as many rows as a trace can have (far fewer than the field has
//!   elements), and the end of a list told to lie behind its start is never met by a position that only grows.
//! * *Canonical.* The first byte after a prefix is bounded from below: 1 for integers and lengths, 56 for a length of one byte,
//!   0x80 for a string of one byte. A single byte 0 is no integer.
//! * *Lengths.* A header's end is computed where the header ends and compared where the list ends: the whole strings at
//!   the last row, which therefore has no trailing bytes; the access list, each entry and its list of keys inside.
//! * *Values.* The register holds the last 32 bytes of the item, and integers have at most 32 (8 for chain id, nonce and gas
//!   limit, so that the high limbs of the word are zero). Each byte in it was looked up in its row.
//! * *Calldata and access list.* `gives` is the prover's choice on rows of calldata bytes and on the last rows of addresses and keys, and nowhere else. What is
//!   told is true on each of them: the register has shifted through all bytes since the prefix, those of a length before those of the string, and counters tell how many bytes of
//!   calldata and how many entries there were. (Once 32 bytes of calldata were read, the register has no others; a shorter string that ends has no length before it,
//!   as only strings of 56 bytes and more have.) No two rows tell the same kind of thing with the same counters. That something is told at all is for those who take it to
//!   see to: [`calldata`](crate::tables::calldata) and [`access_list`](crate::tables::access_list).
//!
//! # Messages
//! Sends [`Message::HashByte`], [`Message::TransactionField`], [`Message::TransactionShape`]; looks up [`Message::U8`].
//!
//! [`Message::HashByte`]: crate::bus::Message::HashByte
//! [`Message::TransactionField`]: crate::bus::Message::TransactionField
//! [`Message::TransactionShape`]: crate::bus::Message::TransactionShape
//! [`Message::U8`]: crate::bus::Message::U8
//!
//! Sources: the Yellow Paper, appendix B (RLP); EIP-155, EIP-2718, EIP-2930, EIP-1559.

mod air;
mod chunk;
mod columns;
mod decode;
mod encoding;
mod generation;
mod order;
#[cfg(test)]
mod tests;

pub use columns::RlpColumns;
pub use generation::{generate, rows};

/// The table; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct Rlp;

/// The greatest length that fits the prefix byte.
const MAX_SHORT_LENGTH: u64 = 55;
/// The most bytes of a length after a long prefix: lengths are below 2^24.
const MAX_LENGTH_BYTES: u64 = 3;
