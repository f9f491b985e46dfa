//! The stacks of frames, each word with the time at which it was pushed.

use alloy_primitives::U256;

/// A word taken from a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Popped {
    /// Where it was; 0 is the bottom.
    pub index: u64,
    /// The word.
    pub value: U256,
    /// When it was pushed.
    pub pushed: u64,
}

/// A word that was left on the stack of a frame that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The frame.
    pub frame: u64,
    /// The word.
    pub word: Popped,
}

/// The stack of one frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Stack(Vec<(U256, u64)>);

impl Stack {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn push(&mut self, value: U256, timestamp: u64) {
        self.0.push((value, timestamp));
    }

    pub(super) fn pop(&mut self) -> Option<Popped> {
        let (value, pushed) = self.0.pop()?;
        Some(Popped {
            index: self.0.len() as u64,
            value,
            pushed,
        })
    }

    /// The word below `depth` others.
    pub(super) fn peek(&self, depth: usize) -> Option<Popped> {
        let index = self.0.len().checked_sub(depth + 1)?;
        let &(value, pushed) = self.0.get(index)?;
        Some(Popped {
            index: index as u64,
            value,
            pushed,
        })
    }

    /// Puts another word below `depth` others.
    pub(super) fn put(&mut self, depth: usize, value: U256, timestamp: u64) {
        let word = self.0.len().checked_sub(depth + 1);
        if let Some(word) = word.and_then(|index| self.0.get_mut(index)) {
            *word = (value, timestamp);
        }
    }
}
