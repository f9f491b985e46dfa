//! Table `keccak_f`: the permutation Keccak-f\[1600\] (FIPS 202, section 3).
//!
//! **Claim.** If permutation `id` is said to start from some 25 lanes and to end in some 25 lanes, the latter are the
//! permutation of the former, and all halves of lanes are below 2^32.
//!
//! **Row.** One round. Rows `24 * id .. 24 * id + 24` are permutation `id`. Which row is which round, and so the round
//! constants, the ids and where messages are received, is written in fixed columns, that is, in the verifying key. There
//! is no round counter to forge, and ids are unique by construction.
//!
//! **Padding.** Zero rows: an unused permutation adds no round constants and maps zero to zero, silently. The rows after
//! the last complete permutation (a power of two is no multiple of 24) are in no permutation: their fixed selectors are
//! zero, so that they neither speak nor are linked to other rows, and neither is the last row to the first.
//!
//! **Messages.** Receives `KeccakInput { id, lanes }` on the first row and `KeccakOutput { id, lanes }` on the last row of a
//! used permutation: exactly one of each, so that two askers cannot share an id. Lane `x + 5 * y` is the pair of halves
//! `2 * (x + 5 * y)`, low half first.
//!
//! **Columns** follow the idea of Plonky3's `keccak-air`: bits are kept only of the state `A'` after theta and of the column
//! parities before (`C`) and after (`C'`) theta. The state before the round (`A`) and after it (`out`) are halves, which are
//! sums of exclusive ors of those bits.
//!
//! **Why this suffices.** Bits below are integers because `A'` and `C` are constrained to be boolean, and `C'` is an exclusive
//! or of booleans.
//! * *`A` is bounded and binds the bits.* `keccak_f/theta` says that each half of `A` is the sum of 32 booleans
//!   `A' ^ C ^ C'` with weights `2^z`. Such a sum is below 2^32 < p, so no half outside the range has a solution, and the 32
//!   booleans are the binary digits of the half. So `A' = A ^ C ^ C'`, with `A` now meaning digits.
//! * *`C` is the parity of `A`.* `C'[x, z] = C[x, z] ^ C[x - 1, z] ^ C[x + 1, z - 1]` is `keccak_f/parity after theta`, so
//!   `A' = A ^ C[x - 1] ^ C[x + 1]` (rotated): this is theta if `C` is right. `keccak_f/parity` says that the sum of the five
//!   bits of a column of `A'` minus `C'` is 0, 2 or 4, hence `C'` is the parity of `A'`. The parity of `A'` is the parity of
//!   `A`, plus five times `C ^ C'`, which is once; so the parity of `A` is `C' ^ C ^ C' = C`.
//! * *Rho, pi and chi* are in `keccak_f/chi`: each half of `out` is a sum of exclusive ors of digits of `A'`.
//! * *Iota* changes seven bits of lane 0 only. Those bits before iota are columns, equal to chi's result
//!   (`keccak_f/chi of iota's bits`) to keep the degree at 3.
//! * *Rounds are chained* by `keccak_f/next round`, on all but the last row of each permutation; `used` is the same on
//!   all 24 rows, so that no round constant can be left out and an input goes with every output.
//!
//! **Alternatives considered** (2,348 columns as built). Plonky3's own layout has 2,633: 24 step flags (fixed here), 100
//! preimage columns and 100 + 100 16-bit limbs of `A` and `A''` (halves are enough in a 64-bit field: 50 + 50), 64 bits of
//! `A''[0, 0]` (seven are enough). Constraining the next row's `A` to chi directly would save `out`, but chi has degree 3
//! already, so that the link could not be switched off between permutations but by a 25th row, which costs more cells than
//! the 50 columns. Dropping the 320 columns of `C'` needs the parity of eight booleans, degree 5, or a lookup of six such
//! sums at a time in a table of 5^6 entries: 54 lookups and as many helper columns, and their counting, for 320
//! columns; a tenth of the width at best, not done.

mod air;
mod chunk;
mod columns;
mod generation;
#[cfg(test)]
mod tests;

pub use air::KeccakF;
#[cfg(test)]
pub(crate) use chunk::inputs;
pub use columns::{Fixed, KeccakFColumns};
pub(crate) use generation::halves;
pub use generation::{generate, permute};

/// Rounds of a permutation.
pub const ROUNDS: usize = 24;

/// The state as 25 lanes of 64 bits, lane `(x, y)` at `x + 5 * y`.
pub type State = [u64; 25];

/// Bits of lane 0 that some round constant changes.
pub(super) const IOTA_POSITIONS: [usize; 7] = [0, 1, 3, 7, 15, 31, 63];

/// Rotation offsets of rho, lane `(x, y)` at `x + 5 * y` (FIPS 202, table 2).
pub(super) const ROTATIONS: [usize; 25] = [
    0, 1, 62, 28, 27, //
    36, 44, 6, 55, 20, //
    3, 10, 43, 25, 39, //
    41, 45, 15, 21, 8, //
    18, 2, 61, 56, 14,
];

/// Round constants of iota (FIPS 202, section 3.2.5).
pub(super) const ROUND_CONSTANTS: [u64; ROUNDS] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The lane of the state before rho and pi that becomes lane `(x, y)` after them: `(x + 3 * y, x)`.
pub(super) fn lane_before_pi(x: usize, y: usize) -> usize {
    (x + 3 * y) % 5 + 5 * x
}
