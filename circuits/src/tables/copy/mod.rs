//! Table `copy`: bytes that move from one place to another.
//!
//! **Claim.** [`Copy`](crate::bus::Message::Copy): at `clock`, `length` bytes go from a source (the memory of a frame, calldata, a bytecode) to a target (the memory of a frame, a string). From byte `source_end` on the source's bytes count as zeros.
//!
//! **Row.** An aligned word of 32 bytes of the target, in order; a copy is a run of rows. With each row goes one aligned word of the source, `index`. The target's word lies across two words of the source: its first 0 to 31 bytes (`carried`) are the last of the source word of the row
//! before, the rest are the first of this row's. `window` is these 32 bytes.
//! * `leads`: a row without a target word before the first one, if that has bytes of the source word before its own;
//! * `opens`: the first target word. It takes the claim;
//! * `last`: the last target word.
//!
//! So each word of the source is read exactly once, at `2 clock`, and each word of the target is written exactly once, at `2 clock + 1`: two accesses to a word of memory do not share a time, and a copy onto itself sees nothing of what it writes.
//!
//! **Padding.** Zero rows: no word is read or written. They say nothing. The table is a circle: the first row comes after the last.
//!
//! **Messages.** Receives `Copy`, `MemoryWord`s before. Sends `MemoryWord`s after, `Clock` (they are later), `SourceWord`, `StringWord`, `Merge`, `ByteShift`, `U8`, `U16`.
//!
//! **Why it suffices.**
//! * *Runs.* A row with a target word either `opens` a run or comes after one with a target word that is not the `last`; after a row that `leads` comes one that opens. Within a run the next row has the next word of the source and the next word of the target, and 32 bytes
//!   less are left. The row that opens takes the claim: `target_offset = 32 target_index + head`, `source_offset = 32 index - carried + head`, `length = left - head`. `head` is below 32, since eight times it is a byte and it is an integer, as offset and index are; so is `carried`, by
//!   eight flags and a number below 4. On the last row 1 to 32 bytes are left. So no word is left out and none comes twice: all follows from the claim. (Where all rows are beyond the source's end, the index need not be an integer; but 32 times it is, and only that counts.)
//! * *Reading.* A row reads memory, or looks up a constant word, or is beyond the source's end. If it is not beyond, either the word ends before the source does, which two limbs of 16 bits show, or it `cuts` the word: `merge` says that it has the first `source_end - 32 index` bytes, 0
//!   to 32, and zeros. Beyond the end, `32 index - source_end` is shown not to be negative on the run's first such row, and grows from there; the word is zero.
//!   No word is offered as a constant under the number that means memory.
//! * *Window.* Whole limbs are picked by a flag from the limbs of both words; if bytes of a limb are split ([`splits`](CopyColumns::splits)), `byte_shift` says what lies at that place. On a row that opens without a row that leads, what comes before the source word is anything; then `head` is at
//!   least `carried`, by a lookup, and these bytes are not copied.
//! * *Writing.* The first word keeps its first `head` bytes, the last its bytes from `left` on, by `merge`; without merging, there are none to keep. A string starts at its first byte: whoever claims says so, and the sponge takes no other.
//! * *Limbs.* `window` has limbs of words that were read, or made of bytes. So has what is written. (What is not copied of a window that has none before it may be more, but goes nowhere.)

mod air;
mod chunk;
mod columns;
mod generation;

pub use air::Copy;
pub use columns::CopyColumns;
pub use generation::generate;
