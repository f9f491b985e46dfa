//! Words on the stack of a frame.
//!
//! A push sends a word, a pop receives it: there are no other accesses. At each index of a frame's stack pushes and pops alternate, since the table that counts the stack's words pushes
//! at the index above the top and pops at the top. A pop shows that the word that it receives is older than itself. By induction over time it is the one that was pushed last: all
//! earlier ones are received already, once each. A stack that is too short has no word to receive.

use braid_stark::{ConstraintBuilder, Expression};

use super::is_earlier;
use crate::bus::Message;
use crate::word::Word;

/// Where `flag` is 1: step `clock` takes `value`, pushed at `pushed`, away from `index` of the stack of `frame`.
pub fn pop<B: ConstraintBuilder>(
    builder: &mut B,
    flag: B::X,
    frame: B::X,
    index: B::X,
    value: Word<B::X>,
    pushed: B::X,
    clock: B::X,
) {
    is_earlier(builder, flag, pushed, reads_at(clock));
    let word = Message::StackWord {
        frame,
        index,
        value,
        timestamp: pushed,
    };
    builder.receive(word, flag);
}

/// Where `flag` is 1: step `clock` puts `value` at `index` of the stack of `frame`. The caller vouches for limbs below 2^32 and for an index below 1024.
pub fn push<B: ConstraintBuilder>(
    builder: &mut B,
    flag: B::X,
    frame: B::X,
    index: B::X,
    value: Word<B::X>,
    clock: B::X,
) {
    let word = Message::StackWord {
        frame,
        index,
        value,
        timestamp: writes_at(clock),
    };
    builder.send(word, flag);
}

/// The time at which step `clock` reads.
pub fn reads_at<X: Expression>(clock: X) -> X {
    clock + clock
}

/// The time at which step `clock` writes: after it has read.
pub fn writes_at<X: Expression>(clock: X) -> X {
    reads_at(clock) + X::one()
}
