//! Table `ecrecover`: calls of the precompile that recovers the address of a signer.
//!
//! **Claim.** Every [`Precompile`](crate::bus::Message::Precompile) with the number 1 that is received is carried out: a frame with less than 3,000 gas halts; any other ends well, for that much gas, and hands back the address that signed, as a word at byte 0 of its memory, or nothing if its input
//! is no signature.
//!
//! **Row.** One call, of which exactly one holds: it `lacks` gas; it `recovers` an address; or it finds no address, for one of eight reasons ([`Failures`]). Its input is 128 bytes: `hash`, `v`, `r`, `s`; what the frame is not given are zeros, and what it is given beyond does not matter.
//!
//! **Padding.** Zero rows: no flag is set. They say nothing.
//!
//! **Messages.** Receives `Precompile`, `StringWord` (the input, 4 words), `MemoryWord` (before). Sends `FrameInput`, `Copy`, `Recover` or `RecoverNothing`, `Add`, `MulMod`, `MemoryWord` (after), `FrameEnd`, `Clock`, `U16`.
//!
//! **Why it suffices.**
//! * *Which call.* One of ten flags, each 0 or 1, or none. A row that is used receives one `Precompile` of this number and sends one `FrameEnd` of the same frame, clock and number of writes. Its gas minus 3,000, or 2,999 minus its gas, has limbs ([`crate::gas`]), the latter no top one; its gas is an integer from 0 to 2^63 by who opened the frame, so that
//!   only one of both has them.
//! * *Input.* The frame says where it is, in the memory of the frame that calls, which exists, by an inverse of its number. 128 bytes from there are copied to a string with the number of this clock, with zeros from the end of what was given on; its four words are received here, once each. No step has this clock, since the
//!   frame has no steps and its caller's was before: no other string has its number. Limbs of words of memory are below 2^32, so that sums of them are zero only if all are.
//! * *A signature* has `v` = 27 or 28, in its lowest limb, others being zero; the parity of R is `v - 27`. `ecdsa` proves recoveries with `s` in its lower half only. `(r, n - s)` with the other parity recovers the same key, since `(-s) (-R) = s R`; so if `flips`, it is asked for that, with `s + low_s = n`.
//!   All of `1 <= r < n`, `1 <= s < n`, that R is on the curve, and what the key is, is proved there.
//! * *No signature.* Each reason contradicts what `recovers` demands:
//!   * `wrong_v`: `v - 27` and `v - 28` in the lowest limb have an inverse; `high_v`: some other limb is not zero, by a factor.
//!   * `zero_r`, `zero_s`: all limbs are zero. `large_r`, `large_s`: it is `n` and something more, over the integers, by `arith`.
//!   * `no_point`: `-(r^3 + 7)` is a square modulo p. Then `r^3 + 7` is none, as `-1` is none (p is 3 modulo 4) and `r^3 + 7` is not zero: a point with y = 0 would have order 2, and the group's order is odd. So no point has `r` modulo p as its x. What is shown: `square = r^2`, `cube = square r`, `root_squared = root^2`,
//!     `reduced = root_squared + 7`, all modulo p and below p, and `reduced + cube = p`.
//!   * `infinite`: the point R exists and `s R = hash G`, so that the key would be infinity, which `ecdsa` proves ([`RecoverNothing`](crate::bus::Message::RecoverNothing)), with the same `low_s`: `(n - s) (-R) = s R`.
//! * *Output.* The frame's memory has its first access here: from the first version, zero at time 0, to the address at twice the clock plus 1, when its caller does nothing. Limbs of the address are below 2^32 by `ecdsa`.

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Ecrecover;
pub use columns::{EcrecoverColumns, Failures, NoPoint};
pub use generation::generate;

/// Gas of a call (Yellow Paper, E.1).
pub const CALL_GAS: u64 = 3_000;
/// Bytes of the input that matter.
pub const INPUT_BYTES: u64 = 128;
/// `v` of a signature whose R has an even y.
pub const EVEN_V: u64 = 27;
