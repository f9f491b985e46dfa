//! Table `string`: strings that are hashed, as they are given word by word.
//!
//! **Claim.** [`StringWord`](crate::bus::Message::StringWord): the bytes `position .. position + bytes` of the string of a step are the first bytes of `value`. Each word is given to the sponge once, four bytes at a time or one by one.
//!
//! **Row.** A limb of a word: up to four bytes (`has`). A word takes one row for each limb of which the string has a byte, beginning with the most significant; in the rows after the first (`continues`), the word has moved up by a limb, so
//! that the limb that is given is always the top one.
//!
//! **Padding.** Zero rows: no byte is given. They say nothing.
//!
//! **Messages.** Receives `StringWord` on the first row of each word. Sends `HashLimb`, or `HashByte`s and `U8`.
//!
//! **Why it suffices.**
//! * *Which bytes.* `left` is the number of the word's bytes from this limb on. A row that is used gives 1 to 4 of them, without gap from the first. The next row continues it with what is left, four bytes further, and then all
//!   four are given here; or what is given is what was left. A word whose rows do not end there would never end: `left` would go down below zero, with fewer rows than field elements.
//! * *What bytes.* By limbs: the top limb, of which all four bytes are given. By bytes: the top limb is what the four bytes make, which are looked up.
//! * *By limbs or by bytes.* The sponge takes a string in one of the two ways; what is given in the other is not received.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::StringTable;
pub use columns::StringColumns;
pub use generation::generate;
