//! Words of memory.
//!
//! An access receives the version before and sends the next one, at its own time, which is later. The first version of a word, zero, is sent once, by
//! [`cells`](crate::tables::cells), which receives the last one; so there is one chain of versions for each word that has a first one, and none for others. The index of a word that has one is an integer below
//! 2^56, by the way in which `cells` counts: an access with `32 index + rest = offset`, for an offset below 2^32 and a rest below 32, means the word that has the byte.

use braid_stark::ConstraintBuilder;

use super::is_earlier;
use crate::bus::Message;
use crate::word::Word;

/// An access to a word of memory.
pub struct MemoryAccess<X> {
    /// The frame.
    pub frame: X,
    /// The word has bytes `32 index .. 32 index + 32`.
    pub index: X,
    /// The word as it was.
    pub before: Word<X>,
    /// When it was accessed before.
    pub accessed: X,
    /// The word as it is then. The caller vouches for limbs below 2^32.
    pub after: Word<X>,
    /// When it is accessed; no two accesses to a word share a time.
    pub timestamp: X,
}

/// Where `flag` is 1: the access is made.
pub fn access_memory<B: ConstraintBuilder>(
    builder: &mut B,
    flag: B::X,
    access: MemoryAccess<B::X>,
) {
    let MemoryAccess { frame, index, .. } = access;
    is_earlier(builder, flag, access.accessed, access.timestamp);
    let before = Message::MemoryWord {
        frame,
        index,
        value: access.before,
        timestamp: access.accessed,
    };
    builder.receive(before, flag);
    let after = Message::MemoryWord {
        frame,
        index,
        value: access.after,
        timestamp: access.timestamp,
    };
    builder.send(after, flag);
}
