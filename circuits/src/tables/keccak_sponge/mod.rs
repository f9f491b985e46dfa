//! Table `keccak_sponge`: Keccak-256 of byte strings, which may begin before the chunk and end after it.
//!
//! **Claim.** `Digest { kind, index, length, digest }`: the bytes `0..length` of string `(kind, index)`, as its holder gave them
//! on the bus, have this Keccak-256 digest (rate 136 bytes, padding `0x01 .. 0x80` as Ethereum has it).
//!
//! `SpongeStart`: the string goes on from the state that the claim has, and its bytes from `position` on are taken in here. In place of a digest, `SpongeEnd { kind, index, length, position, lanes }` is told: the string is not over
//! at position `length`, and this is the state.
//!
//! **Row.** A block of 136 bytes takes 21 rows, at places that are written in fixed columns. Rows 0 to 16 absorb a lane of 8
//! bytes each; rows 17 to 20 squeeze the lanes of the digest. A string of `n` bytes has `n / 136 + 1` blocks, one after
//! the other. The state is held as a ring: the lane that is dealt with is lane 0, in bytes, and what becomes of it is put
//! behind lane 16 in the next row, so that after 17 rows the state is in its own order again. Few columns and more rows: cells
//! are about a twentieth of those of the permutations (`keccak_f`) either way, and width costs in recursion. (With a block
//! a row, bytes of the state, of the block and of their exclusive or and their lookups would take some 870 columns.)
//!
//! **Padding.** Zero rows: an unused block takes nothing in and is silent. The rows after the last complete block (21 never
//! divides a power of two) are unused by constraint.
//!
//! **Messages.** Receives `HashByte` for each byte of a string given by bytes, or `HashLimb` for each four bytes of a string
//! given by limbs, and on the last row of a string's last block `Digest`; of a string that goes on `SpongeStart` on its first row. Sends, for each block that is permuted, `KeccakInput` and
//! `KeccakOutput` on its row 16, `Xor` for each byte of each row, and `SpongeEnd` and `U16` on the last row of a block that pauses.
//!
//! **What others may rely on.** A byte taken in is below 2^8 and a limb is the number that its four bytes make, below 2^32:
//! holders need no range checks of their own for what they give to the sponge.
//!
//! **Why this suffices.**
//! * *Blocks of a string.* `used`, `first`, `last` are boolean, the latter two only in used blocks, and everything about a block
//!   is the same on its 21 rows. A block that is not last is followed by a used one that is not first, with the same string,
//!   form and length, an offset 136 higher, and the state that this one left (`.../next block ...`); every other block is followed
//!   by a first or an unused one (`.../blocks follow`). The very first block is first or unused. So a last block
//!   comes at the end of a run of blocks that starts with a first one, whose offset and state are zero.
//! * *Which bytes.* `data[i + 1]` says that byte `i` of the row belongs to the string, `data[0]` that the byte before did. These
//!   are boolean and never rise within a block; they start at 1 in a used block, are all 1 in a block that is not last, and
//!   have fallen by the end of a last one. So the string takes in its bytes from position 0 without a gap, up to
//!   where they fall, and there `.../length` says that as many bytes were taken in as the length claims. Where a string is taken in
//!   by limbs the flag does not fall within a limb. Every non-empty string takes in its
//!   position 0, and holders give each position once, so no two of them share `(kind, index)` and their bytes cannot
//!   be mixed. (The digest of the empty string is proved for any identity that claims length 0, rightly.)
//! * *Strings that are cut.* A first block that `resumes` starts from the state of the claim, and only such a block has bytes that were taken in before: `before` flags are as those of `data` and below them, fall at `start`, and their
//!   bytes are zero, so that they change nothing, and are not asked of holders. A last block that `pauses` is neither padded nor permuted: the state after absorbing stands still to its last row, where it is told. Its data may reach the block's end
//!   (`full`). A block that pauses and is not the string's first has taken in a byte at least, since one less is looked up: so a full state is not permuted before the next byte comes, and the same bytes leave the same state. A run of blocks receives one `SpongeStart` if it resumes and ends with one `Digest` or one `SpongeEnd`: whoever claims one end for a string has one run, so bytes, start and end belong together.
//! * *Padding.* A byte that is not data is the 1 where the flag falls, plus 128 if it is the last byte of the last
//!   block, else zero: `.../padding`.
//! * *Absorbing.* `Xor` checks that old, new and combined byte are bytes and agree; the old bytes make lane 0 of the ring.
//!   The state before is zero in a first block, so that no case is special.
//! * *Permuting.* Row 16 sends the state that was absorbed and the next row's state under one permutation id. `keccak_f` receives
//!   one input and one output of an id, the latter being the permutation of the former; two blocks that name the same id
//!   send what is received once, so ids are free columns here.
//! * *Squeezing.* In a last block rows 17 to 19 put the byte-swapped lane behind the ring, and row 20 has
//!   all four: three behind the ring and one in bytes. The swap is of bytes because `Xor` (with zero) bounds them. In
//!   other blocks the ring rests and reaches the next block unchanged.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::KeccakSponge;
pub(crate) use chunk::{ask, ask_published, log_height, permutations};
pub use columns::{Fixed, KeccakSpongeColumns};
pub use generation::{HashRequest, blocks, generate};

/// Bytes that a permutation takes in.
pub const RATE: usize = 136;

/// Lanes that a permutation takes in.
pub const RATE_LANES: usize = RATE / 8;

/// Lanes of the digest.
pub const DIGEST_LANES: usize = 4;

/// Rows of a block.
pub const ROWS_PER_BLOCK: usize = RATE_LANES + DIGEST_LANES;
